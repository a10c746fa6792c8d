/** The library as a program uses it. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { AbortedError, MemorySink, openSnapshot, UsageError } from "../../mod.ts";
import { nodeFile, ROUTE, stream } from "../support/stream.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function* sourcesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    if (isDirectory) yield* sourcesOf(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

const SCHEMA = Uint8Array.from([
  ...[0x00, 0x44, 0x53, 0x01, 0x0a, 0x01, 0x74, 0x12, 0x07, 0x0a, 0x02, 0x69, 0x64, 0x12, 0x01],
  ...[0x53, 0x1a, 0x04, 0x0a, 0x02, 0x69, 0x64, 0x28, 0x02, 0x38, 0x01],
]);

function item(id: string, n: string): Uint8Array {
  const text = (s: string): number[] => [...new TextEncoder().encode(s)];
  const entry = (name: string, tag: number, value: string): number[] => {
    const v = [tag, value.length, ...text(value)];
    const body = [0x0a, name.length, ...text(name), 0x12, v.length, ...v];
    return [0x0a, body.length, ...body];
  };
  return Uint8Array.from([0, 0x44, 0x49, 1, ...entry("id", 0x0a, id), ...entry("n", 0x12, n)]);
}

const FILE = nodeFile(stream([
  ROUTE,
  { key: "!ddb|meta|table|dA", value: SCHEMA, ts: 5n },
  { key: "!ddb|item|dA|1|a\0\x01", value: item("a", "9007199254740993"), ts: 7n },
  { key: "!ddb|item|dA|1|a\0\x01", value: item("a", "1"), ts: 6n },
  { key: "!ddb|item|dA|1|b\0\x01", ts: 8n },
  { key: "!ddb|item|dA|1|b\0\x01", value: item("b", "2"), ts: 6n },
], 8n));

const ITEMS = [{ id: { S: "a" }, n: { N: "9007199254740993" } }];

async function itemsOf(input: Parameters<typeof openSnapshot>[0]): Promise<unknown[]> {
  const snap = await openSnapshot(input);
  const items = [];
  for await (const item of snap.dynamodb.table("t").items()) items.push(item);
  snap.close();
  return items;
}

Deno.test("a snapshot opens from bytes, a blob, a stream and packed bytes", async () => {
  deepStrictEqual(await itemsOf(FILE), ITEMS);
  deepStrictEqual(await itemsOf(new Blob([FILE as BufferSource])), ITEMS);
  deepStrictEqual(await itemsOf(new Blob([FILE as BufferSource]).stream()), ITEMS);
  const packed = new Blob([FILE as BufferSource]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  deepStrictEqual(await itemsOf(new Uint8Array(await new Response(packed).arrayBuffer())), ITEMS);
});

Deno.test("a snapshot opens by its path, and from a stream of Node", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, FILE);
    deepStrictEqual(await itemsOf(path), ITEMS);
    deepStrictEqual(await itemsOf(pathToFileURL(path)), ITEMS);
    deepStrictEqual(await itemsOf(createReadStream(path, { highWaterMark: 7 })), ITEMS);
    await rejects(openSnapshot(`${path}-not`), { code: "usage", file: `${path}-not` });
    await rejects(openSnapshot("/"), { code: "usage", message: "this is a folder and no file" });
    await rejects(openSnapshot(Readable.from(["text"])), /something else than bytes/);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("what is no snapshot at all is refused with what can be given", async () => {
  for (const input of [undefined, null, 7, {}, { read() {} }]) {
    await rejects(openSnapshot(input as unknown as Uint8Array), {
      code: "usage",
      hint: /give a path/,
    });
  }
});

Deno.test("a snapshot is closed at the end of its block", async () => {
  let closed = 0;
  const source = {
    name: "given",
    size: FILE.length,
    read(offset: number, into: Uint8Array): number {
      const some = FILE.subarray(offset, offset + into.length);
      into.set(some);
      return some.length;
    },
    close: () => void closed++,
  };
  {
    using snap = await openSnapshot(source);
    deepStrictEqual([snap.problems, closed], [[], 0]);
  }
  strictEqual(closed, 1);
});

Deno.test("a snapshot that was closed is not read any more, and says so", async () => {
  const snap = await openSnapshot(FILE);
  const table = snap.dynamodb.table("t");
  snap.close();
  const isClosed = { code: "usage", message: "the snapshot was closed" };
  await rejects(table.get({ id: "a" }), isClosed);
  await rejects(table.items().next(), isClosed);
  await rejects(snap.get(new Uint8Array(1)), isClosed);
  await rejects(snap.history(new Uint8Array(1)).next(), isClosed);
  await rejects(snap.decode(new MemorySink()), isClosed);
});

Deno.test("no hint of the library names an option of the command line", async () => {
  for await (const path of sourcesOf("src")) {
    if (path.startsWith("src/cli/")) continue;
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    for (const [hint] of text.matchAll(/hint:[^,]*"[^"]*"/g)) {
      if (!path.includes("deno_")) ok(!/--[a-z]/.test(hint), `${path}: ${hint}`);
    }
  }
});

Deno.test("the same snapshot twice is one snapshot", async () => {
  deepStrictEqual(await itemsOf([FILE, FILE]), ITEMS);
});

Deno.test("an earlier moment can be read, and one before the first version, or of another unit, cannot", async () => {
  const snap = await openSnapshot(FILE, { at: 6n });
  const items = [];
  for await (const item of snap.dynamodb.table("t").items()) items.push(item);
  deepStrictEqual(items, [{ id: { S: "a" }, n: { N: "1" } }, { id: { S: "b" }, n: { N: "2" } }]);
  await rejects(openSnapshot(FILE, { at: 1n }), UsageError);
  await rejects(openSnapshot(FILE, { at: 1_779_989_200_000_000_000n }), UsageError);
  // Nothing is known of what came after the last commit.
  const later = await openSnapshot(FILE, { at: 1n << 20n });
  strictEqual((await later.inspect()).readable?.to.hlc, "8");
});

Deno.test("rows, single keys and histories are below the records", async () => {
  const snap = await openSnapshot(FILE);
  const key = new TextEncoder().encode("!ddb|item|dA|1|a\0\x01");
  strictEqual((await snap.get(key))?.commitTs, 7n);
  deepStrictEqual((await Array.fromAsync(snap.history(key))).map(({ commitTs }) => commitTs), [
    7n,
    6n,
  ]);
  strictEqual(await snap.get(new TextEncoder().encode("!ddb|item|dA|1|b\0\x01")), undefined);
  let rows = 0;
  for await (const row of snap.rows({ from: new Uint8Array(0) })) {
    rows += row.key.length > 0 ? 1 : 0;
  }
  strictEqual(rows, 3);
});

Deno.test("a table that does not exist is named", async () => {
  const snap = await openSnapshot(FILE);
  await rejects(snap.dynamodb.table("x").items().next(), /no table named "x"/);
  const names = [];
  for await (const { name } of snap.dynamodb.tables()) names.push(name);
  deepStrictEqual(names, ["t"]);
});

Deno.test("a dump is written into memory, and its balance adds up", async () => {
  const sink = new MemorySink();
  const report = await (await openSnapshot(FILE)).decode(sink);
  strictEqual(report.exitCode, 0);
  ok(sink.finished);
  deepStrictEqual([...sink.files.keys()].sort(), [
    "CHECKSUMS",
    "MANIFEST.json",
    "dynamodb/t/_schema.json",
    "dynamodb/t/items/a.json",
  ]);
  const { versions, live, superseded, tombstones } = report.balance;
  deepStrictEqual([versions, live, superseded, tombstones], [6, 3, 2, 1]);
});

Deno.test("a signal that has fired stops opening and decoding", async () => {
  const signal = AbortSignal.abort();
  await rejects(openSnapshot(FILE, { signal }), AbortedError);
  const sink = new MemorySink();
  await rejects((await openSnapshot(FILE)).decode(sink, { signal }), AbortedError);
  strictEqual(sink.files.size, 0);
});

Deno.test("progress is told in bytes of the files", async () => {
  const seen: [number, number][] = [];
  await openSnapshot([FILE, FILE], { progress: (read, total) => void seen.push([read, total]) });
  deepStrictEqual(seen.at(-1), [2 * FILE.length, 2 * FILE.length]);
});

Deno.test("a signal stops the records of an open snapshot, too", async () => {
  const stop = new AbortController();
  const snap = await openSnapshot(FILE, { signal: stop.signal });
  stop.abort();
  const { dynamodb, s3, redis, sqs } = snap;
  const first = (records: AsyncIterable<unknown>): Promise<unknown> =>
    records[Symbol.asyncIterator]().next();
  for (
    const records of [
      dynamodb.tables(),
      dynamodb.table("t").items(),
      s3.buckets(),
      redis.keys(),
      sqs.queues(),
    ]
  ) await rejects(first(records), AbortedError);
  snap.close();
});
