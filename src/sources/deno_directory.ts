/** A folder of the file system, through Deno. @module */

import { UsageError } from "../errors.ts";
import { fileError } from "./deno_error.ts";
import { DenoFileSource } from "./deno_file.ts";
import type { DirectoryEntry, DirectoryName, WholeDirectory } from "./directory.ts";
import type { Source } from "./source.ts";

/**
 * A folder that the user named. It may be a symlink itself; those below it are not followed.
 *
 * Errors of its methods: `permission` with the flag to add, `usage` for what is not there or is a
 * symlink, `input-failed`.
 */
export class DenoDirectory implements WholeDirectory {
  readonly name: string;
  /** The folder of the last path, with its slash: no symlink leads to it. */
  #folder = "";

  /**
   * Nothing is read yet.
   *
   * @param path The folder.
   */
  constructor(path: string) {
    this.name = path;
  }

  // deno-lint-ignore require-await -- the calls are synchronous here, not in browsers
  async list(path: string): Promise<DirectoryEntry[]> {
    const folder = this.#resolve(path);
    const entries: DirectoryEntry[] = [];
    try {
      for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
        if (isDirectory) entries.push({ name, isDirectory, size: 0 });
        else if (isFile) {
          entries.push({ name, isDirectory, size: Deno.lstatSync(`${folder}/${name}`).size });
        }
      }
    } catch (error) {
      throw this.#error(error, folder);
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *names(path: string): AsyncGenerator<DirectoryName, void> {
    const folder = this.#resolve(path);
    try {
      for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
        yield { name, kind: isDirectory ? "directory" : isFile ? "file" : "other" };
      }
    } catch (error) {
      throw this.#error(error, folder);
    }
  }

  // deno-lint-ignore require-await -- as above
  async open(path: string): Promise<Source> {
    return new DenoFileSource(this.#resolve(path));
  }

  /** The path in the file system, when no name in it is a symlink or leads out of the folder. */
  #resolve(path: string): string {
    let resolved = this.name.replace(/(?<=.)\/+$/, "");
    for (const name of path === "" ? [] : path.split("/")) {
      resolved = `${resolved}/${name}`;
      if (name === "" || name === "." || name === "..") {
        throw new UsageError("not a path inside of the folder", { file: resolved });
      }
      if (this.#folder.startsWith(resolved + "/")) continue;
      let isSymlink: boolean;
      try {
        isSymlink = Deno.lstatSync(resolved).isSymlink;
      } catch (error) {
        throw this.#error(error, resolved);
      }
      if (isSymlink) throw new UsageError("symlinks are not followed", { file: resolved });
    }
    this.#folder = resolved.slice(0, resolved.lastIndexOf("/") + 1);
    return resolved;
  }

  /** With a missing permission the flag is for the whole folder: all of it will be looked at. */
  #error(error: unknown, path: string): Error {
    return fileError(error, error instanceof Deno.errors.NotCapable ? this.name : path, "read");
  }
}
