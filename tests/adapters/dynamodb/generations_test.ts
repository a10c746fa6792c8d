/** Generations of a table: which of its items clients read, also while the table is being moved. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { TestEntry } from "../../support/stream.ts";
import { concat } from "../../support/generator/encoding.ts";
import {
  type AttributeValue,
  counterRow,
  itemKey,
  itemRow,
  itemValue,
  legacyPayload,
  orderedPayload,
  tableRow,
  type TableShape,
} from "./rows.ts";
import { dump } from "./support.ts";

/** A table of numbers that is being moved from generation 1 to 2. */
const MOVING: TableShape = { types: { id: "N" }, generation: 2, from: 1 };

/** An item that was there before the move. */
function old(id: AttributeValue, v: string): TestEntry {
  return itemRow("t", { id, v: { S: v } }, { version: 0, generation: 1 });
}

/** An item that was moved, or written since. */
function moved(id: AttributeValue, v: string): TestEntry {
  return itemRow("t", { id, v: { S: v } }, { generation: 2 });
}

/** Path → what `v` says. */
function values(dumped: Awaited<ReturnType<typeof dump>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dumped.items).map(([path, { v }]) => [
      path.slice("t/items/".length),
      (v as { S: string }).S,
    ]),
  );
}

Deno.test("three generations of a table: the active one, the one it is moved from, and neither", async () => {
  const dumped = await dump([
    tableRow("t", { generation: 12, from: 9 }),
    counterRow("t", 12),
    itemRow("t", { id: { S: "both" }, v: { S: "old" } }, { version: 0, generation: 9 }),
    itemRow("t", { id: { S: "both" }, v: { S: "new" } }, { generation: 12 }),
    itemRow("t", { id: { S: "only-old" }, v: { S: "old" } }, { version: 0, generation: 9 }),
    itemRow("t", { id: { S: "only-new" }, v: { S: "new" } }, { generation: 12 }),
    itemRow("t", { id: { S: "stale" }, v: { S: "gone" } }, { version: 0, generation: 5 }),
    itemRow("t", { id: { S: "later" }, v: { S: "never" } }, { generation: 120 }),
  ]);
  deepStrictEqual(values(dumped), {
    "both.json": "new",
    "only-new.json": "new",
    "only-old.json": "old",
  });
  deepStrictEqual(dumped.fates, { "t written": 4, "t hidden": 1, "t stale-generation": 2 });
  deepStrictEqual(dumped.warnings, [["ddb_stale_generation_items", "t", 12n, 9n, 2]]);
});

Deno.test("one N-type key in source and active generation is one item, however it is spelled", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    old({ N: "1.0" }, "old"),
    moved({ N: "1" }, "new"),
    old({ N: "250" }, "old"),
    moved({ N: "2.5E+2" }, "new"),
    old({ N: "-0" }, "old"),
    moved({ N: "0.00" }, "new"),
    old({ N: "-12.50" }, "only old"),
    moved({ N: "-12" }, "only new"),
  ]);
  deepStrictEqual(values(dumped), {
    "0.json": "new",
    "1.json": "new",
    "250.json": "new",
    "-25%2F2.json": "only old",
    "-12.json": "only new",
  });
  deepStrictEqual(dumped.fates, { "t written": 6, "t hidden": 3 });
  deepStrictEqual(dumped.warnings, []);
});

Deno.test("an old number that the server cannot move is still an item", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    ...["abc", "0x10", "", "1_000"].map((n) => old({ N: n }, "old")),
    moved({ N: "16" }, "new"),
    moved({ N: "1000" }, "new"),
  ]);
  deepStrictEqual(
    Object.entries(values(dumped)).map(([path, v]) => `${path.replace(/~.{8}/, "~")} ${v}`).sort(),
    ["1000.json new", "1000~.json old", "16.json new", "16~.json old", ".json old", "abc.json old"]
      .sort(),
  );
  deepStrictEqual(dumped.fates, { "t written": 7 });
});

Deno.test("of two old items with one number the first in key order stays, and it is said", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    old({ N: "1.0" }, "second"),
    old({ N: "1" }, "first"),
    old({ N: "1e0" }, "third"),
    old({ N: "7.0" }, "hidden by the new one"),
    old({ N: "7" }, "hidden by the new one"),
    moved({ N: "7" }, "new"),
  ]);
  deepStrictEqual(values(dumped), { "1.json": "first", "7.json": "new" });
  deepStrictEqual(dumped.fates, { "t written": 3, "t hidden": 4 });
  deepStrictEqual(dumped.warnings, [["ddb_same_key_items", "t", 2]]);
});

