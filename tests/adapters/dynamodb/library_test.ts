/** Tables and items as a program reads them. */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import {
  AbortedError,
  type Item,
  type ItemKey,
  keys,
  openSnapshot,
  UnsoundError,
  UsageError,
} from "../../../mod.ts";
import { text } from "../../support/generator/encoding.ts";
import { costOf } from "../../support/cost.ts";
import { hex, nodeFile, stream, type TestEntry } from "../../support/stream.ts";
import { itemKey, itemRow, tableRow } from "./rows.ts";

const { itemKey: storedItemKey, legacyPayload, orderedNumber, orderedPayload } = keys;

async function tableIn(rows: TestEntry[], name = "t") {
  return (await openSnapshot(stream(rows))).dynamodb.table(name);
}

const COMPOSITE = { hash: "h", range: "r", types: { h: "S", r: "N" } };
const pair = (h: string, r: string): Item => ({ h: { S: h }, r: { N: r } });

Deno.test("an item is found by its key, given as DynamoDB JSON or plainly", async () => {
  const item = pair("a\0", "12.50");
  const table = await tableIn([tableRow("t", COMPOSITE), itemRow("t", item, COMPOSITE)]);
  const keys: ItemKey[] = [
    { h: { S: "a\0" }, r: { N: "12.50" } },
    { h: "a\0", r: "12.5" },
    { h: text("a\0"), r: { N: "1250e-2" } },
    { r: "+012.5", h: { B: "YQA=" } },
  ];
  for (const key of keys) deepStrictEqual(await table.get(key), item);
  for (const key of [{ h: "a\0", r: 12 }, { h: "a", r: "12.5" }]) {
    strictEqual(await table.get(key), undefined);
  }
});

Deno.test("numbers in keys are exact, however large", async () => {
  const shape = { types: { id: "N" } };
  const numbers = ["9007199254740993", "9007199254740992", "0.1", "-5", "0", "1e125"];
  const table = await tableIn([
    tableRow("t", shape),
    ...numbers.map((N) => itemRow("t", { id: { N } }, shape)),
  ]);
  const found = async (id: ItemKey[string]): Promise<unknown> => (await table.get({ id }))?.id;
  deepStrictEqual(await found(9007199254740993n), { N: "9007199254740993" });
  deepStrictEqual(await found("9007199254740992.0"), { N: "9007199254740992" });
  deepStrictEqual(await found(-5), { N: "-5" });
  deepStrictEqual(await found(-0), { N: "0" });
  deepStrictEqual(await found("10e124"), { N: "1e125" });
  deepStrictEqual(await found({ N: ".1" }), { N: "0.1" });
  await rejects(found(0.1), /not exact/);
  await rejects(found(2 ** 53), /not exact/);
  for (const digits of ["", "abc", "0x10", "1_000", "NaN"]) {
    await rejects(found(digits), UsageError, digits);
  }
});

Deno.test("in a table of legacy keys, a number is found by its digits", async () => {
  const shape = { version: 0, types: { id: "N" } };
  const table = await tableIn([
    tableRow("t", shape),
    ...["1", "1.0", "abc"].map((N) => itemRow("t", { id: { N } }, shape)),
  ]);
  for (const id of ["1", "1.0", "abc"]) deepStrictEqual(await table.get({ id }), { id: { N: id } });
  deepStrictEqual(await table.get({ id: 1 }), { id: { N: "1" } });
  strictEqual(await table.get({ id: "1.00" }), undefined);
  const pairs = { ...COMPOSITE, version: 1 };
  const item = pair("p", "10");
  const composite = await tableIn([tableRow("t", pairs), itemRow("t", item, pairs)]);
  deepStrictEqual(await composite.get({ h: "p", r: 10 }), item);
});

Deno.test("in a table that is being moved, the new item counts, then the old one", async () => {
  const old = { version: 0, generation: 1 };
  const item = (id: string, v: string): Item => ({ id: { S: id }, v: { S: v } });
  const table = await tableIn([
    tableRow("t", { generation: 2, from: 1 }),
    itemRow("t", item("both", "old"), old),
    itemRow("t", item("both", "new"), { generation: 2 }),
    itemRow("t", item("left", "old"), old),
    itemRow("t", item("stale", "old"), { generation: 5 }),
  ]);
  deepStrictEqual(await table.get({ id: "both" }), item("both", "new"));
  deepStrictEqual(await table.get({ id: "left" }), item("left", "old"));
  strictEqual(await table.get({ id: "stale" }), undefined);
  deepStrictEqual(await table.storedKeys({ id: "a" }), [
    itemKey("t", 2, "a\0\x01"),
    itemKey("t", 1, "YQ|"),
  ]);
  // A number that no new key can hold can only be in an old one.
  const numbers = { types: { id: "N" }, generation: 2, from: 1 };
  const odd = await tableIn([
    tableRow("t", numbers),
    itemRow("t", { id: { N: "abc" } }, { ...old, ...{ types: numbers.types } }),
  ]);
  deepStrictEqual(await odd.get({ id: "abc" }), { id: { N: "abc" } });
});

