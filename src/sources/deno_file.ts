/** A file as a source, through Deno's synchronous calls. @module */

import { UsageError } from "../errors.ts";
import { fileError } from "./deno_error.ts";
import type { Source } from "./source.ts";
import { sourceChanged } from "./verified_source.ts";

/** Files that are held open at once; systems allow a process some hundreds to thousands. */
const MAX_OPEN = 256;

/** The files that are open, the one that was read last behind all others. */
const opened = new Set<DenoFileSource>();

/**
 * Reads a regular file. Symlinks on the way are followed: the user named this path.
 *
 * Of very many files, those that were not read for the longest time are closed and opened again when
 * they are wanted.
 */
export class DenoFileSource implements Source {
  readonly name: string;
  readonly size: number;
  readonly #path: string;
  readonly #info: Deno.FileInfo;
  #file: Deno.FsFile | undefined;
  #at = 0;
  #isClosed = false;

  /**
   * Opens the file.
   *
   * @param name What messages call it; the path itself unless given.
   * @throws {PermissionError | UsageError} when it cannot be opened or is not a regular file.
   */
  constructor(path: string, name: string = path) {
    this.name = name;
    this.#path = path;
    this.#file = this.#open();
    this.#info = this.#file.statSync();
    this.size = this.#info.size;
  }

  read(offset: number, into: Uint8Array): number {
    if (this.#isClosed) throw new UsageError("the file was closed", { file: this.name });
    const file = this.#file ?? this.#reopen(offset);
    opened.delete(this);
    opened.add(this);
    let done = 0;
    try {
      if (offset !== this.#at) file.seekSync(offset, Deno.SeekMode.Start);
      while (done < into.length) {
        const n = file.readSync(done === 0 ? into : into.subarray(done));
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
    this.#isClosed = true;
    this.#putAside();
  }

  /** Makes room for another file; the next reading opens it again. */
  #putAside(): void {
    this.#file?.close();
    this.#file = undefined;
    opened.delete(this);
  }

  #open(): Deno.FsFile {
    if (opened.size >= MAX_OPEN) opened.values().next().value!.#putAside();
    try {
      // Opening a pipe would wait for whoever writes to it, and some devices do things when opened.
      refuseOthers(Deno.statSync(this.#path), this.#path);
      const file = Deno.openSync(this.#path, { read: true });
      opened.add(this);
      return file;
    } catch (error) {
      throw error instanceof UsageError ? error : fileError(error, this.#path, "read");
    }
  }

  /** Another file may have the path by now, or none. */
  #reopen(offset: number): Deno.FsFile {
    let file: Deno.FsFile;
    try {
      file = this.#open();
    } catch (error) {
      // There was a file when it was opened first.
      throw error instanceof UsageError ? sourceChanged(this.name, offset, "changed") : error;
    }
    this.#file = file;
    this.#at = 0;
    const { dev, ino, size, mtime } = file.statSync();
    const before = this.#info;
    if (
      dev !== before.dev || ino !== before.ino || size !== before.size ||
      mtime?.getTime() !== before.mtime?.getTime()
    ) throw sourceChanged(this.name, offset, "changed");
    return file;
  }
}

function refuseOthers(info: Deno.FileInfo, file: string): void {
  if (info.isFile) return;
  const isDevice = info.isCharDevice || info.isBlockDevice;
  const what = info.isDirectory
    ? "a folder"
    : info.isFifo
    ? "a pipe"
    : isDevice
    ? "a device"
    : "something else";
  throw new UsageError(`this is ${what} and no regular file`, {
    file,
    hint: isDevice ? "copy what is on it into a file" : "name a regular file",
  });
}
