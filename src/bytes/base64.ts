/**
 * Base64, both alphabets. Decoding is strict: only the text that encoding would have produced is
 * accepted, so that no two texts mean the same bytes.
 *
 * @module
 */

import type { ByteBuilder } from "./builder.ts";

/** An alphabet and whether text is padded with `=`. */
export interface Base64 {
  readonly digits: Uint8Array;
  readonly values: Uint8Array;
  readonly padded: boolean;
}

const INVALID = 0xff;

function base64(lastTwo: string, padded: boolean): Base64 {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + lastTwo;
  const digits = new TextEncoder().encode(alphabet);
  const values = new Uint8Array(256).fill(INVALID);
  digits.forEach((digit, value) => values[digit] = value);
  return { digits, values, padded };
}

/** RFC 4648 §4 with padding, as in JSON values. */
export const STANDARD: Base64 = base64("+/", true);
/** RFC 4648 §5 without padding, as in keys and file names. */
export const URL_SAFE: Base64 = base64("-_", false);

/** Appends the text of `bytes[start, end)`. */
export function appendBase64(
  out: ByteBuilder,
  kind: Base64,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): void {
  const { digits, padded } = kind;
  out.reserve(Math.ceil((end - start) / 3) * 4);
  const to = out.bytes;
  let at = out.length;
  let i = start;
  for (; i + 2 < end; i += 3) {
    const n = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    to[at++] = digits[n >> 18];
    to[at++] = digits[(n >> 12) & 63];
    to[at++] = digits[(n >> 6) & 63];
    to[at++] = digits[n & 63];
  }
  if (i < end) {
    const two = i + 1 < end;
    const n = (bytes[i] << 16) | (two ? bytes[i + 1] << 8 : 0);
    to[at++] = digits[n >> 18];
    to[at++] = digits[(n >> 12) & 63];
    if (two) to[at++] = digits[(n >> 6) & 63];
    else if (padded) to[at++] = 0x3d;
    if (padded) to[at++] = 0x3d;
  }
  out.length = at;
}

/** The text of `bytes`. */
export function toBase64(kind: Base64, bytes: Uint8Array): string {
  const { digits, padded } = kind;
  let s = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const n = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    s += String.fromCharCode(digits[n >> 18], digits[(n >> 12) & 63]);
    if (left > 1) s += String.fromCharCode(digits[(n >> 6) & 63]);
    else if (padded) s += "=";
    if (left > 2) s += String.fromCharCode(digits[n & 63]);
    else if (padded) s += "=";
  }
  return s;
}

/** The bytes that `text[start, end)` stands for, or `undefined` if it is not canonical. */
export function fromBase64(
  kind: Base64,
  text: Uint8Array,
  start = 0,
  end: number = text.length,
): Uint8Array | undefined {
  if (kind.padded) {
    if ((end - start) % 4 !== 0) return undefined;
    if (end > start && text[end - 1] === 0x3d) end--;
    if (end > start && text[end - 1] === 0x3d) end--;
  }
  const n = end - start;
  if (n % 4 === 1) return undefined;
  const bytes = new Uint8Array((n * 3) >> 2);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i++) {
    const value = kind.values[text[i]];
    if (value === INVALID) return undefined;
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
      bits &= (1 << held) - 1;
    }
  }
  return bits === 0 ? bytes : undefined;
}
