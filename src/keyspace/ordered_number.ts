/**
 * The form that numbers take in DynamoDB keys of encoding 2 and more, so that keys of positive
 * numbers sort by value.
 *
 * ```text
 * zero       01
 * positive   02  E  00  D
 * negative   00  ~( E  00  D )                       ~ inverts every byte
 *
 * D          the significant digits in ASCII, without zeros at either end
 * E          the exponent e of value = 0.D × 10^e:
 *            e > 0   02  U(e)
 *            e = 0   01
 *            e < 0   00  ~U(-e)
 * U(n)       width in bytes (1 … 8), then n in that many bytes, big-endian, as few as possible
 * ```
 *
 * Nothing terminates the digits of a negative number before they are inverted, so -12 sorts before
 * -12.5. The server writes it so; these bytes identify a row and must not be repaired.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";

// Unicode's White_Space. `String.prototype.trim` differs: it strips U+FEFF and keeps U+0085.
const SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007" +
  "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
const MAX_I64 = 0x7fff_ffff_ffff_ffffn;
const MIN_I64 = -MAX_I64 - 1n;

/**
 * The form of a number as a client spelled it, or `undefined` where the server refuses to make a key
 * of it.
 *
 * Accepted is white space around an optional sign, digits with at most one point, and an optional
 * `e` or `E` with an exponent that fits 64 bits. White space around the exponent is accepted too
 * (`1e 5`). There is no limit on digits, and the exponent wraps around at 64 bits, as it does in the
 * server.
 */
export function orderedNumber(literal: string): Uint8Array | undefined {
  let text = trim(literal);
  const negative = text.startsWith("-");
  if (negative || text.startsWith("+")) text = text.slice(1);

  const e = text.search(/[eE]/);
  const written = e < 0 ? 0n : parseI64(trim(text.slice(e + 1)));
  const mantissa = /^(\d*)(?:\.(\d*))?$/.exec(e < 0 ? text : text.slice(0, e));
  if (written === undefined || mantissa === null) return undefined;
  const [, whole, fraction = ""] = mantissa;
  const digits = whole + fraction;
  if (digits === "") return undefined;

  const first = digits.search(/[1-9]/);
  if (first < 0) return Uint8Array.of(1);
  let behind = digits.length;
  while (digits[behind - 1] === "0") behind--;
  const exponent = BigInt.asIntN(64, BigInt(whole.length - first) + written);

  const out = new ByteBuilder(behind - first + 12).byte(negative ? 0 : 2);
  appendExponent(out, exponent);
  out.byte(0).ascii(digits.slice(first, behind));
  if (negative) invert(out, 1);
  return out.take();
}

/**
 * A number that has this form, in plain digits or, where those would be many, with an exponent;
 * `undefined` for other bytes.
 */
export function numberOfOrdered(ordered: Uint8Array): string | undefined {
  const [sign] = ordered;
  if (ordered.length === 1 && sign === 1) return "0";
  if (sign !== 0 && sign !== 2) return undefined;
  const form = ordered.slice(1);
  if (sign === 0) { for (let i = 0; i < form.length; i++) form[i] ^= 0xff; }
  const width = form[0] === 1 ? 0 : 1 + (form[0] === 0 ? form[1] ^ 0xff : form[1]);
  const digits = String.fromCharCode(...form.subarray(2 + width));
  if (form[0] > 2 || form[1 + width] !== 0 || !/^[0-9]+$/.test(digits)) return undefined;
  const bytes = form.slice(2, 1 + width);
  if (form[0] === 0) { for (let i = 0; i < bytes.length; i++) bytes[i] ^= 0xff; }
  const size = bytes.reduce((n, b) => n * 256 + b, 0);
  return (sign === 0 ? "-" : "") + spelled(digits, form[0] === 0 ? -size : size);
}

/** Most zeros that are written out beside the digits. */
const MAX_ZEROS = 20;

/** 0.digits × 10^exponent. */
function spelled(digits: string, exponent: number): string {
  const whole = digits.length;
  if (exponent < -MAX_ZEROS || exponent > whole + MAX_ZEROS) return `0.${digits}e${exponent}`;
  if (exponent <= 0) return `0.${"0".repeat(-exponent)}${digits}`;
  if (exponent >= whole) return digits + "0".repeat(exponent - whole);
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

function appendExponent(out: ByteBuilder, exponent: bigint): void {
  out.byte(exponent < 0n ? 0 : exponent > 0n ? 2 : 1);
  if (exponent === 0n) return;
  const start = out.length;
  let hex = (exponent < 0n ? -exponent : exponent).toString(16);
  if (hex.length % 2 !== 0) hex = "0" + hex;
  out.byte(hex.length / 2);
  for (let i = 0; i < hex.length; i += 2) out.byte(parseInt(hex.slice(i, i + 2), 16));
  if (exponent < 0n) invert(out, start);
}

function invert(out: ByteBuilder, start: number): void {
  for (let i = start; i < out.length; i++) out.bytes[i] ^= 0xff;
}

function parseI64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  // Cut before converting: a text of a million digits is refused at once.
  const digits = text.replace(/^[+-]?0*/, "") || "0";
  if (digits.length > 19) return undefined;
  const value = BigInt(text.startsWith("-") ? `-${digits}` : digits);
  return value >= MIN_I64 && value <= MAX_I64 ? value : undefined;
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.includes(text[start])) start++;
  while (start < end && SPACES.includes(text[end - 1])) end--;
  return text.slice(start, end);
}
