/** `inspect`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import {
  type CliCommand,
  jsonFlag,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { parsePath } from "./options.ts";
import type { ScopeOrder } from "./show_scopes.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

/** Options of `inspect`. */
export interface InspectFlags extends OpenFlags, ShellFlags {
  json: boolean;
  sort: ScopeOrder;
  redact: boolean;
}

const printFlags: FlagParametersForType<
  Pick<InspectFlags, "json" | "sort" | "redact">,
  CliContext
> = {
  ...jsonFlag,
  sort: {
    kind: "enum",
    values: ["name", "bytes"],
    default: "name",
    placeholder: "BY",
    brief: "Order of the scopes: name, as in a dump, or bytes, the largest first",
  },
  redact: {
    kind: "boolean",
    withNegated: false,
    brief:
      "Put something else for names of files, tables, buckets and queues, and leave out keys " +
      "and messages: for reports of bugs. Within one run, one name is always the same",
  },
};
const flags: FlagParametersForType<InspectFlags, CliContext> = {
  ...printFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Says whether a snapshot is sound and what is in it";

/** `inspect` */
export const inspectCommand: CliCommand = {
  command: buildCommand<InspectFlags, string[], CliContext>({
    loader: async () => (await import("./run_inspect.ts")).runInspect,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: ["inspect SNAP...", "inspect SNAP --redact", "SNAP"],
  description:
    "One sentence first: sound or not, and what that was told by. Then the last commit, " +
    "from when to when history can be read, the groups of the cluster, and for each table, bucket, " +
    "database and queue what there is of it, and how many bytes are of live rows, of old versions and " +
    "of deleted ones. A terminal is given what fits in its lines; a program or a file everything. " +
    "Works on encrypted snapshots without keys.",
  groups: [
    { title: "What to print", flags: printFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
