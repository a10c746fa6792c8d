/**
 * The keys of DynamoDB items.
 *
 * ```
 * "!ddb|item|" base64url(table name) "|" generation "|" payload
 *              └ segment ─────────┘     └ decimal ┘     └ ≥ 1 byte, any bytes
 * ```
 *
 * Neither the segment nor the generation can hold a `|`, so the first two end them. What the payload
 * means is known from the table's schema alone; nothing here looks into it.
 *
 * @module
 */

import { URL_SAFE } from "../bytes/base64.ts";
import { startsWith } from "../bytes/compare.ts";
/** A well-formed item key. */
export const ITEM_KEY_OK = 0;
/** The key does not begin with `!ddb|item|`. */
export const ITEM_KEY_PREFIX = 1;
/** The table segment is empty or has no `|` behind it. */
export const ITEM_KEY_NO_TABLE = 2;
/** The table segment is not what base64url (without padding) would have written. */
export const ITEM_KEY_BAD_TABLE = 3;
/** The generation is empty or has no `|` behind it. */
export const ITEM_KEY_NO_GENERATION = 4;
/** The generation is not decimal digits, or above 2^64 − 1. */
export const ITEM_KEY_BAD_GENERATION = 5;
/** Nothing follows the generation. */
export const ITEM_KEY_NO_PAYLOAD = 6;

/** Columns of the table that {@link parseItemKeys} returns. */
export const ITEM_KEY_COLUMNS = 6;

const PREFIX = new TextEncoder().encode("!ddb|item|");
const PIPE = 0x7c;

/**
 * Takes the keys of the rows of a batch apart. `ranges` has four offsets in `bytes` for each row, of which
 * the first two are where its key starts and ends. The table has six columns for each row:
 * status, segmentStart, segmentEnd, generationHigh, generationLow, payloadStart. Where the status is
 * not `ITEM_KEY_OK`, the others are 0. The payload ends where the key ends.
 */
export function parseItemKeys(rows: {
  readonly bytes: Uint8Array;
  readonly ranges: Uint32Array;
  readonly count: number;
}): Uint32Array {
  const table = new Uint32Array(rows.count * ITEM_KEY_COLUMNS);
  for (let row = 0; row < rows.count; row++) {
    const to = row * ITEM_KEY_COLUMNS;
    const keyStart = rows.ranges[4 * row];
    const keyEnd = rows.ranges[4 * row + 1];
    table[to] = parseItemKey(rows.bytes, keyStart, keyEnd, table, to);
  }
  return table;
}

/** Returns the status; fills the columns behind it, from `table[to + 1]`, when all is well. */
function parseItemKey(
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  table: Uint32Array,
  to: number,
): number {
  if (!startsWith(bytes, PREFIX, keyStart, keyEnd)) return ITEM_KEY_PREFIX;

  const segmentStart = keyStart + PREFIX.length;
  const segmentEnd = pipeAt(bytes, segmentStart, keyEnd);
  if (segmentEnd === keyEnd || segmentEnd === segmentStart) return ITEM_KEY_NO_TABLE;
  if (!isBase64(bytes, segmentStart, segmentEnd)) return ITEM_KEY_BAD_TABLE;

  const generationStart = segmentEnd + 1;
  const generationEnd = pipeAt(bytes, generationStart, keyEnd);
  if (generationEnd === keyEnd || generationEnd === generationStart) return ITEM_KEY_NO_GENERATION;

  let high = 0;
  let low = 0;
  for (let i = generationStart; i < generationEnd; i++) {
    const digit = bytes[i] - 0x30;
    if (digit < 0 || digit > 9) return ITEM_KEY_BAD_GENERATION;
    low = low * 10 + digit;
    high = high * 10 + Math.floor(low / 2 ** 32);
    low %= 2 ** 32;
    if (high >= 2 ** 32) return ITEM_KEY_BAD_GENERATION;
  }
  const payloadStart = generationEnd + 1;
  if (payloadStart === keyEnd) return ITEM_KEY_NO_PAYLOAD;

  table[to + 1] = segmentStart;
  table[to + 2] = segmentEnd;
  table[to + 3] = high;
  table[to + 4] = low;
  table[to + 5] = payloadStart;
  return ITEM_KEY_OK;
}

/** The offset of the first `|` in `[start, end)`, or `end`. */
function pipeAt(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== PIPE) i++;
  return i;
}

/** Whether the text is exactly what encoding would have written, so that no table has two names. */
function isBase64(bytes: Uint8Array, start: number, end: number): boolean {
  let value = 0;
  for (let i = start; i < end; i++) {
    value = URL_SAFE.values[bytes[i]];
    if (value > 63) return false;
  }
  // The last digit of 2 has four bits that are not used, the last of 3 has two.
  const over = (end - start) % 4;
  return over === 0 || (over === 2 && value % 16 === 0) || (over === 3 && value % 4 === 0);
}
