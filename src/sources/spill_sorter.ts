/**
 * The one sorter for everything that must come out in another order than it came in. Records are
 * kept in memory up to a limit, then written to a scratch file as sorted runs, which are merged.
 *
 * A record in the buffer and in a run: `keyLength u32LE ‖ valueLength u32LE ‖ key ‖ value`.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { putU32le, u32le } from "../bytes/integers.ts";
import { isPromise, type MaybePromise } from "./source.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";

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
export const SORTER_MEMORY: number = 8 << 20;

const HEADER = 8;
/** Four numbers of 4 bytes and one of 8 a record, and what doubling leaves unused. */
const OFFSET_COST = 32;
/** Runs that are merged at once, each through up to two buffers; more are merged to longer runs first. */
const FAN_IN = 64;
const READ_LENGTH = 32 << 10;

interface Run {
  start: number;
  end: number;
}

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

  /** @param memory Bytes to hold before a run is written. */
  constructor(scratch: Scratch, memory: number = SORTER_MEMORY) {
    this.#scratch = scratch;
    this.#memory = memory;
  }

  /** Adds a record; both parts are copied. */
  add(key: Uint8Array, value: Uint8Array): MaybePromise<void> {
    this.count++;
    this.#offsets.push(this.#buffer.length);
    appendRecord(this.#buffer, key, value);
    const held = this.#buffer.length + this.#offsets.length * OFFSET_COST;
    if (held >= this.#memory) return this.#writeRun();
  }

  /** Ends adding and gives the records in order. */
  async sorted(): Promise<SortedRecords> {
    if (this.#runs.length === 0) {
      return new BufferedRecords(this.#buffer.bytes, this.#offsets.sorted(this.#buffer.bytes));
    }
    if (this.#offsets.length > 0) await this.#writeRun();
    this.#buffer.bytes = new Uint8Array(0);
    while (this.#runs.length > FAN_IN) await this.#mergeRuns();
    return new MergedRuns(this.#file!, this.#runs);
  }

  /** Deletes what is in the scratch file. */
  close(): void {
    this.#file?.close();
  }

  async #writeRun(): Promise<void> {
    const { bytes } = this.#buffer;
    const order = this.#offsets.sorted(bytes);
    await this.#append(async (write) => {
      for (const at of order) {
        const written = write(bytes, at, at + HEADER + u32le(bytes, at) + u32le(bytes, at + 4));
        if (written) await written;
      }
    });
    this.#buffer.clear();
    this.#offsets.length = 0;
  }

  /** Merges neighbouring runs, each record once, so that the number of open runs stays bounded. */
  async #mergeRuns(): Promise<void> {
    const runs = this.#runs;
    this.#runs = [];
    for (let i = 0; i < runs.length; i += FAN_IN) {
      await this.#merge(new MergedRuns(this.#file!, runs.slice(i, i + FAN_IN)));
    }
  }

  async #merge(merged: MergedRuns): Promise<void> {
    const record = new ByteBuilder();
    await this.#append(async (write) => {
      for (;;) {
        const next = merged.next();
        const found = isPromise(next) ? await next : next;
        if (found === undefined) return;
        appendRecord(record.clear(), found.key, found.value);
        const written = write(record.bytes, 0, record.length);
        if (written) await written;
      }
    });
  }

  async #append(
    fill: (
      write: (bytes: Uint8Array, start: number, end: number) => MaybePromise<void>,
    ) => Promise<void>,
  ): Promise<void> {
    const file = this.#file ??= this.#scratch.create();
    const start = file.size;
    const block = new ByteBuilder(READ_LENGTH);
    await fill((bytes, from, to) => {
      block.append(bytes, from, to);
      if (block.length < READ_LENGTH) return;
      const appended = file.append(block.view());
      if (!isPromise(appended)) return void block.clear();
      return appended.then(() => void block.clear());
    });
    await file.append(block.view());
    this.#runs.push({ start, end: file.size });
  }
}

function appendRecord(out: ByteBuilder, key: Uint8Array, value: Uint8Array): void {
  out.reserve(HEADER);
  putU32le(out.bytes, out.length, key.length);
  putU32le(out.bytes, out.length + 4, value.length);
  out.length += HEADER;
  out.append(key).append(value);
}