Deno.test("the first in key order is not always the first that is stored", async () => {
  // The key of 1.0 is the beginning of the key of 1.0000, and is stored behind it.
  const shape = { hash: "h", range: "r", types: { h: "S", r: "N" } };
  const [short, long] = ["1.0", "1.0000"].map((r) =>
    itemRow("t", { h: { S: "a" }, r: { N: r } }, { ...shape, version: 0, generation: 1 })
  );
  const { items } = await dump([tableRow("t", { ...shape, generation: 2, from: 1 }), short, long]);
  deepStrictEqual(items, { "t/items/a/1.json": { h: { S: "a" }, r: { N: "1.0" } } });
});

Deno.test("a string and a binary of equal bytes are one key in a table that is being moved", async () => {
  const dumped = await dump([
    tableRow("t", { generation: 2, from: 1 }),
    old({ S: "a" }, "old"),
    moved({ B: "YQ==" }, "new"),
  ]);
  deepStrictEqual(values(dumped), { "b64.YQ.json": "new" });
});

Deno.test("composite keys are compared by both parts", async () => {
  const shape = { hash: "h", range: "r", types: { h: "S", r: "N" } };
  const item = (h: string, r: string, v: string) => ({ h: { S: h }, r: { N: r }, v: { S: v } });
  const before = { ...shape, version: 0, generation: 3 };
  const after = { ...shape, generation: 4 };
  const dumped = await dump([
    tableRow("t", { ...after, from: 3 }),
    itemRow("t", item("a\0b", "1.0", "old"), before),
    itemRow("t", item("a\0b", "1", "new"), after),
    itemRow("t", item("a", "1", "old"), before),
    itemRow("t", item("a", "2", "new"), after),
    itemRow("t", item("a\0", "1", "new"), after),
    itemRow("t", item("", "1", "old"), before),
    itemRow("t", item("", "1.00", "new"), after),
  ]);
  deepStrictEqual(values(dumped), {
    "1.json": "new",
    "a/1.json": "old",
    "a/2.json": "new",
    "a%00/1.json": "new",
    "a%00b/1.json": "new",
  });
});

Deno.test("a new row that is malformed still hides the old one", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    old({ N: "5" }, "old"),
    { key: itemKey("t", 2, orderedPayload([{ N: "5" }])), value: "garbage" },
  ]);
  deepStrictEqual(values(dumped), {});
  deepStrictEqual(dumped.wrong, ["malformed-value t"]);
  deepStrictEqual(dumped.fates, { "t written": 1, "t hidden": 1, "t unsound": 1 });
});

Deno.test("an old row that is malformed is reported, since nothing says that it was moved", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    { key: itemKey("t", 1, legacyPayload([{ N: "5" }])), value: "garbage" },
    moved({ N: "5" }, "new"),
    { key: itemKey("t", 1, legacyPayload([{ N: "6" }])), value: itemValue({ v: { S: "" } }) },
  ]);
  deepStrictEqual(values(dumped), { "5.json": "new" });
  deepStrictEqual(dumped.wrong, ["malformed-value t", "invalid-item t"]);
});

Deno.test("a moved item that was deleted since is gone, and one that was never moved is not", async () => {
  const dumped = await dump([
    tableRow("t", MOVING),
    // The server deletes the old row in the moment in which it writes the new one.
    { ...old({ N: "1" }, "old"), ts: 1n },
    { key: old({ N: "1" }, "").key, ts: 2n },
    { ...moved({ N: "1" }, "new"), ts: 2n },
    { key: moved({ N: "1" }, "").key, ts: 3n },
    { ...old({ N: "2" }, "old"), ts: 1n },
  ]);
  deepStrictEqual(values(dumped), { "2.json": "old" });
});

Deno.test("a legacy table that is not being moved has every spelling as an item of its own", async () => {
  const dumped = await dump([
    tableRow("t", { types: { id: "N" }, version: 1, generation: 1 }),
    old({ N: "1.0" }, "1.0"),
    old({ N: "1" }, "1"),
    old({ N: "2.00" }, "2.00"),
    old({ N: "2.0" }, "2.0"),
  ]);
  const found = values(dumped);
  // In key order 2.00 (Mi4wMA|) comes before 2.0 (Mi4w|).
  strictEqual(found["1.json"], "1");
  strictEqual(found["2.json"], "2.00");
  deepStrictEqual(
    Object.entries(found).map(([path, v]) => [path.replace(/~[0-9a-f]{8}/, "~"), v]).sort(),
    [["1.json", "1"], ["1~.json", "1.0"], ["2.json", "2.00"], ["2~.json", "2.0"]],
  );
  deepStrictEqual(dumped.warnings.map(([event]) => event), [
    "ddb_item_path_collision",
    "ddb_item_path_collision",
  ]);
  deepStrictEqual(dumped.fates, { "t written": 5 });
});