Deno.test("what is no key of a table is refused with the names of its attributes", async () => {
  const table = await tableIn([tableRow("t", COMPOSITE)]);
  const keys: ItemKey[] = [{}, { h: "a" }, { r: 1 }, { h: "a", r: 1, x: "b" }, { h: "a", x: 1 }];
  for (const key of keys) await rejects(table.get(key), /a key of the table "t" has "h" and "r"/);
  const hidden = Object.create({ h: "a", r: 1 });
  await rejects(table.get(hidden), /has "h" and "r"/);
  await rejects(table.get({ h: "\ud800", r: 1 }), /surrogate/);
  await rejects(table.get({ h: { B: "YQ" }, r: 1 }), /base64/);
  const binary = await tableIn([tableRow("t", { types: { id: "B" } })]);
  await rejects(binary.get({ id: "YQ==" }), /is binary/);
  await rejects(binary.get({ id: 5 }), /"id" is binary/);
  await rejects(table.get({ h: 5, r: 1 }), /"h" is text/);
  await rejects(table.get({ h: null as unknown as string, r: 1 }), /"h" has no value/);
  await rejects((await tableIn([tableRow("t")], "x")).get({ id: "a" }), /no table named "x"/);
});

Deno.test("a malformed item, or table, is an error with its key", async () => {
  const broken = { key: itemKey("t", 1, "a\0\x01"), value: "garbage" };
  const table = await tableIn([tableRow("t"), broken]);
  const isUnsound = (error: Error): boolean =>
    error instanceof UnsoundError && error.key !== undefined;
  await rejects(table.get({ id: "a" }), isUnsound);
  await rejects(Array.fromAsync(table.items()), isUnsound);
  const bad = await tableIn([{ ...tableRow("t"), value: "garbage" }]);
  await rejects(bad.get({ id: "a" }), isUnsound);
});

Deno.test("the builders of keys give the keys of rows", async () => {
  const row = itemRow("t", pair("a", "-12.5"), COMPOSITE);
  const snap = await openSnapshot(nodeFile(stream([tableRow("t", COMPOSITE), row])));
  const number = orderedNumber("-12.50")!;
  const key = storedItemKey(text("t"), 1n, orderedPayload([text("a"), number]));
  deepStrictEqual(key, row.key);
  deepStrictEqual((await snap.get(key))?.value, row.value);
  const table = snap.dynamodb.table("t");
  deepStrictEqual(await table.storedKeys({ h: "a", r: "-12.5" }), [key]);
  strictEqual(orderedNumber("abc"), undefined);
  const legacy = storedItemKey(text("t"), 7n, legacyPayload([text("a"), text("")]));
  deepStrictEqual(legacy, text("!ddb|item|dA|7|YQ|"));
});

Deno.test("a get reads a few blocks of a large file, and the next one of the same place none", async () => {
  const rows = [
    tableRow("t"),
    ...Array.from(
      { length: 20_000 },
      (_, i) => itemRow("t", { id: { S: `item ${i}` }, body: { S: "x".repeat(200) } }),
    ),
  ];
  const { reads, bytes, size, result } = await costOf(rows, async (_, { dynamodb }) => {
    const table = dynamodb.table("t");
    return [await table.get({ id: "item 777" }), await table.get({ id: "item 777" })];
  });
  ok(size > 5_000_000);
  ok(reads <= 4 && bytes <= 4 * 65_536, `${reads} reads, ${bytes} bytes`);
  deepStrictEqual(result[0], { id: { S: "item 777" }, body: { S: "x".repeat(200) } });
  deepStrictEqual(result[1], result[0]);
});

Deno.test("items from one key to another are read, and not the others", async () => {
  const ids = Array.from({ length: 2000 }, (_, i) => String(i).padStart(4, "0"));
  const rows = [
    tableRow("t"),
    ...ids.map((id) => itemRow("t", { id: { S: id }, body: { S: "x".repeat(1000) } })),
    tableRow("u"),
    itemRow("u", { id: { S: "0500" } }),
  ];
  const { bytes, size, result } = await costOf(rows, async (_, { dynamodb }) => {
    const items = dynamodb.table("t").items({ from: { id: "0500" }, to: { id: "0510" } });
    return await Array.fromAsync(items, ({ id }) => id);
  });
  deepStrictEqual(result, ids.slice(500, 510).map((S) => ({ S })));
  ok(bytes < size / 8, `${bytes} of ${size}`);
});

