/** A folder that was dropped or picked, as a directory of the library. @module */

import { UsageError } from "../../src/errors.ts";
import { BlobSource } from "../../src/sources/blob_source.ts";
import type { Directory, DirectoryEntry } from "../../src/sources/directory.ts";
import type { Source } from "../../src/sources/source.ts";
import type { PickedFile } from "./protocol.ts";

/** Files with their paths: folders are what stands before a slash. */
export class FilesDirectory implements Directory {
  readonly name: string;
  readonly #files = new Map<string, File>();
  readonly #folders = new Map<string, DirectoryEntry[]>([["", []]]);

  /** @param files Their paths begin inside of the folder. */
  constructor(name: string, files: readonly PickedFile[]) {
    this.name = name;
    for (const { path, file } of files) {
      this.#files.set(path, file);
      this.#folderOf(path).push({ name: lastOf(path), isDirectory: false, size: file.size });
    }
    for (const entries of this.#folders.values()) entries.sort((a, b) => a.name < b.name ? -1 : 1);
  }

  list(path: string): Promise<DirectoryEntry[]> {
    const entries = this.#folders.get(path);
    return entries
      ? Promise.resolve(entries)
      : Promise.reject(new UsageError("no such folder", { file: path }));
  }

  open(path: string): Promise<Source> {
    const file = this.#files.get(path);
    return file
      ? Promise.resolve(new BlobSource(file, path))
      : Promise.reject(new UsageError("no such file", { file: path }));
  }

  /** What is in the folder of a path; it comes to be, and those above it. */
  #folderOf(path: string): DirectoryEntry[] {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    let entries = this.#folders.get(folder);
    if (!entries) {
      this.#folderOf(folder).push({ name: lastOf(folder), isDirectory: true, size: 0 });
      this.#folders.set(folder, entries = []);
    }
    return entries;
  }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
