/**
 * The one sorter for everything that must come out in another order than it came in. Records are
 * kept in memory up to a limit, then written to a scratch file as sorted runs, which are merged.
 *
 * A record in the buffer and in a run: `keyLength u32LE ‖ valueLength u32LE ‖ key ‖ value`.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes } from "../bytes/compare.ts";
import { u32le } from "../bytes/integers.ts";
import { mergeable, MergedRuns, RECORD_HEADER, type Run } from "./merged_runs.ts";
import { appendHeader, RunWriter } from "./run_writer.ts";
import { RecordOffsets } from "./record_offsets.ts";
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

/** Appends a record in the form that {@link SpillSorter.addAll} takes. */
export function appendRecord(out: ByteBuilder, key: Uint8Array, value: Uint8Array): void {
  appendHeader(out, key, value).append(key).append(value);
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
  readonly #offsets = new RecordOffsets();
  #file: ScratchFile | undefined;
  #runs: Run[] = [];
  /** The last key of the last run. */
  #last: Uint8Array = new Uint8Array(0);
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
    appendRecord(this.#buffer, key, value);
    const held = this.#buffer.length + this.#offsets.length * OFFSET_COST;
    if (held >= this.#memory) return this.#writeRun();
  }

  /** Adds short records that lie one behind the other, as {@link appendRecord} writes them; copies them. */
  addAll(records: Uint8Array): MaybePromise<void> {
    const start = this.#buffer.length;
    for (let at = 0; at < records.length;) {
      this.#offsets.push(start + at);
      this.count++;
      at += RECORD_HEADER + u32le(records, at) + u32le(records, at + 4);
    }
    this.#buffer.append(records);
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
    this.#add(await run.finish(), key, key);
  }

  /** Adds a run to those that will be merged; to the last one, if it goes on from that. */
  #add(run: Run, first: Uint8Array, last: Uint8Array): void {
    const before = this.#runs.at(-1);
    if (before && compareBytes(this.#last, first) <= 0) {
      const longestKey = Math.max(before.longestKey, run.longestKey);
      this.#runs[this.#runs.length - 1] = { start: before.start, end: run.end, longestKey };
    } else this.#runs.push(run);
    this.#last = last.slice();
  }

  async #writeRun(): Promise<void> {
    if (this.#offsets.length === 0) return;
    const { bytes } = this.#buffer;
    const order = this.#offsets.sorted(bytes);
    const run = this.#begin();
    // Records that lie one behind the other are written at once.
    let start = order[0];
    let end = start;
    for (const at of order) {
      if (at !== end) {
        const added = run.addFrom(bytes, start, end);
        if (isPromise(added)) await added;
        start = at;
      }
      end = at + RECORD_HEADER + u32le(bytes, at) + u32le(bytes, at + 4);
      run.note(u32le(bytes, at));
    }
    const added = run.addFrom(bytes, start, end);
    if (isPromise(added)) await added;
    this.#add(await run.finish(), keyAt(bytes, order[0]), keyAt(bytes, order[order.length - 1]));
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

function keyAt(bytes: Uint8Array, at: number): Uint8Array {
  const start = at + RECORD_HEADER;
  return bytes.subarray(start, start + u32le(bytes, at));
}

/** The record that begins at `at`, and where the next one does. */
export function recordAt(bytes: Uint8Array, at: number): SortedRecord & { end: number } {
  const keyEnd = at + RECORD_HEADER + u32le(bytes, at);
  const end = keyEnd + u32le(bytes, at + 4);
  return {
    key: bytes.subarray(at + RECORD_HEADER, keyEnd),
    value: bytes.subarray(keyEnd, end),
    end,
  };
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
