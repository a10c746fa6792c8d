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
import { compareBytes, equalBytes, startsWith } from "../../bytes/compare.ts";
import { putU32be, u32be } from "../../bytes/integers.ts";
import { appendSegment } from "../../bytes/segments.ts";
import { ITEM_KEY_COLUMNS, ITEM_KEY_OK, parseItemKeys } from "../../keyspace/item_keys.ts";
import { orderedNumber } from "../../keyspace/ordered_number.ts";
import type { KeyRange } from "../../mvcc/key_range.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import { ITEM_COLUMNS } from "../../kernels/kernels.ts";
import { isPromise } from "../../sources/source.ts";
import { type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { ITEM_HASH, ITEM_RANGE } from "./item_columns.ts";
import { KINDS } from "./item_message.ts";
import { generationRanges, isWithin, type KeyBounds } from "./key_bounds.ts";
import { type Generation, isGeneration, type Table } from "./scopes.ts";
import { ItemReader, type Items } from "./values.ts";

/** Some of the rows of a generation, which are counted in stored order. One bit a row. */
export class RowSet {
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
 *
 * @param bounds Old rows beyond them do not count.
 */
export async function migrationSurvivors(
  context: AdapterContext,
  table: Table,
  name: Uint8Array,
  bounds: KeyBounds,
): Promise<RowSet> {
  const sorter = new SpillSorter(context.scratch);
  try {
    const survivors = new RowSet();
    const moving = { table, name, bounds };
    await sortByNewKeys(context, moving, table.source!, sorter, survivors);
    // Only the rows of one spelling of the generation come in the order of their payloads.
    const [zeros, ...ordered] = generationRanges(name, table.active, bounds);
    await sortActive(context, moving, zeros, sorter);
    await compareActive(context, moving, ordered, await sorter.sorted(), survivors);
    return survivors;
  } finally {
    sorter.close();
  }
}

/**
 * The rows of a table with legacy keys that would get the ordered key of an item before them, as `1.0`
 * would get that of `1`.
 */
export async function repeatedItems(
  context: AdapterContext,
  table: Table,
  name: Uint8Array,
): Promise<RowSet> {
  const sorter = new SpillSorter(context.scratch);
  try {
    const repeated = new RowSet();
    const all = { table, name, bounds: {} };
    await sortByNewKeys(context, all, table.active, sorter, new RowSet());
    const records = await sorter.sorted();
    let payload: Uint8Array | undefined;
    for (;;) {
      const next = records.next();
      const record = isPromise(next) ? await next : next;
      if (!record) return repeated;
      const { key, value } = record;
      if (payload && startsWith(key, payload)) repeated.add(u32be(value, 0));
      else payload = key.slice(0, u32be(value, 4));
    }
  } finally {
    sorter.close();
  }
}

/** What is compared. */
interface Moving {
  table: Table;
  /** Raw name. */
  name: Uint8Array;
  bounds: KeyBounds;
}

/** Sorts the rows of a generation by the keys that they will get. Those that get none count. */
async function sortByNewKeys(
  context: AdapterContext,
  { table, name, bounds }: Moving,
  generation: Generation,
  sorter: SpillSorter,
  survivors: RowSet,
): Promise<void> {
  const reader = new ItemReader(context.kernels, table.keyNames);
  const record = new SourceRecord();
  let row = 0;
  const ranges = generationRanges(name, generation, {});
  for await (const { batch, rows } of rowsOf(context, generation, ranges, true)) {
    let next = 0;
    const stays = (): void => {
      if (!bounds.from) survivors.add(row + next);
      next++;
    };
    for (const items of reader.read(batch, rows, () => {})) {
      for (let i = 0; i < items.count; i++) {
        // Items that are not sound are reported by the walk that writes.
        while (rows[next] !== items.rows[i]) stays();
        if (!record.fill(items, i, batch, row + next)) {
          stays();
          continue;
        }
        next++;
        if (!isWithin(bounds, record.payload)) continue;
        const added = sorter.add(record.key.view(), record.value);
        if (isPromise(added)) await added;
      }
    }
    while (next < rows.length) stays();
    row += rows.length;
  }
}

/** Sorts the new rows of a range among the old ones: each before those that it hides. */
async function sortActive(
  context: AdapterContext,
  { table, bounds }: Moving,
  range: KeyRange,
  sorter: SpillSorter,
): Promise<void> {
  for await (const rows of rowsOf(context, table.active, [range], false)) {
    for (const i of rows.rows) {
      const payload = payloadOf(rows, i);
      if (!isWithin(bounds, payload)) continue;
      const added = sorter.add(payload, ACTIVE);
      if (isPromise(added)) await added;
    }
  }
}

/**
 * Compares the old rows with the new ones: those whose key is not there count.
 *
 * @param ranges Where the new rows lie that are not among the sorted ones, in the order of their payloads.
 */
async function compareActive(
  context: AdapterContext,
  { table }: Moving,
  ranges: KeyRange[],
  sorted: SortedRecords,
  survivors: RowSet,
): Promise<void> {
  const source = new SourceItems(sorted);
  await source.next();
  let repeated = 0;
  const keep = async (): Promise<void> => {
    survivors.add(source.row);
    await source.next();
    repeated += source.passed;
  };
  active: for await (const rows of rowsOf(context, table.active, ranges, false)) {
    for (const i of rows.rows) {
      const payload = payloadOf(rows, i);
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
}

interface GenerationRows {
  batch: RowBatch;
  keys: Uint32Array;
  /** Places in the batch. */
  rows: Uint32Array;
}

/** The payload of a row's key. */
function payloadOf({ batch, keys }: GenerationRows, i: number): Uint8Array {
  return batch.bytes.subarray(keys[i * ITEM_KEY_COLUMNS + 5], batch.ranges[i * 4 + 1]);
}

/** The rows of one generation in some ranges. Defects are reported by the walk that writes, and not here. */
async function* rowsOf(
  context: AdapterContext,
  generation: Generation,
  ranges: KeyRange[],
  values: boolean,
): AsyncGenerator<GenerationRows> {
  const options = { values, signal: context.signal, onUnsound: () => {} };
  for (const range of ranges) {
    for await (const batch of context.rows.scan(range, options)) {
      const keys = parseItemKeys(batch);
      const rows = new Uint32Array(batch.count);
      let count = 0;
      for (let i = 0, k = 0; i < batch.count; i++, k += ITEM_KEY_COLUMNS) {
        if (keys[k] === ITEM_KEY_OK && isGeneration(generation, keys, k)) rows[count++] = i;
      }
      if (count > 0) yield { batch, keys, rows: rows.subarray(0, count) };
    }
  }
}

/** The value of a new row that is sorted among the old ones: its key is the payload alone. */
const ACTIVE = new Uint8Array(0);

/**
 * What is sorted of an old row: made anew for each row, in the same buffers. A payload is no prefix of
 * another one, so that rows of one payload come in the order of their old keys.
 *
 * ```text
 * key := payload ‖ old user key      value := row u32be ‖ length of payload u32be
 * ```
 */
class SourceRecord {
  readonly key = new ByteBuilder();
  readonly value = new Uint8Array(8);
  #payloadLength = 0;

  /** Takes the row of an item; `false` when the server cannot give it a new key. */
  fill(items: Items, i: number, batch: RowBatch, row: number): boolean {
    this.key.clear();
    for (const column of [ITEM_HASH, ITEM_RANGE]) {
      const part = keyPart(items, i * ITEM_COLUMNS + column);
      if (!part) return false;
      if (part !== NO_PART) appendSegment(this.key, part);
    }
    this.#payloadLength = this.key.length;
    putU32be(this.value, 0, row);
    putU32be(this.value, 4, this.#payloadLength);
    this.key.append(rowKey(batch, items.rows[i]));
    return true;
  }

  /** The payload of the new key. */
  get payload(): Uint8Array {
    return this.key.bytes.subarray(0, this.#payloadLength);
  }
}

const NO_PART = new Uint8Array(0);

/** What the attribute in a column is in an ordered key; `undefined` for a number that the server refuses there. */
function keyPart({ bytes, table }: Items, column: number): Uint8Array | undefined {
  const contents = bytes.subarray(table[column + 1], table[column + 2]);
  switch (KINDS[table[column]]) {
    case "":
      return NO_PART;
    case "N":
      return orderedNumber(decodeUtf8(contents)!);
    default:
      return contents;
  }
}

/** The old rows in the order of their new payloads, the first of each that no sorted new row hides. */
class SourceItems {
  /** The payload of the current row, valid until the next one; `undefined` before and behind all. */
  payload: Uint8Array | undefined;
  row = 0;
  /** Rows that were passed over on the way here, because they have the payload of the row before. */
  passed = 0;
  readonly #records: SortedRecords;
  readonly #payload = new ByteBuilder();
  /** The payload of the last new row. */
  #active: Uint8Array | undefined;

  constructor(records: SortedRecords) {
    this.#records = records;
  }

  /** Goes to the next row. */
  async next(): Promise<void> {
    let hidden = false;
    this.passed = 0;
    for (;;) {
      const next = this.#records.next();
      const record = isPromise(next) ? await next : next;
      if (!record) {
        this.payload = undefined;
        return;
      }
      if (record.value.length === ACTIVE.length) {
        this.#active = record.key.slice();
        continue;
      }
      const payload = record.key.subarray(0, u32be(record.value, 4));
      if (this.payload && equalBytes(this.payload, payload)) {
        if (!hidden) this.passed++;
        continue;
      }
      this.payload = this.#payload.clear().append(payload).view();
      hidden = this.#active !== undefined && equalBytes(this.#active, payload);
      if (hidden) continue;
      this.row = u32be(record.value, 0);
      return;
    }
  }
}
