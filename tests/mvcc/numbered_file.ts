/** Snapshots of any size that take no space: their bytes are made when they are read. @module */

import type { Source } from "../../src/sources/source.ts";
import { rawStream, storedKey, storedValue } from "../support/stream.ts";

const HEAD = rawStream([]);
const DIGITS = 12;

/** Rows of one size; their keys are numbers, of which every `step`th is in the file. */
export class NumberedFile implements Source {
  readonly name: string;
  readonly size: number;
  readonly #first: number;
  readonly #step: number;
  /** One row as it lies in the file. */
  readonly #frame: Uint8Array;
  /** The row whose number is in the frame. */
  #row = -1;

  /** @param size Bytes of the file, about. */
  constructor(size: number, first: number, step: number, valueLength: number) {
    const value = "v".repeat(valueLength);
    const pair: [Uint8Array, Uint8Array] = [
      storedKey("k".padEnd(1 + DIGITS, "0"), 1n),
      storedValue({ key: "", value }),
    ];
    this.#frame = rawStream([pair]).subarray(HEAD.length);
    this.name = `${first}.fsm`;
    this.#first = first;
    this.#step = step;
    this.size = HEAD.length + Math.floor(size / this.#frame.length) * this.#frame.length;
  }

  /** How many there are. */
  get rows(): number {
    return (this.size - HEAD.length) / this.#frame.length;
  }

  read(offset: number, into: Uint8Array): number {
    const end = Math.min(this.size, offset + into.length);
    let at = offset;
    while (at < end) {
      const part = this.#from(at).subarray(0, end - at);
      into.set(part, at - offset);
      at += part.length;
    }
    return Math.max(0, end - offset);
  }

  close(): void {}

  #from(at: number): Uint8Array {
    if (at < HEAD.length) return HEAD.subarray(at);
    const row = Math.floor((at - HEAD.length) / this.#frame.length);
    if (row !== this.#row) {
      this.#row = row;
      let number = this.#first + row * this.#step;
      for (let i = DIGITS; i > 0; i--, number = Math.floor(number / 10)) {
        this.#frame[8 + i] = 0x30 + number % 10;
      }
    }
    return this.#frame.subarray((at - HEAD.length) % this.#frame.length);
  }
}