function recordAt(bytes: Uint8Array, at: number): SortedRecord {
  const keyEnd = at + HEADER + u32le(bytes, at);
  return {
    key: bytes.subarray(at + HEADER, keyEnd),
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
    for (let i = HEADER + this.#common; i < HEADER + n; i++) {
      const difference = bytes[a + i] - bytes[b + i];
      if (difference !== 0) return difference;
    }
    return u32le(bytes, a) - u32le(bytes, b);
  }

  #head(at: number): number {
    const bytes = this.#bytes;
    const end = at + HEADER + u32le(bytes, at);
    let head = 0;
    for (let i = 0, from = at + HEADER + this.#common; i < 6; i++, from++) {
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
    while (i < most && bytes[first + HEADER + i] === bytes[at + HEADER + i]) i++;
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

/** One run, read through a buffer of its own. */
class RunReader {
  readonly #file: ScratchFile;
  #position: number;
  readonly #end: number;
  #bytes = new Uint8Array(READ_LENGTH);
  #spare = new Uint8Array(0);
  #at = 0;
  #filled = 0;
  current: SortedRecord | undefined;

  constructor(file: ScratchFile, run: Run) {
    this.#file = file;
    this.#position = run.start;
    this.#end = run.end;
  }

  advance(): MaybePromise<void> {
    const held = this.#filled - this.#at;
    const need = held < HEADER
      ? HEADER
      : HEADER + u32le(this.#bytes, this.#at) + u32le(this.#bytes, this.#at + 4);
    if (held >= HEADER && held >= need) {
      this.current = recordAt(this.#bytes, this.#at);
      this.#at += need;
      return;
    }
    if (this.#position === this.#end) {
      this.current = undefined;
      return;
    }
    const rest = this.#bytes.subarray(this.#at, this.#filled);
    const bytes = this.#unused(need);
    bytes.set(rest);
    if (bytes !== this.#bytes) this.#spare = this.#bytes;
    this.#bytes = bytes;
    const wanted = Math.min(bytes.length - held, this.#end - this.#position);
    const read = this.#file.read(this.#position, bytes.subarray(held, held + wanted));
    const took = (n: number): MaybePromise<void> => {
      this.#at = 0;
      this.#filled = held + n;
      this.#position += n;
      return this.advance();
    };
    return isPromise(read) ? read.then(took) : took(read);
  }

  /** One of two buffers: the one that the record handed out last does not point into. */
  #unused(need: number): Uint8Array<ArrayBuffer> {
    const live = this.current?.key.buffer;
    const isUnused = (b: Uint8Array): boolean => b.buffer !== live && b.length >= need;
    if (isUnused(this.#bytes)) return this.#bytes;
    return isUnused(this.#spare) ? this.#spare : new Uint8Array(Math.max(READ_LENGTH, need));
  }
}

class MergedRuns implements SortedRecords {
  readonly #readers: RunReader[];
  /** A binary heap of the runs that have a record, least key and then oldest run on top. */
  #heap: number[] | undefined;

  constructor(file: ScratchFile, runs: Run[]) {
    this.#readers = runs.map((run) => new RunReader(file, run));
  }

  next(): MaybePromise<SortedRecord | undefined> {
    if (this.#heap === undefined) return this.#start();
    const heap = this.#heap;
    if (heap.length === 0) return undefined;
    const top = this.#readers[heap[0]];
    const record = top.current!;
    const advanced = top.advance();
    const settle = (): SortedRecord => {
      if (top.current === undefined) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      this.#sink(0);
      return record;
    };
    return isPromise(advanced) ? advanced.then(settle) : settle();
  }

  async #start(): Promise<SortedRecord | undefined> {
    for (const reader of this.#readers) await reader.advance();
    this.#heap = this.#readers.map((_, i) => i);
    for (let i = this.#heap.length >> 1; i >= 0; i--) this.#sink(i);
    return this.next();
  }

  #before(a: number, b: number): boolean {
    const x = this.#readers[a].current!.key;
    const y = this.#readers[b].current!.key;
    const n = Math.min(x.length, y.length);
    for (let i = 0; i < n; i++) if (x[i] !== y[i]) return x[i] < y[i];
    return x.length !== y.length ? x.length < y.length : a < b;
  }

  #sink(i: number): void {
    const heap = this.#heap!;
    for (;;) {
      let least = i;
      const left = 2 * i + 1;
      if (left < heap.length && this.#before(heap[left], heap[least])) least = left;
      if (left + 1 < heap.length && this.#before(heap[left + 1], heap[least])) least = left + 1;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  }
}
