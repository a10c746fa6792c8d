/** Stored key → offset for every so many bytes of a stream, so that a scan can begin in the middle. @module */

import type { EntryBatch } from "./entry_batch.ts";
import { compareBytes, startsWith } from "../bytes/compare.ts";

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

  /** A position at or before the first entry whose stored key is at or above `target`, or −1. */
  seek(target: Uint8Array): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isBelow(this.#keys[middle], target)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : this.#positions[low - 1];
  }

  /** Whether the entry is surely below the target: a cut key that starts it may belong to a later one. */
  #isBelow(key: Uint8Array, target: Uint8Array): boolean {
    if (compareBytes(key, target) >= 0) return false;
    return !(key.length === KEY_LENGTH && startsWith(target, key));
  }
}
