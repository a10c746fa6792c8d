/**
 * Sorted runs of records in a scratch file, merged. Of each run only a window is in memory, in which its
 * next key lies whole. A value that is longer than the window is read when its record's turn comes, so
 * that there is one such value at a time, however many runs have one.
 *
 * @module
 */

import { compareBytes } from "../bytes/compare.ts";
import { u32le } from "../bytes/integers.ts";
import { OutputError } from "../errors.ts";
import type { ScratchFile } from "./scratch.ts";
import { isPromise, type MaybePromise } from "./source.ts";
import type { SortedRecord, SortedRecords } from "./spill_sorter.ts";

/** Bytes before the key of a record: the lengths of key and value. */
export const RECORD_HEADER = 8;

const WINDOW_LENGTH = 32 << 10;
/** Bytes of all windows through which runs are merged: 4 MiB. */
const WINDOWS_LENGTH = 4 << 20;

/** Where a run lies in its file. */
export interface Run {
  readonly start: number;
  readonly end: number;
  /** Bytes of its longest key. */
  readonly longestKey: number;
}

/** Cuts runs into groups of neighbours that may be merged at once: two at least, but for a last one. */
export function mergeable(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  let length = Infinity;
  for (const run of runs) {
    const window = Math.max(WINDOW_LENGTH, RECORD_HEADER + run.longestKey);
    const last = groups.at(-1);
    if (last && (last.length < 2 || length + window <= WINDOWS_LENGTH)) {
      last.push(run);
      length += window;
    } else {
      groups.push([run]);
      length = window;
    }
  }
  return groups;
}

/** The records of some runs in ascending order; of equal keys, those of the first run first. */
export class MergedRuns implements SortedRecords {
  readonly #readers: RunReader[];
  /** A binary heap of the runs that have a record, least key and then first run on top. */
  #heap: number[] | undefined;
  /** Whether the record on top was handed out. */
  #isTaken = false;
  /** The value of the record that was handed out, if it is longer than its window. */
  #long = new Uint8Array(0);

  constructor(file: ScratchFile, runs: readonly Run[]) {
    this.#readers = runs.map((run) => new RunReader(file, run));
  }

