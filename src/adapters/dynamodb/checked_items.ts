/** Items of a run of rows, read and checked; what cannot be used is refused here. @module */

import type { AdapterContext } from "../context.ts";
import { type ItemKeyAttributes, keyAttributes } from "./item_keys.ts";
import type { ItemRows } from "./item_rows.ts";
import { itemIn, itemOf, type ParsedItem } from "./item_values.ts";
import type { Table } from "./tables.ts";

/** An item with a usable key. */
export interface CheckedItem extends ParsedItem {
  key: ItemKeyAttributes;
}

/** The same, and the place of its row in the batch. */
export interface CheckedRow extends CheckedItem {
  row: number;
}

/** Counts over the items of one table, to be warned about once. */
export interface ItemNotes {
  legacyJson: number;
  /** Items that the server itself answers with an error. */
  unreadable: number;
}

/** Warns of what was counted, once a table. */
export function warnOfItems(
  context: AdapterContext,
  table: Table,
  { legacyJson, unreadable }: ItemNotes,
): void {
  if (legacyJson > 0) {
    context.warn("ddb_legacy_json_value", {
      table: table.shownName,
      family: "item",
      count: legacyJson,
    });
  }
  if (unreadable > 0) {
    context.warn("ddb_unreadable_item", {
      table: table.shownName,
      count: unreadable,
      hint: "the server stores such values and cannot return them; they are written as stored",
    });
  }
}

/** Items that are read before the first of them is used: so many, or so many bytes. */
const GROUP = 512;
const GROUP_BYTES = 1 << 18;

/** The items of a run, some at a time. */
export function* checkedItems(
  context: AdapterContext,
  run: ItemRows,
  notes: ItemNotes,
): Generator<CheckedRow[]> {
  let group: CheckedRow[] = [];
  let bytes = 0;
  for (const row of run.rows) {
    const item = readRow(context, run, row, notes);
    if (item) group.push(item);
    bytes += run.batch.ranges[row * 4 + 3] - run.batch.ranges[row * 4 + 2];
    if (group.length < GROUP && bytes < GROUP_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  yield group;
}

function readRow(
  context: AdapterContext,
  { batch, table }: ItemRows,
  row: number,
  notes: ItemNotes,
): CheckedRow | undefined {
  const item = itemOf(batch, row);
  if (typeof item === "string") {
    context.refuse(batch, row, "malformed-value", item);
    return undefined;
  }
  const key = keyAttributes(table, item);
  if (typeof key === "string") {
    context.refuse(batch, row, "invalid-item", key);
    return undefined;
  }
  if (item.legacy) notes.legacyJson++;
  if (item.unreadable) notes.unreadable++;
  return { ...item, key, row };
}

/** The item of a stored value that has been checked before. */
export function checkedBefore(table: Table, value: Uint8Array): CheckedItem {
  const item = itemIn(value, 0, value.length) as ParsedItem;
  return { ...item, key: keyAttributes(table, item) as ItemKeyAttributes };
}
