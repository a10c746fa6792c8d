/** All that workers can do. @module */

import { itemFilesHalf } from "../adapters/dynamodb/item_files_half.ts";
import { itemLinesHalf } from "../adapters/dynamodb/item_lines_half.ts";
import { stringFilesHalf } from "../adapters/redis/string_files_half.ts";
import { messagesHalf } from "../adapters/sqs/messages_half.ts";
import { filesHalf } from "../jobs/files_half.ts";
import type { HalfKind } from "../jobs/half.ts";

/** Every kind of half, by its name. */
export const HALVES: ReadonlyMap<string, HalfKind<unknown>> = new Map(
  [filesHalf, itemFilesHalf, itemLinesHalf, stringFilesHalf, messagesHalf].map((
    half,
  ) => [half.name, half as HalfKind<unknown>]),
);