  next(): MaybePromise<SortedRecord | undefined> {
    const heap = this.#heap;
    if (heap === undefined) return this.#start();
    if (heap.length === 0) return undefined;
    if (!this.#isTaken) return this.#take();
    const advanced = this.#readers[heap[0]].advance();
    return isPromise(advanced) ? advanced.then(() => this.#behind()) : this.#behind();
  }

  async #start(): Promise<SortedRecord | undefined> {
    for (const reader of this.#readers) await reader.advance();
    const heap = this.#heap = [...this.#readers.keys()].filter((i) => this.#readers[i].key);
    for (let i = heap.length >> 1; i >= 0; i--) this.#sink(i);
    return this.next();
  }

  /** Goes on when the run on top stands on another record, or at its end. */
  #behind(): MaybePromise<SortedRecord | undefined> {
    const heap = this.#heap!;
    this.#isTaken = false;
    if (this.#readers[heap[0]].key === undefined) {
      const last = heap.pop()!;
      if (heap.length === 0) return undefined;
      heap[0] = last;
    }
    this.#sink(0);
    return this.#take();
  }

  #take(): MaybePromise<SortedRecord> {
    const reader = this.#readers[this.#heap![0]];
    this.#isTaken = true;
    const value = reader.value((length) => this.#longBuffer(length));
    const record = (value: Uint8Array): SortedRecord => ({ key: reader.key!, value });
    return isPromise(value) ? value.then(record) : record(value);
  }

  #longBuffer(length: number): Uint8Array {
    if (length > WINDOWS_LENGTH) return new Uint8Array(length);
    if (length > this.#long.length) this.#long = new Uint8Array(length);
    return this.#long.subarray(0, length);
  }

  #before(a: number, b: number): boolean {
    return (compareBytes(this.#readers[a].key!, this.#readers[b].key!) || a - b) < 0;
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

/** One run, read through a window. */
class RunReader {
  /** Key of the record that it stands on; absent before the first and behind the last. */
  key: Uint8Array | undefined;
  readonly #file: ScratchFile;
  readonly #end: number;
  /** Offset in the file behind the window. */
  #position: number;
  #window = new Uint8Array(WINDOW_LENGTH);
  /** Bytes of the window that hold data. */
  #filled = 0;
  /** Where the record begins in the window, and its bytes. */
  #at = 0;
  #length = 0;

  constructor(file: ScratchFile, run: Run) {
    this.#file = file;
    this.#position = run.start;
    this.#end = run.end;
  }

  /** Goes to the next record. */
  advance(): MaybePromise<void> {
    const next = this.#at + this.#length;
    this.#position += Math.max(0, next - this.#filled);
    this.#at = Math.min(next, this.#filled);
    this.#length = 0;
    this.key = undefined;
    return this.#stand();
  }

  /**
   * The value of the record: a view of the window, or of what is given for one that is longer than it.
   *
   * @param longBuffer Gives so many bytes.
   */
  value(longBuffer: (length: number) => Uint8Array): MaybePromise<Uint8Array> {
    const start = this.#at + RECORD_HEADER + this.key!.length;
    const end = this.#at + this.#length;
    if (end <= this.#filled) return this.#window.subarray(start, end);
    const then = (): MaybePromise<Uint8Array> => this.value(longBuffer);
    if (this.#length > this.#window.length) return this.#longValue(start, longBuffer(end - start));
    const read = this.#fill(this.#length);
    return isPromise(read) ? read.then(then) : then();
  }

  #longValue(start: number, value: Uint8Array): MaybePromise<Uint8Array> {
    const there = this.#window.subarray(start, this.#filled);
    value.set(there);
    const read = this.#read(this.#position, value.subarray(there.length));
    return isPromise(read) ? read.then(() => value) : value;
  }

  /** Sees that the key of the record lies in the window. */
  #stand(): MaybePromise<void> {
    const held = this.#filled - this.#at;
    if (held === 0 && this.#position === this.#end) return;
    const keyStart = this.#at + RECORD_HEADER;
    const need = RECORD_HEADER + (held < RECORD_HEADER ? 0 : u32le(this.#window, this.#at));
    if (held >= RECORD_HEADER && held >= need) {
      this.#length = need + u32le(this.#window, this.#at + 4);
      this.key = this.#window.subarray(keyStart, this.#at + need);
      return;
    }
    const read = this.#fill(need);
    return isPromise(read) ? read.then(() => this.#stand()) : this.#stand();
  }

  /** Moves the record to the front of the window, which has at least so many bytes, and reads on. */
  #fill(need: number): MaybePromise<void> {
    const held = this.#window.subarray(this.#at, this.#filled);
    if (need > this.#window.length) this.#window = new Uint8Array(need);
    this.#window.set(held);
    const length = Math.min(this.#window.length - held.length, this.#end - this.#position);
    this.#at = 0;
    this.#filled = held.length + length;
    if (this.key) this.key = this.#window.subarray(RECORD_HEADER, RECORD_HEADER + this.key.length);
    const read = this.#read(this.#position, this.#window.subarray(held.length, this.#filled));
    this.#position += length;
    return read;
  }

  #read(offset: number, into: Uint8Array): MaybePromise<void> {
    const read = this.#file.read(offset, into);
    return isPromise(read) ? read.then((n) => this.#check(n, into)) : this.#check(read, into);
  }

  #check(read: number, { length }: Uint8Array): void {
    if (read === length) return;
    throw new OutputError("input-failed", "a scratch file was cut off while it was in use", {
      file: this.#file.name,
      hint: "leave the files of a running program alone",
    });
  }
}
