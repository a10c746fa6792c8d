import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { EntryBatch } from "../../src/container/entry_batch.ts";
import { INDEX_ENTRIES, sharedIndex, SparseIndex } from "../../src/container/sparse_index.ts";
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

/** Where to begin reading for a key that is short enough to be sure. */
function placeFor(index: SparseIndex, key: string): number {
  const [least, most] = index.countBelow(bytesOf(key));
  strictEqual(least, most);
  return least === 0 ? 0 : index.position(least - 1);
}

Deno.test("an index says how many of its keys are below another, as far as it knows", () => {
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
      fc.constantFrom(undefined, 600, 2000),
      (unsorted, sizes, batchSize, limit) => {
        const keys = unsorted.sort();
        let position = 0;
        const positions = keys.map((_, i) => (position += sizes[i]) - sizes[i]);
        const index = new SparseIndex(limit);
        for (let i = 0; i < keys.length; i += batchSize) {
          const to = i + batchSize;
          index.addBatch(batchOf(keys.slice(i, to), positions.slice(i, to)));
        }
        for (const target of [...keys, "", "a", "\xff", keys[0] + "\0", "k".repeat(256)]) {
          const [least, most] = index.countBelow(bytesOf(target));
          const keyAt = (place: number): string => keys[positions.indexOf(index.position(place))];
          for (let place = 0; place < index.count; place++) {
            if (place < least) ok(keyAt(place) < target, target);
            else if (place >= most) ok(keyAt(place) >= target, target);
            else ok(target.length > 256 && keyAt(place).startsWith(target.slice(0, 256)));
          }
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
    const found = placeFor(index, key);
    ok(positions[i] - found <= (16 << 10) + 1000, `${key} from ${found}`);
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
    const found = placeFor(index, key(i));
    ok(found < i * stride || i === 0);
    ok(i * stride - found <= 9 * stride, `${i}: ${found / stride}`);
  }
});

/** An index of `count` keys of so many bytes, each behind 20 KiB. */
function indexOf(count: number, keyLength: number, limit?: number): SparseIndex {
  const index = new SparseIndex(limit);
  for (let i = 0; i < count; i += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - i) }, (_, j) => i + j);
    index.addBatch(batchOf(
      numbers.map((n) => String(n).padStart(keyLength, "0")),
      numbers.map((n) => n * (20 << 10)),
    ));
  }
  return index;
}

Deno.test("indexes of many files take no more than those of few, and each has some hundred places", () => {
  const MIB = 1 << 20;
  for (const keyLength of [20, 60, 300]) {
    for (const files of [1, 2, 20, 100, 400]) {
      // Files of 1.3 GiB each.
      const index = indexOf(66_000, keyLength, sharedIndex(files));
      ok(files * index.byteLength <= 16 * MIB, `${files} files: ${files * index.byteLength}`);
      ok(index.count >= (keyLength < 100 ? 140 : 30), `${files} files: ${index.count} places`);
    }
  }
  // What is small takes little, however much it might take.
  ok(indexOf(100, 60).byteLength < 20_000);
});

Deno.test("an index without entries knows no place", () => {
  deepStrictEqual(new SparseIndex().countBelow(bytesOf("a")), [0, 0]);
});
