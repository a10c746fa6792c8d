/**
 * The live rows at one time: scanned by range in stored order, or asked for one key, as often as
 * wanted. Nothing is kept between two scans.
 *
 * @module
 */

import { compareBytes } from "../bytes/compare.ts";
import { MAX_U64, u64be, u64le } from "../bytes/integers.ts";
import { type EntryBatch, firstAtOrAbove, nextBatch } from "../container/entry_batch.ts";
import type { EntryTable, Origin } from "../container/entry_table.ts";
import { UnsoundError, UnsupportedError, UsageError } from "../errors.ts";
import { pause } from "../sources/pause.ts";
import { defectOf } from "./entry_defects.ts";
import { isBelow, type KeyRange, prefixesOfEnd } from "./key_range.ts";
import { KeyWalk, versionsOf } from "./key_walk.ts";
import type { Opener } from "./opener.ts";
import { PrefixKeys } from "./prefix_keys.ts";
import {
  isEncrypted,
  isMalformed,
  isTimeless,
  type Proof,
  Resolver,
  TIMESTAMP_LENGTH,
  TOMBSTONE,
  VALUE_HEADER_LENGTH,
  Verdict,
} from "./resolver.ts";
import type { Row, RowBatch, RowHandle } from "./row_batch.ts";
import type { Times } from "./times.ts";

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
  /**
   * `false`: values are not decrypted and must not be looked at. Keys of which nobody knows whether
   * they have a value come, too.
   */
  values?: boolean;
  /** Called for a row that cannot be given; without it the first one is thrown. */
  onUnsound?: (error: UnsoundError) => void;
  /** Called for a row that is encrypted and has no key; without it the first one is thrown. */
  onEncrypted?: () => void;
  /** Stops the walk when it fires. */
  signal?: AbortSignal;
}

/** How a lookup is done. */
export interface LookupOptions {
  /** Stops it when it fires. */
  signal?: AbortSignal;
}

/** How the versions of a key are looked up. */
export interface HistoryOptions extends LookupOptions {
  /** Called for a version that cannot be given; without it the first one is thrown. */
  onUnsound?: (error: UnsoundError) => void;
}

/** The times at which rows are read. */
export interface ReadTimes {
  /** Versions committed after it are not looked at. */
  readonly at: bigint;
  /** The time that expiry is compared with. */
  readonly now: bigint;
  /** The times that versions have. */
  readonly stored: Times;
}

/** Live rows at one time. */
export class Rows {
  readonly #table: EntryTable;
  readonly #times: ReadTimes;
  readonly #opener: Opener;
  readonly #proof: Proof;
  #isOpen = true;

  /**
   * Over a table that has been read once.
   *
   * @param proof What tells how much of an entry may be believed.
   */
  constructor(table: EntryTable, times: ReadTimes, opener: Opener, proof: Proof) {
    this.#table = table;
    this.#times = times;
    this.#opener = opener;
    this.#proof = proof;
  }

