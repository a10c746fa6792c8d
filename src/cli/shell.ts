/** What a command has to do with the terminal: results, messages, progress and Ctrl-C. @module */

import type { CommandContext, StricliProcess } from "@stricli/core";
import { OutputError } from "../errors.ts";
import { fileError } from "../sources/deno_error.ts";
import { explainPermissions, neededFlags, type Needs } from "./permissions.ts";
import { Progress, type ProgressMode } from "./progress.ts";

/** What every command is called with. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Characters of a line of the terminal that messages go to, if it is one. */
  readonly columns?: number;
  /** Print which permissions a command needs instead of running it. */
  readonly onlyPermissions?: boolean;
  /** The same of the terminal that results go to. */
  readonly width?: number;
}

/** Options about messages, which all commands have. */
export interface ShellFlags {
  quiet: boolean;
  progress: "auto" | "none" | "json";
}

/** Results go to standard output; everything else goes to standard error. */
export class Shell {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Characters of a line of results, if people read them. */
  readonly width: number | undefined;
  readonly #context: CliContext;
  readonly #quiet: boolean;

  /** For one run of a command. */
  constructor(context: CliContext, { quiet, progress }: ShellFlags) {
    const mode: ProgressMode = quiet && progress === "auto" ? "none" : progress;
    const output = { write: (text: string) => context.process.stderr.write(text) };
    this.#context = context;
    this.#quiet = quiet;
    this.signal = context.signal;
    this.width = context.width;
    this.progress = new Progress(mode, { ...output, columns: context.columns });
  }

  /** Prints a result. */
  print(text: string): void {
    this.progress.clear();
    this.#context.process.stdout.write(text);
  }

  /** Prints what a command ends with. The exit code says the same to whoever has stopped reading. */
  conclude(text: string): void {
    try {
      this.print(text);
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  /** Prints what a command ends with, if it is not left out with `--quiet`. */
  report(text: string): void {
    if (!this.#quiet) this.conclude(text);
  }

  /** Tells something beside the result; left out with `--quiet`. */
  tell(text: string): void {
    if (!this.#quiet) this.complain(text);
  }

  /** Says what is wrong. */
  complain(text: string): void {
    this.progress.clear();
    this.#context.process.stderr.write(text);
  }
}

/** Runs a command: gives it a shell, and ends the program with the exit code that it returns. */
export async function runInShell(
  context: CliContext,
  flags: ShellFlags,
  needs: Needs,
  action: (shell: Shell) => Promise<number>,
): Promise<void> {
  if (context.onlyPermissions) {
    context.process.stdout.write(JSON.stringify(neededFlags(needs)) + "\n");
    context.process.exitCode = 0;
    return;
  }
  const shell = new Shell(context, flags);
  try {
    context.process.exitCode = await explainPermissions(needs, () => action(shell));
  } finally {
    shell.progress.clear();
  }
}

/** The same for a command that only looks: whoever has seen enough ends it by closing standard output. */
export function runLooking(
  context: CliContext,
  flags: ShellFlags,
  needs: Needs,
  action: (shell: Shell) => Promise<number>,
): Promise<void> {
  return runInShell(context, flags, needs, async (shell) => {
    try {
      return await action(shell);
    } catch (error) {
      if (isClosed(error)) return 0;
      throw error;
    }
  });
}

/** Whether nobody reads the output any more. */
export function isClosed(error: unknown): boolean {
  return error instanceof OutputError && error.code === "output-closed";
}

/**
 * Writes all of a text to standard output or standard error.
 *
 * @param name What messages call it.
 */
export function writeTo(
  stream: { writeSync(bytes: Uint8Array): number },
  name: string,
): (text: string) => void {
  return (text) => {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      throw fileError(error, name, "write");
    }
  };
}
