/** What the tests of the DynamoDB adapter share. @module */

import { deepStrictEqual } from "node:assert/strict";
import type { AttributeValue, Item } from "../../../src/adapters/dynamodb/library.ts";
import { dynamodb } from "../../../src/adapters/dynamodb/mod.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { type Decoded, decodeWith, textOf } from "../../support/decode.ts";
import {
  bytesField,
  concat,
  mapFields,
  numberField,
  text,
  textField,
} from "../../support/generator/encoding.ts";
import { hex, stream, type TestEntry } from "../../support/stream.ts";
import { orderedNumber } from "./naive_numbers.ts";

export type { AttributeValue, Item };
export type Options = Parameters<typeof decodeWith>[2];

/** What a decode gave, in a form that is easy to compare. */
export interface Dump {
  /** Path → text. */
  tree: Record<string, string>;
  /** The same without `_schema.json` and `dynamodb/`, for tests that are not about schemas. */
  items: Record<string, Item>;
  directories: Set<string>;
  files: Map<string, Uint8Array>;
  /** `code scope` of each problem. */
  wrong: string[];
  messages: string[];
  /** Rows by what became of them, as `scope fate`. */
  fates: Record<string, number>;
  /** Warnings as `[event, values…]`, without the hints. */
  warnings: unknown[][];
  /** Path → lines, when items go into files of many. */
  bundles: Record<string, string[]>;
  /** Record lines. */
  records: string[];
}

/**
 * Decodes rows, or a whole file, in every way there is: both kernels, one file an item, files of many
 * items, record lines. All of them must balance, agree on what became of every row, and have the same
 * items.
 */
export async function dump(
  input: TestEntry[] | Uint8Array,
  options: Options = {},
): Promise<Dump> {
  const bytes = input instanceof Uint8Array ? input : stream(input);
  const wasm = await decodeWith(dynamodb, bytes, { ...options, kernel: "wasm" });
  const js = await decodeWith(dynamodb, bytes, { ...options, kernel: "js" });
  const bundled = await decodeWith(dynamodb, bytes, { ...options, dynamodbBundleMode: "jsonl" });
  const lines = await decodeWith(dynamodb, bytes, { ...options, records: true });
  deepStrictEqual(js.files, wasm.files, "both kernels write the same files");
  deepStrictEqual(js.directories, wasm.directories);
  deepStrictEqual(js.warnings, wasm.warnings);
  for (const decoded of [wasm, js, bundled, lines]) {
    deepStrictEqual(decoded.unbalanced, []);
    deepStrictEqual(fatesOf(decoded), fatesOf(wasm), "all outputs give rows the same fates");
    deepStrictEqual(wrongOf(decoded), wrongOf(wasm));
  }
  const bundles = Object.fromEntries(
    [...bundled.files.keys()].filter((path) => path.endsWith(".jsonl"))
      .map((path) => [path, linesOf(textOf(bundled, path)!)]),
  );
  const records = linesOf(new TextDecoder("utf-8", { ignoreBOM: true }).decode(lines.lines));
  const items = itemsOf(wasm);
  if ((options.dynamodbJson ?? "typed") === "typed") {
    const found = (list: unknown[]): string[] => list.map((item) => JSON.stringify(item)).sort();
    const parsed = records.map((line) => JSON.parse(line));
    const recorded = parsed.filter(({ type }) => type === "item").map(({ value }) => value);
    const wrapped = Object.values(bundles).flat().map((line) => JSON.parse(line).Item);
    deepStrictEqual(found(recorded), found(Object.values(items)), "record lines have every item");
    deepStrictEqual(found(wrapped), found(Object.values(items)), "bundles have every item");
  }
  return {
    tree: Object.fromEntries([...wasm.files.keys()].map((path) => [path, textOf(wasm, path)!])),
    items,
    directories: wasm.directories,
    files: wasm.files,
    wrong: wrongOf(wasm),
    messages: wasm.problems.map(({ error }) => error.message),
    fates: fatesOf(wasm),
    warnings: wasm.warnings.map(({ event, fields }) => [
      event,
      ...Object.entries(fields).filter(([name]) => name !== "hint").map(([, value]) => value),
    ]),
    bundles,
    records,
  };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.slice(0, -1).split("\n");
}

function itemsOf(decoded: Decoded): Record<string, Item> {
  const items: Record<string, Item> = {};
  for (const path of decoded.files.keys()) {
    if (path.endsWith("/_schema.json")) continue;
    items[path.slice("dynamodb/".length)] = JSON.parse(textOf(decoded, path)!);
  }
  return items;
}

function wrongOf({ problems }: Decoded): string[] {
  return problems.map(({ error, scope }) =>
    `${error.code} ${scope ? new TextDecoder().decode(scope) : "-"}`
  );
}

function fatesOf({ ledger }: Decoded): Record<string, number> {
  const fates: Record<string, number> = {};
  for (const { scope, fates: counts } of ledger.accounts) {
    const name = scope ? new TextDecoder().decode(scope) : "-";
    for (const [fate, count] of Object.entries(counts)) fates[`${name} ${fate}`] = count;
  }
  return fates;
}

/** SHA-256 of a file of the tree. */
export function sumOf({ files }: Dump, path: string): string {
  return sha256Hex(files.get(path)!);
}

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
