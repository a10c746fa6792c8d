import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import {
  i64be,
  putU32be,
  putU32le,
  putU64be,
  putU64le,
  u32be,
  u32le,
  u64be,
  u64le,
} from "../../src/bytes/integers.ts";

const SEED = 20260822;

Deno.test("integers are read and written as a DataView does it, at any offset", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(5), (value, at) => {
      const bytes = new Uint8Array(16).fill(0xaa);
      const view = new DataView(bytes.buffer);
      const low = Number(value & 0xffff_ffffn);

      view.setBigUint64(at, value);
      strictEqual(u64be(bytes, at), value);
      strictEqual(i64be(bytes, at), BigInt.asIntN(64, value));
      view.setBigUint64(at, value, true);
      strictEqual(u64le(bytes, at), value);
      view.setUint32(at, low);
      strictEqual(u32be(bytes, at), low);
      view.setUint32(at, low, true);
      strictEqual(u32le(bytes, at), low);

      for (
        const [put, set] of [
          [() => putU64be(bytes, at, value), () => view.setBigUint64(at, value)],
          [() => putU64le(bytes, at, value), () => view.setBigUint64(at, value, true)],
          [() => putU64be(bytes, at, -value), () => view.setBigInt64(at, -value)],
          [() => putU64le(bytes, at, ~value), () => view.setBigUint64(at, ~value, true)],
          [() => putU32be(bytes, at, low), () => view.setUint32(at, low)],
          [() => putU32le(bytes, at, low), () => view.setUint32(at, low, true)],
        ]
      ) {
        bytes.fill(0xaa);
        set();
        const expected = bytes.slice();
        bytes.fill(0xaa);
        put();
        deepStrictEqual(bytes, expected);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("hexadecimal is lower case, and both cases are read", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const digits = toHex(bytes);
      strictEqual(digits, Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(""));
      deepStrictEqual(fromHex(digits), bytes);
      deepStrictEqual(fromHex(digits.toUpperCase()), bytes);
    }),
    { seed: SEED },
  );
  for (const text of ["0", "0g", " 00", "0x00", "00\n", "-1", "é0"]) {
    strictEqual(fromHex(text), undefined);
  }
});
