/**
 * How a name becomes one component of a path, and back. A name is any byte string.
 *
 * - Bytes of `A-Z a-z 0-9 - . _` stand for themselves, every other byte is `%` and two upper-case hex
 *   digits: `session:abc` → `session%3Aabc`.
 * - Binary names (DynamoDB keys of type B) are `b64.` and unpadded URL-safe base64.
 * - What would be longer than 240 bytes, or look like one of the other forms, is *hashed*: 32 hex
 *   digits of its SHA-256, `__`, and its first 64 bytes escaped. The way back from there needs the
 *   KEYMAP or the file's own content.
 *
 * @module
 */

import { appendBase64, fromBase64, URL_SAFE } from "../bytes/base64.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { startsWith } from "../bytes/compare.ts";
import { sha256Of } from "../bytes/digest.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { UnsoundError } from "../errors.ts";
import { printable } from "../text/printable.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";
import { isDevice } from "./portable.ts";

/** The longest segment, in bytes. A suffix such as `.json` comes on top. */
export const MAX_SEGMENT = 240;

const HASH_DIGITS = 32;
/** Bytes of a hashed name that stay readable. */
const HASHED_PREFIX = 64;
const BINARY_MARK = encodeUtf8("b64.");
const PERCENT = 0x25;
const UNDERSCORE = 0x5f;
const UPPER_DIGITS = encodeUtf8("0123456789ABCDEF");

const SCRATCH = new ByteBuilder(MAX_SEGMENT * 3);

/** 1 for a byte that stands for itself. */
const UNRESERVED = new Uint8Array(256);
for (const b of encodeUtf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")) {
  UNRESERVED[b] = 1;
}

/** 1 for a hex digit of either case. */
const HEX_DIGIT = new Uint8Array(256);
for (const b of encodeUtf8("0123456789abcdefABCDEF")) HEX_DIGIT[b] = 1;

/** Appends the segment of the name `bytes[start, end)`. */
export function appendSegmentTo(
  out: ByteBuilder,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): void {
  const from = out.length;
  if (end - start <= MAX_SEGMENT) {
    appendPercent(out, bytes, start, end);
    if (out.length - from <= MAX_SEGMENT && !hasOtherForm(out.bytes, from, out.length)) return;
    out.length = from;
  }
  appendHashed(out, bytes, start, end);
}

/** The segment of a name. Empty, `.` and `..` stay what they are: see {@link escapeDotSegment}. */
export function encodeSegment(raw: Uint8Array): string {
  return stringOf((out) => appendSegmentTo(out, raw));
}

/** The segment of a binary name. */
export function encodeBinarySegment(raw: Uint8Array): string {
  return stringOf((out) => {
    out.append(BINARY_MARK);
    appendBase64(out, URL_SAFE, raw);
    if (out.length > MAX_SEGMENT) appendHashed(out.clear(), raw, 0, raw.length);
  });
}

/** The hashed form of a name, also of one that would not need it: S3 keys that cannot be paths. */
export function hashedSegment(raw: Uint8Array): string {
  return stringOf((out) => appendHashed(out, raw, 0, raw.length));
}

/** Whether a segment has the form of a hashed one; digits of either case count. */
export function isHashedSegment(segment: string): boolean {
  return /^[0-9a-fA-F]{32}__/.test(segment);
}

/**
 * A segment that is safe as a whole component: `.` → `%2E`, `..` → `%2E%2E`, others unchanged. With a
 * suffix behind it (`..json`) a segment is safe as it is.
 */
export function escapeDotSegment(segment: string): string {
  return segment === "." ? "%2E" : segment === ".." ? "%2E%2E" : segment;
}

/**
 * The segment of a name as a component that every system has: a device's name has its first letter
 * escaped, and a dot at the end is. `con` → `%63on`, `a.` → `a%2E`, others unchanged.
 *
 * @param segment That of `raw`, in any form.
 */
export function portableSegment(raw: Uint8Array, segment: string): string {
  let portable = escapeDotSegment(segment);
  if (isDevice(portable)) {
    const [letter] = encodeUtf8(portable);
    portable = `%${letter.toString(16).toUpperCase()}${portable.slice(1)}`;
  }
  if (portable.endsWith(".")) portable = portable.slice(0, -1) + "%2E";
  return portable.length <= MAX_SEGMENT ? portable : portableSegment(raw, hashedSegment(raw));
}

/**
 * `~` and eight hex digits of the SHA-256 of a user key: what follows the segment of an item whose
 * path another item has already. No segment has a `~`.
 */
