/** Where the data blocks of a bundle lie, in the file and in the stream. @module */

import type { Handle } from "./block.ts";

/** Grows by doubling; 20 bytes a block. */
export class BlockTable {
  #count = 0;
  /** Offset in the stream of each block's first entry. */
  #starts = new Float64Array(64);
  /** Offset in the file of each block. */
  #offsets = new Float64Array(64);
  /** Stored length of each block. */
  #lengths = new Uint32Array(64);

  /** Adds the next block; `start` is above those of all before it. */
  add(start: number, { offset, length }: Handle): number {
    const number = this.#count++;
    if (number === this.#starts.length) {
      this.#starts = doubled(this.#starts, Float64Array);
      this.#offsets = doubled(this.#offsets, Float64Array);
      this.#lengths = doubled(this.#lengths, Uint32Array);
    }
    this.#starts[number] = start;
    this.#offsets[number] = offset;
    this.#lengths[number] = length;
    return number;
  }

  /** Number of the block that holds offset `at` of the stream; −1 before the first. */
  find(at: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Offset in the stream of a block's first entry. */
  start(number: number): number {
    return this.#starts[number];
  }

  /** Where a block lies in the file. */
  handle(number: number): Handle {
    return { offset: this.#offsets[number], length: this.#lengths[number] };
  }
}

function doubled<T extends Float64Array | Uint32Array>(
  from: T,
  Kind: new (length: number) => T,
): T {
  const to = new Kind(from.length * 2);
  to.set(from);
  return to;
}
