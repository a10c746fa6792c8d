/** Runs `completions`. @module */

import { UsageError } from "../errors.ts";
import { COMMANDS } from "./app.ts";
import { type CompletedShell, completions } from "./completions.ts";
import { type CliContext, runLooking, type ShellFlags } from "./shell.ts";

/** Prints a script. */
export function runCompletions(
  this: CliContext,
  flags: ShellFlags,
  ...shells: string[]
): Promise<void> {
  if (shells.length !== 1) throw new UsageError("expected one shell: bash or zsh");
  const [shell] = shells as CompletedShell[];
  return runLooking(this, flags, { read: [], write: [] }, (output) => {
    output.print(completions(shell, COMMANDS));
    return Promise.resolve(0);
  });
}
