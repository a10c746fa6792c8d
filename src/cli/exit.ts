/** From errors to exit codes; what each means is in `docs/errors.md`. @module */

import { DecantError, PermissionError } from "../errors.ts";

/** Exit code of an error that nobody raised on purpose. */
const UNEXPECTED = 1;
/** Exit code of a command line that is wrong. */
const USAGE = 2;
/** What the parser returns for an unknown command, and for arguments that cannot be read. */
const PARSER_USAGE: readonly number[] = [-5, -4];

/** The error as one with a code, or `undefined` for a defect of the program. */
export function knownError(error: unknown): DecantError | undefined {
  if (error instanceof DecantError) return error;
  // Every place that knows its path says more than this.
  if (error instanceof Deno.errors.NotCapable) {
    return new PermissionError(error.message, { hint: "add the flag that is named" }, {
      cause: error,
    });
  }
  return undefined;
}

/** The exit code of an error that stopped a command. */
export function exitCodeOfError(error: unknown): number {
  return knownError(error)?.exitCode ?? UNEXPECTED;
}

/** The exit code for what the parser of the command line returns: its own codes are negative. */
export function exitCodeOfParser(code: unknown): number {
  if (typeof code !== "number") return UNEXPECTED;
  return code >= 0 ? code : PARSER_USAGE.includes(code) ? USAGE : UNEXPECTED;
}
