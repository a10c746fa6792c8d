/** What becomes of rows that are in no table's files. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import type { DecodeOptions } from "../../../src/commands/decode_options.ts";
import { compare } from "../../support/generator/encoding.ts";
import {
  hex,
  rawStream,
  storedKey,
  storedValue,
  stream,
  type TestEntry,
} from "../../support/stream.ts";
import { counterRow, itemKey, itemRow, itemValue, seg, tableRow } from "./rows.ts";
import { dump } from "./support.ts";

Deno.test("items of a deleted table are counted as such, those of no table as orphans", async () => {
  const dumped = await dump([
    counterRow("dropped", 2),
    itemRow("dropped", { id: { S: "a" } }, { generation: 1 }),
    itemRow("dropped", { id: { S: "b" } }, { generation: 2 }),
    itemRow("lost", { id: { S: "a" } }),
    { key: itemKey("lost", 7, "x"), value: "not even looked at" },
  ]);
  deepStrictEqual(dumped.tree, {});
  deepStrictEqual(dumped.wrong, []);
  deepStrictEqual(dumped.fates, { "dropped deleted": 2, "lost orphan": 2 });
  deepStrictEqual(dumped.warnings, [
    ["ddb_orphan_items", seg("dropped"), 2],
    ["ddb_orphan_items", seg("lost"), 2],
  ]);
});

const select = (...names: string[]) => ({
  scopesOnly: names.map((name) => new TextEncoder().encode(name)),
});

Deno.test("what is not selected is not looked into, whether or not there is a table", async () => {
  const dumped = await dump([
    tableRow("wanted"),
    itemRow("wanted", { id: { S: "a" } }),
    { key: `!ddb|meta|table|${seg("other")}`, value: "garbage" },
    { key: itemKey("other", 1, "x"), value: "garbage" },
    counterRow("dropped"),
    { key: itemKey("dropped", 1, "x"), value: "garbage" },
    { key: itemKey("lost", 1, "x"), value: "garbage" },
  ], select("wanted"));
  deepStrictEqual(dumped.wrong, []);
  deepStrictEqual(dumped.warnings, []);
  deepStrictEqual(dumped.fates, {
    "dropped not-selected": 1,
    "lost not-selected": 1,
    "other not-selected": 2,
    "wanted written": 2,
  });
  deepStrictEqual(Object.keys(dumped.items), ["wanted/items/a.json"]);
});

Deno.test("nothing is selected: nothing is written", async () => {
  const rows = [tableRow("t"), itemRow("t", { id: { S: "a" } })];
  const { fates, tree, records } = await dump(rows, select());
  deepStrictEqual([fates, tree, records], [{ "t not-selected": 2 }, {}, []]);
});

for (
  const [what, value, message] of [
    ["an empty value", "", "the magic number of schemas is missing"],
    ["the magic number of items", "00444901", "the magic number of schemas is missing"],
    ["a malformed message", "004453010a05", "the protocol buffer is malformed"],
    ["a name that is not UTF-8", "004453010a01ff", "the protocol buffer is malformed"],
    ["another table's name", "004453010a0175", 'the schema is of a table named "u"'],
  ]
) {
  Deno.test(`a schema with ${what} is refused, and its items are unsound with it`, async () => {
    const dumped = await dump([
      { key: `!ddb|meta|table|${seg("t")}`, value: hex(value) },
      counterRow("t"),
      itemRow("t", { id: { S: "a" } }),
      { key: itemKey("t", 9, "x"), value: "garbage" },
      tableRow("fine"),
      itemRow("fine", { id: { S: "a" } }),
    ]);
    deepStrictEqual([dumped.wrong, dumped.messages], [["invalid-schema t"], [message]]);
    deepStrictEqual(dumped.fates, { "fine written": 2, "t unsound": 3 });
    deepStrictEqual(Object.keys(dumped.items), ["fine/items/a.json"]);
  });
}

Deno.test("a table without a name in its schema is known by its key", async () => {
  const dumped = await dump([
    tableRow("", { generation: 2 }),
    { ...tableRow("", { generation: 2 }), key: `!ddb|meta|table|${seg("t")}` },
    itemRow("t", { id: { S: "a" } }, { generation: 2 }),
    itemRow("t", { id: { S: "b" } }, { generation: 1 }),
  ].slice(1));
  deepStrictEqual(Object.keys(dumped.items), ["t/items/a.json"]);
  deepStrictEqual(dumped.warnings, [["ddb_stale_generation_items", "t", 2n, 0n, 1]]);
});

/** Keys that are no items, and the scope that can still be told. */
const KEYS: [key: string, scope: string][] = [
  ["!ddb|item|", "-"],
  ["!ddb|item|dA", "-"],
  ["!ddb|item||1|x", "-"],
  ["!ddb|item|d!|1|x", "-"],
  ["!ddb|item|d|1|y", "-"],
  ["!ddb|item|dA==|1|y", "-"],
  ["!ddb|item|dB|1|y", "-"],
  ["!ddb|item|d\r\nA|1|y", "-"],
  ["!ddb|item|dA|", "t"],
  ["!ddb|item|dA|1", "t"],
  ["!ddb|item|dA||x", "t"],
  ["!ddb|item|dA|x|y", "t"],
  ["!ddb|item|dA|+1|y", "t"],
  ["!ddb|item|dA|-1|y", "t"],
  ["!ddb|item|dA|1_0|y", "t"],
  ["!ddb|item|dA| 1|y", "t"],
  ["!ddb|item|dA|18446744073709551616|y", "t"],
  ["!ddb|item|dA|1|", "t"],
  ["!ddb|meta|table|", "-"],
  ["!ddb|meta|table|d", "-"],
  ["!ddb|meta|table|dB", "-"],
  ["!ddb|meta|table|dA=", "-"],
];

