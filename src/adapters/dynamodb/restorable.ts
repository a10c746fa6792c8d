/**
 * Which tables and items elastickv's own encoder takes. It makes a table anew in generation 1, with
 * ordered keys, and with a row for each entry of each index. It refuses
 *
 * - a table whose folder is not the segment of the name in its schema, or whose hash key has no name;
 * - an item whose key, or whose entry in an index, has a number that no ordered key can hold, has a value
 *   of a type that no key has, or is longer than a key can be;
 * - the second of two items that would get one key.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { appendSegment } from "../../bytes/segments.ts";
import { ITEM_COLUMNS } from "../../kernels/kernels.ts";
import { indexKey, itemKey } from "../../keyspace/dynamodb_keys.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { orderedNumber } from "../../keyspace/ordered_number.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { encodeSegment } from "../../tree/segment.ts";
import type { AdapterContext } from "../context.ts";
import { LONGEST_KEY } from "../longest_row.ts";
import { ITEM_HASH, ITEM_RANGE } from "./item_columns.ts";
import { type Index, IndexKeys, isPlainNumber } from "./index_keys.ts";
import { KINDS } from "./item_message.ts";
import type { ValuePlace } from "./item_walk.ts";
import { repeatedItems, type RowSet } from "./migration.ts";
import type { ItemRows } from "./rows.ts";
import type { Part, SchemaMessage } from "./schema_message.ts";
import type { Items } from "./values.ts";

/** Another item gets the same key. */
export const DUPLICATE_KEY = "duplicate-key";

const BAR = 0x7c;
const N = KINDS.indexOf("N");
/** The generation that all tables get. */
const GENERATION = 1n;
/** An item of fewer bytes makes no key that is too long: each byte is at most two in it, and twice there. */
export const SMALL_ITEM: number = LONGEST_KEY / 8;
/** Bytes of the names of a table's indexes and their attributes that are kept. */
const KEPT_NAMES = 1 << 16;
const NOTHING = new Uint8Array(0);

/** Why a table cannot be restored, and so none of its items; or else what is to know of its indexes. */
export function indexesToRestore(
  schema: SchemaMessage,
  name: Uint8Array,
  folder: string,
): Index[] | string {
  const isEmpty = ({ start, end }: Part): boolean => start === end;
  if (isEmpty(schema.tableName)) return "table-without-name";
  if (encodeSegment(name) !== folder.slice(folder.lastIndexOf("/") + 1)) return "table-renamed";
  if (isEmpty(schema.key.hash)) return "table-without-key";
  const indexes: Index[] = [];
  let bytes = 0;
  for (let i = 0; i < schema.indexCount; i++) {
    const { name, key } = schema.index(i);
    for (const { start, end } of [name, key.hash, key.range]) bytes += end - start;
    if (bytes > KEPT_NAMES) return "table-with-many-indexes";
    const copy = ({ start, end }: Part): Uint8Array => schema.bytes.slice(start, end);
    indexes.push({ name: copy(name), hash: copy(key.hash), range: copy(key.range) });
  }
  return indexes;
}

/** Says of the items of one table which can be restored. */
export class ItemRule {
  /** Why none of them can. */
  readonly why: string | undefined;
  readonly #name: Uint8Array;
  /** The indexes of the table. */
  readonly indexes: IndexKeys;
  readonly #payload = new ByteBuilder();

  /** In a table with legacy keys, the items whose new key another one has. */
  readonly #repeated: RowSet | undefined;
  #record: ItemRows | undefined;
  /** Where among the rows of the record the last one was. */
  #at = 0;

  private constructor(
    name: Uint8Array,
    found: readonly Index[] | string,
    repeated: RowSet | undefined,
  ) {
    const indexes = typeof found === "string" ? [] : found;
    this.why = typeof found === "string" ? found : undefined;
    this.#name = name.slice();
    this.indexes = new IndexKeys(indexes);
    this.#repeated = repeated;
  }

  /**
   * The rule for the table that some items are of. Where keys are legacy ones, all items are read once.
   *
   * @param found What {@link indexesToRestore} gave.
   */
  static async of(
    context: AdapterContext,
    { table, name }: ItemRows,
    found: readonly Index[] | string,
  ): Promise<ItemRule> {
    const isLegacy = typeof found !== "string" && table.keyEncodingVersion < 2n;
    const repeated = isLegacy ? await repeatedItems(context, table, name) : undefined;
    return new ItemRule(name, found, repeated);
  }

