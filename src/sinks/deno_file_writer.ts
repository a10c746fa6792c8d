/** Writes whole files into the folder of a dump, from any thread. @module */

import type { FileWriter } from "../tree/sink.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Writes files through Deno's synchronous calls: one call a file. */
export class DenoFileWriter implements FileWriter {
  readonly #root: string;
  /** The folder of the last file. */
  #folder = "";

  /** @param root The folder of the dump. */
  constructor(root: string) {
    this.#root = root + "/";
  }

  /** See {@link FileWriter.put}. */
  put(path: string, bytes: Uint8Array): boolean {
    const slash = path.lastIndexOf("/");
    const folder = path.slice(0, Math.max(0, slash));
    if (folder !== this.#folder && !this.#enter(folder)) return false;
    const full = this.#root + path;
    try {
      Deno.writeFileSync(full, bytes, { createNew: true, mode: FILE_MODE });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      // Part of it may be there.
      tryTo(() => Deno.removeSync(full));
      return false;
    }
  }

  /** Makes the last folder on the way, or finds it there; the one above it is there already. */
  #enter(folder: string): boolean {
    const full = this.#root + folder;
    try {
      Deno.mkdirSync(full, { mode: FOLDER_MODE });
    } catch {
      if (!isFolder(full)) return false;
    }
    this.#folder = folder;
    return true;
  }
}

/** Whether there is a folder; one behind a symlink is none. */
function isFolder(path: string): boolean {
  return tryTo(() => Deno.lstatSync(path).isDirectory) ?? false;
}

function tryTo<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
