/** A file as a source, through Deno's synchronous calls. @module */

import { UsageError } from "../errors.ts";
import { fileError } from "./deno_error.ts";
import type { Source } from "./source.ts";

/** Reads a regular file. Symlinks on the way are followed: the user named this path. */
export class DenoFileSource implements Source {
  readonly name: string;
  readonly size: number;
  readonly #file: Deno.FsFile;
  #at = 0;

  /**
   * Opens the file.
   *
   * @param name What messages call it; the path itself unless given.
   * @throws {PermissionError | UsageError} when it cannot be opened or is not a regular file.
   */
  constructor(path: string, name: string = path) {
    this.name = name;
    try {
      this.#file = Deno.openSync(path, { read: true });
    } catch (error) {
      throw fileError(error, path, "read");
    }
    const info = this.#file.statSync();
    if (!info.isFile) {
      this.#file.close();
      throw new UsageError("not a regular file", { file: path });
    }
    this.size = info.size;
  }

  read(offset: number, into: Uint8Array): number {
    let done = 0;
    try {
      if (offset !== this.#at) this.#file.seekSync(offset, Deno.SeekMode.Start);
      while (done < into.length) {
        const n = this.#file.readSync(done === 0 ? into : into.subarray(done));
        if (n === null) break;
        done += n;
      }
    } catch (error) {
      throw fileError(error, this.name, "read");
    }
    this.#at = offset + done;
    return done;
  }

  close(): void {
    this.#file.close();
  }
}
