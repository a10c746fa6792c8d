/** Runs the program once. @module */

import { run } from "@stricli/core";
import { allowDigestThreads, endDigestThreads } from "../bytes/digest.ts";
import { nativeModule } from "../bytes/native_module.ts";
import { buildApp, COMMANDS, SWITCHES } from "./app.ts";
import { normalArguments } from "./arguments.ts";
import { exitCodeOfError, exitCodeOfParser } from "./exit.ts";
import { type CliContext, writeTo } from "./shell.ts";
import { errorText } from "./show_error.ts";

/** Signals that ask a program to end. */
function signals(): readonly Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT"];
  const { stdin, stdout, stderr } = Deno;
  const hasTerminal = [stdin, stdout, stderr].some((stream) => stream.isTerminal());
  if (hasTerminal) return ["SIGINT", "SIGTERM", "SIGHUP"];
  // Under nohup there is no terminal. Deno ends at this signal also where it is to be ignored.
  Deno.addSignalListener("SIGHUP", () => {});
  return ["SIGINT", "SIGTERM"];
}

/** Before a command line: print the permissions that it needs, as a JSON array of Deno's flags. */
const PERMISSIONS = "--permissions";

/**
 * Runs a command line.
 *
 * @returns The exit code; see `docs/errors.md`.
 */
export async function main(args: readonly string[]): Promise<number> {
  boundYoungGeneration();
  if (navigator.hardwareConcurrency > 1) allowDigestThreads();
  const context: CliContext = {
    process: {
      stdout: { write: writeTo(Deno.stdout, "standard output") },
      stderr: { write: complainOf },
    },
    signal: interruption(),
    columns: widthOf(Deno.stderr),
    width: widthOf(Deno.stdout),
    onlyPermissions: args[0] === PERMISSIONS,
  };
  if (context.onlyPermissions) args = args.slice(1);
  try {
    const commands = Object.keys(COMMANDS);
    const normal = normalArguments(args, { commands, switches: SWITCHES, exists });
    await run(buildApp(context), normal, context);
    return exitCodeOfParser(context.process.exitCode);
  } catch (error) {
    complain(errorText(error));
    return exitCodeOfError(error);
  } finally {
    endDigestThreads();
  }
}

/** Characters of a line, if this is a terminal. */
function widthOf(stream: { isTerminal(): boolean }): number | undefined {
  // A terminal that does not know its width says 0.
  return stream.isTerminal() ? Deno.consoleSize().columns || 80 : undefined;
}

/**
 * Rows that are passed on leave short-lived garbage. V8 would let tens of megabytes of it lie; collecting
 * it earlier costs a few percent and keeps the memory that is promised for data.
 */
function boundYoungGeneration(): void {
  const v8 = nativeModule("node:v8") as { setFlagsFromString?(flags: string): void } | undefined;
  v8?.setFlagsFromString?.("--max-semi-space-size=2");
}

/** Fires at the first signal. A second one ends the program at once, whatever it is doing. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const listened = signals();
  const onSignal = (): void => {
    for (const signal of listened) Deno.removeSignalListener(signal, onSignal);
    controller.abort();
  };
  for (const signal of listened) Deno.addSignalListener(signal, onSignal);
  return controller.signal;
}

/** The application ends each message with a line, and one that is not shown, too. */
function complainOf(text: string): void {
  if (text !== "\n") complain(text);
}

/** There is nobody to tell when nobody listens any more. */
function complain(text: string): void {
  try {
    writeTo(Deno.stderr, "standard error")(text);
  } catch {
    return;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
