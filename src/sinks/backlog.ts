/** Bytes that wait: a few in memory, more of them in a scratch file. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import type { Scratch, ScratchFile } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";

/** Bytes that stay in memory. */
const MEMORY = 1 << 18;

/** Takes bytes and gives them back in the same order. */
export class Backlog {
  /** Bytes taken. */
  size = 0;
  readonly #scratch: Scratch;
  #memory = new ByteBuilder();
  #file: ScratchFile | undefined;

  /** Makes no file yet. */
  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** Takes bytes; the caller may reuse its buffer afterwards. */
  append(bytes: Uint8Array): MaybePromise<void> {
    this.size += bytes.length;
    if (!this.#file && this.size <= MEMORY) {
      this.#memory.append(bytes);
      return;
    }
    if (this.#file) return this.#file.append(bytes);
    this.#file = this.#scratch.create();
    return this.#move(this.#file, bytes);
  }

  /** Everything; each piece is valid until the next one is asked for. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    if (!this.#file) return yield this.#memory.view();
    const bytes = new Uint8Array(MEMORY);
    for (let at = 0; at < this.size;) {
      const n = await this.#file.read(at, bytes);
      yield bytes.subarray(0, n);
      at += n;
    }
  }

  /** Lets go of the file. */
  close(): void {
    this.#file?.close();
  }

  async #move(file: ScratchFile, bytes: Uint8Array): Promise<void> {
    await file.append(this.#memory.view());
    await file.append(bytes);
    this.#memory = new ByteBuilder(0);
  }
}
