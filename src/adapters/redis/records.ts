/**
 * The keys of the database as records: the only way out of the adapter.
 *
 * @module
 */

import { FAMILY } from "../../keyspace/families.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { rangeWithin } from "../../mvcc/key_range.ts";
import { isPromise } from "../../sources/source.ts";
import { FileNames } from "../../tree/file_names.ts";
import { batchReceipt } from "../bookings.ts";
import type { AdapterContext } from "../context.ts";
import { type BatchReceipt, Receipt } from "../receipts.ts";
import type { RecordFilter, RecordSelection } from "../wanted_rows.ts";
import type { CollectionReceipt, RedisElements } from "./elements.ts";
import { FactSorter } from "./facts.ts";
import { gatherFacts } from "./gather.ts";
import { KeyWalk } from "./key_walk.ts";
import { rowsOf, WantedNames } from "./name_ranges.ts";
import { pathOf } from "./paths.ts";
import { RedisRow } from "./rows.ts";
import { DATABASE, isDatabaseWanted } from "./scopes.ts";
import type { CollectionType } from "./types.ts";
import { preambleExpiry, preambleSize } from "./values.ts";

/** The database, before all keys, whether there are any or not. */
export interface RedisDatabase {
  /** Tells it from the others. */
  type: "db";
  receipt: Receipt;
}

/** Strings that say themselves when they expire, which are nearly all. Clients see them. */
export interface RedisStrings {
  /** Tells them from the others. */
  type: "strings";
  /** The rows; {@link StringRow} takes one of them apart. */
  batch: RowBatch;
  /** Which rows of the batch are meant, ascending. */
  rows: Uint32Array;
  receipt: BatchReceipt;
}

/** What all other keys have. */
export interface RedisKeyInfo {
  /** The key as a client knows it: any bytes. */
  key: Uint8Array;
  /** Unix ms; absent = never. Keys that have expired since are given like others. */
  expireAtMs?: bigint;
  /** `false`: left over under a key that is of another type now, so no client can see it. */
  live: boolean;
}

/** A string of before there were preambles, or a HyperLogLog. */
export interface RedisValue extends RedisKeyInfo {
  /** Which of both it is. */
  type: "string" | "hll";
  /** Any bytes, possibly none; of a HyperLogLog its exact members, as a message: see {@link hllMembers}. */
  value: Uint8Array;
  receipt: Receipt;
}

/** A collection. */
export interface RedisCollection extends RedisKeyInfo {
  /** Tells what the elements are. */
  type: CollectionType;
  /** The elements, once: before the next record is asked for, or not at all. */
  elements: RedisElements;
  /** Of a stream only. */
  state?: StreamState;
  receipt: CollectionReceipt;
}

/** What is known about a stream besides its entries. */
export interface StreamState {
  /** Entries that the server counts. */
  length: bigint;
  /** First half of the greatest id that was ever given. */
  lastMs: bigint;
  /** Second half. */
  lastSeq: bigint;
}

/** Entries of a stream whose own row is missing. No client can read them, and no output has them. */
export interface RedisOrphanEntries {
  /** Tells them from the others. */
  type: "orphan-entries";
  receipt: Receipt;
}

/** What there is in the database. */
export type RedisRecord =
  | RedisDatabase
  | RedisStrings
  | RedisValue
  | RedisCollection
  | RedisOrphanEntries;

/** A record of one key. */
export type RedisKeyRecord = RedisValue | RedisCollection;

/**
 * The database, and then every key, once for each type that there is something of: first what clients
 * see, then the others, marked.
 *
 * Strings that say themselves when they expire come first, in stored order; then all other keys,
 * shorter ones first and those of one length by their bytes.
 *
 * `from` and `to` of the selection are keys as clients know them. Nothing but the rows of these keys is
 * read, apart from a few blocks to find them, and items of lists whose names begin like one of them.
 * Rows whose keys do not say of which name they are may go unseen then.
 *
 * A record is valid until the next one is asked for, and must be answered for before. All live rows of
 * the adapter's families that are selected have a fate in the ledger when the last one was.
 */
export async function* records(
  context: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<RedisRecord, void> {
  const within = context.selecting("redis", selection);
  if (!isDatabaseWanted(within)) return;
  const receipt = new Receipt();
  yield { type: "db", receipt };
  void receipt.outcome;
  const bounds = rangeWithin(selection);
  if (!bounds) return;
  const names = new WantedNames(bounds);
  const { filter } = selection;
  const wanted = filter?.isPartial(DATABASE) ? filter : undefined;
  const facts = new FactSorter(within.scratch);
  let walk: KeyWalk | undefined;
  try {
    yield* currentStrings(within, names, facts, wanted);
    await gatherFacts(within, names, facts);
    walk = new KeyWalk(within, names, await facts.sorted());
    for await (const record of walk.records()) {
      if (!wanted || record.type === "orphan-entries" || isWanted(wanted, record)) yield record;
      else record.receipt.leave("not-selected");
    }
  } finally {
    walk?.close();
    facts.close();
  }
}

/** Whether a key is wanted; by the plain rule its path follows from itself. */
function isWanted(
  wanted: RecordFilter,
  { type, key }: Pick<RedisKeyRecord, "type" | "key">,
): boolean {
  return wanted.has(pathOf(type, PLAIN.segment(key)), key);
}

const PLAIN = new FileNames(false);

/** The strings that say themselves when they expire; they need not wait for anything. */
async function* currentStrings(
  context: AdapterContext,
  names: WantedNames,
  facts: FactSorter,
  wanted: RecordFilter | undefined,
): AsyncGenerator<RedisStrings, void> {
  const family = FAMILY["redis-string"];
  const row = new RedisRow();
  let places = new Uint32Array(0);
  for await (const batch of rowsOf(context, family.id, names)) {
    if (places.length < batch.count) places = new Uint32Array(batch.count);
    let count = 0;
    for (let i = 0; i < batch.count; i++) {
      if (!row.read(context, family, batch, i)) continue;
      if (!names.has(row.bytes, row.nameStart, row.nameEnd)) continue;
      const size = preambleSize("string", row.bytes, row.start, row.end);
      const added = facts.string(row, size === 0);
      if (isPromise(added)) await added;
      if (typeof size === "string") context.refuse(batch, i, "malformed-value", size);
      else if (size > 0) {
        const key = row.bytes.subarray(row.nameStart, row.nameEnd);
        if (wanted && !isWanted(wanted, { type: "string", key })) {
          context.ledger.add("redis", DATABASE, "not-selected", 1);
          continue;
        }
        places[count++] = i;
        if (preambleExpiry(row.bytes, row.start, size) === 0n) {
          context.warn("redis_zero_ttl", { user_key_len: row.nameEnd - row.nameStart });
        }
      }
    }
    if (count > 0) yield* given(context, batch, places.subarray(0, count));
  }
}

async function* given(
  context: AdapterContext,
  batch: RowBatch,
  rows: Uint32Array,
): AsyncGenerator<RedisStrings, void> {
  const receipt = batchReceipt(context, { adapter: "redis", scope: DATABASE }, rows.length);
  yield { type: "strings", batch, rows, receipt };
  receipt.settle();
}
