/**
 * The rows of items, table by table: which of them are alive in their table, and in which order they
 * come.
 *
 * @module
 */

import { readName } from "../../keyspace/base64_names.ts";
import {
  ITEM_KEY_BAD_GENERATION,
  ITEM_KEY_BAD_TABLE,
  ITEM_KEY_COLUMNS,
  ITEM_KEY_NO_GENERATION,
  ITEM_KEY_NO_PAYLOAD,
  ITEM_KEY_NO_TABLE,
  ITEM_KEY_OK,
  ITEM_KEY_PREFIX,
  parseItemKeys,
} from "../../keyspace/item_keys.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { isPromise } from "../../sources/source.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { isBounded, isWithin, itemRanges, type KeyBounds } from "./key_bounds.ts";
import { migrationSurvivors, type RowSet } from "./migration.ts";
import { isGeneration, type NoTable, type Table, type Tables } from "./scopes.ts";

/** Rows of one table in one batch, all of them items that a client can read. */
export interface ItemRows {
  table: Table;
  /** Raw name of the table. */
  name: Uint8Array;
  batch: RowBatch;
  /** The rows' places in the batch, ascending. */
  rows: Uint32Array;
  /** The same before those were taken out that are not wanted. */
  all: Uint32Array;
  /** Rows of the table's own generation that came before them. */
  before: number;
  /** Whether they are from the generation that the table is being moved from. */
  fromSource: boolean;
  /** Whether their keys are legacy ones, which hold numbers as clients spelled them. */
  legacyKeys: boolean;
}

/** What the codes of the item key kernel mean. */
const KEY_REASONS: Readonly<Record<number, string>> = {
  [ITEM_KEY_PREFIX]: "the key is not that of an item",
  [ITEM_KEY_NO_TABLE]: "nothing follows the table name, or it is empty",
  [ITEM_KEY_BAD_TABLE]: "the table name is not canonical base64",
  [ITEM_KEY_NO_GENERATION]: "nothing follows the generation, or it is empty",
  [ITEM_KEY_BAD_GENERATION]: "the generation is not a 64-bit decimal number",
  [ITEM_KEY_NO_PAYLOAD]: "nothing follows the generation",
};

/**
 * Walks the rows of items in stored order. Rows that are no items of a table to be read
 * get their fate here; the rows that are given must get theirs from the caller.
 *
 * @param bounds Of these keys only, within each table.
 */
export async function* readItemRows(
  context: AdapterContext,
  tables: Tables,
  bounds: KeyBounds,
): AsyncGenerator<ItemRows> {
  let owner: Owner | undefined;
  const ranges = await itemRanges(context, tables, bounds);
  for await (const batch of context.scanRanges(ranges)) {
    const keys = parseItemKeys(batch);
    const places = new Uint32Array(batch.count);
    let from = 0;
    let to = 0;
    let fromSource = false;
    const run = (): ItemRows => {
      const rows = places.subarray(from, to);
      from = to;
      const { name, activeRows: before } = owner!;
      const table = owner!.table as Table;
      if (!fromSource) owner!.activeRows += rows.length;
      const legacyKeys = fromSource || table.keyEncodingVersion < 2n;
      return { table, name, batch, rows, all: rows, before, fromSource, legacyKeys };
    };
    for (let i = 0; i < batch.count; i++) {
      const k = i * ITEM_KEY_COLUMNS;
      if (keys[k] !== ITEM_KEY_OK) {
        context.refuse(batch, i, "malformed-key", KEY_REASONS[keys[k]]);
        continue;
      }
      if (!owner?.owns(batch.bytes, keys[k + 1], keys[k + 2])) {
        if (to > from) yield run();
        owner?.warn(context);
        const segment = decodeUtf8(batch.bytes, keys[k + 1], keys[k + 2])!;
        const name = readName(batch.bytes, keys[k + 1], keys[k + 2])!;
        owner = new Owner(segment, name, tables.find(name));
        await owner.prepare(context, bounds);
      }
      const fate = owner.fateOf(keys, k);
      if (fate !== "active" && fate !== "source") {
        const left = context.leave(batch, i, fate);
        if (isPromise(left)) await left;
        continue;
      }
      if (fate === "active" && isBounded(bounds)) {
        const payload = batch.bytes.subarray(keys[k + 5], batch.ranges[i * 4 + 1]);
        if (!isWithin(bounds, payload)) continue;
      }
      if (to > from && fromSource !== (fate === "source")) yield run();
      fromSource = fate === "source";
      places[to++] = i;
    }
    if (to > from) yield run();
  }
  owner?.warn(context);
}

/** The generation that an item counts in, or why it does not count. */
type ItemFate = "active" | "source" | "hidden" | "stale-generation" | NoTable;

/** Whose rows the walk is at. The rows of one table follow one another. */
class Owner {
  readonly name: Uint8Array;
  readonly table: Table | NoTable;
  /** Rows of the table's own generation that were given. */
  activeRows = 0;
  readonly #segment: string;
  #survivors: RowSet | undefined;
  #sourceRows = 0;
  #orphans = 0;
  #stale = 0;

  constructor(segment: string, name: Uint8Array, table: Table | NoTable) {
    this.#segment = segment;
    this.name = name;
    this.table = table;
  }

  /** Finds out which rows of the source generation still count. */
  async prepare(context: AdapterContext, bounds: KeyBounds): Promise<void> {
    if (typeof this.table === "string" || !this.table.source) return;
    this.#survivors = await migrationSurvivors(context, this.table, this.name, bounds);
  }

  /** Whether `bytes[start, end)` is the name as it stands in this table's keys. */
  owns(bytes: Uint8Array, start: number, end: number): boolean {
    const segment = this.#segment;
    if (segment.length !== end - start) return false;
    for (let i = 0; i < segment.length; i++) {
      if (segment.charCodeAt(i) !== bytes[start + i]) return false;
    }
    return true;
  }

  /** What becomes of the next row, whose columns begin at `k`. */
  fateOf(keys: Uint32Array, k: number): ItemFate {
    const { table } = this;
    if (typeof table === "string") {
      if (table === "orphan" || table === "deleted") this.#orphans++;
      return table;
    }
    if (isGeneration(table.active, keys, k)) return "active";
    if (table.source && isGeneration(table.source, keys, k)) {
      return this.#survivors!.has(this.#sourceRows++) ? "source" : "hidden";
    }
    this.#stale++;
    return "stale-generation";
  }

  /** Warns of the rows that were left out. */
  warn(context: AdapterContext): void {
    const { table } = this;
    if (this.#orphans > 0) {
      context.warn("ddb_orphan_items", {
        encoded_table: this.#segment,
        buffered_items: this.#orphans,
      });
    }
    if (typeof table === "string" || this.#stale === 0) return;
    context.warn("ddb_stale_generation_items", {
      table: table.shownName,
      active_generation: table.generation,
      migration_source_generation: table.source?.number ?? 0n,
      stale_count: this.#stale,
      hint: "items of an older generation of the table; clients cannot read them",
    });
  }
}
