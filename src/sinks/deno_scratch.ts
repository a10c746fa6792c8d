/** Scratch files in a folder of their own, which is made when the first one is needed. @module */

import { fileError } from "../sources/deno_error.ts";
import { holdMark, markText, SCRATCH_MARK } from "./deno_marks.ts";
import type { Scratch, ScratchFile } from "../sources/scratch.ts";

/** Makes scratch files in a folder that nothing else uses. */
export class DenoScratch implements Scratch {
  /** See {@link Scratch.room}. What the file system has is not asked for. */
  readonly room: number = Infinity;
  readonly #folder: string;
  readonly #open = new Set<DenoScratchFile>();
  #made = false;
  /** Says that this program is at work, as long as it is open. */
  #mark: Deno.FsFile | undefined;
  #count = 0;

  /** What messages call it: a folder that the user knows. */
  readonly #name: string;

  /**
   * Makes nothing yet.
   *
   * @param folder Must not exist; its parent must.
   */
  constructor(folder: string) {
    this.#folder = folder;
    this.#name = folder.slice(0, Math.max(0, folder.lastIndexOf("/"))) || "/";
  }

  /** See {@link Scratch.create}. */
  create(): ScratchFile {
    if (!this.#made) {
      try {
        Deno.mkdirSync(this.#folder, { mode: 0o700 });
        this.#made = true;
        const mark = `${this.#folder}/${SCRATCH_MARK}`;
        Deno.writeTextFileSync(mark, markText("scratch"), { createNew: true, mode: 0o600 });
        this.#mark = holdMark(mark);
      } catch (error) {
        throw fileError(error, this.#name, "write");
      }
    }
    const file = new DenoScratchFile(`${this.#folder}/${++this.#count}`, this.#name, () => {
      this.#open.delete(file);
    });
    this.#open.add(file);
    return file;
  }

  /** See {@link Scratch.close}. */
  close(): void {
    for (const file of this.#open) file.close();
    this.#mark?.close();
    this.#mark = undefined;
    if (this.#made) Deno.removeSync(this.#folder, { recursive: true });
    this.#made = false;
  }
}

class DenoScratchFile implements ScratchFile {
  /** What messages call it. */
  readonly name: string;
  readonly #path: string;
  size = 0;
  readonly #file: Deno.FsFile;
  readonly #onClose: () => void;
  #at = 0;
  #closed = false;

  constructor(path: string, name: string, onClose: () => void) {
    this.name = name;
    this.#path = path;
    this.#onClose = onClose;
    try {
      this.#file = Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      throw fileError(error, name, "write");
    }
  }

  append(bytes: Uint8Array): void {
    try {
      this.#seek(this.size);
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (error) {
      throw fileError(error, this.name, "write");
    }
    this.size += bytes.length;
    this.#at = this.size;
  }

  read(offset: number, into: Uint8Array): number {
    let done = 0;
    try {
      this.#seek(offset);
      while (done < into.length) {
        const n = this.#file.readSync(into.subarray(done));
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
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    Deno.removeSync(this.#path);
    this.#onClose();
  }

  #seek(offset: number): void {
    if (this.#at !== offset) this.#file.seekSync(offset, Deno.SeekMode.Start);
  }
}
