/** The value of an item row, whatever server wrote it. @module */

import { startsWith } from "../../bytes/compare.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { ITEM_MAGIC, ItemCheck, Malformed } from "./item.ts";
import { orderItem } from "./item_order.ts";
import { isJson, upgradeLegacyItem } from "./legacy_json.ts";

/** An item: a message in the form that servers write. */
export interface ParsedItem {
  /** Where it is. */
  bytes: Uint8Array;
  /** Offset of its first byte. */
  start: number;
  /** Offset behind its last byte. */
  end: number;
  /** Whether it was stored as legacy JSON. */
  legacy: boolean;
  /** Whether the server stores such an item but cannot return it. */
  unreadable: boolean;
}

/** The item of a row, or what is wrong with its value. */
export function itemOf(batch: RowBatch, i: number): ParsedItem | string {
  return itemIn(batch.bytes, batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
}

/** The item that `bytes[start, end)` holds, or what is wrong with it. */
export function itemIn(bytes: Uint8Array, start: number, end: number): ParsedItem | string {
  if (!isJson(bytes, start, end)) {
    return startsWith(bytes, ITEM_MAGIC, start, end)
      ? checked(bytes, start + ITEM_MAGIC.length, end, false)
      : "the magic number of items is missing";
  }
  const upgraded = upgradeLegacyItem(bytes.subarray(start, end));
  return typeof upgraded === "string" ? upgraded : checked(upgraded, 0, upgraded.length, true);
}

const CHECK = new ItemCheck();

function checked(
  bytes: Uint8Array,
  start: number,
  end: number,
  legacy: boolean,
): ParsedItem | string {
  try {
    CHECK.read(bytes, start, end);
    if (CHECK.ordered) return { bytes, start, end, legacy, unreadable: CHECK.unreadable };
    const ordered = orderItem(bytes, start, end);
    CHECK.read(ordered, 0, ordered.length);
    const { unreadable } = CHECK;
    return { bytes: ordered, start: 0, end: ordered.length, legacy, unreadable };
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}
