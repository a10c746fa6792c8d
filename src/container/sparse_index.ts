/** Stored key → offset for every so many bytes of a stream, so that a scan can begin in the middle. @module */

import { compareBytes, startsWith } from "../bytes/compare.ts";
import type { EntryBatch } from "./entry_batch.ts";

/** Most places that are remembered. */
export const INDEX_ENTRIES: number = 1 << 15;

/** Longest part of a key that is remembered; with the object around it about 350 bytes an entry. */
const KEY_LENGTH = 256;
const FIRST_STRIDE = 16 << 10;

/** At most {@link INDEX_ENTRIES} places, evenly apart; the distance doubles when they are used up. */
export class SparseIndex {
  #keys: Uint8Array[] = [];
  #positions: number[] = [];
  #stride = FIRST_STRIDE;
  /** An entry at or behind this position is wanted. */
  #wanted = 0;

  /** How many places are remembered. */
  get count(): number {
    return this.#positions.length;
  }

  /** Where the entry of a place lies. */
  position(place: number): number {
    return this.#positions[place];
  }

  /** Stored keys from all over the table; those that are remembered in part are left out. */
  *keys(): Iterable<Uint8Array> {
    for (const key of this.#keys) if (key.length < KEY_LENGTH) yield key;
  }

  /** Remembers some of the entries; batches come in ascending order. */
  addBatch({ bytes, ranges, positions, count }: EntryBatch): void {
    if (positions[count - 1] < this.#wanted) return;
    for (let i = 0; i < count; i++) {
      if (positions[i] < this.#wanted) continue;
      this.#add(bytes, ranges[i * 4], ranges[i * 4 + 1], positions[i]);
    }
  }

  #add(bytes: Uint8Array, keyStart: number, keyEnd: number, position: number): void {
    if (this.#keys.length === INDEX_ENTRIES) {
      this.#keys = this.#keys.filter((_, i) => i % 2 === 0);
      this.#positions = this.#positions.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#keys.push(bytes.slice(keyStart, Math.min(keyEnd, keyStart + KEY_LENGTH)));
    this.#positions.push(position);
    this.#wanted = position + this.#stride;
  }

  /**
   * How many places have a stored key below `target`: at least the first number, at most the second.
   * They differ where keys are longer than what is remembered of them.
   */
  countBelow(target: Uint8Array): [least: number, most: number] {
    const least = this.#first((key) => !isSurelyBelow(key, target));
    return [least, this.#first((key) => compareBytes(key, target) >= 0, least)];
  }

  /** The first place, from one on, for whose key something holds that holds for all behind it, too. */
  #first(holds: (key: Uint8Array) => boolean, low = 0): number {
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#keys[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** A cut key with which the target begins may belong to an entry behind it. */
function isSurelyBelow(key: Uint8Array, target: Uint8Array): boolean {
  return compareBytes(key, target) < 0 &&
    !(key.length === KEY_LENGTH && startsWith(target, key));
}
