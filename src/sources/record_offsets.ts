/**
 * Puts the records of a sorter's buffer in order by where they begin; nothing of them is moved. See
 * `spill_sorter.ts` for how they lie there.
 *
 * @module
 */

import { u32le } from "../bytes/integers.ts";
import { RECORD_HEADER } from "./merged_runs.ts";

/** Where the records of a buffer begin. The arrays are kept from one run to the next. */
export class RecordOffsets {
  /** How many there are. */
  length = 0;
  #offsets = new Uint32Array(1024);

  /** Adds one. */
  push(offset: number): void {
    if (this.length === this.#offsets.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.length++] = offset;
  }

  /** In the order of the records' keys; records with equal keys keep theirs. */
  sorted(bytes: Uint8Array): Uint32Array {
    const offsets = this.#offsets.subarray(0, this.length);
    if (ascend(bytes, offsets)) return offsets.slice();
    const order = new KeyOrder(bytes, offsets).sorted();
    return order.map((record) => offsets[record]);
  }
}

/**
 * Sorts the records of a buffer. Most pairs of keys are told apart by one number each: the six bytes that
 * follow what all keys begin with.
 */
class KeyOrder {
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  /** Bytes that all keys begin with. */
  readonly #common: number;
  /** The next six bytes of each key, zeros where it has no more. */
  readonly #heads: Float64Array;
  #order: Uint32Array;
  #other: Uint32Array;

  constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.#bytes = bytes;
    this.#offsets = offsets;
    this.#common = commonLength(bytes, offsets);
    this.#heads = new Float64Array(offsets.length);
    this.#order = new Uint32Array(offsets.length);
    this.#other = new Uint32Array(offsets.length);
    for (let i = 0; i < offsets.length; i++) {
      this.#heads[i] = this.#head(offsets[i]);
      this.#order[i] = i;
    }
  }

  /** The numbers of the records in their order. A bottom-up merge sort. */
  sorted(): Uint32Array {
    const { length } = this.#offsets;
    for (let width = 1; width < length; width *= 2) {
      for (let start = 0; start < length; start += 2 * width) {
        const middle = Math.min(start + width, length);
        this.#merge(start, middle, Math.min(middle + width, length));
      }
      [this.#order, this.#other] = [this.#other, this.#order];
    }
    return this.#order;
  }

  #merge(start: number, middle: number, end: number): void {
    const from = this.#order;
    const to = this.#other;
    if (middle === end || this.#compare(from[middle - 1], from[middle]) <= 0) {
      to.set(from.subarray(start, end), start);
      return;
    }
    let left = start;
    let right = middle;
    for (let at = start; at < end; at++) {
      const takesLeft = left < middle &&
        (right === end || this.#compare(from[left], from[right]) <= 0);
      to[at] = takesLeft ? from[left++] : from[right++];
    }
  }

  #compare(a: number, b: number): number {
    const difference = this.#heads[a] - this.#heads[b];
    return difference !== 0 ? difference : this.#compareKeys(this.#offsets[a], this.#offsets[b]);
  }

  #compareKeys(a: number, b: number): number {
    const bytes = this.#bytes;
    const n = Math.min(u32le(bytes, a), u32le(bytes, b));
    for (let i = RECORD_HEADER + this.#common; i < RECORD_HEADER + n; i++) {
      const difference = bytes[a + i] - bytes[b + i];
      if (difference !== 0) return difference;
    }
    return u32le(bytes, a) - u32le(bytes, b);
  }

  #head(at: number): number {
    const bytes = this.#bytes;
    const end = at + RECORD_HEADER + u32le(bytes, at);
    let head = 0;
    for (let i = 0, from = at + RECORD_HEADER + this.#common; i < 6; i++, from++) {
      head = head * 256 + (from < end ? bytes[from] : 0);
    }
    return head;
  }
}

/** Whether the keys of records are in order already, as they often are. */
function ascend(bytes: Uint8Array, offsets: Uint32Array): boolean {
  for (let i = 1; i < offsets.length; i++) {
    if (compareRecords(bytes, offsets[i - 1], bytes, offsets[i]) > 0) return false;
  }
  return true;
}

/** Compares the keys of two records, each in its buffer. */
export function compareRecords(a: Uint8Array, at: number, b: Uint8Array, bAt: number): number {
  const length = u32le(a, at);
  const bLength = u32le(b, bAt);
  const n = Math.min(length, bLength);
  for (let i = RECORD_HEADER; i < RECORD_HEADER + n; i++) {
    const difference = a[at + i] - b[bAt + i];
    if (difference !== 0) return difference;
  }
  return length - bLength;
}

/** How many bytes the keys of all records begin with alike. */
function commonLength(bytes: Uint8Array, offsets: Uint32Array): number {
  if (offsets.length === 0) return 0;
  const first = offsets[0];
  let common = u32le(bytes, first);
  for (const at of offsets) {
    const most = Math.min(common, u32le(bytes, at));
    let i = 0;
    while (i < most && bytes[first + RECORD_HEADER + i] === bytes[at + RECORD_HEADER + i]) i++;
    common = i;
  }
  return common;
}
