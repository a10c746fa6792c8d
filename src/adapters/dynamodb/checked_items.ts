/** Items of a run of rows, read and checked; what cannot be used is refused here. @module */

import type { AdapterContext } from "../context.ts";
import type { Attribute, Member } from "./item.ts";
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

/** Values in values that the server reads. */
const SERVER_DEPTH = 32;

/** Items that are read before the first of them is used. */
const GROUP = 512;

/** The items of a run, some at a time. */
export function* checkedItems(
  context: AdapterContext,
  run: ItemRows,
  notes: ItemNotes,
): Generator<CheckedRow[]> {
  for (let from = 0; from < run.rows.length; from += GROUP) {
    yield readGroup(context, run, from, Math.min(from + GROUP, run.rows.length), notes);
  }
}

function readGroup(
  context: AdapterContext,
  run: ItemRows,
  from: number,
  to: number,
  notes: ItemNotes,
): CheckedRow[] {
  const found: CheckedRow[] = [];
  for (let r = from; r < to; r++) {
    const row = run.rows[r];
    const item = itemOf(run.batch, row);
    if (typeof item === "string") {
      context.refuse(run.batch, row, "malformed-value", item);
      continue;
    }
    const key = keyAttributes(run.table, item);
    if (typeof key === "string") {
      context.refuse(run.batch, row, "invalid-item", key);
      continue;
    }
    if (item.legacy) notes.legacyJson++;
    if (hasUnreadable(item.members, 1)) notes.unreadable++;
    const { bytes, members, legacy } = item;
    found.push({ bytes, members, legacy, key, row });
  }
  return found;
}

/** The item of a stored value that has been checked before. */
export function checkedBefore(
  table: Table,
  bytes: Uint8Array,
  start: number,
  end: number,
): CheckedItem {
  const item = itemIn(bytes, start, end) as ParsedItem;
  return { ...item, key: keyAttributes(table, item) as ItemKeyAttributes };
}

function hasUnreadable(members: readonly Member[], depth: number): boolean {
  for (const { value } of members) if (isUnreadable(value, depth)) return true;
  return false;
}

/** Whether the server stores such a value but cannot return it. */
function isUnreadable(value: Attribute, depth: number): boolean {
  if (depth > SERVER_DEPTH) return true;
  switch (value.kind) {
    case "":
      return true;
    case "NULL":
      return !value.flag;
    case "SS":
    case "NS":
    case "BS":
      return value.elements.length === 0;
    case "L":
      for (const element of value.list) if (isUnreadable(element, depth + 1)) return true;
      return false;
    case "M":
      return hasUnreadable(value.members, depth + 1);
    default:
      return false;
  }
}
