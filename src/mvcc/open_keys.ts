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

/** What is noted of a key; it is used again for another one, once no version of this one can come. */
export interface KeyNote {
  /** Forgets everything. */
  clear(): void;
}

/** A note for each open key; as many as a stored key has prefixes that are keys. */
export class OpenKeys<Note extends KeyNote> {
  /** The stored key that was sought last; longer ones before it may have left bytes behind it. */
  #last = new Uint8Array(256);
  #length = 0;
  readonly #lengths: number[] = [];
  /** Notes of open keys; behind them are those of keys that are no longer open. */
  readonly #notes: Note[] = [];
  readonly #make: () => Note;

  /** @param make Makes a note of nothing. */
  constructor(make: () => Note) {
    this.#make = make;
  }

  /** The note of the user key of the stored key `bytes[start, end)`, which is not below the last one. */
  seek(bytes: Uint8Array, start: number, end: number): Note {
    this.#forgetBeyond(this.#remember(bytes, start, end));
    const length = end - start - TIMESTAMP_LENGTH;
    const known = this.#lengths.indexOf(length);
    if (known >= 0) return this.#notes[known];
    const at = this.#lengths.push(length) - 1;
    if (at === this.#notes.length) this.#notes.push(this.#make());
    else this.#notes[at].clear();
    return this.#notes[at];
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
      const note = this.#notes[i];
      this.#notes[i] = this.#notes[kept];
      this.#notes[kept] = note;
      this.#lengths[kept++] = this.#lengths[i];
    }
    this.#lengths.length = kept;
  }
}