  /**
   * The live rows at an earlier time, as far as their versions are retained. Transactions are those that
   * were decided when the snapshot was opened.
   *
   * @param ts A commit timestamp.
   */
  before(ts: bigint): Rows {
    const times = { ...this.#times, at: ts, now: ts };
    return new Rows(this.#table, times, this.#opener, this.#proof);
  }

  /** Ends all use: what is asked for afterwards is refused. */
  protected end(): void {
    this.#isOpen = false;
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new UsageError("the snapshot was closed");
  }

  /** Name of an input, for messages. */
  nameOf(input: number): string {
    return this.#table.origins[input].name;
  }

  /** Walks the live rows of a range of user keys, in stored order. */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<RowBatch> {
    const selection = new Selection(this.#table.origins, this.#opener, options);
    for await (const resolved of this.versions(range, options)) {
      if (selection.take(resolved)) yield selection;
    }
  }

  /** Walks all versions of a range of user keys, in stored order, and says what each is. */
  async *versions(
    range: KeyRange,
    { signal }: LookupOptions = {},
  ): AsyncGenerator<ResolvedEntries> {
    this.#checkOpen();
    const { at, now, stored } = this.#times;
    const resolver = new Resolver(at, now, this.#proof);
    const { from, to } = range;
    if (to && compareBytes(from, to) >= 0) return;

    const entries = this.#table.walk(range);
    for (;;) {
      const batch = await nextBatch(entries, signal);
      if (!batch) break;
      const first = firstAtOrAbove(batch, from);
      const end = to ? firstAtOrAbove(batch, to, first) : batch.count;
      resolver.resolve(batch, first, end);
      yield {
        batch,
        from: first,
        to: end,
        verdicts: resolver.verdicts,
        isWanted: (start, keyEnd) => !isBelow(range, batch.bytes, start, keyEnd),
      };
      if (end < batch.count) break;
    }

    const beyond = prefixesOfEnd(range);
    if (!to || !beyond) return;
    const keys = new PrefixKeys(to, ...beyond, stored);
    const walk = new KeyWalk(this.#table, keys, to, signal);
    for (let batch = await walk.next(); batch; batch = await walk.next()) {
      resolver.resolve(batch, walk.from);
      const { bytes, count } = batch;
      yield {
        batch,
        from: walk.from,
        to: count,
        verdicts: resolver.verdicts,
        isWanted: (start, keyEnd) => keys.has(bytes, start, keyEnd),
      };
    }
  }

  /**
   * The live row of one user key.
   *
   * @throws {UnsoundError} when nobody knows what it is, because the version that decides is malformed or
   *   does not authenticate.
   */
  async get(key: Uint8Array, { signal }: LookupOptions = {}): Promise<Row | undefined> {
    const { at } = this.#times;
    for await (const { batch, i, verdict } of this.#versions(key, at, signal)) {
      if (verdict === Verdict.LATER) continue;
      if (verdict === Verdict.UNSOUND) {
        if (this.#isLater(batch, i)) continue;
        throw this.#defectOf(batch, i);
      }
      if (verdict !== Verdict.LIVE && verdict !== Verdict.UNDECIDED) return undefined;
      return { key, ...this.#version(batch, i), value: this.#open(batch, i).slice() };
    }
    return undefined;
  }

  /**
   * The stored versions of one user key, newest first, read as they are asked for.
   *
   * @throws {UnsoundError} when one is malformed or does not authenticate, unless that is to be told.
   */
  async *history(
    key: Uint8Array,
    { onUnsound, signal }: HistoryOptions = {},
  ): AsyncGenerator<Version> {
    for await (const { batch, i, verdict } of this.#versions(key, MAX_U64, signal)) {
      let version: Version;
      try {
        if (isMalformed(batch, i)) throw this.#defectOf(batch, i);
        const isGenuine = verdict !== Verdict.UNSOUND && verdict !== Verdict.UNDECIDED;
        const isTombstone = isGenuine && (batch.bytes[batch.ranges[i * 4 + 2]] & TOMBSTONE) !== 0;
        version = {
          ...this.#version(batch, i),
          ...(isTombstone ? {} : { value: this.#open(batch, i).slice() }),
        };
      } catch (error) {
        if (!(error instanceof UnsoundError) || !onUnsound) throw error;
        onUnsound(error);
        continue;
      }
      yield version;
    }
  }

  /** Reads one row again, by its handle. */
  async read(handle: RowHandle, { signal }: LookupOptions = {}): Promise<Row> {
    this.#checkOpen();
    const { input, position, length } = handle;
    const turn = pause(signal);
    if (turn) await turn;
    const bytes = await this.#table.readFrame(handle);
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

  /** The versions of one key that count at a time, and maybe later ones, newest first. */
  async *#versions(
    key: Uint8Array,
    time: bigint,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ batch: EntryBatch; i: number; verdict: number }> {
    this.#checkOpen();
    const { now, stored } = this.#times;
    const resolver = new Resolver(time, now, this.#proof);
    const latest = this.#proof.mayFail || time > stored.latest ? stored.latest : time;
    const times = { earliest: stored.earliest, latest };
    for await (const { batch, i } of versionsOf(this.#table, key, times, signal)) {
      const verdict = resolver.decide(batch, i);
      // The last eight bytes of a row of the store's own are no time.
      if (verdict !== Verdict.SYSTEM) yield { batch, i, verdict };
    }
  }

  /** Whether an unsound version is of a time that is not looked at, and that can be believed. */
  #isLater({ bytes, ranges }: EntryBatch, i: number): boolean {
    const [start, end] = ranges.subarray(i * 4, i * 4 + 2);
    const suffix = end - TIMESTAMP_LENGTH;
    return !this.#proof.mayFail && !isTimeless(bytes, start, suffix) &&
      BigInt.asUintN(64, ~u64be(bytes, suffix)) > this.#times.at;
  }

  #defectOf(batch: EntryBatch, i: number): UnsoundError {
    return defectOf(batch, i, this.nameOf(batch.inputs[i]))!;
  }

  #version({ bytes, ranges }: EntryBatch, i: number): { commitTs: bigint; expireAt: bigint } {
    return {
      commitTs: BigInt.asUintN(64, ~u64be(bytes, ranges[i * 4 + 1] - TIMESTAMP_LENGTH)),
      expireAt: u64le(bytes, ranges[i * 4 + 2] + 1),
    };
  }

  /** The clear body, possibly a view of the batch. */
  #open(batch: EntryBatch, i: number): Uint8Array {
    return this.#opener.open(batch, i, this.nameOf(batch.inputs[i]));
  }
}

/** Some entries of a batch, and what each of them is. Valid until the next ones are asked for. */
export interface ResolvedEntries {
  readonly batch: EntryBatch;
  /** The first entry that counts. */
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
  /** The {@link Verdict} of each entry of the batch that counts. */
  readonly verdicts: Uint8Array;
  /** Whether a user key is of the range: among the entries that count, there can be others. */
  isWanted(keyStart: number, keyEnd: number): boolean;
}

/** The live rows of an entry batch, in the same buffer. Clear bodies overwrite encrypted ones. */
class Selection implements RowBatch {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  ranges: Uint32Array = new Uint32Array(0);
  positions: Float64Array = new Float64Array(0);
  lengths: Uint32Array = new Uint32Array(0);
  inputs: Uint16Array = new Uint16Array(0);
  readonly #origins: readonly Origin[];
  readonly #opener: Opener;
  readonly #options: ScanOptions;

  constructor(origins: readonly Origin[], opener: Opener, options: ScanOptions) {
    this.#origins = origins;
    this.#opener = opener;
    this.#options = options;
  }

  /** Takes the live rows among some entries; returns whether there are any. */
  take({ batch, from, to, verdicts, isWanted }: ResolvedEntries): boolean {
    const { bytes, ranges } = batch;
    this.bytes = bytes;
    this.count = 0;
    this.#provide(batch.positions.length);
    for (let i = from; i < to; i++) {
      if (verdicts[i] !== Verdict.LIVE && verdicts[i] !== Verdict.UNDECIDED) continue;
      const r = i * 4;
      const keyEnd = ranges[r + 1] - TIMESTAMP_LENGTH;
      if (!isWanted(ranges[r], keyEnd)) continue;
      const body = ranges[r + 2] + VALUE_HEADER_LENGTH;
      let bodyEnd = ranges[r + 3];
      if (this.#options.values !== false) {
        const clear = this.#open(batch, i, verdicts[i]);
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

  #provide(capacity: number): void {
    if (this.positions.length >= capacity) return;
    this.ranges = new Uint32Array(capacity * 4);
    this.positions = new Float64Array(capacity);
    this.lengths = new Uint32Array(capacity);
    this.inputs = new Uint16Array(capacity);
  }

  /** The clear body if it is another than the stored one; `null` for a row that cannot be given. */
  #open(batch: EntryBatch, i: number, verdict: number): Uint8Array | undefined | null {
    if (verdict === Verdict.LIVE && !isEncrypted(batch.bytes, batch.ranges[i * 4 + 2])) {
      return undefined;
    }
    try {
      return this.#opener.open(batch, i, this.#origins[batch.inputs[i]].name);
    } catch (error) {
      const { onUnsound, onEncrypted } = this.#options;
      if (error instanceof UnsoundError && onUnsound) onUnsound(error);
      else if (error instanceof UnsupportedError && onEncrypted) onEncrypted();
      else throw error;
      return null;
    }
  }
}
