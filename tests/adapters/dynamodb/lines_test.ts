/** Many items in one file, and record lines: order, sizes, numbers of files, forms. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { TestEntry } from "../../support/stream.ts";
import { type Item, itemRow, tableRow } from "./rows.ts";
import { type Dump, dump } from "./support.ts";

/** Items named by letters; the line of each has 26 bytes, its end included. */
function letters(text: string): TestEntry[] {
  return [...text].map((id) => itemRow("t", { id: { S: id } }));
}

/** File → the letters of its items. */
function parts({ bundles }: Dump): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bundles).map(([path, lines]) => [
      path.replace("dynamodb/t/items/", ""),
      lines.map((line) => JSON.parse(line).Item.id.S).join(""),
    ]),
  );
}

for (
  const [limit, expected] of [
    [1, { "data-00001.jsonl": "a", "data-00002.jsonl": "b", "data-00003.jsonl": "c" }],
    [26, { "data-00001.jsonl": "a", "data-00002.jsonl": "b", "data-00003.jsonl": "c" }],
    [51, { "data-00001.jsonl": "a", "data-00002.jsonl": "b", "data-00003.jsonl": "c" }],
    [52, { "data-00001.jsonl": "ab", "data-00002.jsonl": "c" }],
    [77, { "data-00001.jsonl": "ab", "data-00002.jsonl": "c" }],
    [78, { "data-00001.jsonl": "abc" }],
  ] as const
) {
  Deno.test(`three lines of 26 bytes in files of at most ${limit}`, async () => {
    const dumped = await dump([tableRow("t"), ...letters("abc")], { dynamodbBundleSize: limit });
    deepStrictEqual(parts(dumped), expected);
  });
}

Deno.test("a line that is longer than a file may be has a file of its own", async () => {
  const dumped = await dump([
    tableRow("t"),
    ...letters("abde"),
    itemRow("t", { id: { S: "c" }, long: { S: "x".repeat(100) } }),
  ], { dynamodbBundleSize: 60 });
  deepStrictEqual(parts(dumped), {
    "data-00001.jsonl": "ab",
    "data-00002.jsonl": "c",
    "data-00003.jsonl": "de",
  });
});

Deno.test("lines longer than what is written at once come out whole and in order", async () => {
  const sizes = [10, 1 << 20, 10, (1 << 20) - 40, 10, 3 << 20, 5];
  const items = sizes.map((size, i): Item => ({ id: { S: `${i}` }, v: { S: "x".repeat(size) } }));
  const { bundles } = await dump([tableRow("t"), ...items.map((item) => itemRow("t", item))]);
  deepStrictEqual(bundles, {
    "dynamodb/t/items/data-00001.jsonl": items.map((Item) => JSON.stringify({ Item })),
  });
});

Deno.test("each table begins anew, and one without items has no file", async () => {
  const dumped = await dump([
    tableRow("empty"),
    tableRow("a"),
    itemRow("a", { id: { S: "x" } }),
    tableRow("b"),
    itemRow("b", { id: { S: "x" } }),
    itemRow("b", { id: { S: "y" } }),
  ], { dynamodbBundleSize: 1 });
  deepStrictEqual(Object.keys(dumped.bundles).sort(), [
    "dynamodb/a/items/data-00001.jsonl",
    "dynamodb/b/items/data-00001.jsonl",
    "dynamodb/b/items/data-00002.jsonl",
  ]);
  strictEqual(dumped.directories.has("dynamodb/empty/items"), true);
});

Deno.test("files are numbered in the order of their items", async () => {
  const { bundles } = await dump([tableRow("t"), ...letters("abcdefghijkl")], {
    dynamodbBundleSize: 1,
  });
  deepStrictEqual(
    Object.entries(bundles).map(([path, [line]]) => [path, JSON.parse(line).Item.id.S]),
    [..."abcdefghijkl"].map((letter, i) => [
      `dynamodb/t/items/data-${String(i + 1).padStart(5, "0")}.jsonl`,
      letter,
    ]),
  );
});

/** What the lines say of their items, in order; the same in bundles and records. */
function order(dumped: Dump): string[] {
  const bundled = Object.values(dumped.bundles).flat().map((line) => JSON.parse(line).Item.v.S);
  const recorded = dumped.records.map((line) => JSON.parse(line))
    .filter(({ type }) => type === "item").map(({ value }) => value.v.S);
  deepStrictEqual(recorded, bundled);
  return bundled;
}

