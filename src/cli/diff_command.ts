/** `diff`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { ReadMoment } from "../mvcc/moments.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { type ListFlags, listFlags } from "./listing.ts";
import { parseMoment } from "./moment_option.ts";
import { parsePath } from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface CompareFlags {
  against?: string[];
  againstAt?: ReadMoment;
  full: boolean;
}

/** Options of `diff`. */
export interface DiffFlags extends CompareFlags, SelectFlags, ListFlags, OpenFlags, ShellFlags {}

const compareFlags: FlagParametersForType<CompareFlags, CliContext> = {
  against: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    variadic: true,
    placeholder: "NEW",
    brief: "The newer snapshot; can be given several times, as its files are. The same as the " +
      "older one if another moment of it is meant",
  },
  againstAt: {
    kind: "parsed",
    parse: parseMoment,
    optional: true,
    placeholder: "T",
    brief: "Read the newer snapshot at this moment, as --at does for the older one",
  },
  full: {
    kind: "boolean",
    withNegated: false,
    brief: "Print both values of each record that is not the same, as JSON",
  },
};
const flags: FlagParametersForType<DiffFlags, CliContext> = {
  ...compareFlags,
  ...selectFlags,
  ...listFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Says which records were added, changed and removed between two snapshots";

/** `diff` */
export const diffCommand: CliCommand = {
  command: buildCommand<DiffFlags, string[], CliContext>({
    loader: async () => (await import("./run_diff.ts")).runDiff,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "OLD" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "diff OLD... --against NEW",
    "diff SNAP --at=-10m --against-at=-1m",
    "diff OLD --against NEW --full",
  ],
  description:
    "Compares the records that clients read. What is stored in another way and reads the same is no " +
    "change. First how many records of each table, bucket, database and queue are not the same, then " +
    "which. Ends with 0 if all are the same, with 7 if not.",
  groups: [
    { title: "What to compare", flags: compareFlags },
    { title: "Which records", flags: selectFlags },
    { title: "What to print", flags: listFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
