/** Record lines, and what a program gets. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { type Body, s3Buckets, s3Object, s3Objects } from "../../../src/adapters/s3/mod.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import {
  blobRow,
  bucketRows,
  dump,
  fatesOf,
  manifestRow,
  md5Of,
  objectRows,
  partRow,
  records,
  uploadRow,
} from "./support.ts";

Deno.test("record lines have the buckets, then the objects", async () => {
  const { lines } = await records([
    ...bucketRows("b"),
    ...bucketRows("a"),
    ...objectRows("k", "body", { bucket: "a" }),
    manifestRow("m", {
      etag: "e",
      last_modified_hlc: 65536,
      content_type: "t/t",
      user_metadata: { b: "<&>", a: "" },
    }),
  ]);
  const sum = (text: string) => sha256Hex(bytesOf(text));
  deepStrictEqual(lines, [
    '{"adapter":"s3","scope":"a","type":"bucket","value":{"region":"us-east-1"}}',
    '{"adapter":"s3","scope":"b","type":"bucket","value":{"region":"us-east-1"}}',
    `{"adapter":"s3","scope":"a","type":"object","key":"k","value":{"etag":"${
      md5Of("body")
    }","size_bytes":4,"last_modified":"1970-01-01T00:00:00.001Z","sha256":"${sum("body")}"}}`,
    '{"adapter":"s3","scope":"b","type":"object","key":"m","value":{"etag":"e","size_bytes":0,' +
    '"last_modified":"1970-01-01T00:00:00.001Z","content_type":"t/t",' +
    `"user_metadata":{"a":"","b":"<&>"},"sha256":"${sum("")}"}}`,
  ]);
});

Deno.test("names that are not text are base64", async () => {
  const name = Uint8Array.of(0xff, 0xfe, 0);
  const { lines } = await records([...bucketRows(name), ...objectRows(name, "", { bucket: name })]);
  deepStrictEqual(lines.map((line) => JSON.parse(line).scope), [
    { base64: "__4A" },
    { base64: "__4A" },
  ]);
  deepStrictEqual(JSON.parse(lines[1]).key, { base64: "__4A" });
});

Deno.test("no line is longer than 1 MiB, and the pieces of a body are the body", async () => {
  const chunk = (letter: string) => letter.repeat(1_300_000);
  const { lines } = await records([
    ...bucketRows("b"),
    blobRow("k", chunk("x")),
    blobRow("k", chunk("y"), { chunk: 1n }),
    manifestRow("k", {
      upload_id: "u",
      size_bytes: 2_600_000,
      parts: [{ part_no: 1, chunk_count: 2, chunk_sizes: [1_300_000, 1_300_000] }],
    }),
    ...objectRows("small", "hello"),
    ...objectRows("void", ""),
  ], { bodies: true });
  ok(lines.every((line) => line.length <= 1 << 20));
  const parsed = lines.map((line) => JSON.parse(line));
  deepStrictEqual(parsed.map(({ type, key }) => `${type} ${key}`), [
    "bucket undefined",
    "object k",
    ...Array(6).fill("body k"),
    "object small",
    "body small",
    "object void",
  ]);
  let body = "";
  for (const { type, key, value } of parsed) {
    if (type !== "body" || key !== "k") continue;
    strictEqual(value.offset, body.length);
    body += atob(value.data);
  }
  strictEqual(body, chunk("x") + chunk("y"));
  strictEqual(parsed[1].value.sha256, sha256Hex(bytesOf(body)));
});

Deno.test("uploads and orphans are lines where they are wanted", async () => {
  const rows = [
    ...bucketRows("b"),
    uploadRow("up", {}, "meta"),
    partRow("up", 2n, {}, "part"),
    blobRow("lost", "data", { version: 18446744073709551615n, chunk: 1n, generation: 7 }),
  ];
  const { lines } = await records(rows, { includeOrphans: true, includeIncompleteUploads: true });
  deepStrictEqual(lines.slice(1), [
    '{"adapter":"s3","scope":"b","type":"upload","key":"up","value":{"prefix":"!s3|upload|meta|",' +
    '"key":"IXMzfHVwbG9hZHxtZXRhfGIAAQAAAAAAAAABdXAAAXUAAQ==","value":"bWV0YQ=="}}',
    '{"adapter":"s3","scope":"b","type":"upload","key":"up","value":{"prefix":"!s3|upload|part|",' +
    '"key":"IXMzfHVwbG9hZHxwYXJ0fGIAAQAAAAAAAAABdXAAAXUAAQAAAAAAAAAC","value":"cGFydA=="}}',
    '{"adapter":"s3","scope":"b","type":"orphan","key":"lost","value":{"generation":"7",' +
    '"upload":"u","part":"1","chunk":"1","version":"18446744073709551615","data":"ZGF0YQ=="}}',
  ]);
  strictEqual((await records(rows)).lines.length, 1);
});

Deno.test("record lines give rows the fates that a tree gives them", async () => {
  const rows = [
    ...bucketRows("b", 2),
    ...objectRows("k", "x", { generation: 2 }),
    ...objectRows("x.elastickv-meta.json", "y", { generation: 2 }),
    ...objectRows("k", "old"),
    blobRow("lost", "z", { generation: 2 }),
    manifestRow("bad", '{"size_bytes":1}', { generation: 2 }),
    uploadRow("up"),
  ];
  for (const flag of [false, true]) {
    const options = { includeOrphans: flag, includeIncompleteUploads: flag };
    const tree = await dump(rows, options);
    const { decoded } = await records(rows, options);
    deepStrictEqual(fatesOf(decoded), tree.fates);
    deepStrictEqual(decoded.warnings, tree.warnings);
    deepStrictEqual(decoded.problems, tree.problems);
  }
});

async function contextOf(rows: TestEntry[]): Promise<AdapterContext> {
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(stream(rows)) }]);
  return new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch: new MemoryScratch(),
    ledger: new Ledger([]),
    options: {},
    handlers: {
      onProblem: ({ error }) => {
        throw error;
      },
      onWarning: () => {},
    },
  });
}

async function readAll(body: Body): Promise<string> {
  let text = "";
  for await (const bytes of body) text += new TextDecoder().decode(bytes);
  return text;
}

Deno.test("a program lists buckets and objects, and reads bodies when it wants them", async () => {
  const big = "x".repeat(700_000);
  const context = await contextOf([
    ...bucketRows("b", 2),
    ...bucketRows("c"),
    ...objectRows("old", "1"),
    ...objectRows("a", "A", { generation: 2 }),
    blobRow("big", big, { generation: 2 }),
    blobRow("big", big, { generation: 2, chunk: 1n }),
    manifestRow("big", {
      upload_id: "u",
      etag: "e",
      size_bytes: 1_400_000,
      parts: [{ part_no: 1, chunk_count: 2 }],
    }, { generation: 2 }),
    ...objectRows("a", "other bucket", { bucket: "c" }),
  ]);
  const buckets = await Array.fromAsync(s3Buckets(context));
  deepStrictEqual(
    buckets.map(({ name, generation }) => [new TextDecoder().decode(name), generation]),
    [
      ["b", 2n],
      ["c", 1n],
    ],
  );
  const objects = await Array.fromAsync(s3Objects(context, bytesOf("b")));
  deepStrictEqual(objects.map(({ key }) => new TextDecoder().decode(key)), ["a", "big"]);
  deepStrictEqual(objects.map(({ body }) => body.size), [1, 1_400_000]);
  // Bodies can be read after the walk is over, in any order, and again.
  strictEqual(await readAll(objects[1].body), big + big);
  strictEqual(await readAll(objects[0].body), "A");
  strictEqual(await readAll(objects[0].body), "A");
});

Deno.test("a program asks for one object", async () => {
  const context = await contextOf([
    ...bucketRows("b", 2),
    ...objectRows("k", "old"),
    ...objectRows("k", "now", { generation: 2 }),
    ...objectRows("k2", "next", { generation: 2 }),
    ...objectRows("gone", "old"),
    manifestRow("bad", '{"size_bytes":1}', { generation: 2 }),
    ...objectRows("k", "elsewhere", { bucket: "without", generation: 5 }),
    ...objectRows("k", "deleted", { bucket: "deleted" }),
    bucketRows("deleted")[1],
  ]);
  const get = async (bucket: string, key: string): Promise<string | undefined> => {
    const object = await s3Object(context, bytesOf(bucket), bytesOf(key));
    return object && await readAll(object.body);
  };
  strictEqual(await get("b", "k"), "now");
  strictEqual(await get("b", "gone"), undefined);
  strictEqual(await get("b", ""), undefined);
  strictEqual(await get("nowhere", "k"), undefined);
  strictEqual(await get("without", "k"), "elsewhere");
  strictEqual(await get("deleted", "k"), undefined);
  await rejects(get("b", "bad"), { code: "incomplete-object" });
});
