/** `clean`: its options and its help. @module */

import { buildCommand } from "@stricli/core";
import { type CliCommand, shellAliases, shellFlags } from "./common_flags.ts";
import { parsePath } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

const brief = "Removes what a decode has left that was stopped at once";

/** `clean` */
export const cleanCommand: CliCommand = {
  command: buildCommand<ShellFlags, string[], CliContext>({
    loader: async () => (await import("./run_clean.ts")).runClean,
    parameters: {
      flags: shellFlags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "OUT" } },
    },
    docs: { brief },
  }),
  brief,
  usage: ["clean OUT...", "clean SPOOL"],
  description:
    "Of a dump that was not finished: all that belongs to a dump, its mark INCOMPLETE last. Of a " +
    "folder that was named with --spool: the folders of scratch files in it. Whatever has no mark " +
    "of Decant stays, and so does what a running program uses.",
  groups: [{ title: "Messages", flags: shellFlags }],
  aliases: shellAliases,
};
