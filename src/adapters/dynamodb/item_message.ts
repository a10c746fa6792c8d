/**
 * Items as stored: a protocol buffer with one map entry an attribute.
 *
 * ```text
 * value     := 00 44 49 01 ‖ message     message, and contents of M := entry*
 * entry     := field 1 { field 1 name, field 2 attribute }
 * attribute := one of the fields of KINDS
 * L, sets   := { field 1 }*              of attributes, texts, bytes
 * ```
 *
 * Servers write one form of it: names ascend, each of them once; an entry has a name and then a value,
 * and a value at most one member; there are no other fields. Items are read in place in that form, see
 * item_walk.ts. A message that has another form is checked by the rules of protocol buffers
 * (item_check.ts) and brought into that one (item_order.ts).
 *
 * @module
 */

import { type ProtobufReader, Wire } from "../../bytes/protobuf.ts";

/** DynamoDB's type letters; `""` is no type. */
export type Kind = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M" | "";

/** The kinds of values by the numbers of their fields. */
export const KINDS: readonly Kind[] = [
  "",
  "S",
  "N",
  "B",
  "BOOL",
  "NULL",
  "SS",
  "NS",
  "BS",
  "L",
  "M",
];

/** Values in values that are read; the server itself reads {@link SERVER_DEPTH}. */
export const MAX_DEPTH = 100;
/** Values in values that the server reads. */
export const SERVER_DEPTH = 32;

/** What stands before an item's message. */
export const ITEM_MAGIC: Uint8Array = Uint8Array.of(0x00, 0x44, 0x49, 0x01);

/** The kind of value that a field holds; `""` for fields that are passed over. */
export function kindOf({ field, wire }: ProtobufReader): Kind {
  const kind = KINDS[field] ?? "";
  return wire === (kind === "BOOL" || kind === "NULL" ? Wire.VARINT : Wire.BYTES) ? kind : "";
}

/** Whether a field is an element of a list, a set or a map: they hold field 1. */
export function isElement({ field, wire }: ProtobufReader): boolean {
  return field === 1 && wire === Wire.BYTES;
}

/** Compares two names. */
export function compareNames(
  bytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
): number {
  for (let i = aStart, j = bStart; i < aEnd && j < bEnd; i++, j++) {
    if (bytes[i] !== bytes[j]) return bytes[i] - bytes[j];
  }
  return (aEnd - aStart) - (bEnd - bStart);
}
