import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
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

Deno.test("an index without entries knows no place", () => {
  deepStrictEqual(new SparseIndex().countBelow(bytesOf("a")), [0, 0]);
});
