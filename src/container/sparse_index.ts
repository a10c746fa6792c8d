/**
 * Stored key → offset for every so many bytes of a stream, so that a scan can begin in the middle.
 *
 * Places are numbers in arrays, and no objects: their keys lie one behind the other.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes, startsWith } from "../bytes/compare.ts";
import type { EntryBatch } from "./entry_batch.ts";

/** Most places that are remembered. */
export const INDEX_ENTRIES: number = 1 << 15;

/** Longest part of a key that is remembered. */
const KEY_LENGTH = 256;
/** Bytes of a place besides its key: where that ends, and an offset. */
const PLACE_LENGTH = 4 + 8;
const FIRST_STRIDE = 16 << 10;

/** Bytes of the places of all files that are opened together: 8 MiB. */
const SHARED_LENGTH = 8 << 20;
/** Bytes that one file may have at least: some hundred places. */
const LEAST_LENGTH = 16 << 10;

/** Bytes of places that each of some files may have: the more files, the farther apart they are. */
export function sharedIndex(files: number): number {
  return Math.max(LEAST_LENGTH, Math.floor(SHARED_LENGTH / files));
}

/**
 * Places evenly apart, at most {@link INDEX_ENTRIES} and as many as fit in so many bytes. The distance
 * doubles when these are used up.
 */
export class SparseIndex {
  /** How many places are remembered. */
  count = 0;
  readonly #limit: number;
  /** The keys, one behind the other. */
  readonly #keys = new ByteBuilder();
  /** Where each key ends. */
  #ends = new Uint32Array(16);
  #positions = new Float64Array(16);
  #stride = FIRST_STRIDE;
  /** An entry at or behind this position is wanted. */
  #wanted = 0;

  /**
   * No places yet.
   *
   * @param limit Bytes of its places; 8 MiB unless given.
   */
  constructor(limit: number = SHARED_LENGTH) {
    this.#limit = limit;
  }

  /** Bytes that are taken up: as arrays grow by doubling, up to twice those of the places. */
  get byteLength(): number {
    return this.#keys.bytes.length + this.#ends.byteLength + this.#positions.byteLength;
  }

  /** Where the entry of a place lies. */
  position(place: number): number {
    return this.#positions[place];
  }

  /** Stored keys from all over the table; those that are remembered in part are left out. */
  *keys(): Iterable<Uint8Array> {
    for (let place = 0; place < this.count; place++) {
      const key = this.#key(place);
      if (key.length < KEY_LENGTH) yield key;
    }
  }

  /** Remembers some of the entries; batches come in ascending order. */
  addBatch({ bytes, ranges, positions, count }: EntryBatch): void {
    if (positions[count - 1] < this.#wanted) return;
    for (let i = 0; i < count; i++) {
      if (positions[i] < this.#wanted) continue;
      const keyStart = ranges[i * 4];
      this.#add(bytes, keyStart, Math.min(ranges[i * 4 + 1], keyStart + KEY_LENGTH), positions[i]);
    }
  }

  #add(bytes: Uint8Array, keyStart: number, keyEnd: number, position: number): void {
    while (this.count === INDEX_ENTRIES || this.#lengthWith(keyEnd - keyStart) > this.#limit) {
      this.#thin();
    }
    if (this.count === this.#ends.length) this.#grow();
    this.#keys.append(bytes, keyStart, keyEnd);
    this.#ends[this.count] = this.#keys.length;
    this.#positions[this.count++] = position;
    this.#wanted = position + this.#stride;
  }

  /** Bytes of the places and one more. */
  #lengthWith(keyLength: number): number {
    return this.#keys.length + keyLength + (this.count + 1) * PLACE_LENGTH;
  }

  #grow(): void {
    const [ends, positions] = [this.#ends, this.#positions];
    this.#ends = new Uint32Array(2 * this.count);
    this.#ends.set(ends);
    this.#positions = new Float64Array(2 * this.count);
    this.#positions.set(positions);
  }

  /** Keeps every second place, and goes on twice as far apart. */
  #thin(): void {
    const { bytes } = this.#keys;
    let [kept, end, start] = [0, 0, 0];
    for (let place = 0; place < this.count; place++) {
      const keyEnd = this.#ends[place];
      if (place % 2 === 0) {
        bytes.copyWithin(end, start, keyEnd);
        this.#ends[kept] = end += keyEnd - start;
        this.#positions[kept++] = this.#positions[place];
      }
      start = keyEnd;
    }
    this.#keys.length = end;
    this.count = kept;
    this.#stride *= 2;
  }

  /** What is remembered of a key, as a view. */
  #key(place: number): Uint8Array {
    return this.#keys.bytes.subarray(place === 0 ? 0 : this.#ends[place - 1], this.#ends[place]);
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
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#key(middle))) high = middle;
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
