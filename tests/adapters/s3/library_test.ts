/** What a program gets of buckets and objects. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { openSnapshot } from "../../../src/commands/open_snapshot.ts";
import type { Body, S3Bucket } from "../../../mod.ts";
import { AbortedError, UsageError } from "../../../src/errors.ts";
import { costOf } from "../../support/cost.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow, md5Of, objectRows, textOf } from "./support.ts";

async function bucketOf(rows: TestEntry[], name: string | Uint8Array): Promise<S3Bucket> {
  return (await openSnapshot(stream(rows))).s3.bucket(name);
}

async function textOfBody(body: Body): Promise<string> {
  return await new Response(body.stream()).text();
}

async function keysOf(bucket: S3Bucket, range = {}): Promise<string[]> {
  return (await Array.fromAsync(bucket.objects(range))).map(({ key }) => key);
}

const big = "x".repeat(700_000);
const ROWS = [
  ...bucketRows("b", 2),
  ...bucketRows("c"),
  ...objectRows("old", "1"),
  ...objectRows("a", "A", { generation: 2 }),
  blobRow("big", big, { generation: 2 }),
  blobRow("big", big, { generation: 2, chunk: 1n }),
  headRow("big", {
    upload_id: "u",
    etag: "e",
    size_bytes: 1_400_000,
    content_type: "t/t",
    user_metadata: { b: "2", a: "1" },
    parts: [{ part_no: 1, chunk_count: 2 }],
  }, { generation: 2 }),
  ...objectRows("a", "other bucket", { bucket: "c" }),
  ...objectRows("x", "gone", { bucket: "gone" }),
];

Deno.test("buckets are those with rows, by their names", async () => {
  const { s3 } = await openSnapshot(stream(ROWS));
  const buckets = await Array.fromAsync(s3.buckets());
  deepStrictEqual(buckets.map(({ name, rawName }) => [name, textOf(rawName)]), [
    ["b", "b"],
    ["c", "c"],
  ]);
  const meta = { generation: 2n, createdHlc: 0n, owner: "", region: "us-east-1", acl: "" };
  deepStrictEqual(await buckets[0].attributes(), meta);
  await rejects(s3.bucket("gone").attributes(), UsageError);
});

Deno.test("objects have headers, and bodies that are read when they are wanted", async () => {
  const bucket = await bucketOf(ROWS, "b");
  const objects = await Array.fromAsync(bucket.objects());
  deepStrictEqual(objects.map(({ key, body }) => [key, body.size]), [["a", 1], ["big", 1_400_000]]);
  deepStrictEqual(objects[1].headers, {
    etag: "e",
    lastModifiedHlc: 0n,
    contentType: "t/t",
    contentEncoding: "",
    cacheControl: "",
    contentDisposition: "",
    userMetadata: new Map([["a", "1"], ["b", "2"]]),
  });
  strictEqual(objects[0].headers.etag, md5Of("A"));
  // In any order, and again.
  strictEqual(await textOfBody(objects[1].body), big + big);
  strictEqual(await textOfBody(objects[0].body), "A");
  strictEqual(await textOfBody(objects[0].body), "A");
});

Deno.test("one object is asked for by its key", async () => {
  const rows = [
    ...bucketRows("b", 2),
    ...objectRows("k", "old"),
    ...objectRows("k", "now", { generation: 2 }),
    ...objectRows("k2", "next", { generation: 2 }),
    ...objectRows("", "empty", { generation: 2 }),
    ...objectRows(Uint8Array.of(0xff), "no text", { generation: 2 }),
    ...objectRows("gone", "old"),
    ...objectRows("k", "elsewhere", { bucket: "without", generation: 5 }),
    ...objectRows("k", "deleted", { bucket: "deleted" }),
    bucketRows("deleted")[1],
  ];
  const get = async (name: string, key: string | Uint8Array): Promise<string | undefined> => {
    const object = await (await bucketOf(rows, name)).get(key);
    return object && await textOfBody(object.body);
  };
  strictEqual(await get("b", "k"), "now");
  strictEqual(await get("b", bytesOf("k")), "now");
  strictEqual(await get("b", "gone"), undefined);
  strictEqual(await get("b", ""), "empty");
  strictEqual(await get("b", Uint8Array.of(0xff)), "no text");
  const [, , , last] = await keysOf(await bucketOf(rows, "b"));
  strictEqual(await get("b", last), "no text");
  await rejects(get("nowhere", "k"), /there is no bucket named "nowhere"/);
  strictEqual(await get("without", "k"), "elsewhere");
  strictEqual(await get("deleted", "k"), undefined);
  await rejects(get("b", "b64:?"), UsageError);
});

Deno.test("a body that is not whole fails where it is read, and nowhere else", async () => {
  const parts = [{ part_no: 1, chunk_count: 1 }];
  const bucket = await bucketOf([
    ...bucketRows("b"),
    headRow("bad", { upload_id: "u", size_bytes: 1, parts }),
    blobRow("bad", "12"),
    ...objectRows("fine", "fine"),
  ], "b");
  const [bad, fine] = await Array.fromAsync(bucket.objects());
  await rejects(textOfBody(bad.body), {
    code: "incomplete-object",
    message: "the body has 2 bytes instead of 1",
  });
  strictEqual(await textOfBody(fine.body), "fine");
});

Deno.test("objects are listed by prefix and range", async () => {
  const keys = ["a", "a/1", "a/2", "a0", "b/1", "\u00e9"];
  const bucket = await bucketOf([
    ...bucketRows("b"),
    ...keys.flatMap((key) => objectRows(key, key)),
  ], "b");
  deepStrictEqual(await keysOf(bucket), keys);
  deepStrictEqual(await keysOf(bucket, { prefix: "" }), keys);
  deepStrictEqual(await keysOf(bucket, { prefix: "a/" }), ["a/1", "a/2"]);
  deepStrictEqual(await keysOf(bucket, { prefix: Uint8Array.of(0xc3) }), ["\u00e9"]);
  deepStrictEqual(await keysOf(bucket, { from: "a/2" }), ["a/2", "a0", "b/1", "\u00e9"]);
  deepStrictEqual(await keysOf(bucket, { to: "a/2" }), ["a", "a/1"]);
  deepStrictEqual(await keysOf(bucket, { prefix: "a", from: "a/2", to: "b" }), ["a/2", "a0"]);
  deepStrictEqual(await keysOf(bucket, { prefix: "a/", from: "", to: "a/2" }), ["a/1"]);
  deepStrictEqual(await keysOf(bucket, { from: "b", to: "a" }), []);
  deepStrictEqual(await keysOf(bucket, { prefix: "c" }), []);
});

Deno.test("a signal stops a listing and the reading of a body", async () => {
  const bucket = await bucketOf(ROWS, "b");
  await rejects(Array.fromAsync(bucket.objects({ signal: AbortSignal.abort() })), AbortedError);
  const stop = new AbortController();
  const object = await bucket.get("big", { signal: stop.signal });
  stop.abort();
  await rejects(textOfBody(object!.body), AbortedError);
});

Deno.test("listing reads headers, and one body costs its chunks", async () => {
  const body = "x".repeat(5000);
  for (const n of [500, 1000, 2000]) {
    const rows = [
      ...bucketRows("b"),
      ...Array.from({ length: n }, (_, i) => objectRows(`name-${i}`, body)).flat(),
    ];
    const list = await costOf(rows, (_, { s3 }) => Array.fromAsync(s3.bucket("b").objects()));
    strictEqual(list.result.length, n);
    ok(list.bytes < n * 350 + (256 << 10), `${list.bytes} bytes read of ${list.size}`);
    const one = await costOf(rows, async (_, { s3 }) => {
      const object = await s3.bucket("b").get("name-77");
      return await textOfBody(object!.body);
    });
    strictEqual(one.result, body);
    ok(one.bytes < 512 << 10, `${one.bytes} bytes read of ${one.size}`);
  }
});