Deno.test("the generation of a key is a number, whatever zeros stand before it", async () => {
  const payload = (id: string) => orderedPayload([{ S: id }]);
  const dumped = await dump([
    tableRow("t", { generation: 1 }),
    { key: itemKey("t", "01", payload("a")), value: itemValue({ id: { S: "a" } }) },
    { key: itemKey("t", 1, payload("b")), value: itemValue({ id: { S: "b" } }) },
  ]);
  deepStrictEqual(Object.keys(dumped.items).sort(), ["t/items/a.json", "t/items/b.json"]);
});

for (const generation of [0, 1, 20]) {
  Deno.test(`zeros before generation ${generation} change nothing while a table is moved from it`, async () => {
    const row = (spelled: string, id: string, shape: TableShape): TestEntry => {
      const item = { id: { S: id }, v: { S: spelled } };
      const { version = 2 } = shape;
      const payload = version < 2 ? legacyPayload([item.id]) : orderedPayload([item.id]);
      return { key: itemKey("t", spelled, payload), value: itemValue(item) };
    };
    const from = String(generation);
    // Generation 0 means that a table is not being moved.
    const rows = [
      tableRow("t", { generation: 7, from: generation }),
      ...[from, `00${from}`].flatMap((spelled) => [
        row(spelled, `old in ${spelled}`, { version: 0 }),
        row(spelled, `both in ${spelled}`, { version: 0 }),
        row("07", `both in ${spelled}`, {}),
        row("7", `new in ${spelled}`, {}),
      ]),
      row("2", "stale", { version: 0 }),
      row("200", "stale", { version: 0 }),
    ];
    const dumped = await dump(rows);
    deepStrictEqual(
      dumped.fates,
      generation === 0
        ? { "t written": 5, "t stale-generation": 6 }
        : { "t written": 7, "t hidden": 2, "t stale-generation": 2 },
    );
  });
}

Deno.test("new items hide old ones in whichever order the spellings of their generation come", async () => {
  const spelled = (generation: string, id: string): TestEntry => ({
    key: itemKey("t", generation, orderedPayload([{ N: id }])),
    value: itemValue({ id: { N: id }, v: { S: generation } }),
  });
  const dumped = await dump([
    tableRow("t", MOVING),
    ...["1", "1.0", "2", "2.0", "3", "4", "5", "5.0", "6"].map((id) => old({ N: id }, "old")),
    // Stored before those of `2`, each with items behind the first of the next.
    spelled("002", "4"),
    spelled("02", "2"),
    spelled("02", "6"),
    spelled("2", "1"),
    spelled("2", "3"),
  ]);
  deepStrictEqual(values(dumped), {
    "1.json": "2",
    "2.json": "02",
    "3.json": "2",
    "4.json": "002",
    "5.json": "old",
    "6.json": "02",
  });
  deepStrictEqual(dumped.fates, { "t written": 7, "t hidden": 8 });
  deepStrictEqual(dumped.warnings, [["ddb_same_key_items", "t", 1]]);
});

Deno.test("generations have 64 bits", async () => {
  const most = "18446744073709551615";
  const schema = tableRow("t", { generation: 0 });
  schema.value = concat(schema.value as Uint8Array, 0x38, ...Array(9).fill(0xff), 0x01);
  const payload = (id: string) => orderedPayload([{ S: id }]);
  const dumped = await dump([
    schema,
    { key: itemKey("t", most, payload("a")), value: itemValue({ id: { S: "a" } }) },
    { key: itemKey("t", "4294967295", payload("b")), value: itemValue({ id: { S: "b" } }) },
  ]);
  deepStrictEqual(Object.keys(dumped.items), ["t/items/a.json"]);
  deepStrictEqual(dumped.warnings, [
    ["ddb_stale_generation_items", "t", 18446744073709551615n, 0n, 1],
  ]);
});

Deno.test("a table whose source generation is its own is not being moved", async () => {
  const dumped = await dump([
    tableRow("t", { generation: 3, from: 3 }),
    itemRow("t", { id: { S: "a" } }, { generation: 3 }),
  ]);
  deepStrictEqual(Object.keys(dumped.items), ["t/items/a.json"]);
});

Deno.test("rows of other generations are not looked into", async () => {
  const dumped = await dump([
    tableRow("t", { generation: 3 }),
    { key: itemKey("t", 2, "x"), value: "garbage" },
    { key: itemKey("t", 1, "x"), value: "" },
  ]);
  deepStrictEqual(dumped.wrong, []);
  deepStrictEqual(dumped.fates, { "t written": 1, "t stale-generation": 2 });
});
