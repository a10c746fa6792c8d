/** Random buckets, compared with a model that shares no code with the adapter. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../../src/bytes/hex.ts";
import { digestOf, sha256 } from "../../../src/bytes/digest.ts";
import { readKeymap } from "../../../src/tree/keymap.ts";
import { bytesOf, type TestEntry } from "../../support/stream.ts";
import { type Chunk, naiveBody, naiveNames, type ObjectHead, type Part } from "./naive.ts";
import { blobRow, bodiesOf, bucketRows, dump, headRow, records, refRows } from "./support.ts";

const SEED = 20260822;

function check<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  return fc.assert(property, { seed: SEED, numRuns });
}

/** The bytes of a string of which every character is one. */
function raw(s: string): Uint8Array {
  return Uint8Array.from(s, (c) => c.charCodeAt(0));
}

const names = fc.constantFrom(
  ...[
    "a",
    "b",
    "a",
    "b",
    "",
    ".",
    "..",
    "_orphans",
    "_bucket.json",
    "KEYMAP.jsonl",
    "keymap.JSONL",
  ],
  ...["\\", "\0", "\xff", "x".repeat(217), "x".repeat(235), "y".repeat(240)],
);
const suffixes = fc.constantFrom(
  ...["", "", "", "", "-", ".elastickv-meta.json", ".elastickv-leaf-data", ".user-data"],
  ...[".elastickv-meta.json.user-data", ".elastickv-leaf-data.elastickv-meta.json"],
  ...[".ELASTICKV-meta.json", "0"],
);
const keys = fc.array(
  fc.tuple(names, suffixes).map((parts) => parts.join("")),
  { minLength: 1, maxLength: 4 },
).map((parts) => parts.join("/"));

Deno.test("random keys get the names that a simple model gives them", async () => {
  const sets = fc.uniqueArray(keys, { minLength: 1, maxLength: 24 });
  await check(
    fc.asyncProperty(sets, async (keys) => {
      const rows = keys.map((key) => headRow(raw(key), { etag: `h${toHex(raw(key))}` }));
      const { tree, wrong, files } = await dump([...bucketRows("b"), ...rows]);
      deepStrictEqual(wrong, []);
      const expected = naiveNames(keys);
      const found = Object.keys(bodiesOf(tree, "b")).map((path) => [
        JSON.parse(tree[`s3/b/${path}.elastickv-meta.json`]).etag,
        path,
      ]);
      deepStrictEqual(
        found.sort(),
        [...expected].map(([key, [path]]) => [`h${toHex(raw(key))}`, path]).sort(),
      );
      const lines = [...expected].filter(([, [, kind]]) => kind !== "")
        .sort(([a], [b]) => a < b ? -1 : 1)
        .map(([key, [encoded, kind]]) => {
          const original = raw(key).toBase64({ alphabet: "base64url", omitPadding: true });
          return JSON.stringify({ encoded, original, kind }) + "\n";
        });
      const keymap = tree["s3/b/KEYMAP.jsonl"] ?? "";
      strictEqual(keymap, lines.join(""));
      const read = await Array.fromAsync(readKeymap([bytesOf(keymap)]));
      strictEqual(read.length, lines.length, "a reader of dumps accepts it");
      strictEqual(files.size, 1 + 2 * keys.length + (lines.length > 0 ? 1 : 0));
    }),
    400,
  );
});

const numbers = fc.constantFrom(1, 2, 3);
const versions = fc.constantFrom(0, 0, 5);
const texts = fc.string({ unit: fc.constantFrom("x", "y", "z"), maxLength: 3 });

