/** What is listed is what a decode writes, and each of it has the same bytes when it is asked for alone. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseAddress } from "../../src/commands/address.ts";
import { cat } from "../../src/commands/cat.ts";
import { decode } from "../../src/commands/decode.ts";
import { list, type ListOptions } from "../../src/commands/list.ts";
import type { ItemKey } from "../../src/adapters/dynamodb/keys.ts";
import { concat } from "../support/generator/encoding.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import type { SeenFile } from "../../src/sinks/look_sink.ts";
import { hostileSnapshot } from "../support/hostile_names.ts";
import { forSeeds, generate } from "../support/generator/mod.ts";
import { costOf } from "../support/cost.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { keyOf, type Row, valueOf } from "../adapters/redis/test_rows.ts";
import { messageRow, queueRow } from "../adapters/sqs/support.ts";
import { stream, type TestEntry } from "../support/stream.ts";
import { openBytes } from "./dumps.ts";

const PAPERS = ["MANIFEST.json", "CHECKSUMS", "ERRORS.jsonl"];

async function filesOf(snapshot: Snapshot): Promise<Map<string, Uint8Array>> {
  const sink = new MemorySink();
  await decode(snapshot, sink, { dynamodbBundleMode: "per-item", keepGoing: true });
  for (const paper of PAPERS) sink.files.delete(paper);
  return sink.files;
}

async function listed(snapshot: Snapshot, options: ListOptions = {}): Promise<SeenFile[]> {
  const files: SeenFile[] = [];
  await list(snapshot, (file) => void files.push(file), options);
  return files;
}

async function bytesAt(snapshot: Snapshot, text: string, key?: ItemKey): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await cat(snapshot, parseAddress(text, key), (bytes) => void parts.push(bytes.slice()));
  return concat(...parts);
}

/** Compares everything that is listed with a decode, and every step-th file with what cat gives. */
async function compare(snapshot: Snapshot, step: number): Promise<void> {
  const files = await filesOf(snapshot);
  const all = await listed(snapshot);
  deepStrictEqual(all.map(({ path }) => path).sort(), [...files.keys()].sort());
  for (const { path, size } of all) strictEqual(size, files.get(path)!.length, path);
  let n = 0;
  for (const [path, bytes] of files) {
    if (n++ % step === 0) deepStrictEqual(await bytesAt(snapshot, path), bytes, path);
  }
}

const REAL = [
  "ddb-history",
  "interleaved",
  "redis-all",
  "s3-hostile-keys",
  "sqs-all",
  "sst-ingest",
];

for (const name of REAL) {
  Deno.test(`of ${name}, what is listed and given is what a decode writes`, async () => {
    const folder = new URL(`../fixtures/real/${name}/`, import.meta.url);
    for (const file of Deno.readDirSync(folder)) {
      if (!/\.fsm(\.gz)?$/.test(file.name)) continue;
      const packed = new Blob([Deno.readFileSync(new URL(file.name, folder))]).stream();
      const plain = file.name.endsWith(".gz")
        ? packed.pipeThrough(new DecompressionStream("gzip"))
        : packed;
      const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
      const snapshot = await openBytes(bytes);
      await compare(snapshot, 7);
      snapshot.close();
    }
  });
}

Deno.test("of generated snapshots, what is listed and given is what a decode writes", async () => {
  await forSeeds(7300, 4, async (seed) => {
    const snapshot = await openBytes(generate(seed, { size: 10 }).file());
    await compare(snapshot, 3);
    snapshot.close();
  });
});

Deno.test("what is renamed, hashed or clashes is listed and given, too", async () => {
  await compare(await openBytes(hostileSnapshot()), 23);
});

const ROWS: TestEntry[] = [
  tableRow("orders", { types: { id: "N" } }),
  itemRow("orders", { id: { N: "0.5" }, name: { S: "half" } }),
  itemRow("orders", { id: { N: "17" }, name: { S: "seventeen" } }),
  tableRow("pairs", { range: "at", types: { id: "S", at: "N" } }),
  itemRow("pairs", { id: { S: "a/b" }, at: { N: "2" } }, { range: "at" }),
  ...bucketRows("photos"),
  ...objectRows("2026/meadow.jpg", "meadow", { bucket: "photos" }),
  ...objectRows("2026", "leaf", { bucket: "photos" }),
  { key: "!redis|str|session:1", value: "value" },
  queueRow("jobs"),
  messageRow("jobs", "m"),
  queueRow("idle"),
];
const SNAPSHOT = stream(ROWS);
const text = async (address: string, key?: ItemKey): Promise<string> =>
  new TextDecoder().decode(await bytesAt(await openBytes(SNAPSHOT), address, key));

Deno.test("records are given by the addresses that clients write", async () => {
  ok((await text("dynamodb/orders/17")).includes("seventeen"));
  ok((await text("dynamodb/orders/0.50")).includes("half"));
  ok((await text("dynamodb/orders", { id: { N: "0.5" } })).includes("half"));
  ok((await text("dynamodb/orders")).includes('"hash_key"'));
  ok((await text("dynamodb/pairs", { id: "a/b", at: 2 })).includes("a/b"));
  ok((await text("s3://photos")).includes('"name": "photos"'));
  strictEqual(await text("s3://photos/2026/meadow.jpg"), "meadow");
  // In a dump, it is renamed.
  strictEqual(await text("s3://photos/2026"), "leaf");
  strictEqual(await text("s3/photos/2026.elastickv-leaf-data"), "leaf");
  strictEqual(await text("redis/session:1"), "value");
  ok((await text("sqs/jobs")).includes('"message_id"'));
  strictEqual(await text("sqs/idle"), "");
});