Deno.test("parts of a table are all of it, however it is cut", async () => {
  const old = { ...COMPOSITE, version: 0, generation: 1 };
  const now = { ...COMPOSITE, generation: 12 };
  const all = [["a", "1"], ["a", "2"], ["b", "-1"], ["b", "7"], ["ba", "1"], ["c", "3"]];
  const items = all.map(([h, r]) => pair(h, r));
  const moving = [
    tableRow("t", { ...COMPOSITE, generation: 12, from: 1 }),
    ...items.slice(0, 3).map((item) => itemRow("t", item, old)),
    itemRow("t", pair("d", "abc"), old), // has no ordered key
    ...items.slice(2).map((item) => itemRow("t", item, now)),
  ];
  const shapes: [name: string, rows: TestEntry[], more: Item[]][] = [
    ["ordered", [tableRow("t", COMPOSITE), ...items.map((i) => itemRow("t", i, COMPOSITE))], []],
    ["moving", moving, [pair("d", "abc")]],
    ["legacy", [tableRow("t", old), ...items.map((i) => itemRow("t", i, old))], []],
  ];
  const cuts: ItemKey[] = [{ h: "a" }, { h: "a", r: 2 }, { h: "b" }, { h: "b", r: 7 }, { h: "bb" }];
  const shown = (list: Item[]): string[] => list.map((item) => JSON.stringify(item)).sort();
  for (const [name, rows, more] of shapes) {
    const table = await tableIn(rows);
    const whole = await Array.fromAsync(table.items());
    deepStrictEqual(shown(whole), shown([...items, ...more]), name);
    for (const cut of cuts) {
      const below = await Array.fromAsync(table.items({ to: cut }));
      const above = await Array.fromAsync(table.items({ from: cut }));
      deepStrictEqual(shown([...below, ...above]), shown(whole), `${name} ${JSON.stringify(cut)}`);
    }
    if (name === "legacy") continue;
    const between = table.items({ from: { h: "a", r: 2 }, to: { h: "b", r: 7 } });
    deepStrictEqual(
      shown(await Array.fromAsync(between)),
      shown([pair("a", "2"), pair("b", "-1")]),
      name,
    );
  }
});

Deno.test("items are objects of their own, whatever their names", async () => {
  const item: Item = {
    id: { S: "k" },
    ["__proto__"]: { S: "mine" },
    "é\u2028": { M: { "": { NULL: true }, b: { B: "AP8=" } } },
    l: { L: [{ BOOL: false }, { NS: ["1.0", "2"] }, { BS: ["", "aGk="] }, { SS: ["b", "a"] }] },
    n: { N: "123456789012345678901234567890.5" },
  };
  const table = await tableIn([tableRow("t"), itemRow("t", item)]);
  const [read] = await Array.fromAsync(table.items());
  deepStrictEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(item)));
  ok(Object.hasOwn(read, "__proto__"));
  strictEqual(Object.getPrototypeOf(read), Object.prototype);
  // What no server writes is read as in a dump.
  const odd = {
    key: itemKey("t", 1, "k\0\x01"),
    value: hex("00444901" + "0a030a017a" + "0a090a02696412030a016b"),
  };
  const [second] = await Array.fromAsync((await tableIn([tableRow("t"), odd])).items());
  deepStrictEqual(second, { id: { S: "k" }, z: { NULL: true } });
  const json = { key: itemKey("t", 1, "k\0\x01"), value: '{"z":{"N":"1"},"id":{"S":"k"}}' };
  const [third] = await Array.fromAsync((await tableIn([tableRow("t"), json])).items());
  deepStrictEqual(third, { id: { S: "k" }, z: { N: "1" } });
});

Deno.test("a signal of its own stops a walk, and progress is told in rows", async () => {
  const rows = [
    tableRow("t"),
    ...Array.from(
      { length: 50 },
      (_, i) => itemRow("t", { id: { S: String(i) }, v: { S: "x".repeat(200_000) } }),
    ),
  ];
  const snap = await openSnapshot(stream(rows));
  const table = snap.dynamodb.table("t");
  const stop = new AbortController();
  let n = 0;
  await rejects(async () => {
    for await (const _ of table.items({ signal: stop.signal })) if (++n === 3) stop.abort();
  }, AbortedError);
  ok(n < 50);
  await rejects(table.get({ id: "1" }, { signal: stop.signal }), AbortedError);
  // The snapshot and its other walks go on.
  let seen = 0;
  const items = await Array.fromAsync(table.items({ onProgress: (rows) => void (seen = rows) }));
  strictEqual(items.length, 50);
  strictEqual(seen, 51);
});

Deno.test("tables have names as text and as bytes", async () => {
  const rows = [tableRow("a"), { ...tableRow(""), key: "!ddb|meta|table|_w" }];
  const { dynamodb } = await openSnapshot(stream(rows));
  const tables = await Array.fromAsync(dynamodb.tables());
  deepStrictEqual(tables.map(({ name }) => name), ["a", "b64:_w"]);
  deepStrictEqual(tables.map(({ rawName }) => rawName), [text("a"), Uint8Array.of(0xff)]);
  strictEqual((await dynamodb.table(tables[1].name).schema()).tableName, "");
  throws(() => dynamodb.table(""), UsageError);
});
