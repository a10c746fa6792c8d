/** Finds out whether a file system keeps names, by making files and listing them. @module */

import { fileError } from "../sources/deno_error.ts";
import { ODD_NAMES } from "./odd_names.ts";

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
      if (!ODD_NAMES.every((name) => isMade(`${folder}/${name}`))) return false;
      const listed = new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
      return listed.size === ODD_NAMES.length && ODD_NAMES.every((name) => listed.has(name));
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