Deno.test("thousands of lines, short and long ones, come in the order of their keys", async () => {
  const ids = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(4, "0"));
  const items = ids.map((id, i): Item => ({
    id: { S: id },
    v: { S: id },
    text: { S: "x".repeat(i % 700 === 0 ? 1_100_000 : 100) },
  }));
  const dumped = await dump([tableRow("t"), ...items.map((item) => itemRow("t", item))], {
    dynamodbBundleSize: 100_000,
  });
  deepStrictEqual(order(dumped), ids);
});

Deno.test("what is left of the old generation comes first, and each is in the order of its keys", async () => {
  // By number 10 is behind 9; the keys of generations have another order.
  const old = (id: string) =>
    itemRow("t", { id: { S: id }, v: { S: `old ${id}` } }, { version: 0, generation: 9 });
  const now = (id: string) =>
    itemRow("t", { id: { S: id }, v: { S: `new ${id}` } }, { generation: 10 });
  const dumped = await dump([
    tableRow("t", { generation: 10, from: 9 }),
    ...["b", "aaaa", "zz", "gone"].map(old),
    ...["c", "b", "a\0", "a", "gone"].map(now),
  ]);
  // Old keys are base64: YWFhYQ (aaaa), Yg (b), eno (zz).
  deepStrictEqual(order(dumped), [
    "old aaaa",
    "old zz",
    "new a",
    "new a\0",
    "new b",
    "new c",
    "new gone",
  ]);
});

Deno.test("a legacy table is in the order of its keys, which is not the order of the store", async () => {
  const shape = { hash: "h", range: "r", types: { h: "S", r: "S" }, version: 1 };
  const item = (h: string, r: string) =>
    itemRow("t", { h: { S: h }, r: { S: r }, v: { S: `${h},${r}` } }, shape);
  const dumped = await dump([
    tableRow("t", shape),
    // YWFh| is the beginning of YWFh|YWFh and YWFh|YWFhYWFh, and stored behind them.
    ...[["aaa", "aaaaaa"], ["aaa", ""], ["aaa", "aaa"], ["aa", "z"], ["", ""]]
      .map(([h, r]) => item(h, r)),
  ]);
  deepStrictEqual(order(dumped), ["aa,z", "aaa,", "aaa,aaa", "aaa,aaaaaa", ","]);
});

const RICH: Item = {
  "<a>": { S: "<x>&\u2028" },
  b: { B: "AP8=" },
  bs: { BS: ["AA==", ""] },
  f: { BOOL: false },
  id: { S: "k" },
  l: { L: [{ N: "1" }, { L: [] }, { M: { x: { NULL: true } } }] },
  m: { M: { "1": { N: "1.50" }, "\u0001": { S: "" } } },
  ns: { NS: ["2", "1.0", "abc"] },
  nul: { NULL: true },
  r: { N: "007" },
  ss: { SS: ["b", "a"] },
};
const SHAPE = { hash: "id", range: "r", types: { id: "S", r: "N" } };

Deno.test("record lines: tables first, then items, with their types", async () => {
  const { records } = await dump([
    tableRow("z"),
    itemRow("z", { id: { S: "first" } }),
    tableRow("a/b", SHAPE),
    itemRow("a/b", RICH, SHAPE),
  ]);
  deepStrictEqual(records, [
    '{"adapter":"dynamodb","scope":"a/b","type":"table","value":{"format_version":1,' +
    '"table_name":"a/b","primary_key":{"hash_key":{"name":"id","type":"S"},' +
    '"range_key":{"name":"r","type":"N"}},"attribute_definitions":[{"name":"id","type":"S"},' +
    '{"name":"r","type":"N"}]}}',
    '{"adapter":"dynamodb","scope":"z","type":"table","value":{"format_version":1,' +
    '"table_name":"z","primary_key":{"hash_key":{"name":"id","type":"S"},"range_key":{}},' +
    '"attribute_definitions":[{"name":"id","type":"S"}]}}',
    '{"adapter":"dynamodb","scope":"a/b","type":"item","key":{"id":{"S":"k"},"r":{"N":"007"}},' +
    '"value":{"<a>":{"S":"<x>&\\u2028"},"b":{"B":"AP8="},"bs":{"BS":["AA==",""]},' +
    '"f":{"BOOL":false},"id":{"S":"k"},"l":{"L":[{"N":"1"},{"L":[]},{"M":{"x":{"NULL":true}}}]},' +
    '"m":{"M":{"\\u0001":{"S":""},"1":{"N":"1.50"}}},"ns":{"NS":["2","1.0","abc"]},' +
    '"nul":{"NULL":true},"r":{"N":"007"},"ss":{"SS":["b","a"]}}}',
    '{"adapter":"dynamodb","scope":"z","type":"item","key":{"id":{"S":"first"}},' +
    '"value":{"id":{"S":"first"}}}',
  ]);
});

