/**
 * The keys of DynamoDB rows.
 *
 * ```text
 * !ddb|meta|table| name                                  a table's schema
 * !ddb|meta|gen|   name                                  its generation counter
 * !ddb|item|       name | generation | payload           an item
 * !ddb|gsi|        name | generation | index | payload   an entry of an index
 * ```
 *
 * `name` and `index` are base64 names, `generation` is a decimal u64. Neither contains `|`, so what
 * follows is found at once; the payload is arbitrary and may contain it. It has two layouts, and only
 * the table's schema says which: see {@link legacyPayload} and {@link orderedPayload}. Reading never
 * looks into a payload: an item's key attributes stand in its value.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { appendSegment } from "../bytes/segments.ts";
import { appendName, nameEnd, readName } from "./base64_names.ts";
import { FAMILY } from "./families.ts";

const BAR = 0x7c;
const TWO_TO_32 = 0x1_0000_0000;

/** Where the parts of an item's key are: offsets into the bytes that were parsed. Made to be reused. */
export class ItemKey {
  /** The table's name, still in base64: start. */
  tableStart = 0;
  /** … and end. */
  tableEnd = 0;
  /** The generation's upper 32 bits. */
  generationHigh = 0;
  /** The generation's lower 32 bits. */
  generationLow = 0;
  /** The payload goes from here to the end of the key. */
  payloadStart = 0;

  /** The generation as one number. */
  get generation(): bigint {
    return (BigInt(this.generationHigh) << 32n) | BigInt(this.generationLow);
  }
}

/** The same for an entry of an index. */
export class IndexKey extends ItemKey {
  /** The index's name, still in base64: start. */
  indexStart = 0;
  /** … and end. */
  indexEnd = 0;
}

/**
 * The table that a `ddb-table` or `ddb-generation` key is about: its name, or what is wrong with the
 * key.
 */
export function parseTableKey(
  family: "ddb-table" | "ddb-generation",
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | string {
  return readName(bytes, start + FAMILY[family].bytes.length, end) ??
    "the table name is not canonical base64";
}

/** The `ddb-table` or `ddb-generation` key of a table. */
export function tableKey(family: "ddb-table" | "ddb-generation", table: Uint8Array): Uint8Array {
  const out = new ByteBuilder().append(FAMILY[family].bytes);
  appendName(out, table);
  return out.take();
}

/** Fills `out` from a `ddb-item` key, or returns what is wrong with it. Allocates nothing. */
export function parseItemKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: ItemKey,
): string | undefined {
  const at = start + FAMILY["ddb-item"].bytes.length;
  return parseTableAndGeneration(bytes, at, end, out) ?? parsePayload(end, out);
}

/** The key of an item; `payload` has at least one byte. */
export function itemKey(table: Uint8Array, generation: bigint, payload: Uint8Array): Uint8Array {
  const out = new ByteBuilder();
  appendTableAndGeneration(out, "ddb-item", table, generation);
  return out.append(payload).take();
}

/** Fills `out` from a `ddb-gsi` key, or returns what is wrong with it. Allocates nothing. */
export function parseIndexKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: IndexKey,
): string | undefined {
  const at = start + FAMILY["ddb-gsi"].bytes.length;
  const reason = parseTableAndGeneration(bytes, at, end, out);
  if (reason !== undefined) return reason;
  out.indexStart = out.payloadStart;
  out.indexEnd = nameEnd(bytes, out.indexStart, end);
  if (out.indexEnd === end) return "nothing follows the index name";
  if (out.indexEnd < 0 || bytes[out.indexEnd] !== BAR) {
    return "the index name is not canonical base64";
  }
  out.payloadStart = out.indexEnd + 1;
  return parsePayload(end, out);
}

/**
 * The key of an index entry. Its payload has the index's hash and range attribute, then the item's;
 * the value of such a row is the item's key.
 */
export function indexKey(
  table: Uint8Array,
  generation: bigint,
  index: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const out = new ByteBuilder();
  appendTableAndGeneration(out, "ddb-gsi", table, generation);
  appendName(out, index);
  return out.byte(BAR).append(payload).take();
}

/**
 * The payload of tables with a key encoding below 2: `base64(part) | base64(part) …`. A missing range
 * attribute is an empty part, so an item's payload always has one bar and an index entry's three.
 *
 * @param parts UTF-8 of strings, binary as it is, numbers as the client spelled them.
 */
export function legacyPayload(parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteBuilder();
  parts.forEach((part, i) => {
    if (i > 0) out.byte(BAR);
    appendName(out, part);
  });
  return out.take();
}

/**
 * The payload of tables with a key encoding of 2 or more: one escape-terminated segment a part, none
 * for a missing range attribute. Types leave no trace: a string and a binary of equal bytes are one key.
 *
 * @param parts UTF-8 of strings, binary as it is, numbers in the form that `orderedNumber` gives.
 */
export function orderedPayload(parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteBuilder();
  for (const part of parts) appendSegment(out, part);
  return out.take();
}

/** Leaves the offset behind the generation's bar in `payloadStart`. */
function parseTableAndGeneration(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: ItemKey,
): string | undefined {
  const tableEnd = nameEnd(bytes, start, end);
  if (tableEnd === end) return "nothing follows the table name";
  if (tableEnd < 0 || bytes[tableEnd] !== BAR) return "the table name is not canonical base64";
  let high = 0;
  let low = 0;
  let at = tableEnd + 1;
  for (; at < end && bytes[at] !== BAR; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return "the generation is not a decimal number";
    low = low * 10 + digit;
    high *= 10;
    if (low >= TWO_TO_32) {
      const carry = Math.floor(low / TWO_TO_32);
      low -= carry * TWO_TO_32;
      high += carry;
    }
    if (high >= TWO_TO_32) return "the generation is above the largest 64-bit number";
  }
  if (at === end) return "nothing follows the generation";
  if (at === tableEnd + 1) return "the generation is empty";
  out.tableStart = start;
  out.tableEnd = tableEnd;
  out.generationHigh = high;
  out.generationLow = low;
  out.payloadStart = at + 1;
  return undefined;
}

function parsePayload(end: number, out: ItemKey): string | undefined {
  return out.payloadStart < end ? undefined : "the payload is empty";
}

function appendTableAndGeneration(
  out: ByteBuilder,
  family: "ddb-item" | "ddb-gsi",
  table: Uint8Array,
  generation: bigint,
): void {
  out.append(FAMILY[family].bytes);
  appendName(out, table);
  out.byte(BAR).ascii(generation.toString()).byte(BAR);
}
