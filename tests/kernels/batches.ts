/** Batches for the kernels' tests, and what comes out of them. */

import { ByteBuilder } from "../../src/bytes/builder.ts";
import { toHex } from "../../src/bytes/hex.ts";
import type { CanonicalNumbers, Kernels, Rows } from "../../src/kernels/kernels.ts";

/** One seed for all random tests of this room; their titles tell it. */
export const SEED = 20_260_721;

const encoder = new TextEncoder();

/** Literals with a byte between them that belongs to none. */
export function literals(texts: (string | Uint8Array)[]): [bytes: Uint8Array, ranges: Uint32Array] {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(2 * texts.length);
  texts.forEach((text, i) => {
    ranges[2 * i] = out.length;
    out.append(typeof text === "string" ? encoder.encode(text) : text);
    ranges[2 * i + 1] = out.length;
    out.byte(0x37);
  });
  return [out.take(), ranges];
}

/** Rows with the given keys, each followed by eight bytes of timestamp and a short value. */
export function rows(keys: (string | Uint8Array)[]): Rows {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(4 * keys.length);
  keys.forEach((key, i) => {
    ranges[4 * i] = out.length;
    out.append(typeof key === "string" ? encoder.encode(key) : key);
    ranges[4 * i + 1] = out.length;
    out.ascii("|1|||||||");
    ranges[4 * i + 2] = out.length;
    out.ascii("value|7|x");
    ranges[4 * i + 3] = out.length;
  });
  return { bytes: out.take(), ranges, count: keys.length };
}

/** Status and text of each number; bytes that are not UTF-8 come out as hex. */
export function texts(numbers: CanonicalNumbers): [status: number, text: string][] {
  return Array.from(numbers.status, (status, i) => {
    const bytes = numbers.bytes.subarray(numbers.ranges[2 * i], numbers.ranges[2 * i + 1]);
    try {
      return [status, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)];
    } catch {
      return [status, toHex(bytes)];
    }
  });
}

/** Status and text of all literals, with as many calls as it takes. */
export function allTexts(kernels: Kernels, bytes: Uint8Array, ranges: Uint32Array) {
  const all: [number, string][] = [];
  do {
    const numbers = kernels.canonicalNumbers(bytes, ranges.subarray(2 * all.length));
    all.push(...texts(numbers));
  } while (2 * all.length < ranges.length);
  return all;
}
