import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { EntryBatch } from "../../src/container/entry_batch.ts";
import { INDEX_ENTRIES, SparseIndex } from "../../src/container/sparse_index.ts";
import { bytesOf } from "../support/naive/parse.ts";

const SEED = 20260822;

/** A batch of keys at these positions. */
function batchOf(keys: string[], positions: number[]): EntryBatch {
  const ranges: number[] = [];
  let at = 0;
  for (const key of keys) {
    ranges.push(at, at + key.length, 0, 0);
    at += key.length;
  }
  return {
    bytes: bytesOf(keys.join("")),
    count: keys.length,
    ranges: Uint32Array.from(ranges),
    positions: Float64Array.from(positions),
    inputs: new Uint16Array(keys.length),
  };
}

Deno.test("an index leads to a position at or before every key", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        // Long keys with one beginning, since an index keeps only the first 256 bytes.
        fc.tuple(
          fc.constantFrom(0, 254, 255, 256, 257, 300),
          fc.string({ unit: fc.constantFrom("a", "b", "\xff") }),
        )
          .map(([length, tail]) => "k".repeat(length) + tail),
        { minLength: 1, maxLength: 60 },
      ),
      fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 60, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (unsorted, sizes, batchSize) => {
        const keys = unsorted.sort();
        let position = 0;
        const positions = keys.map((_, i) => (position += sizes[i]) - sizes[i]);
        const index = new SparseIndex();
        for (let i = 0; i < keys.length; i += batchSize) {
          const to = i + batchSize;
          index.addBatch(batchOf(keys.slice(i, to), positions.slice(i, to)));
        }
        for (const target of [...keys, "", "a", "\xff", keys[0] + "\0", "k".repeat(256)]) {
          const found = index.seek(bytesOf(target));
          const first = keys.findIndex((key) => key >= target);
          const wanted = first < 0 ? position : positions[first];
          ok(found <= wanted, `${target}: ${found} is behind ${wanted}`);
          ok(found === -1 || positions.includes(found));
        }
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("an index of short keys is at most one stride and one entry away", () => {
  const keys = Array.from({ length: 5000 }, (_, i) => String(i).padStart(5, "0"));
  const positions = keys.map((_, i) => i * 1000);
  const index = new SparseIndex();
  index.addBatch(batchOf(keys, positions));
  for (const [i, key] of keys.entries()) {
    const found = index.seek(bytesOf(key));
    ok(positions[i] - Math.max(found, 0) <= (16 << 10) + 1000, `${key} from ${found}`);
  }
});

Deno.test("an index that is full keeps every second place and goes on twice as far apart", () => {
  const index = new SparseIndex();
  const stride = 16 << 10;
  const count = INDEX_ENTRIES * 4 + 5;
  const key = (i: number): string => String(i).padStart(7, "0");
  for (let i = 0; i < count; i += 1000) {
    const n = Math.min(1000, count - i);
    index.addBatch(batchOf(
      Array.from({ length: n }, (_, j) => key(i + j)),
      Array.from({ length: n }, (_, j) => (i + j) * stride),
    ));
  }
  for (let i = 0; i < count; i += 997) {
    const found = index.seek(bytesOf(key(i)));
    ok(found < i * stride || i === 0);
    ok(i * stride - Math.max(found, 0) <= 9 * stride, `${i}: ${found / stride}`);
  }
});

Deno.test("an index without entries knows no place", () => {
  strictEqual(new SparseIndex().seek(bytesOf("a")), -1);
});
