/**
 * What is noted of the keys that can still get versions, while entries come in stored order.
 *
 * Versions of one key need not be adjacent: where one key is a prefix of another, their versions can
 * lie between each other's. Every key that can still get versions is a prefix of the current stored
 * key, so its length identifies it.
 *
 * @module
 */

import { TIMESTAMP_LENGTH } from "./resolver.ts";

/** A number for each open key; as many as a stored key has prefixes that are keys. */
export class OpenKeys {
  /** The stored key that was sought last; longer ones before it may have left bytes behind it. */
  #last = new Uint8Array(256);
  #length = 0;
  readonly #lengths: number[] = [];
  readonly #notes: number[] = [];
  #at = 0;

  /**
   * Goes to the user key of the stored key `bytes[start, end)`, which is not below the last one.
   *
   * @returns What is noted of it; 0 where nothing is.
   */
  seek(bytes: Uint8Array, start: number, end: number): number {
    this.#forgetBeyond(this.#remember(bytes, start, end));
    const length = end - start - TIMESTAMP_LENGTH;
    this.#at = this.#lengths.indexOf(length);
    if (this.#at < 0) {
      this.#at = this.#lengths.push(length) - 1;
      this.#notes.push(0);
    }
    return this.#notes[this.#at];
  }

  /** Notes a number of the key that was sought last. */
  note(value: number): void {
    this.#notes[this.#at] = value;
  }

  /** Returns the length of what the stored key and the last one have in common. */
  #remember(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const n = Math.min(length, this.#length);
    let common = 0;
    while (common < n && this.#last[common] === bytes[start + common]) common++;
    if (length > this.#last.length) {
      const longer = new Uint8Array(length * 2);
      longer.set(this.#last.subarray(0, common));
      this.#last = longer;
    }
    for (let i = common; i < length; i++) this.#last[i] = bytes[start + i];
    this.#length = length;
    return common;
  }

  #forgetBeyond(length: number): void {
    let kept = 0;
    for (let i = 0; i < this.#lengths.length; i++) {
      if (this.#lengths[i] > length) continue;
      this.#lengths[kept] = this.#lengths[i];
      this.#notes[kept++] = this.#notes[i];
    }
    this.#lengths.length = kept;
    this.#notes.length = kept;
  }
}
