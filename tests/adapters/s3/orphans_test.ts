/** Chunks without an object, and uploads that were not completed. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  blobRow,
  bucketRows,
  dump,
  objectRows,
  partRow,
  refRows,
  uploadRow,
  warningsOf,
} from "./support.ts";

Deno.test("each chunk without an object is a file in the folder of its generation", async () => {
  const rows = [
    ...bucketRows("b", 3),
    ...objectRows("k", "stale", { generation: 1 }),
    blobRow("k", "v0", { generation: 1, part: 2n }),
    blobRow("k", "v9", { generation: 1, part: 2n, version: 9n }),
    blobRow("k", "newest", { generation: 18446744073709551615n, upload: "a/b" }),
    ...objectRows("k", "now", { generation: 3 }),
    blobRow("k", "leftover", { generation: 3, upload: "w" }),
    blobRow("lost", "1", { generation: 3 }),
    blobRow("lost", "2", { generation: 3, chunk: 255n }),
  ];
  const { tree, fates, wrong } = await dump(rows, { includeOrphans: true });
  const folder = "s3/b/_orphans/";
  deepStrictEqual(wrong, []);
  deepStrictEqual(
    Object.fromEntries(
      Object.entries(tree).filter(([path]) => path.startsWith(folder))
        .map(([path, body]) => [path.slice(folder.length), body]),
    ),
    {
      "k/gen-1/u_0000000000000001_0000000000000000_0000000000000000.bin": "stale",
      "k/gen-1/u_0000000000000002_0000000000000000_0000000000000000.bin": "v0",
      "k/gen-1/u_0000000000000002_0000000000000000_0000000000000009.bin": "v9",
      "k/gen-18446744073709551615/a%2Fb_0000000000000001_0000000000000000_0000000000000000.bin":
        "newest",
      "lost/gen-3/u_0000000000000001_0000000000000000_0000000000000000.bin": "1",
      "lost/gen-3/u_0000000000000001_00000000000000ff_0000000000000000.bin": "2",
    },
  );
  deepStrictEqual(fates, { "b written": 9, "b hidden": 1, "b stale-generation": 1 });
  const without = await dump(rows);
  deepStrictEqual(without.fates, {
    "b written": 3,
    "b hidden": 1,
    "b stale-generation": 5,
    "b orphan": 2,
  });
});

Deno.test("the folder of an object's orphans is never the folder above", async () => {
  const rows = ["", ".", ".."].map((key) => blobRow(key, `:${key}`));
  const { tree, wrong } = await dump(rows, { includeOrphans: true });
  deepStrictEqual(wrong, []);
  const file = "gen-1/u_0000000000000001_0000000000000000_0000000000000000.bin";
  deepStrictEqual(tree, {
    [`s3/b/_orphans/e3b0c44298fc1c149afbf4c8996fb924__/${file}`]: ":",
    [`s3/b/_orphans/%2E/${file}`]: ":.",
    [`s3/b/_orphans/%2E%2E/${file}`]: ":..",
  });
  deepStrictEqual((await dump(rows)).fates, { "b orphan": 3 });
});

Deno.test("a reference without an object stays an orphan, and so does its piece", async () => {
  const found = await dump([...bucketRows("b"), ...refRows("k", "x")], { includeOrphans: true });
  deepStrictEqual(found.fates, { "b written": 1, "b orphan": 1, "- orphan": 1 });
  deepStrictEqual(warningsOf(found), [["s3_orphan_chunks", "b", "k", 0]]);
});

Deno.test("two chunks that would be one file are not both written", async () => {
  const chunk = blobRow("k", "without");
  const zero = Uint8Array.from([...chunk.key as Uint8Array, 0, 0, 0, 0, 0, 0, 0, 0]);
  const { tree, fates } = await dump([chunk, { key: zero, value: "with" }], {
    includeOrphans: true,
  });
  deepStrictEqual(Object.values(tree), ["with"]);
  deepStrictEqual(fates, { "b written": 1, "b orphan": 1 });
});

Deno.test("chunks of an upload that goes on are no orphans", async () => {
  const rows = [
    ...bucketRows("b"),
    // Each object has an upload with a row of its own, one with a row of a part, and one without.
    ...["new", "over"].flatMap((key) => [
      blobRow(key, "1", { upload: "own" }),
      uploadRow(key, { upload: "own" }),
      blobRow(key, "2", { upload: "part" }),
      blobRow(key, "2", { upload: "part", part: 2n }),
      partRow(key, 7n, { upload: "part" }),
      blobRow(key, "3", { upload: "without" }),
      refRows(key, "4", { upload: "own" })[0],
    ]),
    refRows("any", "4")[1],
    ...objectRows("over", "written"),
    // A part's row that outlived its upload: this chunk is of the object.
    partRow("over", 1n, { upload: "u" }),
    blobRow("over", "old version", { upload: "u", version: 3n }),
    // Names that begin like others must not be taken for them.
    blobRow("new2", "x", { upload: "own" }),
    blobRow("new", "x", { upload: "ow" }),
  ];
  const found = await dump(rows);
  deepStrictEqual(found.wrong, []);
  deepStrictEqual(found.fates, {
    "b written": 3,
    "b incomplete-upload": 8 + 5,
    "b hidden": 2,
    "b orphan": 3,
    "- incomplete-upload": 1,
  });
  deepStrictEqual(warningsOf(found), [
    ["s3_orphan_chunks", "b", "new", 2],
    ["s3_orphan_chunks", "b", "new2", 1],
  ]);
  // If chunks without an object are wanted, nobody asks whose they are.
  const all = await dump(rows, { includeOrphans: true, includeIncompleteUploads: true });
  strictEqual(all.fates["b written"], 3 + 5 + 5 + 1);
});

Deno.test("rows of uploads are of any generation, each bucket's together", async () => {
  const rows = [
    uploadRow("k", { bucket: "a", generation: 1 }, "1"),
    uploadRow("k", { bucket: "a", generation: 9 }, "2"),
    partRow("k", 1n, { bucket: "a" }, "3"),
    uploadRow("k", { bucket: "c" }, "4"),
    partRow("k", 2n, { bucket: "b" }, "5"),
    partRow("k", 1n, { bucket: "c" }, ""),
  ];
  const { tree, fates } = await dump(rows, { includeIncompleteUploads: true });
  const values = Object.fromEntries(
    Object.entries(tree).map(([path, text]) => [
      path,
      text.trimEnd().split("\n").map((line) => atob(JSON.parse(line).value)),
    ]),
  );
  deepStrictEqual(values, {
    "s3/a/_incomplete_uploads/records.jsonl": ["1", "2", "3"],
    "s3/b/_incomplete_uploads/records.jsonl": ["5"],
    "s3/c/_incomplete_uploads/records.jsonl": ["4", ""],
  });
  deepStrictEqual(fates, { "a written": 3, "b written": 1, "c written": 2 });
});

Deno.test("malformed keys of uploads are noticed only where the rows are wanted", async () => {
  const key = uploadRow("k").key as Uint8Array;
  const rows = [{ key: key.subarray(0, key.length - 1), value: "" }];
  const wanted = await dump(rows, { includeIncompleteUploads: true });
  deepStrictEqual(wanted.problems.map(({ error }) => error.code), ["malformed-key"]);
  deepStrictEqual((await dump(rows)).wrong, []);
});
