/** The SQS adapter. @module */

import type { FamilyId } from "../../keyspace/families.ts";
import type { AdapterModule } from "../adapter.ts";
import { writeRecords } from "./record_lines.ts";
import { SIDE_FAMILIES } from "./rows.ts";
import { things } from "./things.ts";
import { searchRecords } from "./search.ts";
import { writeTree } from "./tree_writer.ts";

const BOOKED: readonly FamilyId[] = ["sqs-queue", "sqs-generation", "sqs-message"];

/** Turns `!sqs|` rows into queues and messages. */
export const sqs: AdapterModule = {
  name: "sqs",
  books: ({ includeSqsSideRecords }) =>
    new Set(includeSqsSideRecords ? [...BOOKED, ...SIDE_FAMILIES] : BOOKED),
  // Messages of a queue are one file.
  keysAt: () => new Uint8Array(0),
  things,
  writeTree,
  writeRecords,
  searchRecords,
};
