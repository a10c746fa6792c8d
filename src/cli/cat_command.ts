/** `cat`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { ItemKey } from "../adapters/dynamodb/keys.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { parseItemKey, parsePath } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

/** How an item is named. */
export interface KeyFlags {
  key?: ItemKey;
}

/** Options of `cat`. */
export interface CatFlags extends KeyFlags, OpenFlags, ShellFlags {}

/** `--key` */
export const keyFlags: FlagParametersForType<KeyFlags, CliContext> = {
  key: {
    kind: "parsed",
    parse: parseItemKey,
    optional: true,
    placeholder: "JSON",
    brief: `The key of an item, where the address is its table: '{"id":{"N":"0.5"}}', or plain`,
  },
};
const flags: FlagParametersForType<CatFlags, CliContext> = {
  ...keyFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Prints one record: an item, a body, a value, the messages of a queue";

/** What an address can be, for the help of commands that take one. */
export const ADDRESSES =
  "ADDRESS is dynamodb/TABLE (its schema), dynamodb/TABLE/HASH or .../HASH/RANGE " +
  "(an item; with --key for any key), s3://BUCKET/KEY, redis/KEY, sqs/QUEUE (its messages), or any " +
  "path that ls prints.";

/** `cat` */
export const catCommand: CliCommand = {
  command: buildCommand<CatFlags, string[], CliContext>({
    loader: async () => (await import("./run_cat.ts")).runCat,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "cat SNAP... ADDRESS",
    "cat SNAP dynamodb/orders/17",
    `cat SNAP dynamodb/orders --key '{"id":{"N":"0.5"}}'`,
    "cat SNAP s3://photos/2026/meadow.jpg > meadow.jpg",
    "cat SNAP redis/session:1",
    "cat SNAP sqs/jobs",
  ],
  description:
    `Prints the bytes that decode would write into the file of that record. ${ADDRESSES} The body of ` +
    "an object is read to its end once before any of it is printed. Bytes that are no text are not " +
    "printed to a terminal.",
  groups: [
    { title: "What to print", flags: keyFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
