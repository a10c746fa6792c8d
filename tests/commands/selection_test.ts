/** What becomes of rows that were not asked for, and of those that do not say whose they are. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import { scopeLabel } from "../../src/keyspace/scope_labels.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { itemKey, itemRow, seg, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows, partRow, refRows } from "../adapters/s3/support.ts";
import { counterRow, messageRow, queueRow, rawKey } from "../adapters/sqs/support.ts";
import { bytesOf, stream, type TestEntry } from "../support/stream.ts";
import { openBytes } from "./dumps.ts";

async function run(rows: TestEntry[], options: DecodeOptions) {
  const sink = new MemorySink();
  const report = await decode(await openBytes(stream(rows)), sink, { keepGoing: true, ...options });
  const fates: Record<string, number> = {};
  for (const { adapter, scope, fates: counts } of report.accounts) {
    for (const [fate, count] of Object.entries(counts)) {
      fates[`${adapter} ${scope ? new TextDecoder().decode(scope) : "-"} ${fate}`] = count;
    }
  }
  const problems = report.problems.map(({ error, adapter, scope }) =>
    `${error.code} ${adapter} ${scope ? new TextDecoder().decode(scope) : "-"}`
  );
  return { fates, problems, exitCode: report.exitCode, sink };
}

const ROWS: TestEntry[] = [
  tableRow("t"),
  itemRow("t", { id: { S: "a" } }),
  tableRow("other"),
  itemRow("other", { id: { S: "a" } }),
  ...bucketRows("b"),
  ...objectRows("k", "x"),
  ...bucketRows("other"),
  ...objectRows("k", "x", { bucket: "other" }),
  queueRow("q"),
  counterRow("q"),
  messageRow("q", "m"),
  queueRow("other"),
  messageRow("other", "m"),
];
const WANTED: DecodeOptions = { scopes: { dynamodb: ["t"], s3: ["b"], sqs: ["q"] } };

Deno.test("rows that were not asked for are counted, and not looked into", async () => {
  const damaged: TestEntry[] = [
    { key: itemKey("other", "x", "y"), value: "?" },
    { key: `!s3|obj|head|other\0\x01`, value: "?" },
    { key: rawKey("sqs-message", `${seg("other")}\0?`), value: "?" },
    { key: `!ddb|gsi|${seg("other")}|1|aQ|x`, value: "" },
    // Leftovers whose owners are not there.
    itemRow("gone", { id: { S: "a" } }),
    messageRow("gone", "m"),
  ];
  const { fates, problems, exitCode } = await run([...ROWS, ...damaged], WANTED);
  deepStrictEqual(problems, []);
  strictEqual(exitCode, 0);
  deepStrictEqual(fates, {
    "dynamodb gone not-selected": 1,
    "dynamodb other derivable": 1,
    "dynamodb other not-selected": 3,
    "dynamodb t written": 2,
    "s3 b operational": 1,
    "s3 b written": 3,
    "s3 other not-selected": 4,
    "s3 other operational": 1,
    "sqs gone not-selected": 1,
    "sqs other not-selected": 3,
    "sqs q operational": 1,
    "sqs q written": 2,
  });
});

Deno.test("keys that do not say whose they are make every selection unsound", async () => {
  const nameless: TestEntry[] = [
    { key: `!ddb|item|${seg("t")}`, value: "" },
    { key: `!ddb|meta|table|${seg("t")}|`, value: "" },
    { key: "!s3|blob|b", value: "" },
    { key: rawKey("sqs-message", `${seg("q")}~`), value: "" },
  ];
  // These are no rows that a client could read, whatever they were.
  const others: TestEntry[] = [
    { key: (partRow("k", 1n).key as Uint8Array).subarray(0, 16), value: "" },
    { key: "!sqs|queue|gen|c", value: "1" },
    { key: "!ddb|gsi|d|", value: "" },
  ];
  const { fates, problems, exitCode } = await run([...ROWS, ...nameless, ...others], WANTED);
  deepStrictEqual(problems.sort(), [
    "malformed-key dynamodb -",
    "malformed-key dynamodb -",
    "malformed-key s3 -",
    "malformed-key sqs -",
  ]);
  strictEqual(exitCode, 8);
  deepStrictEqual(
    Object.entries(fates).filter(([name]) => / - /.test(name)),
    [
      ["dynamodb - unsound", 2],
      ["dynamodb - derivable", 1],
      ["s3 - unsound", 1],
      ["s3 - not-selected", 1],
      ["sqs - unsound", 1],
      ["sqs - not-selected", 1],
    ],
  );
  strictEqual((await run([...ROWS, ...nameless], { ...WANTED, keepGoing: false })).exitCode, 4);
  const raw = await run([...ROWS, ...nameless, ...others], { ...WANTED, raw: true });
  deepStrictEqual(raw.problems, problems);
});

Deno.test("pieces of bodies are looked up where a selected object refers to them", async () => {
  const offloaded = (key: string, bucket: string, body: string): TestEntry[] => {
    const [object] = objectRows(key, body, { bucket });
    const value = (object.value as string).replace('"chunk_count"', '"offloaded":true,$&');
    return [{ ...object, value }, ...refRows(key, body, { bucket })];
  };
  const shared = offloaded("shared", "b", "both");
  const rows = [
    ...ROWS,
    ...shared,
    ...offloaded("shared", "other", "both").slice(0, 2),
    ...offloaded("own", "b", "b's"),
    ...offloaded("its", "other", "other's"),
    // Its piece is another than its digest says.
    ...offloaded("bad", "b", "damaged").slice(0, 2),
    { ...refRows("bad", "damaged")[1], value: "DAMAGED" },
    refRows("", "nobody's")[1],
  ];
  const { fates, problems, sink } = await run(rows, { scopes: { s3: ["b"] } });
  deepStrictEqual(problems, ["incomplete-object s3 b"]);
  deepStrictEqual(
    [...sink.files.keys()].filter((path) => /^s3\/b\/[a-z]+$/.test(path)),
    ["s3/b/k", "s3/b/own", "s3/b/shared"],
  );
  strictEqual(fates["s3 - written"], 2);
  strictEqual(fates["s3 - unsound"], 1);
  strictEqual(fates["s3 - not-selected"], 2);
  const all = await run(rows, { scopes: { s3: ["b", "other"] } });
  strictEqual(all.fates["s3 - written"], 3);
  strictEqual(all.fates["s3 - orphan"], 1);
});

Deno.test("a name that is too long for reports is selected by itself, and not by what stands for it", async () => {
  const long = "n".repeat(2000);
  const label = new TextDecoder().decode(scopeLabel(bytesOf(long)));
  const rows = [
    ...ROWS,
    ...bucketRows(long),
    ...objectRows("k", "x", { bucket: long }),
    ...bucketRows(`${long}2`),
  ];
  const { fates, exitCode } = await run(rows, { scopes: { s3: [long] } });
  deepStrictEqual([fates[`s3 ${label} written`], exitCode], [3, 0]);
  strictEqual(fates["s3 b not-selected"], 3);
  await rejects(run(rows, { scopes: { s3: [label] } }), { code: "usage" });
});
