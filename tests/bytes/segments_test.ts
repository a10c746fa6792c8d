import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { compareBytes, startsWith } from "../../src/bytes/compare.ts";
import {
  appendSegment,
  segmentContents,
  segmentEnd,
  segmentLength,
} from "../../src/bytes/segments.ts";

const SEED = 20260822;
const awkward = fc.array(fc.constantFrom(0, 1, 2, 0xfe, 0xff, 0x61), { maxLength: 8 })
  .map((bytes) => Uint8Array.from(bytes));

function segment(raw: Uint8Array): Uint8Array {
  const out = new ByteBuilder();
  appendSegment(out, raw);
  return out.take();
}

Deno.test("a segment ends where it was ended and holds what was put into it", () => {
  fc.assert(
    fc.property(awkward, awkward, awkward, (raw, before, behind) => {
      const bytes = new Uint8Array([...before, ...segment(raw), ...behind]);
      const end = segmentEnd(bytes, before.length, bytes.length);
      strictEqual(end, bytes.length - behind.length);
      strictEqual(segmentLength(raw), end - before.length);
      deepStrictEqual(segmentContents(bytes, before.length, end), raw);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("segments sort like their contents, and none is a prefix of another", () => {
  fc.assert(
    fc.property(awkward, awkward, (a, b) => {
      const order = Math.sign(compareBytes(segment(a), segment(b)));
      strictEqual(order, Math.sign(compareBytes(a, b)));
      if (order !== 0) ok(!startsWith(segment(a), segment(b)));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("a segment has one spelling: whatever is read is what writing gives", () => {
  fc.assert(
    fc.property(awkward, (bytes) => {
      const end = segmentEnd(bytes, 0, bytes.length);
      if (end < 0) return;
      const raw = segmentContents(bytes, 0, end);
      deepStrictEqual(segment(raw), bytes.slice(0, end));
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

Deno.test("a segment with a bad escape or without an end is none", () => {
  for (
    const bytes of [[], [0], [0x61], [0x61, 0], [0, 0], [0, 2], [0, 0xfe], [0, 0xff], [0, 0xff, 0]]
  ) {
    strictEqual(segmentEnd(Uint8Array.from(bytes), 0, bytes.length), -1, String(bytes));
  }
  // The end of the range counts, not the end of the bytes.
  strictEqual(segmentEnd(Uint8Array.of(0x61, 0, 1), 0, 2), -1);
});
