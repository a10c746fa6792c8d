/**
 * What is known about a key besides its elements: everything but the elements is small, so it is
 * gathered in one walk over its rows, sorted by name, and folded when the key's turn comes.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { i64be, u64be } from "../../bytes/integers.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import type { RowHandle } from "../../mvcc/row_batch.ts";
import type { Scratch } from "../../sources/scratch.ts";
import type { MaybePromise } from "../../sources/source.ts";
import { type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { appendHandle, HANDLE_SIZE, handleAt } from "../row_handles.ts";
import type { BlobType } from "./messages.ts";
import { appendName } from "./key_order.ts";
import type { RedisRow } from "./rows.ts";
import { COLLECTION_TYPES, type CollectionType } from "./types.ts";
import { type Meta, readMeta } from "./values.ts";

/** The deltas of a collection, summed up. */
export interface Deltas {
  /** Lists: by how much the first place moved. */
  head: bigint;
  /** By how much the length changed. */
  length: bigint;
  /** The least commit time that a delta's key names. */
  oldest: bigint;
}

/** A row that went by, and its value, if that was kept. */
export interface PassedRow {
  handle: RowHandle;
  value?: Uint8Array;
}

/** Everything about one key but its elements. */
export interface Facts {
  /** Its row in the index of expiry times. */
  index?: { row: RowHandle; expireAtMs: bigint; commitTs: bigint };
  /** Without a row: it says itself when it expires, and has been dealt with. */
  string?: { row?: PassedRow };
  /** `inline`: it says itself when it expires; 0 = never. */
  hll?: { row: PassedRow; inline: boolean; expireAtMs?: bigint };
  /** A row without a family that has this name. */
  bare?: RowHandle;
  /** A stream in one row, of which the server shows nothing. */
  streamBlob?: true;
  /** Collections in one row. */
  blobs: { [type in BlobType]?: PassedRow };
  /** Meta rows. */
  metas: { [type in CollectionType]?: Meta };
  /** Delta rows. */
  deltas: { [type in CollectionType]?: Deltas };
}

/*
 * A fact: its kind, then
 *   INDEX    handle ‖ expiry u64 ‖ commit time u64
 *   STRING   row, unless the string says itself when it expires
 *   HLL      whether it says when it expires u8 ‖ expiry u64, 0 = never ‖ row
 *   BARE     handle
 *   BLOB     collection u8 ‖ row; of a stream no row
 *   META     collection u8 ‖ the row's value
 *   DELTA    collection u8 ‖ head i64 ‖ length i64 ‖ commit time u64
 *
 * A row is its handle, and behind that, if the value was kept, 1 ‖ value. Names come in another order
 * than most of these rows lie in, so that a value which is read again costs a block of the file.
 */
const INDEX = 1;
const STRING = 2;
const HLL = 3;
const BARE = 4;
const BLOB = 5;
const META = 6;
const DELTA = 7;

/** Bytes of facts that are held before they are spilled: 8 MiB. */
const MEMORY = 8 << 20;

/** Takes facts in any order and gives them by name. */
export class FactSorter {
  readonly #sorter: SpillSorter;
  readonly #keepsValues: boolean;
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();

  /**
   * Facts of about 40 bytes, the name, and a value that is not long: they are spilled when they are many.
   * Where there is not room for all of them, none is kept.
   */
  constructor(scratch: Scratch) {
    this.#sorter = new SpillSorter(scratch, MEMORY);
    this.#keepsValues = scratch.room === Infinity;
  }

  /** A row of the index. */
  index(row: RedisRow, expireAtMs: bigint, commitTs: bigint): MaybePromise<void> {
    const value = this.#begin(INDEX);
    appendHandle(value, row.batch, row.i);
    appendU64(appendU64(value, expireAtMs), commitTs);
    return this.#add(row);
  }

  /**
   * A string.
   *
   * @param indexed Whether the index says when it expires.
   */
  string(row: RedisRow, indexed: boolean): MaybePromise<void> {
    const value = this.#begin(STRING);
    if (indexed) this.#appendRow(value, row);
    return this.#add(row);
  }

  /**
   * A HyperLogLog.
   *
   * @param indexed Whether the index says when it expires; otherwise `expireAtMs` does, 0 = never.
   */
  hll(row: RedisRow, indexed: boolean, expireAtMs: bigint): MaybePromise<void> {
    const value = this.#begin(HLL).byte(indexed ? 0 : 1);
    this.#appendRow(appendU64(value, expireAtMs), row);
    return this.#add(row);
  }

