import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareBytes, equalBytes, startsWith, successor } from "../../src/bytes/compare.ts";

const SEED = 20260822;
/** Few different bytes, so that ties and prefixes are common. */
const some = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), { maxLength: 6 })
  .map((bytes) => Uint8Array.from(bytes));

/** One character a byte sorts as the bytes do. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

Deno.test("bytes compare as unsigned numbers, a prefix before what extends it", () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      const expected = latin1(a) < latin1(b) ? -1 : latin1(a) > latin1(b) ? 1 : 0;
      strictEqual(Math.sign(compareBytes(a, b)), expected);
      strictEqual(Math.sign(compareBytes(b, a)), -expected + 0);
      strictEqual(equalBytes(a, b), expected === 0);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

Deno.test("a range begins with a prefix when the bytes in it do", () => {
  fc.assert(
    fc.property(some, some, some, (bytes, prefix, before) => {
      const whole = new Uint8Array([...before, ...bytes]);
      const expected = latin1(bytes).startsWith(latin1(prefix));
      strictEqual(startsWith(bytes, prefix), expected);
      strictEqual(startsWith(whole, prefix, before.length), expected);
      // What lies behind the end does not count.
      const cut = latin1(bytes).slice(0, -1).startsWith(latin1(prefix));
      if (bytes.length > 0) {
        strictEqual(startsWith(whole, prefix, before.length, whole.length - 1), cut);
      }
    }),
    { seed: SEED },
  );
});

Deno.test("the successor of a prefix is the least string above all that begin with it", () => {
  fc.assert(
    fc.property(some, some, (prefix, other) => {
      const next = successor(prefix);
      if (next === undefined) {
        ok(prefix.every((b) => b === 0xff));
        return;
      }
      const isBelow = compareBytes(other, next) < 0;
      const beginsOrIsBelow = startsWith(other, prefix) || compareBytes(other, prefix) < 0;
      strictEqual(isBelow, beginsOrIsBelow);
    }),
    { seed: SEED, numRuns: 1000 },
  );
  deepStrictEqual(successor(Uint8Array.of(1, 0xff, 0xff)), Uint8Array.of(2));
  deepStrictEqual(successor(Uint8Array.of(0xff, 0xfe)), Uint8Array.of(0xff, 0xff));
  strictEqual(successor(new Uint8Array(0)), undefined);
});

Deno.test("asking for a successor does not change the prefix", () => {
  const prefix = Uint8Array.of(1, 2, 0xff);
  successor(prefix);
  deepStrictEqual(prefix, Uint8Array.of(1, 2, 0xff));
});
