/** Builds the rows of tables and items, without any help of the adapter. @module */

import {
  bytesField,
  concat,
  mapFields,
  numberField,
  text,
  textField,
} from "../../support/generator/encoding.ts";
import { hex, type TestEntry } from "../../support/stream.ts";
import { orderedNumber } from "./naive_numbers.ts";

/** A value as DynamoDB JSON. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: boolean }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: Item };

/** An item as DynamoDB JSON. */
export type Item = { [name: string]: AttributeValue };

/** A name as keys have it: base64 with the URL alphabet, without padding. */
export function seg(name: string | Uint8Array): string {
  const bytes = typeof name === "string" ? text(name) : name;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What a table is made of; a table of S keys named `id`, without anything else, unless told. */
export interface TableShape {
  hash?: string;
  range?: string;
  types?: Record<string, string>;
  version?: number;
  generation?: number;
  from?: number;
}

/** The row of a table. */
export function tableRow(name: string, shape: TableShape = {}): TestEntry {
  const { hash = "id", range = "", types = { id: "S" } } = shape;
  const { version = 2, generation = 1, from = 0 } = shape;
  return {
    key: `!ddb|meta|table|${seg(name)}`,
    value: concat(
      hex("00445301"),
      textField(1, name),
      mapFields(2, Object.entries(types).map(([name, type]) => [name, text(type)])),
      bytesField(3, concat(textField(1, hash), textField(2, range))),
      numberField(5, version),
      numberField(6, from),
      numberField(7, generation),
    ),
  };
}

/** The row of a generation counter. */
export function counterRow(name: string, generation = 1): TestEntry {
  return { key: `!ddb|meta|gen|${seg(name)}`, value: String(generation) };
}

/** The row of an item: the key's payload is made of its key attributes. */
export function itemRow(
  table: string,
  item: Item,
  { hash = "id", range = "", version = 2, generation = 1 }: TableShape = {},
): TestEntry {
  const names = range === "" ? [hash] : [hash, range];
  const payload = version >= 2
    ? orderedPayload(names.map((name) => item[name]))
    : legacyPayload(names.map((name) => item[name]));
  return { key: itemKey(table, generation, payload), value: itemValue(item) };
}

/** The key of an item. */
export function itemKey(table: string, generation: number | string, payload: Uint8Array | string) {
  return concat(`!ddb|item|${seg(table)}|${generation}|`, payload);
}

/** Segments that end with 00 01 and have 00 FF for 00. */
export function orderedPayload(parts: AttributeValue[]): Uint8Array {
  return concat(
    ...parts.flatMap((part) => [
      ...Array.from("N" in part ? orderedNumber(part.N)! : rawOf(part)).map((b) =>
        b === 0 ? hex("00ff") : b
      ),
      hex("0001"),
    ]),
  );
}

/** Base64 of both parts, an empty one where there is no range. */
export function legacyPayload(parts: AttributeValue[]): string {
  return `${seg(rawOf(parts[0]))}|${parts.length > 1 ? seg(rawOf(parts[1])) : ""}`;
}

function rawOf(part: AttributeValue): Uint8Array {
  if ("S" in part) return text(part.S);
  if ("N" in part) return text(part.N);
  if ("B" in part) return Uint8Array.fromBase64(part.B);
  throw new Error("no key attribute");
}

/** The stored value of an item. */
export function itemValue(item: Item): Uint8Array {
  return concat(hex("00444901"), mapOf(item));
}

function mapOf(item: Item): Uint8Array {
  return mapFields(1, Object.entries(item).map(([name, value]) => [name, valueOf(value)]));
}

/** The message of a value. */
export function valueOf(value: AttributeValue): Uint8Array {
  const all = (contents: (string | Uint8Array)[]): Uint8Array =>
    concat(...contents.map((one) => bytesField(1, one)));
  if ("S" in value) return bytesField(1, value.S);
  if ("N" in value) return bytesField(2, value.N);
  if ("B" in value) return bytesField(3, Uint8Array.fromBase64(value.B));
  if ("BOOL" in value) return Uint8Array.of(0x20, Number(value.BOOL));
  if ("NULL" in value) return Uint8Array.of(0x28, Number(value.NULL));
  if ("SS" in value) return bytesField(6, all(value.SS));
  if ("NS" in value) return bytesField(7, all(value.NS));
  if ("BS" in value) return bytesField(8, all(value.BS.map((b) => Uint8Array.fromBase64(b))));
  if ("L" in value) return bytesField(9, all(value.L.map(valueOf)));
  return bytesField(10, mapOf(value.M));
}
