/**
 * Tables that are being moved from a generation with legacy keys to one with ordered keys.
 *
 * A reader asks the new generation first and then the old one, so an old row counts only where no new
 * row has its key. The two have different orders: the keys of the old rows are brought to the new form
 * and sorted, then compared with the new rows as they come. One bit a row is kept.
 *
 * @module
 */

import { compareBytes } from "../../bytes/compare.ts";
import { putU32be, u32be } from "../../bytes/integers.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { orderedPayload } from "../../keyspace/dynamodb_keys.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import { ITEM_KEY_COLUMNS, ITEM_KEY_OK } from "../../kernels/kernels.ts";
import type { SortedRecord } from "../../sources/spill_sorter.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import { keyPart } from "./item_keys.ts";
import { itemOf } from "./item_values.ts";
import type { Table } from "./tables.ts";

/**
 * For each row of the source generation in stored order, one bit: whether it is the item that a
 * reader would get. Old rows whose key has no ordered form cannot have been moved: they count.
 */
export async function migrationSurvivors(
  context: AdapterContext,
  table: Table,
  segment: string,
): Promise<Uint8Array> {
  const prefix = new TextEncoder().encode(FAMILY["ddb-item"].prefix + segment + "|");
  const sorter = new SpillSorter(context.scratch);
  let rows = 0;
  let bits = new Uint8Array(1024);
  for await (const batch of context.rows.scan(prefix, quiet(context))) {
    const keys = context.kernels.parseItemKeys(batch);
    for (let i = 0; i < batch.count; i++) {
      if (generationOf(keys, i) !== table.source) continue;
      const row = rows++;
      if (rows > bits.length * 8) {
        const grown = new Uint8Array(bits.length * 2);
        grown.set(bits);
        bits = grown;
      }
      const payload = orderedPayloadOf(table, batch, i);
      if (!payload) setBit(bits, row);
      else await sorter.add(payload, numbered(row, rowKey(batch, i)));
    }
  }

  const sorted = await sorter.sorted();
  let source = await firstOfKey(sorted);
  for await (const batch of context.rows.scan(prefix, quiet(context))) {
    const keys = context.kernels.parseItemKeys(batch);
    for (let i = 0; i < batch.count && source; i++) {
      if (generationOf(keys, i) !== table.schema.generation) continue;
      const payloadStart = keys[i * ITEM_KEY_COLUMNS + 5];
      const payload = batch.bytes.subarray(payloadStart, batch.ranges[i * 4 + 1]);
      while (source && compareBytes(source.key, payload) < 0) {
        setBit(bits, source.row);
        source = await source.next();
      }
      if (source && compareBytes(source.key, payload) === 0) source = await source.next();
    }
  }
  for (; source; source = await source.next()) setBit(bits, source.row);
  sorter.close();
  return bits;
}

/** Defects are reported by the walk that writes. */
function quiet(context: AdapterContext): { onUnsound: () => void; signal?: AbortSignal } {
  return { onUnsound: () => {}, signal: context.signal };
}

function generationOf(keys: Uint32Array, i: number): bigint | undefined {
  const k = i * ITEM_KEY_COLUMNS;
  return keys[k] === ITEM_KEY_OK ? (BigInt(keys[k + 3]) << 32n) | BigInt(keys[k + 4]) : undefined;
}

function orderedPayloadOf(table: Table, batch: RowBatch, i: number): Uint8Array | undefined {
  const item = itemOf(batch, i);
  if (typeof item === "string") return undefined;
  const hash = keyPart(item, table.hash);
  const range = table.range && keyPart(item, table.range);
  if (!hash || (table.range && !range)) return undefined;
  return orderedPayload(range ? [hash, range] : [hash]);
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] |= 1 << (at & 7);
}

function numbered(row: number, key: Uint8Array): Uint8Array {
  const value = new Uint8Array(4 + key.length);
  putU32be(value, 0, row);
  value.set(key, 4);
  return value;
}

interface SourceRow {
  key: Uint8Array;
  row: number;
  next(): Promise<SourceRow | undefined>;
}

/** Of old rows that would get the same new key, the server keeps the first in key order. */
async function firstOfKey(
  sorted: { next(): SortedRecord | undefined | Promise<SortedRecord | undefined> },
  held?: SortedRecord,
): Promise<SourceRow | undefined> {
  const record = held ?? await sorted.next();
  if (!record) return undefined;
  const key = record.key.slice();
  let first = record.value.slice();
  let following: SortedRecord | undefined;
  for (;;) {
    following = await sorted.next();
    if (!following || compareBytes(following.key, key) !== 0) break;
    if (compareBytes(following.value.subarray(4), first.subarray(4)) < 0) {
      first = following.value.slice();
    }
  }
  return {
    key,
    row: u32be(first, 0),
    next: () => following ? firstOfKey(sorted, following) : Promise.resolve(undefined),
  };
}