for (const [key, scope] of KEYS) {
  Deno.test(`the key ${JSON.stringify(key)} is refused, and the rest is read`, async () => {
    const dumped = await dump([
      tableRow("t"),
      itemRow("t", { id: { S: "a" } }),
      { key, value: itemValue({ id: { S: "b" } }) },
    ]);
    deepStrictEqual(dumped.wrong, [`malformed-key ${scope}`]);
    deepStrictEqual(Object.keys(dumped.items), ["t/items/a.json"]);
  });
}

async function run(rows: TestEntry[] | Uint8Array, options: DecodeOptions) {
  const bytes = rows instanceof Uint8Array ? rows : stream(rows);
  const keys = rows instanceof Uint8Array ? new Map([[7, new Uint8Array(32)]]) : undefined;
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(bytes, "x.fsm") }], {
    keys,
  });
  const sink = new MemorySink();
  const report = await decode(snapshot, sink, { adapters: ["dynamodb"], ...options });
  return { report, sink };
}

const LEFT_OUT: TestEntry[] = [
  tableRow("t", { generation: 2, from: 1 }),
  itemRow("t", { id: { S: "a" } }, { version: 0, generation: 1 }),
  itemRow("t", { id: { S: "a" } }, { generation: 2 }),
  itemRow("t", { id: { S: "stale" } }, { generation: 9 }),
  counterRow("dropped"),
  itemRow("dropped", { id: { S: "a" } }),
  itemRow("lost", { id: { S: "a" } }),
];

Deno.test("rows that were left out are written raw when that is wanted, and then nothing is lost", async () => {
  const { report, sink } = await run(LEFT_OUT, { raw: true });
  const raw = new TextDecoder().decode(sink.files.get("_raw/records.jsonl")).trimEnd().split("\n")
    .map((line) => new TextDecoder().decode(Uint8Array.fromBase64(JSON.parse(line).key_b64)));
  deepStrictEqual(
    raw.map((key) => key.replace(/\|[^|]*\|?$/, "")).sort(),
    [
      "!ddb|item|bG9zdA|1",
      "!ddb|item|dA|1",
      "!ddb|item|dA|9",
      "!ddb|item|ZHJvcHBlZA|1",
      "!ddb|meta|gen",
    ].sort(),
  );
  deepStrictEqual([report.exitCode, report.losses], [0, []]);
});

Deno.test("only orphans are a loss: clients cannot read the other rows", async () => {
  const { report } = await run(LEFT_OUT, {});
  const key = new TextEncoder().encode("!ddb|item|bG9zdA|1");
  const [{ examples, ...loss }, ...more] = report.losses;
  deepStrictEqual([loss, more], [{ kind: "orphans", count: 1, accepted: false }, []]);
  deepStrictEqual(examples.map((example) => "key" in example && example.key.subarray(0, 18)), [
    key,
  ]);
  strictEqual(report.exitCode, 8);
  strictEqual((await run(LEFT_OUT, { accept: ["orphans"] })).report.exitCode, 0);
  strictEqual((await run(LEFT_OUT, { scopes: { dynamodb: ["t"] } })).report.exitCode, 0);
  strictEqual((await run(LEFT_OUT, { scopes: { dynamodb: ["none"] } })).report.exitCode, 9);
});

/** Rows of which some have a value that is said to be encrypted and is not. */
function locked(rows: TestEntry[], isLocked: (row: TestEntry) => boolean): Uint8Array {
  const pairs = rows.map((row): [Uint8Array, Uint8Array] => {
    const value = storedValue(row);
    if (isLocked(row)) value[0] = 2;
    return [storedKey(row.key, 1n), value];
  });
  return rawStream(pairs.sort(([a], [b]) => compare(a, b)));
}

Deno.test("items of a table whose schema cannot be decrypted are unsound, not deleted", async () => {
  const schema = tableRow("t");
  const rows = [schema, counterRow("t"), itemRow("t", { id: { S: "a" } })];
  const { report, sink } = await run(locked(rows, (row) => row === schema), { keepGoing: true });
  deepStrictEqual(report.problems.map(({ error }) => error.code), ["decrypt-failed"]);
  deepStrictEqual(report.accounts[0].fates, { unsound: 2, operational: 1 });
  deepStrictEqual([...sink.files.keys()], ["ERRORS.jsonl", "MANIFEST.json", "CHECKSUMS"]);
});

Deno.test("a new item that cannot be decrypted still hides the old one", async () => {
  const now = itemRow("t", { id: { S: "a" }, v: { S: "new" } }, { generation: 2 });
  const rows = [
    tableRow("t", { generation: 2, from: 1 }),
    itemRow("t", { id: { S: "a" }, v: { S: "old" } }, { version: 0, generation: 1 }),
    itemRow("t", { id: { S: "b" }, v: { S: "old" } }, { version: 0, generation: 1 }),
    now,
  ];
  const { report, sink } = await run(locked(rows, (row) => row === now), { keepGoing: true });
  deepStrictEqual(report.problems.map(({ error }) => error.code), ["decrypt-failed"]);
  deepStrictEqual(report.accounts[0].fates, { written: 2, hidden: 1, unsound: 1 });
  deepStrictEqual(
    [...sink.files.keys()].filter((path) => path.includes("/items/")),
    ["dynamodb/t/items/b.json"],
  );
});
