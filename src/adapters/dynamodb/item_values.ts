/** The value of an item row, whatever server wrote it. @module */

import type { RowBatch } from "../../mvcc/row_batch.ts";
import { type Member, parseItem } from "./item.ts";
import { isJson, upgradeLegacyItem } from "./legacy_json.ts";

/** An item and the bytes that its offsets point into. */
export interface ParsedItem {
  bytes: Uint8Array;
  members: Member[];
  /** Whether it was stored as legacy JSON. */
  legacy: boolean;
}

/** The item of a row, or what is wrong with its value. */
export function itemOf(batch: RowBatch, i: number): ParsedItem | string {
  return itemIn(batch.bytes, batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
}

/** The item that `bytes[start, end)` holds, or what is wrong with it. */
export function itemIn(bytes: Uint8Array, start: number, end: number): ParsedItem | string {
  if (!isJson(bytes, start, end)) {
    const members = parseItem(bytes, start, end);
    return typeof members === "string" ? members : { bytes, members, legacy: false };
  }
  const upgraded = upgradeLegacyItem(bytes.subarray(start, end));
  if (typeof upgraded === "string") return upgraded;
  const members = parseItem(upgraded, 0, upgraded.length);
  return typeof members === "string" ? members : { bytes: upgraded, members, legacy: true };
}