Deno.test("plain record lines: numbers are their digits, or strings where they are none", async () => {
  const { records } = await dump([tableRow("t", SHAPE), itemRow("t", RICH, SHAPE)], {
    dynamodbJson: "plain",
  });
  strictEqual(
    records[1],
    '{"adapter":"dynamodb","scope":"t","type":"item","key":{"id":"k","r":"007"},' +
      '"value":{"<a>":"<x>&\\u2028","b":"AP8=","bs":["AA==",""],"f":false,"id":"k",' +
      '"l":[1,[],{"x":null}],"m":{"\\u0001":"","1":1.50},"ns":[2,1.0,"abc"],"nul":null,' +
      '"r":"007","ss":["b","a"]}}',
  );
});

/** Literals as plain JSON: as they are where JSON has such numbers. */
const PLAIN: [literal: string, json: string][] = [
  ["0", "0"],
  ["-0", "-0"],
  ["-12.50", "-12.50"],
  ["1e3", "1e3"],
  ["1E-130", "1E-130"],
  ["9".repeat(38), "9".repeat(38)],
  ["9".repeat(1024), "9".repeat(1024)],
  ["9".repeat(1025), `"${"9".repeat(1025)}"`],
  ["1e400", "1e400"],
  ["+1", '"+1"'],
  ["01", '"01"'],
  [".5", '".5"'],
  ["5.", '"5."'],
  [" 1", '" 1"'],
  ["0x10", '"0x10"'],
  ["", '""'],
  ["NaN", '"NaN"'],
  ['1,\n"', '"1,\\n\\""'],
];

Deno.test("plain numbers are written digit by digit, and never anything that is not JSON", async () => {
  const { records } = await dump([
    tableRow("t"),
    itemRow("t", { id: { S: "k" }, n: { L: PLAIN.map(([literal]) => ({ N: literal })) } }),
  ], { dynamodbJson: "plain" });
  const list = PLAIN.map(([, json]) => json).join(",");
  strictEqual(records[1].endsWith(`"value":{"id":"k","n":[${list}]}}`), true, records[1]);
});

Deno.test("rows of several batches, and ones larger than a batch, come out whole", async () => {
  const moving = { types: { id: "N" }, generation: 2, from: 1 };
  const text = (i: number) => `${i} `.repeat((i * 7919) % 9000);
  const now = Array.from(
    { length: 300 },
    (_, i): Item => ({ id: { N: `${i}` }, v: { S: text(i) } }),
  );
  const old = Array.from({ length: 300 }, (_, i): Item => ({
    id: { N: `${2 * i}.0` },
    v: { S: "old " + text(i) },
  }));
  const large: Item = { id: { N: "1e9" }, v: { S: "y".repeat(5 << 20) } };
  const { items, fates } = await dump([
    tableRow("t", moving),
    ...now.map((item) => itemRow("t", item, { generation: 2 })),
    ...[...old, large].map((item) => itemRow("t", item, { version: 0, generation: 1 })),
    tableRow("u"),
    ...now.map((item) => itemRow("u", item)),
  ]);
  const expected = new Map<string, Item>();
  for (const item of old) {
    expected.set(`t/items/${parseInt((item.id as { N: string }).N)}.json`, item);
  }
  for (const [i, item] of now.entries()) expected.set(`t/items/${i}.json`, item);
  for (const [i, item] of now.entries()) expected.set(`u/items/${i}.json`, item);
  expected.set("t/items/1000000000.json", large);
  deepStrictEqual(new Map(Object.entries(items)), expected);
  deepStrictEqual(fates, { "t written": 1 + 300 + 150 + 1, "t hidden": 150, "u written": 301 });
});
