/** Items of a run of rows, read and checked; what cannot be used is refused here. @module */

import type { AdapterContext } from "../context.ts";
import type { Attribute, Member } from "./item.ts";
import { type ItemKeyAttributes, keyAttributes } from "./item_keys.ts";
import type { ItemRows } from "./item_rows.ts";
import { itemOf, type ParsedItem } from "./item_values.ts";

/** An item with a usable key. */
export interface CheckedItem extends ParsedItem {
  key: ItemKeyAttributes;
  /** The row's place in its batch. */
  row: number;
}

/** Counts over the items of one table, to be warned about once. */
export interface ItemNotes {
  legacyJson: number;
  /** Items that the server itself answers with an error. */
  unreadable: number;
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
): Generator<CheckedItem[]> {
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
): CheckedItem[] {
  const found: CheckedItem[] = [];
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
    if (item.members.some((member: Member) => isUnreadable(member.value, 1))) notes.unreadable++;
    found.push({ ...item, key, row });
  }
  return found;
}

/** Whether the server stores such a value but cannot return it. */
function isUnreadable({ kind, flag, list, members, elements }: Attribute, depth: number): boolean {
  if (depth > SERVER_DEPTH || kind === "" || (kind === "NULL" && !flag)) return true;
  if (kind === "SS" || kind === "NS" || kind === "BS") return elements.length === 0;
  return list.some((value) => isUnreadable(value, depth + 1)) ||
    members.some(({ value }) => isUnreadable(value, depth + 1));
}
