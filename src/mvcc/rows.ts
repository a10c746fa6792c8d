/**
 * The live rows at one time: scanned by range in stored order, or asked for one key, as often as
 * wanted. Nothing is kept between two scans.
 *
 * @module
 */

import { compareBytes, startsWith, successor } from "../bytes/compare.ts";
import { putU64be, u64be, u64le } from "../bytes/integers.ts";
import type { EntryBatch } from "../container/entry_batch.ts";
import { type EntryTable, readEntries } from "../container/entry_table.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import { pause } from "../sources/pause.ts";
import { isPromise, readAt } from "../sources/source.ts";
import { behindRange, isInRange, type KeyRange } from "./key_range.ts";
import type { Opener } from "./opener.ts";
import {
  isEncrypted,
  isTimeless,
  Resolver,
  TIMESTAMP_LENGTH,
  VALUE_HEADER_LENGTH,
  Verdict,
} from "./resolver.ts";
import type { Row, RowBatch, RowHandle } from "./row_batch.ts";

/** One stored version of a key. */
export interface Version {
  /** When it was committed. */
  commitTs: bigint;
  /** When it expires; 0 = never. */
  expireAt: bigint;
  /** Its clear body; absent for a tombstone. */
  value?: Uint8Array;
}

/** How rows are scanned. */
export interface ScanOptions {
  /** `false`: values are not decrypted and must not be looked at. */
  values?: boolean;
  /** Called for a row that cannot be given; without it the first one is thrown. */
  onUnsound?: (error: UnsoundError) => void;
  /** Called for a row that is encrypted and has no key; without it the first one is thrown. */
  onEncrypted?: () => void;
  /** Stops the walk when it fires. */
  signal?: AbortSignal;
}

const LOOKUP_BUFFER = 64 << 10;

/** Live rows at one time, over one or several tables. */
export class Rows {
  readonly #tables: readonly EntryTable[];
  readonly #readTime: bigint;
  readonly #now: bigint;
  readonly #opener: Opener;

  /**
   * Over tables that have been read once.
   *
   * @param readTime Versions committed after it are not looked at.
   * @param now The time that expiry is compared with.
   */
  constructor(tables: readonly EntryTable[], readTime: bigint, now: bigint, opener: Opener) {
    this.#tables = tables;
    this.#readTime = readTime;
    this.#now = now;
    this.#opener = opener;
  }

  /** Name of an input, for messages. */
  nameOf(input: number): string {
    return this.#tables[input].name;
  }

