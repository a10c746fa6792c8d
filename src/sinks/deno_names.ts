/** Finds out whether a file system keeps names, by making files and listing them. @module */

import { fileError } from "../sources/deno_error.ts";

/**
 * Names that some file systems refuse, change, or take for one. A listing tells: there, a name is as the
 * file system keeps it, while opening a file or asking for its inode does not show what it is called.
 */
const NAMES: readonly string[] = [
  "a",
  "A",
  "\u00e9",
  "e\u0301",
  "\u00c9",
  "control\x01\x1b\x7f",
  '<>:"|?*\\',
  "dot.",
  "space ",
  "con",
  "AUX.txt",
  "\u{10400}",
  "x".repeat(255),
  "\u3042".repeat(85),
];

/**
 * Whether a folder keeps every name.
 *
 * @param folder A folder that does not exist yet; it is gone afterwards.
 * @throws {OutputError | PermissionError} when it cannot be made or removed.
 */
export function keepsNames(folder: string): boolean {
  try {
    Deno.mkdirSync(folder, { mode: 0o700 });
    try {
      if (!NAMES.every((name) => isMade(`${folder}/${name}`))) return false;
      const listed = new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
      return listed.size === NAMES.length && NAMES.every((name) => listed.has(name));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  } catch (error) {
    throw fileError(error, folder, "write");
  }
}

/** Whether a new file could be made. */
function isMade(path: string): boolean {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
    return true;
  } catch {
    return false;
  }
}
