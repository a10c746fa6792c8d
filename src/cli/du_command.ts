/** `du`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { Measure } from "../commands/usage_meter.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { type ListFlags, listFlags } from "./listing.ts";
import { parseCount, parsePath } from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface MeasureFlags {
  by: Measure;
  depth: number;
  top: number;
}

/** Options of `du`. */
export interface DuFlags extends MeasureFlags, SelectFlags, ListFlags, OpenFlags, ShellFlags {}

const measureFlags: FlagParametersForType<MeasureFlags, CliContext> = {
  by: {
    kind: "enum",
    values: ["bytes", "versions", "garbage"],
    default: "bytes",
    placeholder: "WHAT",
    brief: "What to sort by: bytes, versions, or garbage: the bytes of versions that a newer one " +
      "hides, and of tombstones",
  },
  depth: {
    kind: "parsed",
    parse: parseCount,
    default: "1",
    placeholder: "N",
    brief: "How many separators the beginnings of names have: / in S3, : in Redis; 1. That of an " +
      "item is its hash key. 0 leaves beginnings out",
  },
  top: {
    kind: "parsed",
    parse: parseCount,
    default: "10",
    placeholder: "N",
    brief: "How many beginnings of names, and how many keys, are listed; 10",
  },
};
const flags: FlagParametersForType<DuFlags, CliContext> = {
  ...measureFlags,
  ...selectFlags,
  ...listFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Says what takes up the space of a snapshot";

/** `du` */
export const duCommand: CliCommand = {
  command: buildCommand<DuFlags, string[], CliContext>({
    loader: async () => (await import("./run_du.ts")).runDu,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: ["du SNAP...", "du SNAP --by garbage --top 3", "du SNAP --depth 2 --json"],
  description:
    "Lists all tables, buckets, databases and queues, the largest beginnings of names, and the " +
    "largest keys, with the bytes of all their stored versions. Memory is bounded: where there are " +
    "very many names, a number can be too small, and `+` says by how much at most.",
  groups: [
    { title: "What to list", flags: { ...measureFlags, ...listFlags } },
    { title: "What to measure: whole tables, buckets, databases, queues", flags: selectFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
