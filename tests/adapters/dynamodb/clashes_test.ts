/** Two items, or two tables, that need one path: both are written. */

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { decode } from "../../../src/commands/decode.ts";
import { OutputError } from "../../../src/errors.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import type { DecodeOptions } from "../../../src/commands/decode_options.ts";
import type { Manifest } from "../../../src/tree/manifest.ts";
import type { Sink, SinkFile } from "../../../src/tree/sink.ts";
import { PickySink } from "../../support/picky_sink.ts";
import { hexOf } from "../../support/generator/encoding.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { type AttributeValue, type Item, itemRow, tableRow } from "./rows.ts";
import { dump } from "./support.ts";

/** What tells a row's file apart. */
function suffix({ key }: TestEntry): string {
  return "~" + sha256Hex(bytesOf(key)).slice(0, 8);
}

Deno.test("items whose keys are not of the declared type keep out of the way of the others", async () => {
  const rows: [id: AttributeValue, row: TestEntry][] = ([
    { S: "5" },
    { N: "5" },
    { S: "1/2" },
    { N: "0.5" },
    { B: "NQ==" },
    { S: "b64.NQ" },
  ] as AttributeValue[]).map((id) => [id, itemRow("t", { id })]);
  const [string5, number5, stringHalf, numberHalf, binary5, stringB64] = rows;
  // The string and the binary of equal bytes are one key: only one of them can be stored.
  const stored = [string5, number5, stringHalf, numberHalf, stringB64].map(([, row]) => row);
  const dumped = await dump([tableRow("t"), ...stored]);
  const hashed = `${sha256Hex(bytesOf("b64.NQ")).slice(0, 32)}__b64.NQ`;
  deepStrictEqual(dumped.items, {
    "t/items/5.json": { id: string5[0] },
    [`t/items/5${suffix(number5[1])}.json`]: { id: number5[0] },
    "t/items/1%2F2.json": { id: stringHalf[0] },
    [`t/items/1%2F2${suffix(numberHalf[1])}.json`]: { id: numberHalf[0] },
    [`t/items/${hashed}.json`]: { id: stringB64[0] },
  });
  deepStrictEqual(
    dumped.warnings,
    [
      ["ddb_item_path_collision", "t", `dynamodb/t/items/1%2F2${suffix(numberHalf[1])}.json`],
      ["ddb_item_path_collision", "t", `dynamodb/t/items/5${suffix(number5[1])}.json`],
    ].map((warning, i) => [...warning, hexOf(bytesOf([numberHalf, number5][i][1].key))]),
  );
  const other = await dump([tableRow("t"), binary5[1], number5[1]]);
  deepStrictEqual(Object.keys(other.items).sort(), ["t/items/5.json", "t/items/b64.NQ.json"]);
});

Deno.test("which item gets the plain name depends on the keys alone", async () => {
  const shape = { types: { id: "S" } };
  const number = itemRow("t", { id: { N: "5" } });
  const string = itemRow("t", { id: { S: "5" } });
  const asNumber = await dump([tableRow("t", { types: { id: "N" } }), number, string]);
  const asString = await dump([tableRow("t", shape), number, string]);
  const asBinary = await dump([tableRow("t", { types: { id: "B" } }), number, string]);
  deepStrictEqual(asNumber.items["t/items/5.json"], { id: { N: "5" } });
  deepStrictEqual(asString.items["t/items/5.json"], { id: { S: "5" } });
  // Neither is of the declared type: the first in key order is the number, whose key begins with 02.
  deepStrictEqual(asBinary.items["t/items/5.json"], { id: { N: "5" } });
});

Deno.test("a string and a binary that are too long and equal clash in a legacy table", async () => {
  const long = "a".repeat(241);
  const before = { version: 0 };
  const string = itemRow("t", { id: { S: long } }, before);
  const binary = itemRow("t", { id: { B: btoa(long) } }, before);
  binary.key = bytesOf(binary.key).slice();
  (binary.key as Uint8Array)[(binary.key as Uint8Array).length - 2] ^= 1; // a key of its own
  const { items } = await dump([tableRow("t", before), string, binary]);
  const name = `t/items/ec6e326ef29fe322b62111584194c54e__${"a".repeat(64)}`;
  deepStrictEqual(items, {
    [`${name}.json`]: { id: { S: long } },
    [`${name}${suffix(binary)}.json`]: { id: { B: btoa(long) } },
  });
});

