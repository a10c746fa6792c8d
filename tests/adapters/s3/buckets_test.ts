/** Buckets, their generations, and what is left of those that are gone. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { bucketKey } from "../../../src/keyspace/s3_keys.ts";
import { bytesOf, type TestEntry } from "../../support/stream.ts";
import {
  blobRow,
  bodiesOf,
  bucketRows,
  dump,
  headRow,
  objectRows,
  partRow,
  refRows,
  uploadRow,
  warningsOf,
} from "./support.ts";

function bucketRow(name: string, value: string): TestEntry {
  return { key: bucketKey("s3-bucket", bytesOf(name)), value };
}

Deno.test("only the generation that the bucket's row names is written", async () => {
  const { tree, fates, warnings } = await dump([
    ...bucketRows("b", 2),
    ...objectRows("k", "old", { generation: 1 }),
    ...objectRows("k", "now", { generation: 2 }),
    ...objectRows("k", "new", { generation: 3 }),
    ...objectRows("l", "new", { generation: 3 }),
    ...refRows("m", "piece", { generation: 3 }),
  ]);
  deepStrictEqual(bodiesOf(tree, "b"), { k: "now" });
  deepStrictEqual(fates, {
    "b written": 3,
    "b stale-generation": 7,
    "- stale-generation": 1,
  });
  deepStrictEqual(warningsOf({ warnings } as Parameters<typeof warningsOf>[0]), [
    ["s3_stale_generation_objects", "b", 2n, 4],
  ]);
});

Deno.test("a counter without a bucket says that the bucket was deleted", async () => {
  const [, counter] = bucketRows("b", 1);
  const found = await dump([counter, ...objectRows("k", "gone")]);
  deepStrictEqual(found.tree, {});
  deepStrictEqual(found.fates, { "b deleted": 2 });
  deepStrictEqual(warningsOf(found), [["s3_bucket_meta_missing", "b", 0n]]);
});

Deno.test("with neither, the highest generation with an object is the one in use", async () => {
  const found = await dump([
    ...objectRows("k", "gen 1", { generation: 1 }),
    ...objectRows("k", "gen 2", { generation: 2 }),
    blobRow("k", "chunk", { generation: 3 }),
    headRow("empty", "", { generation: 9 }),
  ]);
  deepStrictEqual(bodiesOf(found.tree, "b"), { k: "gen 2" });
  ok(!("s3/b/_bucket.json" in found.tree));
  deepStrictEqual(found.fates, { "b written": 2, "b stale-generation": 4 });
  deepStrictEqual(warningsOf(found), [
    ["s3_bucket_meta_missing", "b", 2n],
    ["s3_stale_generation_objects", "b", 2n, 3],
  ]);
});

Deno.test("a bucket's row that names no generation is no reason to lose objects", async () => {
  const found = await dump([bucketRow("b", "{}"), ...objectRows("k", "x", { generation: 4 })]);
  deepStrictEqual(bodiesOf(found.tree, "b"), { k: "x" });
  deepStrictEqual(found.warnings, []);
});

Deno.test("a bucket's row that cannot be read is a problem, and its objects are written", async () => {
  const [, counter] = bucketRows("b", 1);
  const found = await dump([bucketRow("b", "[]"), counter, ...objectRows("k", "x")]);
  deepStrictEqual(found.wrong, ["malformed-value: the value must be an object at byte 0"]);
  deepStrictEqual(bodiesOf(found.tree, "b"), { k: "x" });
  deepStrictEqual(found.fates, { "b unsound": 1, "b written": 2 });
});

Deno.test("an empty value of a bucket or an object means that there is none", async () => {
  const [, counter] = bucketRows("b", 1);
  const bucket = await dump([bucketRow("b", ""), counter, ...objectRows("k", "x")]);
  deepStrictEqual(bucket.tree, {});
  deepStrictEqual(bucket.wrong, []);
  deepStrictEqual(bucket.fates, { "b deleted": 3 });
  strictEqual(bucket.warnings[0].event, "s3_empty_value");

  const object = await dump([...bucketRows("b"), headRow("k", ""), blobRow("k", "x")]);
  deepStrictEqual(object.wrong, []);
  deepStrictEqual(object.fates, { "b written": 1, "b deleted": 1, "b orphan": 1 });
  deepStrictEqual(warningsOf(object), [
    ["s3_empty_value", "b", "k"],
    ["s3_orphan_chunks", "b", "k", 1],
  ]);
});

Deno.test("a head that cannot be read takes its chunks with it, and nothing else", async () => {
  const { tree, wrong, fates } = await dump([
    ...bucketRows("b"),
    headRow("k", '{"etag":1}'),
    blobRow("k", "x"),
    blobRow("k", "y", { upload: "v" }),
    ...refRows("k", "z"),
    ...objectRows("l", "fine"),
  ]);
  deepStrictEqual(wrong, ["malformed-value: etag must be text at byte 8"]);
  deepStrictEqual(bodiesOf(tree, "b"), { l: "fine" });
  deepStrictEqual(fates, { "b written": 3, "b unsound": 4, "- unsound": 1 });
});

Deno.test("rows of buckets that are not wanted are counted and not looked into", async () => {
  const malformed = blobRow("k", "x", { bucket: "no" }).key as Uint8Array;
  const rows = [
    ...bucketRows("yes"),
    ...objectRows("k", "x", { bucket: "yes" }),
    bucketRow("no", "not JSON"),
    headRow("k", "not JSON", { bucket: "no" }),
    ...refRows("k", "piece", { bucket: "no" }),
    uploadRow("k", { bucket: "no" }),
    { key: malformed.subarray(0, malformed.length - 1), value: "" },
  ];
  for (const includeIncompleteUploads of [false, true]) {
    const { tree, wrong, fates } = await dump(rows, {
      includeIncompleteUploads,
      scopesOnly: [new TextEncoder().encode("yes")],
    });
    deepStrictEqual(wrong, []);
    deepStrictEqual(Object.keys(tree).length, 3);
    deepStrictEqual(fates, { "yes written": 3, "no not-selected": 5, "- not-selected": 1 });
  }
});

for (const bucket of ["", ".", ".."]) {
  Deno.test(`no bucket is called "${bucket}": its rows are refused`, async () => {
    const where = { bucket };
    const [first] = bucketRows(bucket);
    const rows = [first, ...objectRows("k", "x", where), refRows("k", "x", where)[0]];
    const found = await dump([...rows, ...objectRows("k", "x", { bucket: "b" })]);
    deepStrictEqual(found.problems.map(({ error }) => error.code), Array(4).fill("malformed-key"));
    deepStrictEqual(bodiesOf(found.tree, "b"), { k: "x" });
    strictEqual(found.fates[`${bucket || ""} unsound`], 4);
    strictEqual(Object.keys(found.tree).length, 2);
  });

  Deno.test(`parts of uploads to a bucket "${bucket}" are refused where they are wanted`, async () => {
    const rows = [partRow("k", 1n, { bucket }), uploadRow("k", { bucket })];
    const wanted = await dump(rows, { includeIncompleteUploads: true });
    deepStrictEqual(wanted.tree, {});
    deepStrictEqual(wanted.problems.map(({ error }) => error.code), [
      "malformed-key",
      "malformed-key",
    ]);
    deepStrictEqual(wanted.fates, { [`${bucket} unsound`]: 2 });
    const unwanted = await dump(rows);
    deepStrictEqual(unwanted.wrong, []);
    deepStrictEqual(unwanted.fates, { [`${bucket} incomplete-upload`]: 2 });
  });
}

Deno.test("a bucket's folder has one name only that it can have", async () => {
  const names = ["a/b", "%41", "é", "0123456789abcdef0123456789abcdef__x", "...", "n".repeat(241)];
  const { tree, scopes } = await dump(names.flatMap((name) => bucketRows(name)));
  strictEqual(Object.keys(tree).length, names.length);
  deepStrictEqual(
    Object.values(tree).map((text) => JSON.parse(text).name).sort(),
    [...names].sort(),
  );
  deepStrictEqual(scopes.map((name) => new TextDecoder().decode(name)), [...names].sort());
});

Deno.test("the buckets that have a folder are named, with or without a row of their own", async () => {
  const { scopes } = await dump([
    ...bucketRows("empty"),
    ...objectRows("k", "x", { bucket: "objects" }),
    uploadRow("k", { bucket: "uploads" }),
    blobRow("k", "x", { bucket: "chunks" }),
    ...objectRows("k", "x", { bucket: "gone" }),
    bucketRows("gone")[1],
  ], { includeIncompleteUploads: true });
  deepStrictEqual(scopes.map((name) => new TextDecoder().decode(name)), [
    "empty",
    "objects",
    "uploads",
  ]);
});