export function clashSuffix(userKey: Uint8Array): string {
  return "~" + toHex(sha256Of(userKey)).slice(0, 8);
}

/**
 * Segments for something whose own segment is taken, to be tried one after the other: `~` and 8, 16, 32
 * or all hex digits of the SHA-256 of its key follow the segment, which is cut where that would be longer
 * than with the first of them.
 */
export function clashSegments(segment: string, key: Uint8Array): string[] {
  const digits = toHex(sha256Of(key));
  return [8, 16, 32, 64].map((n) =>
    `${segment.slice(0, MAX_SEGMENT + 8 - n)}~${digits.slice(0, n)}`
  );
}

/**
 * The name that a segment stands for. Only the segment that encoding gives is accepted (and what
 * {@link escapeDotSegment} and {@link portableSegment} make of it), so that no two file names mean one
 * name.
 *
 * @throws {UnsoundError} `invalid-tree`; also for a hashed segment, which does not hold its name.
 */
export function decodeSegment(segment: string): Uint8Array {
  if (segment.length > MAX_SEGMENT) {
    throw invalid(segment, `is longer than ${MAX_SEGMENT} bytes`);
  }
  if (isHashedSegment(segment)) throw invalid(segment, "is a hash and does not hold its name");
  const text = encodeUtf8(segment);
  if (startsWith(text, BINARY_MARK)) {
    const raw = fromBase64(URL_SAFE, text, BINARY_MARK.length);
    if (raw === undefined) throw invalid(segment, "is not base64");
    return raw;
  }
  const raw = fromPercent(text);
  if (raw === undefined) throw invalid(segment, "has a wrong escape or an unescaped byte");
  const encoded = encodeSegment(raw);
  const forms = [encoded, escapeDotSegment(encoded), portableSegment(raw, encoded)];
  if (!forms.includes(segment)) {
    throw invalid(segment, `should be written ${encoded}`);
  }
  return raw;
}

function invalid(segment: string, what: string): UnsoundError {
  return new UnsoundError("invalid-tree", `the file name ${printable(segment)} ${what}`);
}

/** What is written, as a string; the builder is shared, for one name after the other. */
function stringOf(write: (out: ByteBuilder) => void): string {
  write(SCRATCH.clear());
  return decodeUtf8(SCRATCH.bytes, 0, SCRATCH.length) as string;
}

function appendPercent(out: ByteBuilder, bytes: Uint8Array, start: number, end: number): void {
  out.reserve((end - start) * 3);
  const to = out.bytes;
  let at = out.length;
  for (let i = start; i < end; i++) {
    const b = bytes[i];
    if (UNRESERVED[b] === 1) {
      to[at++] = b;
    } else {
      to[at++] = PERCENT;
      to[at++] = UPPER_DIGITS[b >> 4];
      to[at++] = UPPER_DIGITS[b & 15];
    }
  }
  out.length = at;
}

function appendHashed(out: ByteBuilder, bytes: Uint8Array, start: number, end: number): void {
  const digest = sha256Of(bytes.subarray(start, end));
  out.ascii(toHex(digest).slice(0, HASH_DIGITS) + "__");
  appendPercent(out, bytes, start, Math.min(end, start + HASHED_PREFIX));
}

/** Whether an escaped name looks like a binary or a hashed segment. */
function hasOtherForm(text: Uint8Array, start: number, end: number): boolean {
  if (startsWith(text, BINARY_MARK, start, end)) return true;
  if (end - start < HASH_DIGITS + 2) return false;
  if (text[start + HASH_DIGITS] !== UNDERSCORE || text[start + HASH_DIGITS + 1] !== UNDERSCORE) {
    return false;
  }
  for (let i = start; i < start + HASH_DIGITS; i++) if (HEX_DIGIT[text[i]] === 0) return false;
  return true;
}

/** The bytes behind percent escapes, or `undefined` if there is anything that is not allowed. */
function fromPercent(text: Uint8Array): Uint8Array | undefined {
  const raw = new ByteBuilder(text.length);
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== PERCENT) {
      if (UNRESERVED[text[i]] === 0) return undefined;
      raw.byte(text[i]);
      continue;
    }
    const digits = String.fromCharCode(...text.subarray(i + 1, i + 3));
    const byte = digits.length === 2 ? fromHex(digits) : undefined;
    if (byte === undefined) return undefined;
    raw.append(byte);
    i += 2;
  }
  return raw.take();
}
