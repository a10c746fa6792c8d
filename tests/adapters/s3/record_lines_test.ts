/** Record lines. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { AbortedError } from "../../../src/errors.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { bytesOf, stream } from "../../support/stream.ts";
import {
  blobRow,
  bucketRows,
  dump,
  fatesOf,
  headRow,
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
    headRow("m", {
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
    headRow("k", {
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
    headRow("bad", '{"size_bytes":1}', { generation: 2 }),
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

Deno.test("a signal stops the lines of a long body", async () => {
  const stop = new AbortController();
  const file = stream([
    ...bucketRows("b"),
    ...Array.from(
      { length: 40 },
      (_, i) => blobRow("k", "x".repeat(1 << 20), { chunk: BigInt(i) }),
    ),
    headRow("k", {
      upload_id: "u",
      size_bytes: 40 << 20,
      parts: [{ part_no: 1, chunk_count: 40 }],
    }),
  ]);
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(file) }]);
  let bytes = 0;
  const sink = {
    write: (lines: Uint8Array) => {
      bytes += lines.length;
      if (bytes > lines.length) return;
      // As a signal of the operating system comes: when the event loop has its turn, which is due now.
      setTimeout(() => stop.abort(), 0);
      for (const start = performance.now(); performance.now() - start < 60;);
    },
  };
  const options = { bodies: true, signal: stop.signal };
  const scratch = new MemoryScratch(1 << 30);
  await rejects(decodeRecords(snapshot, sink, options, scratch), AbortedError);
  strictEqual(bytes < 8 << 20, true, `${bytes} bytes`);
});

Deno.test("a body of no bytes that has chunks all the same is refused, and nothing ends", async () => {
  const url = new URL("../../fixtures/defects/s3-size-mismatch/input.fsm", import.meta.url);
  const source = new BytesSource(Deno.readFileSync(url), "input.fsm");
  const snapshot = await openSnapshotInputs([{ source }]);
  const { problems } = await decodeRecords(snapshot, { write: () => {} }, { keepGoing: true });
  ok(problems.length > 0);
  for (const { error } of problems) strictEqual(error.code, "incomplete-object");
});