const COMPOSITE = { hash: "h", range: "r", types: { h: "S", r: "S" } };
const pair = (h: string, r: string): Item => ({ h: { S: h }, r: { S: r } });

Deno.test("an empty hash and a hash that ends in .json need one name as a file and as a folder", async () => {
  const file = itemRow("t", pair("", "x"), COMPOSITE);
  const folder = itemRow("t", pair("x.json", "y"), COMPOSITE);
  const { items } = await dump([tableRow("t", COMPOSITE), file, folder]);
  deepStrictEqual(items, {
    "t/items/x.json/y.json": pair("x.json", "y"),
    [`t/items/x${suffix(file)}.json`]: pair("", "x"),
  });
});

Deno.test("a folder that cannot be had is replaced by one of its own for each item", async () => {
  // Declared as binary, all of these wait for their names; the empty hash comes first.
  const shape = { ...COMPOSITE, types: { h: "B", r: "S" } };
  const file = itemRow("t", pair("", "x"), shape);
  const first = itemRow("t", pair("x.json", "y"), shape);
  const second = itemRow("t", pair("x.json", "z"), shape);
  const { items, fates } = await dump([tableRow("t", shape), file, first, second]);
  deepStrictEqual(items, {
    "t/items/x.json": pair("", "x"),
    [`t/items/x.json${suffix(first)}/y.json`]: pair("x.json", "y"),
    [`t/items/x.json${suffix(second)}/z.json`]: pair("x.json", "z"),
  });
  deepStrictEqual(fates, { "t written": 4 });
});

Deno.test("empty parts of keys give names of their own", async () => {
  const { items } = await dump([
    tableRow("t", COMPOSITE),
    ...[["", ""], ["a", ""], ["", "a"], ["a", "a"]].map(([h, r]) =>
      itemRow("t", pair(h, r), COMPOSITE)
    ),
  ]);
  deepStrictEqual(Object.keys(items).sort(), [
    "t/items/.json",
    "t/items/a.json",
    "t/items/a/.json",
    "t/items/a/a.json",
  ]);
});

Deno.test("dots are no folders", async () => {
  const { items } = await dump([
    tableRow("t", COMPOSITE),
    ...[[".", "a"], ["..", ".."], ["...", "."], ["", ".."]].map(([h, r]) =>
      itemRow("t", pair(h, r), COMPOSITE)
    ),
  ]);
  deepStrictEqual(Object.keys(items).sort(), [
    "t/items/%2E%2E.json",
    "t/items/%2E%2E/%2E%2E.json",
    "t/items/%2E/a.json",
    "t/items/.../%2E.json",
  ]);
});

/** Table names and the folders that they get. */
const TABLES: [name: string, folder: string][] = [
  [".", "%2E"],
  ["..", "%2E%2E"],
  ["../../etc", "..%2F..%2Fetc"],
  ["/", "%2F"],
  ["a\0b", "a%00b"],
  ["con", "con"],
  ["CON", "CON"],
  ["_schema.json", "_schema.json"],
  ["\u202egpj", "%E2%80%AEgpj"],
  ["b64.x", "261e3e281e06e9789437999358e26046__b64.x"],
  ["é".repeat(100), `${sha256Hex(bytesOf("é".repeat(100))).slice(0, 32)}__${"%C3%A9".repeat(32)}`],
  [
    "x".repeat(300_000),
    `${sha256Hex(bytesOf("x".repeat(300_000))).slice(0, 32)}__${"x".repeat(64)}`,
  ],
];

Deno.test("a table of any name has a folder of its own", async () => {
  const { items, wrong, tree } = await dump(
    TABLES.flatMap(([name]) => [tableRow(name), itemRow(name, { id: { S: "a" } })]),
  );
  deepStrictEqual(wrong, []);
  deepStrictEqual(
    Object.keys(items).sort(),
    TABLES.map(([, folder]) => `${folder}/items/a.json`).sort(),
  );
  for (const [name, folder] of TABLES) {
    const { table_name } = JSON.parse(tree[`dynamodb/${folder}/_schema.json`]);
    strictEqual(table_name === name, true, folder); // long names are not worth a diff
  }
});

