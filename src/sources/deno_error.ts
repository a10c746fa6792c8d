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
  const place = { file: path };
  const cause = { cause: error };
  if (error instanceof Deno.errors.PermissionDenied) {
    const message = `the operating system does not let this user ${access} it`;
    const hint = "look at its owner and mode, and at those of the folders above it";
    return new OutputError("denied", message, { ...place, hint }, cause);
  }
  const code = codeOf(error);
  if (code === "ENAMETOOLONG") {
    const message = "the path, or a name in it, is longer than this file system takes";
    const hint = "choose a shorter path";
    return access === "read"
      ? new UsageError(message, { ...place, hint })
      : new OutputError("output-failed", message, { ...place, hint }, cause);
  }
  if (access === "read") {
    if (error instanceof Deno.errors.NotFound) {
      return new UsageError("no such file or folder", place);
    }
    if (code === "EISDIR") return new UsageError("this is a folder, and a file is wanted", place);
    return new OutputError("input-failed", messageOf(error), place, cause);
  }
  const full = FULL[code];
  if (full) {
    const hint = "make room there, or choose another place";
    return new OutputError("no-space", full, { ...place, hint }, cause);
  }
  if (error instanceof Deno.errors.BrokenPipe) {
    const hint = "the program that reads it has ended";
    return new OutputError("output-closed", "closed before its end", { ...place, hint }, cause);
  }
  if (error instanceof Deno.errors.NotFound) {
    const hint = "make it first";
    const message = "the folder above the output does not exist";
    return new OutputError("output-failed", message, { ...place, hint }, cause);
  }
  if (code === "EROFS") {
    const message = "the file system there can only be read";
    const hint = "choose another place";
    return new OutputError("output-failed", message, { ...place, hint }, cause);
  }
  return new OutputError("output-failed", messageOf(error), place, cause);
}

/** How systems say that a disk is full. */
const FULL: { readonly [code: string]: string } = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "this user may not take more space of the disk",
  EFBIG: "the file would be longer than its file system or the system's limits take",
};

/** Whether it is an error of a disk that is full. */
export function isFull(error: unknown): boolean {
  return codeOf(error) in FULL;
}

/** The operating system's name of an error. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown })?.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