  /** Walks the live rows of a range of user keys, in stored order. */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<RowBatch> {
    const behind = behindRange(range);
    const entries = readEntries(this.#tables, range.from, behind);
    const resolver = new Resolver(this.#readTime, this.#now);
    let selection: Selection | undefined;
    for (;;) {
      await pause(options.signal);
      const next = entries.next();
      const batch = isPromise(next) ? await next : next;
      if (!batch) return;
      const from = firstAtOrAbove(batch, range.from);
      const to = behind ? firstAtOrAbove(batch, behind) : batch.count;
      resolver.resolve(batch, from, to);
      selection ??= new Selection(
        batch.positions.length,
        this.#tables,
        this.#opener,
        range,
        options,
      );
      if (selection.take(batch, from, to, resolver.verdicts)) yield selection;
      if (to < batch.count) return;
    }
  }

  /** The live row of one user key. */
  async get(key: Uint8Array): Promise<Row | undefined> {
    const time = isTimeless(key, 0, key.length) ? MAX_TIME : this.#readTime;
    for await (const { batch, i, verdict } of this.#versions(key, time)) {
      if (verdict === Verdict.SUPERSEDED || verdict === Verdict.LATER) continue;
      if (verdict !== Verdict.LIVE) return undefined;
      return { key, ...this.#version(batch, i), value: this.#open(batch, i).slice() };
    }
    return undefined;
  }

  /** All stored versions of one user key, newest first. */
  async history(key: Uint8Array): Promise<Version[]> {
    const versions: Version[] = [];
    for await (const { batch, i } of this.#versions(key, MAX_TIME)) {
      const tombstone = batch.bytes[batch.ranges[i * 4 + 2]] & 1;
      versions.push({
        ...this.#version(batch, i),
        ...(tombstone ? {} : { value: this.#open(batch, i).slice() }),
      });
    }
    return versions;
  }

  /** Reads one row again, by its handle. */
  async read({ input, position, length }: RowHandle): Promise<Row> {
    const { stream } = this.#tables[input];
    const bytes = await readAt(stream, position, length);
    const keyEnd = 8 + Number(u64le(bytes, 0));
    const batch: EntryBatch = {
      bytes,
      count: 1,
      ranges: Uint32Array.of(8, keyEnd, keyEnd + 8, length),
      positions: Float64Array.of(position),
      inputs: Uint16Array.of(input),
    };
    return {
      key: bytes.subarray(8, keyEnd - TIMESTAMP_LENGTH),
      ...this.#version(batch, 0),
      value: this.#open(batch, 0),
    };
  }

  /** The sound versions of one key from a time on back, newest first. */
  async *#versions(
    key: Uint8Array,
    from: bigint,
  ): AsyncGenerator<{ batch: EntryBatch; i: number; verdict: number }> {
    const length = key.length + TIMESTAMP_LENGTH;
    const first = new Uint8Array(length);
    first.set(key);
    putU64be(first, key.length, ~from);
    const last = first.slice();
    last.fill(0xff, key.length);
    const entries = readEntries(this.#tables, first, successor(last), LOOKUP_BUFFER);
    const resolver = new Resolver(from, this.#now);
    for (;;) {
      const next = entries.next();
      const batch = isPromise(next) ? await next : next;
      if (!batch) return;
      const start = firstAtOrAbove(batch, first);
      resolver.resolve(batch, start);
      for (let i = start; i < batch.count; i++) {
        const stored = batch.bytes.subarray(batch.ranges[i * 4], batch.ranges[i * 4 + 1]);
        if (compareBytes(stored, last) > 0) return;
        const verdict = resolver.verdicts[i];
        if (stored.length === length && startsWith(stored, key) && verdict !== Verdict.UNSOUND) {
          yield { batch, i, verdict };
        }
      }
    }
  }

  #version({ bytes, ranges }: EntryBatch, i: number): { commitTs: bigint; expireAt: bigint } {
    return {
      commitTs: BigInt.asUintN(64, ~u64be(bytes, ranges[i * 4 + 1] - TIMESTAMP_LENGTH)),
      expireAt: u64le(bytes, ranges[i * 4 + 2] + 1),
    };
  }

  /** The clear body, possibly a view of the batch. */
  #open({ bytes, ranges, inputs, positions }: EntryBatch, i: number): Uint8Array {
    const r = i * 4;
    const { name, derived } = this.#tables[inputs[i]];
    const clear = derived
      ? undefined
      : this.#opener.open(bytes, ranges[r], ranges[r + 1], ranges[r + 2], ranges[r + 3], {
        file: name,
        offset: positions[i],
      });
    return clear ?? bytes.subarray(ranges[r + 2] + VALUE_HEADER_LENGTH, ranges[r + 3]);
  }
}

const MAX_TIME = 0xffff_ffff_ffff_ffffn;

/** Index of the first entry whose stored key is at or above `key`. */
function firstAtOrAbove(batch: EntryBatch, key: Uint8Array): number {
  let low = 0;
  let high = batch.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = batch.ranges[middle * 4];
    const end = batch.ranges[middle * 4 + 1];
    if (compareBytes(batch.bytes.subarray(start, end), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The live rows of an entry batch, in the same buffer. Clear bodies overwrite encrypted ones. */
class Selection implements RowBatch {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly ranges: Uint32Array;
  readonly positions: Float64Array;
  readonly lengths: Uint32Array;
  readonly inputs: Uint16Array;
  readonly #tables: readonly EntryTable[];
  readonly #opener: Opener;
  readonly #range: KeyRange;
  readonly #options: ScanOptions;

  /** @param capacity Most entries of a batch. */
  constructor(
    capacity: number,
    tables: readonly EntryTable[],
    opener: Opener,
    range: KeyRange,
    options: ScanOptions,
  ) {
    this.ranges = new Uint32Array(capacity * 4);
    this.positions = new Float64Array(capacity);
    this.lengths = new Uint32Array(capacity);
    this.inputs = new Uint16Array(capacity);
    this.#tables = tables;
    this.#opener = opener;
    this.#range = range;
    this.#options = options;
  }

  /** Takes the live rows among `[from, to)`; returns whether there are any. */
  take(batch: EntryBatch, from: number, to: number, verdicts: Uint8Array): boolean {
    const { bytes, ranges } = batch;
    this.bytes = bytes;
    this.count = 0;
    for (let i = from; i < to; i++) {
      if (verdicts[i] !== Verdict.LIVE) continue;
      const r = i * 4;
      const keyEnd = ranges[r + 1] - TIMESTAMP_LENGTH;
      if (!isInRange(this.#range, bytes, ranges[r], keyEnd)) continue;
      const body = ranges[r + 2] + VALUE_HEADER_LENGTH;
      let bodyEnd = ranges[r + 3];
      if (this.#options.values !== false) {
        const clear = this.#open(batch, i);
        if (clear === null) continue;
        if (clear !== undefined) {
          bytes.set(clear, body);
          bodyEnd = body + clear.length;
        }
      }
      const to4 = this.count * 4;
      this.ranges[to4] = ranges[r];
      this.ranges[to4 + 1] = keyEnd;
      this.ranges[to4 + 2] = body;
      this.ranges[to4 + 3] = bodyEnd;
      this.positions[this.count] = batch.positions[i];
      this.lengths[this.count] = 16 + ranges[r + 1] - ranges[r] + ranges[r + 3] - ranges[r + 2];
      this.inputs[this.count++] = batch.inputs[i];
    }
    return this.count > 0;
  }

  /** The clear body if it is another than the stored one; `null` for a row that cannot be given. */
  #open(batch: EntryBatch, i: number): Uint8Array | undefined | null {
    const { bytes, ranges } = batch;
    const r = i * 4;
    if (this.#opener.trusts(isEncrypted(bytes, ranges[r + 2]))) return undefined;
    const { name, derived } = this.#tables[batch.inputs[i]];
    if (derived) return undefined;
    try {
      return this.#opener.open(bytes, ranges[r], ranges[r + 1], ranges[r + 2], ranges[r + 3], {
        file: name,
        offset: batch.positions[i],
      });
    } catch (error) {
      const { onUnsound, onEncrypted } = this.#options;
      if (error instanceof UnsoundError && onUnsound) onUnsound(error);
      else if (error instanceof UnsupportedError && onEncrypted) onEncrypted();
      else throw error;
      return null;
    }
  }
}
