/**
 * Tables that are being moved from a generation with legacy keys to one with ordered keys.
 *
 * A reader asks the new generation first and then the old one, so an old row counts only where no new
 * row has its key. The two have different orders: the keys of the old rows are brought to the new form
 * and sorted, then compared with the new rows as they come. One bit a row is kept.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { putU32be, u32be } from "../../bytes/integers.ts";
import { appendSegment } from "../../bytes/segments.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { type KeyRange, prefixRange } from "../../mvcc/key_range.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import { ITEM_KEY_COLUMNS, ITEM_KEY_OK } from "../../kernels/kernels.ts";
import { isPromise } from "../../sources/source.ts";
import { type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { keyPart } from "./item_keys.ts";
import { itemOf } from "./item_values.ts";
import { type Generation, isGeneration, type Table } from "./tables.ts";

/** Which rows of a source generation, counted in stored order, are the items that readers get. */
export class Survivors {
  #bits = new Uint8Array(1024);

  /** Takes a row in. */
  add(row: number): void {
    const at = row >> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at] |= 1 << (row & 7);
  }

  /** Whether a row was taken in. */
  has(row: number): boolean {
    return (this.#bits[row >> 3] & (1 << (row & 7))) !== 0;
  }
}

/**
 * Compares the two generations of a table. Old rows whose key has no ordered form cannot have been
 * moved: they count. Of old rows that would get one new key, such as `1` and `1.0`, the server keeps
 * the first when it moves them.
 */
export async function migrationSurvivors(
  context: AdapterContext,
  table: Table,
  segment: string,
): Promise<Survivors> {
  const sorter = new SpillSorter(context.scratch);
  try {
    return await survivorsOf(context, table, segment, sorter);
  } finally {
    sorter.close();
  }
}

async function survivorsOf(
  context: AdapterContext,
  table: Table,
  segment: string,
  sorter: SpillSorter,
): Promise<Survivors> {
  const survivors = new Survivors();
  const record = new SourceRecord();
  let count = 0;
  for await (const { batch, rows } of rowsOf(context, segment, table.source!, true)) {
    for (const i of rows) {
      const row = count++;
      if (record.fill(table, batch, i, row)) {
        const added = sorter.add(record.key.view(), record.value);
        if (isPromise(added)) await added;
      } else survivors.add(row);
    }
  }

  const source = new SourceItems(await sorter.sorted());
  await source.next();
  let repeated = 0;
  const keep = async (): Promise<void> => {
    survivors.add(source.row);
    await source.next();
    repeated += source.passed;
  };
  active: for await (const { batch, rows, keys } of rowsOf(context, segment, table.active, false)) {
    for (const i of rows) {
      const payloadStart = keys[i * ITEM_KEY_COLUMNS + 5];
      const payload = batch.bytes.subarray(payloadStart, batch.ranges[i * 4 + 1]);
      while (source.payload && compareBytes(source.payload, payload) < 0) await keep();
      if (!source.payload) break active;
      if (equalBytes(source.payload, payload)) await source.next();
    }
  }
  while (source.payload) await keep();
  if (repeated > 0) {
    context.warn("ddb_same_key_items", {
      table: table.shownName,
      count: repeated,
      hint: "old items whose keys are other spellings of one number, such as 1 and 1.0; " +
        "the server keeps the first of them when it moves the table, and so does the dump",
    });
  }
  return survivors;
}

interface GenerationRows {
  batch: RowBatch;
  keys: Uint32Array;
  /** Places in the batch. */
  rows: number[];
}

/** The rows of one generation. Defects are reported by the walk that writes, and not here. */
async function* rowsOf(
  context: AdapterContext,
  segment: string,
  generation: Generation,
  values: boolean,
): AsyncGenerator<GenerationRows> {
  const options = { values, signal: context.signal, onUnsound: () => {} };
  for (const range of rangesOf(segment, generation)) {
    for await (const batch of context.rows.scan(range, options)) {
      const keys = context.kernels.parseItemKeys(batch);
      const rows: number[] = [];
      for (let i = 0, k = 0; i < batch.count; i++, k += ITEM_KEY_COLUMNS) {
        if (keys[k] === ITEM_KEY_OK && isGeneration(generation, keys, k)) rows.push(i);
      }
      if (rows.length > 0) yield { batch, keys, rows };
    }
  }
}

/** Where the keys of a generation lie, in stored order. Its number may have leading zeros. */
function rangesOf(segment: string, { high, low }: Generation): KeyRange[] {
  const digits = String((BigInt(high) << 32n) | BigInt(low));
  return (digits === "0" ? ["0"] : ["0", `${digits}|`])
    .map((text) => prefixRange(encodeUtf8(`${FAMILY["ddb-item"].prefix}${segment}|${text}`)));
}

/**
 * What is sorted: made anew for each row, in the same buffers. A payload is no prefix of another one, so
 * that rows of one payload come in the order of their old keys.
 *
 * ```text
 * key := payload ‖ old user key      value := row u32be ‖ length of payload u32be
 * ```
 */
class SourceRecord {
  readonly key = new ByteBuilder();
  readonly value = new Uint8Array(8);

  /** Takes a row; `false` when the server cannot give it a new key. */
  fill(table: Table, batch: RowBatch, i: number, row: number): boolean {
    const item = itemOf(batch, i);
    if (typeof item === "string") return false;
    const hash = keyPart(item, table.hash.name);
    const range = table.range && keyPart(item, table.range.name);
    if (!hash || (table.range && !range)) return false;
    appendSegment(this.key.clear(), hash);
    if (range) appendSegment(this.key, range);
    putU32be(this.value, 0, row);
    putU32be(this.value, 4, this.key.length);
    this.key.append(rowKey(batch, i));
    return true;
  }
}

/** The old rows in the order of their new payloads, the first of each. */
class SourceItems {
  /** The payload of the current row, valid until the next one; `undefined` before and behind all. */
  payload: Uint8Array | undefined;
  row = 0;
  /** Rows that were passed over on the way here, because they have the payload of the row before. */
  passed = 0;
  readonly #records: SortedRecords;
  readonly #payload = new ByteBuilder();

  constructor(records: SortedRecords) {
    this.#records = records;
  }

  /** Goes to the next row. */
  async next(): Promise<void> {
    for (this.passed = 0;; this.passed++) {
      const next = this.#records.next();
      const record = isPromise(next) ? await next : next;
      if (!record) {
        this.payload = undefined;
        return;
      }
      const payload = record.key.subarray(0, u32be(record.value, 4));
      if (this.payload && equalBytes(this.payload, payload)) continue;
      this.payload = this.#payload.clear().append(payload).view();
      this.row = u32be(record.value, 0);
      return;
    }
  }
}