Deno.test("a name of a table that is not UTF-8 has no schema that fits, but for one without a name", async () => {
  const key = "!ddb|meta|table|_w"; // the byte FF
  const item = { key: "!ddb|item|_w|1|a\0\x01", value: itemRow("t", { id: { S: "a" } }).value };
  const { wrong } = await dump([{ key, value: tableRow("\ufffd").value }, item]);
  strictEqual(wrong[0].startsWith("invalid-schema"), true);
  const { items, records } = await dump([{ key, value: tableRow("").value }, item]);
  deepStrictEqual(Object.keys(items), ["%FF/items/a.json"]);
  match(records[0], /^\{"adapter":"dynamodb","scope":\{"base64":"_w"\},"type":"table",/);
});

Deno.test("on a file system that folds letter case, nothing is lost or overwritten", async () => {
  const rows = [
    ...["Orders", "orders"].flatMap((name) => [
      tableRow(name),
      itemRow(name, { id: { S: "a" }, of: { S: name } }),
      itemRow(name, { id: { S: "A" }, of: { S: name } }),
    ]),
    tableRow("pairs", COMPOSITE),
    itemRow("pairs", pair("K", "x"), COMPOSITE),
    itemRow("pairs", pair("k", "X"), COMPOSITE),
    itemRow("pairs", pair("con", "."), COMPOSITE),
    itemRow("pairs", pair("", "K"), COMPOSITE),
  ];
  const files = await portable(rows);
  const orders = hashed("orders");
  deepStrictEqual(files, {
    "Orders/items/A.json": { id: { S: "A" }, of: { S: "Orders" } },
    [`Orders/items/${hashed("a")}.json`]: { id: { S: "a" }, of: { S: "Orders" } },
    [`${orders}/items/A.json`]: { id: { S: "A" }, of: { S: "orders" } },
    [`${orders}/items/${hashed("a")}.json`]: { id: { S: "a" }, of: { S: "orders" } },
    "pairs/items/K/x.json": pair("K", "x"),
    [`pairs/items/${hashed("k")}/${hashed("X")}.json`]: pair("k", "X"),
    "pairs/items/%63on/%2E.json": pair("con", "."),
    // It stands beside the folders, so it could clash with one.
    [`pairs/items/K${suffix(rows.at(-1)!)}.json`]: pair("", "K"),
  });
});

Deno.test("by the portable rule, an item that may clash has a suffix whether or not it does", async () => {
  const rows = [
    tableRow("t"),
    itemRow("t", { id: { N: "5" } }),
    itemRow("t", { id: { S: "6" } }),
    itemRow("t", { id: { B: "QQ==" } }),
    itemRow("t", { id: { B: "qQ==" } }),
  ];
  const names = [
    `5${suffix(rows[1])}`,
    "6",
    `b64.QQ${suffix(rows[3])}`,
    `b64.qQ${suffix(rows[4])}`,
  ];
  deepStrictEqual(
    Object.keys(await portable(rows)).sort(),
    names.map((name) => `t/items/${name}.json`).sort(),
  );
});

Deno.test("folders are called the same in the dump of a part", async () => {
  const rows = ["T", "t"].flatMap((name) => [tableRow(name), itemRow(name, { id: { S: "a" } })]);
  deepStrictEqual(Object.keys(await portable(rows, { scopes: { dynamodb: ["t"] } })), [
    `${hashed("t")}/items/a.json`,
  ]);
});

function hashed(name: string): string {
  return `${sha256Hex(bytesOf(name)).slice(0, 32)}__${name}`;
}

/** The items of a dump where letters of two cases are one, by their paths. */
async function portable(
  rows: TestEntry[],
  options: DecodeOptions = {},
): Promise<Record<string, unknown>> {
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(stream(rows), "x.fsm") }]);
  const sink = new PickySink();
  const report = await decode(snapshot, sink, { adapters: ["dynamodb"], ...options });
  deepStrictEqual(report.problems, []);
  const events = new Set(report.warnings.map(({ event }) => event));
  // A table in a folder of another name cannot be restored.
  events.delete("not_restorable");
  deepStrictEqual([...events], ["portable_names"]);
  const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
  strictEqual((parse(sink.files.get("MANIFEST.json")!) as Manifest).file_names, "portable");
  return Object.fromEntries(
    [...sink.files].filter(([path]) => path.includes("/items/"))
      .map(([path, bytes]) => [path.slice("dynamodb/".length), parse(bytes)]),
  );
}