  /** Takes the rows that the next items are from, which come in stored order. */
  begin(record: ItemRows): void {
    this.#record = record;
    this.#at = 0;
  }

  /**
   * Why item `i` cannot be restored.
   *
   * @param mayClash Whether the item's key is of a kind that two items can have one name.
   */
  whyNot(items: Items, i: number, mayClash: boolean): string | undefined {
    if (this.why !== undefined) return this.why;
    return this.#whyByItself(items, i) ??
      (this.#isRepeated(items, i, mayClash) ? DUPLICATE_KEY : undefined);
  }

  /** Whether an item that can be restored by itself gets a key that another one has. */
  #isRepeated(items: Items, i: number, mayClash: boolean): boolean {
    const { all, before, fromSource, legacyKeys } = this.#record!;
    const row = items.rows[i];
    if (this.#repeated && !fromSource) {
      while (all[this.#at] !== row) this.#at++;
      return this.#repeated.has(before + this.#at);
    }
    // Ordered keys differ, unless a row lies under another key than that of its item.
    return mayClash && !legacyKeys && !this.#hasOwnPayload(items, i);
  }

  /**
   * Whether the row of an item lies under the item's one ordered key: in a damaged file it may not, or
   * the generation may be spelled in two ways.
   *
   * @param payloadAt Bytes of the key before its payload, if it does.
   */
  hasOwnKey(items: Items, i: number, payloadAt: number): boolean {
    const key = rowKey(this.#record!.batch, items.rows[i]);
    return key.length === payloadAt + payloadIn(key).length && this.#hasOwnPayload(items, i);
  }

  #hasOwnPayload(items: Items, i: number): boolean {
    const key = rowKey(this.#record!.batch, items.rows[i]);
    return equalBytes(payloadIn(key), this.#payloadOf(items, i));
  }

  #whyByItself(items: Items, i: number): string | undefined {
    const { bytes, table } = items;
    const at = i * ITEM_COLUMNS;
    for (const column of [at + ITEM_HASH, at + ITEM_RANGE]) {
      if (table[column] === N && !isPlainNumber(bytes, table[column + 1], table[column + 2])) {
        return "key-number";
      }
    }
    if (!this.indexes.areSound(items.message(i))) return "index-key";
    const { ranges } = this.#record!.batch;
    const length = ranges[items.rows[i] * 4 + 3] - ranges[items.rows[i] * 4 + 2];
    const isSmall = length < SMALL_ITEM && this.#name.length < SMALL_ITEM;
    return isSmall || this.#fits(items, i) ? undefined : "key-too-long";
  }

  /** The payload of the key that item `i` gets; its numbers must be sound. Valid until the next one. */
  #payloadOf({ bytes, table }: Items, i: number): Uint8Array {
    const out = this.#payload.clear();
    for (const column of [i * ITEM_COLUMNS + ITEM_HASH, i * ITEM_COLUMNS + ITEM_RANGE]) {
      const [kind, start, end] = table.subarray(column, column + 3);
      if (kind > 0) appendPart(out, bytes, { kind, start, end });
    }
    return out.view();
  }

  /** Whether all keys that an item gets are short enough. */
  #fits(items: Items, i: number): boolean {
    const own = this.#payloadOf(items, i).slice();
    if (itemKey(this.#name, GENERATION, own).length > LONGEST_KEY) return false;
    const payload = new ByteBuilder();
    return this.indexes.list.every(({ name, hash, range }) => {
      const places = [
        this.indexes.placeOf(hash),
        ...range.length > 0 ? [this.indexes.placeOf(range)] : [],
      ];
      if (places.some(({ kind }) => kind < 0)) return true;
      payload.clear();
      for (const place of places) appendPart(payload, items.bytes, place);
      payload.append(own);
      return indexKey(this.#name, GENERATION, name, payload.view()).length <= LONGEST_KEY;
    });
  }
}

/** What stands behind the table's name and the generation in the key of an item. */
function payloadIn(key: Uint8Array): Uint8Array {
  const generation = key.indexOf(BAR, FAMILY["ddb-item"].bytes.length) + 1;
  return key.subarray(key.indexOf(BAR, generation) + 1);
}

function appendPart(out: ByteBuilder, bytes: Uint8Array, { kind, start, end }: ValuePlace): void {
  const part = bytes.subarray(start, end);
  appendSegment(out, kind === N ? orderedNumber(decodeUtf8(part)!) ?? NOTHING : part);
}