Deno.test("keys that are none are refused, whatever is in their JSON", async () => {
  const values = ['{"N":5}', '{"S":{"N":"17"}}', '{"B":1}', '["17"]', "[17]", "{}", "true", "null"];
  for (const value of [...values, '{"N":"17","S":"a"}', '{"NULL":"a"}', '{"n":"17"}']) {
    const key = JSON.parse(`{"id":${value}}`);
    await rejects(text("dynamodb/orders", key), { code: "usage" }, value);
  }
});

Deno.test("what is not there is not found, and the error says what is", async () => {
  const missing: [string, RegExp][] = [
    ["dynamodb/order/17", /did you mean dynamodb\/orders/],
    ["dynamodb/orders/18", /a list of dynamodb\/orders/],
    ["s3://photos/2027", /a list of s3\/photos/],
    ["s3/photos/2026", /a list of s3\/photos/],
    ["redis/session:2", /redis/],
    ["sqs/job", /did you mean sqs\/jobs/],
    ["sqs/jobs/other", /sqs\/jobs/],
  ];
  for (const [address, hint] of missing) {
    await rejects(text(address), ({ code, hint: found }) => {
      deepStrictEqual([code, hint.test(found)], ["nothing-selected", true], `${address}: ${found}`);
      return true;
    });
  }
  for (const address of ["", "orders", "mysql/x", "s3://", "dynamodb/pairs/a"]) {
    await rejects(text(address), { code: "usage" }, address);
  }
});

Deno.test("an object that is damaged is not given in parts", async () => {
  const rows = objectRows("k", "x".repeat(3 << 20)).map((row, i) =>
    i === 0 ? row : { ...row, value: (row.value as string).slice(1) }
  );
  const snapshot = await openBytes(stream([...bucketRows("b"), ...rows]));
  let bytes = 0;
  await rejects(
    cat(snapshot, parseAddress("s3://b/k"), (some) => void (bytes += some.length)),
    { code: "incomplete-object" },
  );
  strictEqual(bytes, 0);
});

Deno.test("a value is not given without the rows of it that are damaged", async () => {
  const members = (name: string): Row[] => [
    { is: "meta", type: "zset", name, length: 2n, head: 0n, last: [0n, 0n] },
    { is: "scored", name, member: "a", score: 1 },
    { is: "scored", name, member: "b", score: 2 },
  ];
  const rows = [...members("z"), ...members("other")].map((row): TestEntry => {
    const value = valueOf(row);
    const isDamaged = row.is === "scored" && row.name === "z" && row.member === "b";
    return { key: keyOf(row), value: isDamaged ? value.slice(1) : value };
  });
  const messages = ["m1", "m2"].map((id) => messageRow("q", id));
  messages[1] = { ...messages[1], value: "no message" };
  const snapshot = await openBytes(stream([...rows, queueRow("q"), ...messages]));
  const damaged = ["redis/z", "redis/db_0/zsets/z.json", "sqs/q", "sqs/q/messages.jsonl"];
  for (const address of damaged) {
    let bytes = 0;
    await rejects(
      cat(snapshot, parseAddress(address), (some) => void (bytes += some.length)),
      { code: "malformed-value" },
      address,
    );
    strictEqual(bytes, 0, address);
  }
  for (const address of ["redis/other", "redis/db_0/zsets/other.json", "sqs/q/_queue.json"]) {
    ok((await bytesAt(snapshot, address)).length > 0, address);
  }
});

const BLOCK = "0123456789abcdef".repeat(256);

Deno.test("of one record, little more than its rows is read, whatever else is there", async () => {
  const rows = (n: number): TestEntry[] => [
    tableRow("t"),
    ...Array.from({ length: n }, (_, i) => itemRow("t", { id: { S: `k${i}` }, x: { S: BLOCK } })),
    ...bucketRows("b"),
    ...Array.from({ length: n }, (_, i) => objectRows(`o/${i}`, BLOCK)).flat(),
    ...Array.from({ length: n }, (_, i) => ({ key: `!redis|str|s:${i}`, value: BLOCK })),
  ];
  for (const n of [500, 1000]) {
    for (
      const address of [
        "dynamodb/t/k77",
        "dynamodb/t/items/k77.json",
        "s3://b/o/77",
        "s3/b/o/77",
        "redis/s:77",
        "redis/db_0/strings/s%3A77.bin",
      ]
    ) {
      const { given } = await costOf(
        rows(n),
        (snapshot) => cat(snapshot, parseAddress(address), () => {}),
      );
      ok(given < 128 << 10, `${address} of ${n}: ${given} bytes of rows`);
    }
  }
});

Deno.test("a selection of files is listed, and nothing of bodies is read", async () => {
  const snapshot = await openBytes(SNAPSHOT);
  const paths = (await listed(snapshot, { only: ["s3/photos/2026/*"] })).map(({ path }) => path);
  deepStrictEqual(paths, [
    "s3/photos/2026/meadow.jpg",
    "s3/photos/2026/meadow.jpg.elastickv-meta.json",
  ]);
  deepStrictEqual(
    (await listed(snapshot, { keyPrefix: "session" })).map((
      { path, about },
    ) => [path, about?.type]),
    [
      ["redis/db_0/strings/session%3A1.bin", "string"],
    ],
  );
  await rejects(listed(snapshot, { only: ["s3/photos/x*"] }), { code: "nothing-selected" });
  const body = "x".repeat(4 << 20);
  const { given } = await costOf(
    [...bucketRows("b"), ...objectRows("k", body)],
    (snapshot) => list(snapshot, () => {}),
  );
  ok(given < 16 << 10, `${given}`);
});
