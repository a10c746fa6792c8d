/** What the tests of the DynamoDB adapter share. @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { dynamodb } from "../../../src/adapters/dynamodb/mod.ts";
import { type ItemForm, loadKernels } from "../../../src/kernels/kernels.ts";
import { ItemReader, textOf as textOfItem } from "../../../src/adapters/dynamodb/values.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { type Decoded, decodeWith, textOf } from "../../support/decode.ts";
import { pour } from "../../../src/tree/pieces.ts";
import { concat } from "../../support/generator/encoding.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import type { Item } from "./rows.ts";

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

const KERNELS = await loadKernels("js");
const NONE = new Uint8Array(0);
const FORM = {
  hash: bytesOf("id"),
  plain: false,
  indent: false,
  html: false,
  before: NONE,
  behind: NONE,
};

/**
 * Reads one value of a table with the hash key `id` and returns the text of the item.
 *
 * @throws what is wrong with the value.
 */
export function readText(
  value: Uint8Array,
  more: Partial<ItemForm> = {},
): string {
  const reader = new ItemReader(KERNELS, { ...FORM, ...more });
  const items = reader.readValue(value, (_code, message) => {
    throw new Error(message);
  });
  const text = textOfItem(items!, 0);
  const out = new ByteBuilder();
  const parts: Uint8Array[] = [];
  if (text instanceof Uint8Array) parts.push(text);
  else {
    pour(text.write(out), out, (piece) => void parts.push(piece.slice()));
    parts.push(out.take());
    strictEqual(parts.reduce((sum, { length }) => sum + length, 0), text.length);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(concat(...parts));
}
