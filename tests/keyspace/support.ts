/** What the tests of this room share. @module */

import fc from "fast-check";
import { fromHex } from "../../src/bytes/hex.ts";
import { MAX_U64 } from "../../src/bytes/integers.ts";

/** Runs a property with a fixed seed; a failure prints it with the counterexample. */
export function check<T>(property: fc.IProperty<T>, numRuns = 1000): void {
  fc.assert(property, { seed: 20260822, numRuns });
}

/** The bytes of a string of which every character stands for one byte. */
export function raw(s: string): Uint8Array {
  return Uint8Array.from(s, (c) => c.charCodeAt(0));
}

/** The bytes of hex digits, which may have spaces between them. */
export function hex(digits: string): Uint8Array {
  return fromHex(digits.replaceAll(" ", ""))!;
}

/** Joins byte strings. */
export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A key inside other bytes, as it lies in a batch: parsers must not look beyond their range. */
export function inside(key: Uint8Array): [bytes: Uint8Array, start: number, end: number] {
  const before = raw("!s3|\0");
  return [
    join(before, key, raw("A|\0\x01AAAAAAAAAAAA")),
    before.length,
    before.length + key.length,
  ];
}

const byte = fc.oneof(
  fc.constantFrom(0, 1, 0xff, 0x7c, 0x41, 0x64),
  fc.integer({ min: 0, max: 255 }),
);

/** Byte strings, rich in the bytes that mean something in keys. */
export function byteStrings(minLength = 0, maxLength = 12): fc.Arbitrary<Uint8Array> {
  return fc.array(byte, { minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));
}

/** Unsigned 64-bit numbers. */
export const u64s: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(0n, 1n, 1n << 32n, (1n << 53n) + 1n, 1n << 63n, MAX_U64),
  fc.bigInt({ min: 0n, max: MAX_U64 }),
);

/** A byte string with a few bytes changed, removed or added. */
export function mutated(keys: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(fc.nat(60), fc.nat(2), byte);
  return fc.tuple(keys, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([key, edits]) => {
    const bytes = [...key];
    for (const [at, deleted, added] of edits) bytes.splice(at % (bytes.length + 1), deleted, added);
    return Uint8Array.from(bytes);
  });
}
