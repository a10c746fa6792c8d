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
 * looks into a payload: an item's key attributes stand in its value. `item_keys.ts` takes the keys of
 * items apart, a batch at a time; those of index entries, which follow from the items, nobody reads.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { appendSegment } from "../bytes/segments.ts";
import { appendName, readName } from "./base64_names.ts";
import { FAMILY } from "./families.ts";

const BAR = 0x7c;

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

/** The key of an item; `payload` has at least one byte. */
export function itemKey(table: Uint8Array, generation: bigint, payload: Uint8Array): Uint8Array {
  const out = new ByteBuilder();
  appendTableAndGeneration(out, "ddb-item", table, generation);
  return out.append(payload).take();
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