Deno.test("an item under the key of another one is written beside that one's", async () => {
  // A damaged file: the second key is no other item's, and the item in it is the first one.
  for (const shape of [{}, COMPOSITE]) {
    const item: Item = shape === COMPOSITE ? pair("a", "b") : { id: { S: "a" } };
    const first = itemRow("t", item, shape);
    const other = { ...first, key: bytesOf(first.key).slice() };
    other.key[other.key.length - 3] ^= 8;
    const { items, warnings, wrong } = await dump([tableRow("t", shape), first, other]);
    const plain = shape === COMPOSITE ? "t/items/a/b" : "t/items/a";
    deepStrictEqual(items, {
      [`${plain}.json`]: item,
      [`${plain}${suffix(other)}.json`]: item,
    });
    deepStrictEqual([wrong, warnings.map(([event]) => event)], [[], ["ddb_item_path_collision"]]);
    const snapshot = stream([tableRow("t", shape), first, other]);
    const sink = new PickySink();
    const opened = await openSnapshotInputs([{ source: new BytesSource(snapshot, "x.fsm") }]);
    const report = await decode(opened, sink, { adapters: ["dynamodb"] });
    deepStrictEqual([report.problems, report.accounts[0].fates], [[], { written: 3 }]);
  }
});

/** Has no place for some items. */
class RefusingSink extends MemorySink {
  readonly tried: string[] = [];
  readonly #refuses: (path: string) => boolean;

  constructor(refuses: (path: string) => boolean) {
    super();
    this.#refuses = refuses;
  }

  override put(path: string, bytes: Uint8Array): boolean {
    return !this.#isRefused(path) && super.put(path, bytes);
  }

  override create(path: string): SinkFile | undefined {
    return this.#isRefused(path) ? undefined : super.create(path);
  }

  #isRefused(path: string): boolean {
    if (path.includes("/items/")) this.tried.push(path);
    return path.includes("/items/") && this.#refuses(path);
  }
}

async function decodeInto(sink: Sink, rows: TestEntry[]): ReturnType<typeof decode> {
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(stream(rows), "x.fsm") }]);
  return await decode(snapshot, sink, { adapters: ["dynamodb"], keepGoing: true });
}

Deno.test("an item whose names are taken gets one with more digits, and never too long a one", async () => {
  const digits = (row: TestEntry): string => sha256Hex(bytesOf(row.key));
  for (const text of [{}, { v: { S: "x".repeat(3 << 20) } }] as Item[]) {
    const short = itemRow("t", { id: { S: "a" }, ...text });
    const long = itemRow("t", { id: { S: "b".repeat(240) }, ...text });
    const sink = new RefusingSink((path) =>
      !path.includes(digits(short)) && !path.includes(digits(long))
    );
    const report = await decodeInto(sink, [tableRow("t"), short, long]);
    deepStrictEqual([report.problems, report.accounts[0].fates], [[], { written: 3 }]);
    const names = [...sink.files.keys()].filter((path) => path.includes("/items/"));
    deepStrictEqual(names, [
      `dynamodb/t/items/a~${digits(short)}.json`,
      `dynamodb/t/items/${"b".repeat(184)}~${digits(long)}.json`,
    ]);
    for (const path of sink.tried) ok(path.split("/").at(-1)!.length <= 255, path);
    // The plain name, then 8, 16, 32 and 64 digits.
    strictEqual(sink.tried.length, 10);
  }
});

Deno.test("where no file can be made for an item, the decode ends, with its key", async () => {
  // More than one batch: a key must not be a view of a buffer that is used again.
  const items = ["a", "b", "c"].map((id) =>
    itemRow("t", { id: { S: id }, v: { S: id.repeat(3 << 20) } })
  );
  const sink = new RefusingSink((path) => /items\/b/.test(path));
  await rejects(decodeInto(sink, [tableRow("t"), ...items]), (error) => {
    ok(error instanceof OutputError);
    deepStrictEqual(
      [error.code, error.file, hexOf(error.key!)],
      ["output-failed", "dynamodb/t/items/b.json", hexOf(bytesOf(items[1].key))],
    );
    return true;
  });
});
