/** What Deno's file errors mean to a reader. @module */

import { OutputError, PermissionError, UsageError } from "../errors.ts";

/**
 * Turns an error of Deno's file functions into one that names the path and what to do.
 *
 * @param access The permission that the call needs.
 */
export function fileError(error: unknown, path: string, access: "read" | "write"): Error {
  if (error instanceof Deno.errors.NotCapable) {
    const hint = needsAll(error) ? withoutAll(path, access) : `add --allow-${access}=${path}`;
    return new PermissionError(`Deno may not ${access} this path`, { file: path, hint }, {
      cause: error,
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new PermissionError(`the operating system does not let this user ${access} this path`, {
      file: path,
      hint: "look at its owner and mode",
    }, { cause: error });
  }
  if (access === "read" && error instanceof Deno.errors.NotFound) {
    return new UsageError("no such file or folder", { file: path });
  }
  if (error instanceof Error) {
    const code = access === "read" ? "input-failed" : "output-failed";
    return new OutputError(code, error.message, { file: path }, { cause: error });
  }
  return new OutputError("input-failed", String(error), { file: path });
}

/** What can be done about a path in /dev, /proc or /sys. */
function withoutAll(path: string, access: "read" | "write"): string {
  const why = "Deno opens nothing in /dev, /proc and /sys without --allow-all";
  if (access === "write") return `choose a place elsewhere; ${why}`;
  return /^\/(dev\/(stdin|fd)|proc\/\w+\/fd)/.test(path)
    ? `name - for what is piped in; ${why}`
    : `copy the file elsewhere, or pipe it in: … - < ${path}; ${why}`;
}

/** Whether Deno gives what was asked for to programs only that may do everything. */
export function needsAll(error: Deno.errors.NotCapable): boolean {
  return error.message.includes("--allow-all");
}
