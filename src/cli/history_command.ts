/** `history`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import { ADDRESSES, type KeyFlags, keyFlags } from "./cat_command.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { parsePath } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface ShowFlags {
  diff: boolean;
  json: boolean;
}

/** Options of `history`. */
export interface HistoryFlags extends KeyFlags, ShowFlags, OpenFlags, ShellFlags {}

const showFlags: FlagParametersForType<ShowFlags, CliContext> = {
  diff: {
    kind: "boolean",
    withNegated: false,
    brief: "Below each version, the lines that it took away (-) from the one before, and added (+)",
  },
  json: {
    kind: "boolean",
    withNegated: false,
    brief:
      "A JSON object a version: commit_ts, committed, deleted, size, and value; value_b64 where " +
      "it is no text",
  },
};
const flags: FlagParametersForType<HistoryFlags, CliContext> = {
  ...keyFlags,
  ...showFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Lists the versions of one record that the node still had";

/** `history` */
export const historyCommand: CliCommand = {
  command: buildCommand<HistoryFlags, string[], CliContext>({
    loader: async () => (await import("./run_history.ts")).runHistory,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "history SNAP... ADDRESS",
    "history SNAP dynamodb/orders/17 --diff",
    "history SNAP s3://photos/2026/meadow.jpg",
    "history SNAP redis/session:1 --json",
  ],
  description:
    "Lists every retained version, newest first, with its commit time, deletions among them. Of an " +
    "object its headers count, of a queue its attributes. From when to when history can be read is " +
    `said on standard error. ${ADDRESSES}`,
  groups: [
    { title: "What to print", flags: { ...keyFlags, ...showFlags } },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
