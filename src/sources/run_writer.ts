/** Writes sorted records one behind the other into a scratch file. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { putU32le } from "../bytes/integers.ts";
import { RECORD_HEADER, type Run } from "./merged_runs.ts";
import type { ScratchFile } from "./scratch.ts";
import { isPromise, type MaybePromise } from "./source.ts";

/** Bytes that are written at once. */
const BLOCK_LENGTH = 32 << 10;

/** Writes one run at the end of a file. What is long is not copied on its way. */
export class RunWriter {
  readonly #file: ScratchFile;
  readonly #start: number;
  readonly #block = new ByteBuilder(BLOCK_LENGTH);
  #longestKey = 0;

  constructor(file: ScratchFile) {
    this.#file = file;
    this.#start = file.size;
  }

  /** Adds a record; both parts may be used again when it is done. */
  add(key: Uint8Array, value: Uint8Array): MaybePromise<void> {
    this.note(key.length);
    appendHeader(this.#block, key, value);
    const put = this.#put(key);
    return isPromise(put) ? put.then(() => this.#put(value)) : this.#put(value);
  }

  /** Takes note of the length of a record's key. */
  note(keyLength: number): void {
    if (keyLength > this.#longestKey) this.#longestKey = keyLength;
  }

  /** Adds records that lie at `[start, end)` of a buffer, of whose keys it has taken note. */
  addFrom(bytes: Uint8Array, start: number, end: number): MaybePromise<void> {
    return this.#put(bytes.subarray(start, end));
  }

  /** Writes what is left, and says where the run lies. */
  async finish(): Promise<Run> {
    await this.#flush();
    return { start: this.#start, end: this.#file.size, longestKey: this.#longestKey };
  }

  #put(bytes: Uint8Array): MaybePromise<void> {
    if (bytes.length < BLOCK_LENGTH) {
      this.#block.append(bytes);
      return this.#block.length < BLOCK_LENGTH ? undefined : this.#flush();
    }
    const flushed = this.#flush();
    return isPromise(flushed)
      ? flushed.then(() => this.#file.append(bytes))
      : this.#file.append(bytes);
  }

  #flush(): MaybePromise<void> {
    const appended = this.#file.append(this.#block.view());
    return isPromise(appended)
      ? appended.then(() => void this.#block.clear())
      : void this.#block.clear();
  }
}

/** Appends what stands before the key of a record. */
export function appendHeader(out: ByteBuilder, key: Uint8Array, value: Uint8Array): ByteBuilder {
  out.reserve(RECORD_HEADER);
  putU32le(out.bytes, out.length, key.length);
  putU32le(out.bytes, out.length + 4, value.length);
  out.length += RECORD_HEADER;
  return out;
}
