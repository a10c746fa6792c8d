/** The fields of binary keys and of the store's own values. @module */

import type { ByteBuilder } from "../bytes/builder.ts";
import { putU32be, putU64be, u32be, u64be } from "../bytes/integers.ts";
import { segmentContents, segmentEnd } from "../bytes/segments.ts";

const NOTHING = new Uint8Array(0);

/**
 * Reads fields from left to right, which is the only way: a fixed-width integer may contain any
 * terminator. After the first field that does not fit, `reason` says why, and all further fields
 * read as zero or empty; so a parser reads everything and looks at {@link finish} once.
 */
export class FieldReader {
  /** Why the fields do not fit, or `undefined` as long as they do. */
  reason: string | undefined;
  /** The offset of the next field. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  /** Reads `bytes[start, end)`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.at;
  }

  /** One byte. */
  byte(field: string): number {
    const at = this.#skip(1, field);
    return at < 0 ? 0 : this.#bytes[at];
  }

  /** A big-endian u32. */
  u32(field: string): number {
    const at = this.#skip(4, field);
    return at < 0 ? 0 : u32be(this.#bytes, at);
  }

  /** A big-endian u64. */
  u64(field: string): bigint {
    const at = this.#skip(8, field);
    return at < 0 ? 0n : u64be(this.#bytes, at);
  }

  /**
   * The contents of an escape-terminated segment.
   *
   * @param last What the field was in the key before: given again if it is the same.
   */
  segment(field: string, last?: Uint8Array): Uint8Array {
    if (this.reason !== undefined) return NOTHING;
    const start = this.at;
    const behind = segmentEnd(this.#bytes, start, this.#end);
    if (behind < 0) {
      this.reason = `the ${field} has a bad escape or no terminator`;
      return NOTHING;
    }
    this.at = behind;
    if (last && isSame(last, this.#bytes, start, behind - 2)) return last;
    return segmentContents(this.#bytes, start, behind);
  }

  /** A big-endian u64 and that many bytes, as a view. */
  counted(field: string): Uint8Array {
    const n = this.u64(`length of the ${field}`);
    if (n > BigInt(this.left)) this.reason ??= `the ${field} is longer than what is left`;
    const at = this.#skip(Number(n), field);
    return at < 0 ? NOTHING : this.#bytes.subarray(at, this.at);
  }

  /** The reason, which may be that something is left. */
  finish(): string | undefined {
    if (this.left > 0) this.reason ??= `unexpected bytes at the end: ${this.left}`;
    return this.reason;
  }

  #skip(n: number, field: string): number {
    if (n > this.left) this.reason ??= `it ends in the ${field}`;
    if (this.reason !== undefined) return -1;
    this.at += n;
    return this.at - n;
  }
}

/** Whether a segment without escapes holds these bytes. */
function isSame(last: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (last.length !== end - start) return false;
  for (let i = last.length - 1; i >= 0; i--) if (last[i] !== bytes[start + i]) return false;
  return true;
}

/** Appends a big-endian u32. */
export function appendU32(out: ByteBuilder, value: number): ByteBuilder {
  out.reserve(4);
  putU32be(out.bytes, out.length, value);
  out.length += 4;
  return out;
}

/** Appends a big-endian u64. */
export function appendU64(out: ByteBuilder, value: bigint): ByteBuilder {
  out.reserve(8);
  putU64be(out.bytes, out.length, value);
  out.length += 8;
  return out;
}
