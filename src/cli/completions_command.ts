/** `completions`: its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import { type CliCommand, shellAliases, shellFlags } from "./common_flags.ts";
import { parseShell } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

const flags: FlagParametersForType<ShellFlags, CliContext> = shellFlags;
const brief = "Prints what a shell needs to complete commands and options";

/** `completions` */
export const completionsCommand: CliCommand = {
  command: buildCommand<ShellFlags, string[], CliContext>({
    loader: async () => (await import("./run_completions.ts")).runCompletions,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parseShell, placeholder: "SHELL" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "completions bash > ~/.local/share/bash-completion/completions/decant",
    "completions zsh > ~/.zfunc/_decant",
  ],
  description: "Prints a script for bash or zsh, made from the options of this version.",
  groups: [{ title: "Messages", flags: shellFlags }],
  aliases: shellAliases,
};