  /** A row without a family; the whole key is the name. */
  bare(row: RedisRow): MaybePromise<void> {
    appendHandle(this.#begin(BARE), row.batch, row.i);
    return this.#add(row);
  }

  /** A collection in one row; of a stream only that there is one. */
  blob(row: RedisRow, type: BlobType | "stream"): MaybePromise<void> {
    const value = this.#begin(BLOB).byte(COLLECTION_TYPES.indexOf(type));
    if (type !== "stream") this.#appendRow(value, row);
    return this.#add(row);
  }

  /** The meta of a collection. */
  meta(row: RedisRow, type: CollectionType): MaybePromise<void> {
    const value = this.#begin(META).byte(COLLECTION_TYPES.indexOf(type));
    value.append(row.bytes, row.start, row.end);
    return this.#add(row);
  }

  /** A delta of a collection. */
  delta(row: RedisRow, type: CollectionType): MaybePromise<void> {
    const list = type === "list";
    const value = this.#begin(DELTA).byte(COLLECTION_TYPES.indexOf(type));
    appendU64(value, list ? u64be(row.bytes, row.start) : 0n);
    appendU64(value, u64be(row.bytes, row.start + (list ? 8 : 0)));
    appendU64(value, u64be(row.bytes, row.nameEnd));
    return this.#add(row);
  }

  /** Ends adding. */
  sorted(): Promise<SortedRecords> {
    return this.#sorter.sorted();
  }

  /** Lets go of what was spilled. */
  close(): void {
    this.#sorter.close();
  }

  #begin(kind: number): ByteBuilder {
    return this.#value.clear().byte(kind);
  }

  #appendRow(out: ByteBuilder, { batch, i, bytes, start, end }: RedisRow): void {
    appendHandle(out, batch, i);
    if (this.#keepsValues && end - start <= LONG_VALUE) out.byte(1).append(bytes, start, end);
  }

  #add({ bytes, nameStart, nameEnd }: RedisRow): MaybePromise<void> {
    appendName(this.#key.clear(), bytes, nameStart, nameEnd);
    return this.#sorter.add(this.#key.view(), this.#value.view());
  }
}

/** Nothing is known yet. */
export function noFacts(): Facts {
  return { blobs: {}, metas: {}, deltas: {} };
}

/**
 * Whether all that is known is a string that says itself when it expires, and maybe its row in the index:
 * so it is with nearly all strings.
 */
export function isStringAlone(facts: Facts): boolean {
  const { string, hll, bare, streamBlob, blobs, metas, deltas } = facts;
  if (!string || string.row || hll || bare || streamBlob) return false;
  for (const _ in blobs) return false;
  for (const _ in metas) return false;
  for (const _ in deltas) return false;
  return true;
}

/** Adds a fact of {@link FactSorter} to what is known. */
export function addFact(facts: Facts, fact: Uint8Array): void {
  const row = (at: number): PassedRow => {
    const behind = at + HANDLE_SIZE;
    const handle = handleAt(fact, at);
    return fact.length === behind ? { handle } : { handle, value: fact.slice(behind + 1) };
  };
  const type = COLLECTION_TYPES[fact[1]];
  const behind = 1 + HANDLE_SIZE;
  switch (fact[0]) {
    case INDEX:
      facts.index = {
        row: handleAt(fact, 1),
        expireAtMs: u64be(fact, behind),
        commitTs: u64be(fact, behind + 8),
      };
      return;
    case STRING:
      facts.string = fact.length > 1 ? { row: row(1) } : {};
      return;
    case HLL:
      facts.hll = {
        row: row(10),
        inline: fact[1] === 1,
        expireAtMs: u64be(fact, 2),
      };
      return;
    case BARE:
      facts.bare = handleAt(fact, 1);
      return;
    case BLOB:
      if (type === "stream") facts.streamBlob = true;
      else facts.blobs[type as BlobType] = row(2);
      return;
    case META:
      facts.metas[type] = readMeta(type, fact.subarray(2));
      return;
    case DELTA: {
      // The deltas of a name come in the order of their times.
      const sum = facts.deltas[type] ??= { head: 0n, length: 0n, oldest: u64be(fact, 18) };
      sum.head += i64be(fact, 2);
      sum.length += i64be(fact, 10);
    }
  }
}