/** An object whose chunks are all there, and then a few changes. */
const objects = fc.record({
  parts: fc.array(
    fc.record({
      part: numbers,
      version: versions,
      offloaded: fc.boolean(),
      data: fc.array(texts, { maxLength: 3 }),
      given: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  lost: fc.option(fc.nat(8), { freq: 4 }),
  other: fc.array(
    fc.record({
      upload: fc.constantFrom("t", "u", "v"),
      part: numbers,
      version: versions,
      chunk: fc.nat(3),
      offloaded: fc.boolean(),
      data: texts,
    }),
    { maxLength: 2 },
  ),
  wrongSize: fc.option(fc.integer({ min: -1, max: 2 }), { freq: 6 }),
  wrongCount: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 8 }),
});

interface Bucket {
  heads: ObjectHead[];
  chunks: Chunk[];
}

const buckets = fc.array(objects, { minLength: 1, maxLength: 4 }).map((objects): Bucket => {
  const heads: ObjectHead[] = [];
  const chunks = new Map<string, Chunk>();
  const add = (chunk: Chunk): void => {
    const { object, upload, part, chunk: number, version, offloaded } = chunk;
    chunks.set([object, upload, part, number, version, offloaded].join(" "), chunk);
  };
  objects.forEach(({ parts, lost, other, wrongSize, wrongCount }, i) => {
    const object = `k${i}`;
    const own: Chunk[] = [];
    const declared = new Map<string, Part>();
    for (const { part, version, offloaded, data, given } of parts) {
      // A reference is not checked for its size if no sizes are given, which no head does.
      const sizes = given || offloaded ? data.map((text) => text.length) : undefined;
      const name = JSON.stringify([part, version, offloaded]);
      declared.set(name, { part, version, offloaded, count: data.length, sizes });
      data.forEach((text, chunk) =>
        own.push({ object, upload: "u", part, chunk, version, offloaded, data: text })
      );
    }
    const kept = own.filter((_, i) => i !== lost);
    kept.forEach(add);
    other.forEach((chunk) => add({ object, ...chunk }));
    const list = [...declared.values()];
    if (wrongCount !== null && list.length > 0 && !list[0].offloaded) list[0].count = wrongCount;
    const head: ObjectHead = { object, upload: "u", size: 0, parts: list };
    const body = [...chunks.values()]
      .filter((chunk) => chunk.object === object && chunk.upload === "u")
      .filter((chunk) =>
        list.some((part) =>
          part.part === chunk.part && part.version === chunk.version &&
          part.offloaded === chunk.offloaded && part.count > 0
        )
      ).reduce((n, { data }) => n + data.length, 0);
    head.size = body + (wrongSize ?? 0);
    heads.push(head);
  });
  return { heads, chunks: [...chunks.values()] };
});

function rowsOf({ heads, chunks }: Bucket): TestEntry[] {
  const rows: TestEntry[] = [...bucketRows("b")];
  const pieces = new Map<string, TestEntry>();
  for (const { object, upload, part, chunk, version, offloaded, data } of chunks) {
    const where = { upload, part: BigInt(part), chunk: BigInt(chunk), version: BigInt(version) };
    if (offloaded) {
      const [ref, piece] = refRows(object, data, where);
      rows.push(ref);
      pieces.set(toHex(digestOf(sha256, raw(data))), piece);
    } else rows.push(blobRow(object, data, where));
  }
  for (const { object, upload, size, parts } of heads) {
    rows.push(headRow(object, {
      upload_id: upload,
      size_bytes: size,
      parts: parts.map(({ part, version, offloaded, count, sizes }) => ({
        part_no: part,
        chunk_count: count,
        ...(sizes ? { chunk_sizes: sizes } : {}),
        // The version that does not count is another one.
        part_version: offloaded ? 77 : version,
        chunk_ref_version: offloaded ? version : 78,
        offloaded,
      })),
    }));
  }
  return [...rows, ...pieces.values()];
}

/** Each row with an older version, and some rows that were deleted. */
function withHistory(rows: TestEntry[]): TestEntry[] {
  return rows.flatMap((row, i) => [
    { ...row, ts: 5n },
    { ...row, ts: 3n, value: i % 3 === 0 ? undefined : "older" },
  ]);
}

Deno.test("random objects have the bodies that a simple model gives them", async () => {
  await check(
    fc.asyncProperty(buckets, fc.boolean(), async (bucket, history) => {
      const rows = rowsOf(bucket);
      const input = history ? withHistory(rows) : rows;
      const expected = new Map<string, string>();
      for (const head of bucket.heads) {
        const body = naiveBody(head, bucket.chunks);
        if (body !== undefined) expected.set(head.object, body);
      }
      const found = await dump(input);
      const bodies = new Map(Object.entries(bodiesOf(found.tree, "b")));
      deepStrictEqual([...bodies].sort(), [...expected].sort());
      const failed = bucket.heads.filter(({ object }) => !expected.has(object));
      deepStrictEqual(
        found.problems.map(({ error }) => error.code),
        failed.map(() => "incomplete-object"),
      );
      // The record lines carry the same bodies.
      const { lines, decoded } = await records(input, { bodies: true });
      strictEqual(decoded.problems.length, failed.length);
      const carried = new Map<string, string>();
      for (const { type, key, value } of lines.map((line) => JSON.parse(line))) {
        if (type === "object") carried.set(key, "");
        if (type === "body") carried.set(key, carried.get(key) + atob(value.data));
      }
      deepStrictEqual([...carried].sort(), [...expected].sort());
    }),
    250,
  );
});
