/** `ls`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { type ListFlags, listFlags } from "./listing.ts";
import { parsePath } from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface LongFlags {
  long: boolean;
  paths: boolean;
}

/** Options of `ls`. */
export interface LsFlags extends LongFlags, ListFlags, SelectFlags, OpenFlags, ShellFlags {}

const longFlags: FlagParametersForType<LongFlags, CliContext> = {
  long: {
    kind: "boolean",
    withNegated: false,
    brief: "Also the type, the bytes, when the row was committed, and when it expires",
  },
  paths: {
    kind: "boolean",
    withNegated: false,
    brief: "Paths exactly as decode --from-list takes them, also those that a terminal would not " +
      "show; of one with a line break or a backslash at its start, as CHECKSUMS has it",
  },
};
const flags: FlagParametersForType<LsFlags, CliContext> = {
  ...longFlags,
  ...listFlags,
  ...selectFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Lists what is in a snapshot, by the paths that decode writes";
const aliases = { ...shellAliases, l: "long" } as const;

/** `ls` */
export const lsCommand: CliCommand = {
  command: buildCommand<LsFlags, string[], CliContext>({
    loader: async () => (await import("./run_ls.ts")).runLs,
    parameters: {
      flags,
      aliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "ls SNAP...",
    "ls SNAP -l --only dynamodb/orders",
    "ls SNAP --paths --key-regex '^2026-' > LIST",
    "decode SNAP -o OUT --from-list LIST",
  ],
  description:
    "Lists every file that decode would write into a folder, as it is found: by adapter, then by " +
    "table, bucket, database and queue, then by key. Bodies of objects are not read.",
  groups: [
    { title: "What to print", flags: { ...longFlags, ...listFlags } },
    { title: "What to select", flags: selectFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases,
};
