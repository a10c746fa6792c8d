/**
 * The one sorter for everything that must come out in another order than it came in. Records are
 * kept in memory up to a limit, then written to a scratch file as sorted runs, which are merged.
 *
 * A record in the buffer and in a run: `keyLength u32LE ‖ valueLength u32LE ‖ key ‖ value`.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { u32le } from "../bytes/integers.ts";
import { mergeable, MergedRuns, RECORD_HEADER, type Run } from "./merged_runs.ts";
import { appendHeader, RunWriter } from "./run_writer.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";
import { isPromise, type MaybePromise } from "./source.ts";

/** A record in sorted order; valid until the next one is asked for. */
export interface SortedRecord {
  key: Uint8Array;
  value: Uint8Array;
}

/** Records in ascending order of their keys. */
export interface SortedRecords {
  /** The next record, or `undefined` at the end. */
  next(): MaybePromise<SortedRecord | undefined>;
}

/** Bytes that a sorter holds before it writes a run: 8 MiB. */
const SORTER_MEMORY = 8 << 20;

/** Four numbers of 4 bytes and one of 8 a record, and what doubling leaves unused. */
const OFFSET_COST = 32;

/** Sorts records by the bytes of their keys; records with equal keys keep the order of adding. */
export class SpillSorter {
  readonly #scratch: Scratch;
  readonly #memory: number;
  readonly #buffer = new ByteBuilder(1 << 16);
  readonly #offsets = new Offsets();
  #file: ScratchFile | undefined;
  #runs: Run[] = [];
  /** Records added. */
  count = 0;

  /**
   * Nothing is in it yet.
   *
   * @param scratch For what does not fit in memory; it may be {@link stoppable}.
   * @param memory Bytes to hold before a run is written.
   */
  constructor(scratch: Scratch, memory: number = SORTER_MEMORY) {
    this.#scratch = scratch;
    this.#memory = memory;
  }

  /** Adds a record; both parts are copied when it is done. */
  add(key: Uint8Array, value: Uint8Array): MaybePromise<void> {
    this.count++;
    if (RECORD_HEADER + key.length + value.length >= this.#memory) return this.#addLong(key, value);
    this.#offsets.push(this.#buffer.length);
    appendHeader(this.#buffer, key, value).append(key).append(value);
    const held = this.#buffer.length + this.#offsets.length * OFFSET_COST;
    if (held >= this.#memory) return this.#writeRun();
  }

  /** Ends adding and gives the records in order. */
  async sorted(): Promise<SortedRecords> {
    if (this.#runs.length === 0) {
      return new BufferedRecords(this.#buffer.bytes, this.#offsets.sorted(this.#buffer.bytes));
    }
    await this.#writeRun();
    this.#buffer.bytes = new Uint8Array(0);
    for (;;) {
      const groups = mergeable(this.#runs);
      if (groups.length === 1) return new MergedRuns(this.#file!, this.#runs);
      this.#runs = [];
      for (const runs of groups) {
        if (runs.length === 1) this.#runs.push(runs[0]);
        else await this.#merge(new MergedRuns(this.#file!, runs));
      }
    }
  }

  /** Deletes what is in the scratch file. */
  close(): void {
    this.#file?.close();
  }

  /** A record that fills the memory alone is a run of its own, and is not copied. */
  async #addLong(key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.#writeRun();
    const run = this.#begin();
    await run.add(key, value);
    this.#runs.push(await run.finish());
  }

  async #writeRun(): Promise<void> {
    if (this.#offsets.length === 0) return;
    const { bytes } = this.#buffer;
    const run = this.#begin();
    for (const at of this.#offsets.sorted(bytes)) {
      const end = at + RECORD_HEADER + u32le(bytes, at) + u32le(bytes, at + 4);
      const added = run.addFrom(bytes, at, end);
      if (isPromise(added)) await added;
    }
    this.#runs.push(await run.finish());
    this.#buffer.clear();
    this.#offsets.length = 0;
  }

  /** Makes one run of several, so that the number of open runs stays bounded. */
  async #merge(merged: MergedRuns): Promise<void> {
    const run = this.#begin();
    for (;;) {
      const next = merged.next();
      const record = isPromise(next) ? await next : next;
      if (record === undefined) break;
      const added = run.add(record.key, record.value);
      if (isPromise(added)) await added;
    }
    this.#runs.push(await run.finish());
  }

  #begin(): RunWriter {
    return new RunWriter(this.#file ??= this.#scratch.create());
  }
}

function recordAt(bytes: Uint8Array, at: number): SortedRecord {
  const keyEnd = at + RECORD_HEADER + u32le(bytes, at);
  return {
    key: bytes.subarray(at + RECORD_HEADER, keyEnd),
    value: bytes.subarray(keyEnd, keyEnd + u32le(bytes, at + 4)),
  };
}

/** Where the records of a buffer begin. The arrays are kept from one run to the next. */
class Offsets {
  length = 0;
  #offsets = new Uint32Array(1024);

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
    this.#heads = Float64Array.from(offsets, (at) => this.#head(at));
    this.#order = Uint32Array.from(offsets, (_, i) => i);
    this.#other = new Uint32Array(offsets.length);
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

class BufferedRecords implements SortedRecords {
  readonly #bytes: Uint8Array;
  readonly #order: Uint32Array;
  #next = 0;

  constructor(bytes: Uint8Array, order: Uint32Array) {
    this.#bytes = bytes;
    this.#order = order;
  }

  next(): SortedRecord | undefined {
    return this.#next < this.#order.length
      ? recordAt(this.#bytes, this.#order[this.#next++])
      : undefined;
  }
}
