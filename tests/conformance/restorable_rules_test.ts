/** A case for each reason why something cannot be restored, and one beside it that can. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import { createHash } from "node:crypto";
import { bytesField, concat, mapFields, text, textField } from "../support/generator/encoding.ts";
import { stream, type TestEntry } from "../support/stream.ts";
import {
  itemKey,
  itemRow,
  itemValue,
  tableRow,
  type TableShape,
} from "../adapters/dynamodb/rows.ts";
import { keyOf, type Row, valueOf } from "../adapters/redis/test_rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { messageRow, queueRow } from "../adapters/sqs/support.ts";
import type { Name } from "../../src/adapters/s3/names.ts";
import type { ObjectRecord } from "../../src/adapters/s3/records.ts";
import { whyNotObject } from "../../src/adapters/s3/restorable.ts";
import { judge } from "./judge.ts";

/** What a name becomes that cannot be had. */
function hashedName(name: string): string {
  const digits = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${digits}__${encodeURIComponent(name.slice(0, 64))}`;
}

interface Rule {
  /** What is counted. */
  counts: Record<string, number>;
  /** What is put apart, sorted. */
  moved: string[];
  rows: TestEntry[];
  options?: DecodeOptions;
  /** Whether the encoder's rules of the tests have it; yes. */
  isModelled?: boolean;
}

function rule(what: string, { counts, moved, rows, options = {}, isModelled }: Rule): void {
  Deno.test(`restorable: ${what}`, async () => {
    const judged = await judge({ "x.fsm": stream(rows) }, options, isModelled);
    strictEqual(judged.plain.published, true);
    deepStrictEqual(judged.counts, counts);
    const found = judged.moved.map((path) => path.replace(/~[0-9a-f]{8}/, "~"));
    deepStrictEqual(found.sort(), [...moved].sort());
  });
}

// DynamoDB

for (const [name, folder] of [["..", "%2E%2E"], [".", "%2E"]]) {
  rule(`a table called ${name}`, {
    rows: [tableRow(name), itemRow(name, { id: { S: "a" } }), ...good("t")],
    counts: { "dynamodb table-renamed": 2 },
    moved: [`dynamodb/${folder}/_schema.json`, `dynamodb/${folder}/items/a.json`],
  });
}

rule("a table that the portable rule renames", {
  rows: ["T", "t"].flatMap(good),
  options: { portableNames: true },
  counts: { "dynamodb table-renamed": 2 },
  moved: ["_schema.json", "items/a.json"].map((file) => `dynamodb/${hashedName("t")}/${file}`),
});

rule("a schema without the table's name", {
  rows: [...good("t"), { key: tableRow("old").key, value: tableRow("").value }],
  counts: { "dynamodb table-without-name": 1 },
  moved: ["dynamodb/old/_schema.json"],
});

rule("a table without the name of its hash key", {
  rows: [...good("t"), tableRow("k", { hash: "" })],
  counts: { "dynamodb table-without-key": 1 },
  moved: ["dynamodb/k/_schema.json"],
});

const LEGACY: TableShape = { types: { id: "N" }, version: 1 };

rule("numbers that no ordered key holds, in a table of an early version", {
  rows: [
    tableRow("n", LEGACY),
    ...["abc", "0x10", "1", "2.5", "1e-0"].map((N) => itemRow("n", { id: { N } }, LEGACY)),
  ],
  // 1e-0 is 1.
  counts: { "dynamodb duplicate-key": 1, "dynamodb key-number": 2 },
  moved: ["dynamodb/n/items/1.json", "dynamodb/n/items/16.json", "dynamodb/n/items/abc.json"],
});

rule("spellings of one number, of which the first by its key stays", {
  rows: [
    tableRow("n", LEGACY),
    ...["1.00", "1", "1.0", "01", "2", "2.0"].map((N) => itemRow("n", { id: { N } }, LEGACY)),
  ],
  counts: { "dynamodb duplicate-key": 4 },
  // Base64 sorts 1.00, 1.0, 01, 1: the others of those that are put apart have digits in their names.
  moved: ["1", "1~", "1~", "2"].map((name) => `dynamodb/n/items/${name}.json`),
});

rule("an item under another key than its own, which is that of another item", {
  rows: [
    tableRow("t"),
    itemRow("t", { id: { S: "a" }, n: { N: "1" } }),
    {
      key: itemKey("t", 1, "b\0\x01"),
      value: itemValue({ id: { S: "a" }, n: { N: "2" } }),
    },
  ],
  counts: { "dynamodb duplicate-key": 1 },
  moved: ["dynamodb/t/items/a.json"],
});

rule("an item under the key of another item that cannot be restored by itself, either", {
  rows: [
    indexed("t"),
    itemRow("t", { id: { S: "a" } }),
    { key: itemKey("t", 1, "b\0\x01"), value: itemValue({ id: { S: "a" }, g: { BOOL: true } }) },
  ],
  // It is one item, with one reason.
  counts: { "dynamodb index-key": 1 },
  moved: ["dynamodb/t/items/a.json"],
});

rule("attributes of an index that are of no type of a key, or no number", {
  rows: [
    indexed("t"),
    itemRow("t", { id: { S: "bool" }, g: { BOOL: true } }),
    itemRow("t", { id: { S: "both" }, g: { S: "x" }, r: { N: "1" } }),
    itemRow("t", { id: { S: "list" }, g: { S: "x" }, r: { L: [] } }),
    itemRow("t", { id: { S: "none" }, other: { BOOL: true } }),
    itemRow("t", { id: { S: "number" }, g: { S: "x" }, r: { N: "0x10" } }),
    itemRow("t", { id: { S: "range" }, r: { BOOL: true } }),
  ],
  counts: { "dynamodb index-key": 3 },
  moved: ["bool", "list", "number"].map((id) => `dynamodb/t/items/${id}.json`),
});

rule("a table whose indexes have longer names than are kept", {
  rows: [
    indexed("more", "i".repeat((64 << 10) - 1)),
    itemRow("more", { id: { S: "a" } }),
    // With the names of its two attributes it has just as many bytes as are kept.
    indexed("most", "i".repeat((64 << 10) - 2)),
    itemRow("most", { id: { S: "a" } }),
  ],
  isModelled: false,
  counts: { "dynamodb table-with-many-indexes": 2 },
  moved: ["dynamodb/more/_schema.json", "dynamodb/more/items/a.json"],
});

function good(name: string): TestEntry[] {
  return [tableRow(name), itemRow(name, { id: { S: "a" } })];
}

/** A table with an index whose key is `g` and `r`. */
function indexed(name: string, index = "gi"): TestEntry {
  const row = tableRow(name);
  const key = bytesField(1, concat(textField(1, "g"), textField(2, "r")));
  const definition = concat(key, bytesField(2, textField(1, "ALL")));
  return { ...row, value: concat(row.value as Uint8Array, mapFields(4, [[index, definition]])) };
}

// S3

rule("keys that are no paths", {
  rows: [
    ...bucketRows("b"),
    ...["photos/", "a//b", "_orphans/x", "back\\slash", "fine"]
      .flatMap((key) => objectRows(key, "data")),
    // Renamed, and taken all the same.
    ...objectRows("deep", "a"),
    ...objectRows("deep/er", "b"),
    ...objectRows("x.elastickv-meta.json", "c"),
    ...objectRows("L".repeat(240), "d"),
  ],
  counts: { "s3 key-not-a-path": 4 },
  moved: s3Names("b", ["photos/", "a//b", "_orphans/x", "back\\slash"]),
});

rule("objects of a bucket without a row", {
  rows: [...bucketRows("b"), ...objectRows("k", "data"), ...objectRows("k", "x", { bucket: "c" })],
  counts: { "s3 bucket-missing": 1 },
  moved: ["s3/c/k", "s3/c/k.elastickv-meta.json"],
});

rule("a bucket that the portable rule renames", {
  rows: ["B", "b"].flatMap((bucket) => [
    ...bucketRows(bucket),
    ...objectRows("k", "data", { bucket }),
  ]),
  options: { portableNames: true },
  counts: { "s3 bucket-renamed": 2 },
  moved: ["_bucket.json", "k", "k.elastickv-meta.json"].map((file) =>
    `s3/${hashedName("b")}/${file}`
  ),
});

rule("a hashed name that ends like a file with headers", {
  rows: [
    ...bucketRows("b"),
    ...objectRows(`${"n".repeat(44)}.elastickv-meta.json${"/".padEnd(300, "m")}`, "data"),
  ],
  counts: { "s3 file-like-headers": 1 },
  moved: s3Names("b", [`${"n".repeat(44)}.elastickv-meta.json${"/".padEnd(300, "m")}`]),
});

rule("a bucket whose name is no text", {
  rows: ["b", Uint8Array.of(0x62, 0xff)].flatMap((bucket) => [
    ...bucketRows(bucket),
    ...objectRows("k", "data", { bucket }),
  ]),
  counts: { "s3 bucket-name-not-text": 2 },
  moved: ["_bucket.json", "k", "k.elastickv-meta.json"].map((file) => `s3/b%FF/${file}`),
});

// A restored chunk has a longer id of its upload in its key.
const [LONG, LONGER] = [1_048_500, 1_048_520].map((length) => "k".repeat(length));
rule("an object whose chunks get keys that are too long", {
  rows: [
    ...bucketRows("b"),
    ...[LONG, LONGER].flatMap((key) => objectRows(key, "data")),
  ],
  isModelled: false,
  counts: { "s3 key-too-long": 1 },
  moved: s3Names("b", [LONGER]),
});

Deno.test("restorable: an object's headers fit in a row when all that JSON escapes has six bytes", () => {
  const NOTHING = new Uint8Array(0);
  const why = (contentType: Uint8Array): string | undefined => {
    const headers = { etag: NOTHING, contentType, contentEncoding: NOTHING };
    const others = { cacheControl: NOTHING, contentDisposition: NOTHING, userMetadata: [] };
    const object = { bucket: text("b"), key: text("k"), headers: { ...headers, ...others } };
    return whyNotObject(object as unknown as ObjectRecord, { path: "k" } as Name);
  };
  const most = (256 << 20) / 6 | 0;
  strictEqual(why(new Uint8Array(most + 1).fill(0x3c)), "headers-too-long");
  strictEqual(why(new Uint8Array(most + 1).fill(0x78)), undefined);
  strictEqual(why(new Uint8Array(most - (1 << 16)).fill(0x3c)), undefined);
});

function s3Names(bucket: string, keys: string[]): string[] {
  const names = keys.map(hashedName);
  return [
    `s3/${bucket}/KEYMAP.jsonl`,
    ...names.flatMap((name) => [name, `${name}.elastickv-meta.json`])
      .map((name) => `s3/${bucket}/${name}`),
  ].sort();
}

// Redis

rule("streams that do not say the truth about themselves", {
  rows: redis(
    ...streamRows("fine", 1n, [5n, 0n], [[5n, 0n]]),
    ...streamRows("length", 2n, [5n, 0n], [[5n, 0n]]),
    ...streamRows("last", 2n, [5n, 0n], [[5n, 0n], [5n, 1n]]),
  ),
  counts: { "redis stream-last-id": 1, "redis stream-length": 1 },
  moved: ["redis/db_0/streams/last.jsonl", "redis/db_0/streams/length.jsonl"],
});

rule("a score that is not a number", {
  rows: redis(
    { is: "meta", type: "zset", name: "z", length: 2n, head: 0n, last: [0n, 0n] },
    { is: "scored", name: "z", member: "a", score: NaN },
    { is: "scored", name: "z", member: "b", score: Infinity },
    { is: "meta", type: "zset", name: "y", length: 1n, head: 0n, last: [0n, 0n] },
    { is: "scored", name: "y", member: "b", score: -Infinity },
  ),
  counts: { "redis score-not-a-number": 1 },
  moved: ["redis/db_0/zsets/z.json"],
});

rule("a key with two times of expiry, strings aside", {
  rows: redis(
    { is: "string", name: "k", form: 9n, body: "s" },
    { is: "hll", name: "k", form: 9n, body: "m" },
    { is: "meta", type: "hash", name: "k", length: 1n, head: 0n, last: [0n, 0n], expire: 9n },
    { is: "field", name: "k", field: "f", value: "v" },
    { is: "hll", name: "l", form: 9n, body: "m" },
  ),
  counts: { "redis second-expiry": 1 },
  moved: ["redis/db_0/hashes/k.json"],
});

rule("a key that expires at zero, with what stands beside it", {
  rows: redis(
    { is: "string", name: "b64.s", form: "legacy", body: "s" },
    { is: "index", name: "b64.s", ms: 0n, ts: 1n },
    { is: "string", name: "b64.t", form: "legacy", body: "s" },
    { is: "index", name: "b64.t", ms: 7n, ts: 1n },
  ),
  counts: { "redis expiry-zero": 1 },
  moved: [
    "redis/db_0/KEYMAP.jsonl",
    `redis/db_0/strings/${hashedName("b64.s")}.bin`,
    "redis/db_0/strings_ttl.jsonl",
  ],
});

rule("a HyperLogLog that looks like an envelope", {
  rows: [
    { key: "!redis|hll|h", value: Uint8Array.of(0xff, 2, 0, 0xff, 2, 9) },
    { key: "!redis|hll|i", value: Uint8Array.of(0xff, 2, 0, 0xff, 1, 9) },
  ],
  counts: { "redis value-like-header": 1 },
  moved: ["redis/db_0/hll/h.bin"],
});

rule("a field that is too long for a row of its own", {
  rows: [
    {
      key: "!redis|hash|h",
      value: concat(
        Uint8Array.of(0, 0x52, 0x48, 1),
        bytesField(1, textField(1, "f".repeat(1 << 20))),
      ),
    },
    { key: "!redis|hash|i", value: concat(Uint8Array.of(0, 0x52, 0x48, 1)) },
  ],
  counts: { "redis too-long": 1 },
  moved: ["redis/db_0/hashes/h.json"],
});

function redis(...rows: Row[]): TestEntry[] {
  return rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));
}

function streamRows(
  name: string,
  length: bigint,
  last: [bigint, bigint],
  ids: [bigint, bigint][],
): Row[] {
  return [
    { is: "meta", type: "stream", name, length, head: 0n, last },
    ...ids.map((id): Row => ({ is: "entry", name, id, fields: ["f", "v"] })),
  ];
}

// SQS

rule("a queue whose row names another queue", {
  rows: [
    queueRow("q", { name: "p" }),
    messageRow("q", "m1"),
    queueRow("fine"),
    messageRow("fine", "m2"),
  ],
  counts: { "sqs queue-name": 2 },
  moved: ["sqs/q/_queue.json", "sqs/q/messages.jsonl"],
});

const FIFO = { is_fifo: true };
for (
  const [what, settings] of Object.entries({
    "three partitions": { ...FIFO, partition_count: 3 },
    "64 partitions": { ...FIFO, partition_count: 64 },
    "partitions of a standard queue": { partition_count: 2 },
    "a limit of a standard queue": { fifo_throughput_limit: "perQueue" },
    "a scope of a standard queue": { deduplication_scope: "queue" },
    "an unknown limit": { ...FIFO, fifo_throughput_limit: "bogus" },
    "an unknown scope": { ...FIFO, deduplication_scope: "bogus" },
    "a scope that no partitions have": {
      ...FIFO,
      partition_count: 2,
      deduplication_scope: "queue",
    },
    "a limit that only partitions have": { ...FIFO, fifo_throughput_limit: "perMessageGroupId" },
  })
) {
  rule(what, {
    rows: [queueRow("q", settings), queueRow("fine", FIFO), messageRow("fine", "m")],
    counts: { "sqs queue-settings": 1 },
    moved: ["sqs/q/_queue.json"],
  });
}

const GROUPS = { g1: 1, g2: 0, g3: 3, orders: 0, "customer-42": 2, "日本": 1 };

rule("messages that are not in the partition of their group", {
  rows: [
    queueRow("q", { ...FIFO, partition_count: 4 }),
    ...Object.entries(GROUPS).flatMap(([group, partition], i) => [
      grouped(`right${i}`, group, partition),
      grouped(`wrong${i}`, group, partition ^ 1),
    ]),
    grouped("none", "", 0),
  ],
  counts: { "sqs message-partition": 6 },
  moved: ["sqs/q/messages.jsonl"],
});

function grouped(id: string, group: string, partition: number): TestEntry {
  const json = `,"message_group_id":${JSON.stringify(group)}`;
  return messageRow("q", id, { partition, json });
}

rule("a message whose names are too long for the keys of the rows that it gets", {
  rows: [
    queueRow("q", FIFO),
    ...[600_000, 800_000].map((length) => {
      const json = `,"message_group_id":"${"g".repeat(length)}"`;
      return messageRow("q", `m${length}`, { json });
    }),
  ],
  isModelled: false,
  counts: { "sqs message-too-long": 1 },
  moved: ["sqs/q/messages.jsonl"],
});
