/** What is read of a file when only some of its scopes are wanted: their rows, and nothing else. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { indexKey } from "../../src/keyspace/dynamodb_keys.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { counterRow as tableCounter, itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows, refRows, uploadRow } from "../adapters/s3/support.ts";
import { counterRow as queueCounter, messageRow, queueRow } from "../adapters/sqs/support.ts";
import { costOf } from "../support/cost.ts";
import { bytesOf, type TestEntry } from "../support/stream.ts";

const BLOCK = "0123456789abcdef".repeat(256);
const times = (n: number, make: (i: number) => TestEntry[]): TestEntry[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat();

/** About 400 KiB of one scope of each adapter. */
const SCOPES: Record<string, (name: string) => TestEntry[]> = {
  dynamodb: (name) => [
    tableRow(name),
    tableCounter(name),
    ...times(100, (i) => [itemRow(name, { id: { S: `${i}` }, body: { S: BLOCK } })]),
  ],
  s3: (name) => [
    ...bucketRows(name),
    uploadRow("waiting", { bucket: name }),
    ...refRows("left over", name, { bucket: name }),
    ...times(100, (i) => objectRows(`${i}`, BLOCK, { bucket: name })),
  ],
  sqs: (name) => [
    queueRow(name),
    queueCounter(name),
    ...times(50, (i) => [
      messageRow(name, `${i}`, { json: `,"body":"${btoa(BLOCK)}"` }),
      messageRow(name, `p${i}`, { json: `,"body":"${btoa(BLOCK)}"`, partition: 0 }),
    ]),
  ],
  redis: (name) => [
    ...times(100, (i) => [{ key: `!redis|str|${name}${i}`, value: BLOCK }]),
    ...times(100, (i) => [{ key: `${name}${i}`, value: BLOCK }]),
  ],
};

/** In base64, the names begin like each other. */
const NAMES = ["abc", "abcabc", "abcd", "abz"];
const OTHERS = ["other", "ab", "abcabd", "zzz"];
const ADAPTERS = ["dynamodb", "s3", "sqs"] as const;

const snapshot = (names: string[]): TestEntry[] => [
  ...[...ADAPTERS, "redis"].flatMap((adapter) => names.flatMap(SCOPES[adapter])),
  ...times(200, (i) => [{ key: `!fs|chk|${i}`, value: BLOCK }]),
];

const tree = async (snapshot: Snapshot, options: DecodeOptions) => {
  return await decode(snapshot, new MemorySink(), options);
};
const lines = async (snapshot: Snapshot, options: DecodeOptions) => {
  return await decodeRecords(snapshot, { write: () => {} }, options);
};
const OPTIONS: DecodeOptions[] = [
  {},
  { includeIncompleteUploads: true, includeOrphans: true, includeSqsSideRecords: true },
  { redisBareStrings: true },
];

const sizeOf = (rows: TestEntry[]): number =>
  rows.reduce((n, { key, value }) => n + bytesOf(key).length + bytesOf(value!).length + 33, 0);

for (const [what, use] of [["a tree", tree], ["record lines", lines]] as const) {
  for (const adapter of [...ADAPTERS, "redis"]) {
    Deno.test(`${what} of a scope of ${adapter} that is not there reads nothing`, async () => {
      const rows = snapshot(NAMES);
      for (const options of OPTIONS) {
        const { result, bytes, given } = await costOf(
          rows,
          (snapshot) => use(snapshot, { ...options, scopes: { [adapter]: ["missing"] } }),
        );
        strictEqual(result.exitCode, 9);
        deepStrictEqual([bytes, given], [0, 0]);
      }
    });
  }

  for (const adapter of ADAPTERS) {
    Deno.test(`${what} of a scope of ${adapter} reads its rows, whatever else is there`, async () => {
      const own = sizeOf(SCOPES[adapter]("abc"));
      for (const others of [NAMES, [...NAMES, ...OTHERS]]) {
        const { result, bytes, given, size } = await costOf(
          snapshot(others),
          (snapshot) => use(snapshot, { scopes: { [adapter]: ["abc"] } }),
        );
        strictEqual(result.exitCode, adapter === "s3" ? 8 : 0);
        ok(bytes < 1.2 * own + (256 << 10), `${bytes} bytes read, of ${own} in ${size}`);
        ok(given <= 1.2 * own, `${given} bytes of rows, of ${own}`);
      }
    });
  }

  Deno.test(`${what} of Redis reads the rows of Redis`, async () => {
    const rows = snapshot(NAMES);
    const own = sizeOf(NAMES.flatMap(SCOPES.redis));
    for (const redisBareStrings of [false, true]) {
      const { bytes } = await costOf(
        rows,
        (snapshot) => use(snapshot, { redisBareStrings, scopes: { redis: ["0"] } }),
      );
      ok(bytes < 2.5 * own + (256 << 10), `${bytes} bytes read, of ${own}`);
    }
  });
}

Deno.test("raw rows of a selection are those of its scopes", async () => {
  const entries = (table: string): TestEntry[] => [
    ...SCOPES.dynamodb(table),
    ...times(100, (i) => [{ key: indexKey(bytesOf(table), 1n, bytesOf("i"), bytesOf(`${i}`)) }])
      .map(({ key }) => ({ key, value: BLOCK })),
  ];
  const rows = [...snapshot(OTHERS), ...NAMES.flatMap(entries)];
  const sink = new MemorySink();
  const { bytes, result } = await costOf(
    rows,
    (snapshot) => decode(snapshot, sink, { raw: true, scopes: { dynamodb: ["abc"] } }),
  );
  strictEqual(result.exitCode, 0);
  const raw = new TextDecoder().decode(sink.files.get("_raw/records.jsonl")).trimEnd().split("\n");
  const own = raw.map((line) => atob(JSON.parse(line).key_b64))
    .filter((key) => key.startsWith("!ddb|gsi|YWJj|"));
  // Its counter is the other row that no file of a dump has.
  deepStrictEqual([own.length, raw.length], [100, 101]);
  ok(bytes < 1.2 * sizeOf(entries("abc")) + (256 << 10), `${bytes} bytes read`);
});
