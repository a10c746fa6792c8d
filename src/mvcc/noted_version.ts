/** The latest of some versions. @module */

import { MAX_U64, u32be } from "../bytes/integers.ts";
import type { EntryBatch } from "../container/entry_batch.ts";
import type { EntryPlace } from "../container/entry_table.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";

/** A version of a key, without the key: that is read again where it is wanted. */
export class NotedVersion {
  /** The upper half of its commit timestamp. */
  high = 0;
  /** The lower half. */
  low = 0;
  /** A file that has it. */
  file = 0;
  #input = 0;
  #position = 0;
  #length = 0;

  /** Where the stored key lies, behind the 8 bytes of its length. */
  get place(): EntryPlace {
    return { input: this.#input, position: this.#position, length: this.#length };
  }

  /** Becomes entry `i` of a batch. */
  take({ bytes, ranges, positions, inputs }: EntryBatch, i: number): void {
    const end = ranges[i * 4 + 1];
    this.high = ~u32be(bytes, end - TIMESTAMP_LENGTH) >>> 0;
    this.low = ~u32be(bytes, end - 4) >>> 0;
    this.file = this.#input = inputs[i];
    this.#position = positions[i];
    this.#length = 8 + end - ranges[i * 4];
  }

  /** Becomes another one if that is later. */
  raise(other: NotedVersion): void {
    if (this.high > other.high || (this.high === other.high && this.low >= other.low)) return;
    this.high = other.high;
    this.low = other.low;
    this.file = other.file;
    this.#input = other.#input;
    this.#position = other.#position;
    this.#length = other.#length;
  }

  /** Whether it is none, or of the time 0. */
  get isNone(): boolean {
    return this.high === 0 && this.low === 0;
  }

  /** Becomes none. */
  clear(): void {
    this.high = this.low = 0;
  }

  /** Whether it is later than a time, or of the end of all times. */
  isAbove(time: bigint): boolean {
    const own = (BigInt(this.high) << 32n) | BigInt(this.low);
    return own > time || own === MAX_U64;
  }
}
