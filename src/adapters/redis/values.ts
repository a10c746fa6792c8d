/**
 * What the small values of Redis rows hold.
 *
 * @module
 */

import { i64be, u32be, u64be } from "../../bytes/integers.ts";
import { FAMILY } from "../../keyspace/families.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { CollectionType } from "./types.ts";

/** Greatest time of expiry that the server knows; greater ones in strings and index rows mean it. */
const LAST_TIME = (1n << 63n) - 1n;

/** Bytes of the shortest preamble, and of one that says when the value expires. */
const PREAMBLE = 3;
const EXPIRING = PREAMBLE + 8;

/**
 * How many bytes stand before the payload of the string or HyperLogLog `bytes[start, end)`: 0 where the
 * value is of before there were preambles, and its expiry is in the index. Or what is wrong with them.
 *
 * ```text
 * FF ‖ 01 string or 02 HyperLogLog ‖ flags u8 ‖ expiry u64 BE, if flags & 1 ‖ payload
 * ```
 */
export function preambleSize(
  type: "string" | "hll",
  bytes: Uint8Array,
  start: number,
  end: number,
): number | string {
  const version = type === "string" ? 1 : 2;
  if (end - start < 2 || bytes[start] !== 0xff || bytes[start + 1] !== version) return 0;
  if (end - start < PREAMBLE) return "the value ends in its header";
  if ((bytes[start + 2] & 1) === 0) return PREAMBLE;
  return end - start < EXPIRING ? "the value ends in its time of expiry" : EXPIRING;
}

/**
 * What a preamble of this size at `start` says of the time of expiry, in Unix ms: nothing, or a time.
 * 0 is written by nothing and means never.
 */
export function preambleExpiry(bytes: Uint8Array, start: number, size: number): bigint | undefined {
  return size === EXPIRING ? expiryAt(bytes, start + PREAMBLE) : undefined;
}

/** A string of a batch that has a sound preamble, where it lies. Made to be reused. */
export class StringRow {
  /** The bytes that the offsets are in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The key as a client knows it: start. */
  keyStart = 0;
  /** … and end. */
  keyEnd = 0;
  /** The string: start. */
  start = 0;
  /** … and end. */
  end = 0;
  /** Unix ms; absent = never. */
  expireAtMs: bigint | undefined;

  /** Goes to row `i`. */
  at({ bytes, ranges }: Pick<RowBatch, "bytes" | "ranges">, i: number): this {
    const start = ranges[i * 4 + 2];
    const end = ranges[i * 4 + 3];
    const size = preambleSize("string", bytes, start, end) as number;
    this.bytes = bytes;
    this.keyStart = ranges[i * 4] + FAMILY["redis-string"].bytes.length;
    this.keyEnd = ranges[i * 4 + 1];
    this.start = start + size;
    this.end = end;
    this.expireAtMs = preambleExpiry(bytes, start, size) || undefined;
    return this;
  }

  /** The key, as a view. */
  get key(): Uint8Array {
    return this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  /** The string, as a view. */
  get value(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}

/** The time of expiry at `at`, in Unix ms. */
export function expiryAt(bytes: Uint8Array, at: number): bigint {
  const ms = u64be(bytes, at);
  return ms > LAST_TIME ? LAST_TIME : ms;
}

/** The meta row of a collection. */
export interface Meta {
  /** Elements, before deltas. */
  length: bigint;
  /** Unix ms, 0 = never; absent in the form of before, whose expiry is in the index. */
  expireAtMs?: bigint;
  /** Lists: place of the first item. */
  head: bigint;
  /** Streams: first half of the greatest id that was ever given. */
  lastMs: bigint;
  /** Second half. */
  lastSeq: bigint;
  /** Streams: entries up to this id, as it stands in keys, were trimmed; absent if none were. */
  trimmed?: Uint8Array;
}

/*
 * hash, set, zset   length u64 ‖ [expiry u64]
 * list              head i64 ‖ tail i64 ‖ length u64 ‖ [expiry u64]
 * stream            length u64 ‖ last ms u64 ‖ last seq u64 ‖ [expiry u64] ‖ [trimmed ms u64 ‖ seq u64]
 *
 * All big-endian. A form is known by its size.
 */
const SIMPLE = { sizes: [8, 16], length: 0, expiry: 8 };
const META = {
  hash: SIMPLE,
  set: SIMPLE,
  zset: SIMPLE,
  list: { sizes: [24, 32], length: 16, expiry: 24 },
  stream: { sizes: [24, 32, 48], length: 0, expiry: 24 },
};

/** What is wrong with the meta value `bytes[start, end)`, if anything is. */
export function metaDefect(
  type: CollectionType,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const { sizes, length } = META[type];
  if (!sizes.includes(end - start)) {
    return `the meta of a ${type} has ${sizes.join(" or ")} bytes, not ${end - start}`;
  }
  return bytes[start + length] & 0x80 ? "the length is negative" : undefined;
}

/** Reads a meta value that has no defect. */
export function readMeta(type: CollectionType, bytes: Uint8Array): Meta {
  const { length, expiry } = META[type];
  const stream = type === "stream";
  return {
    length: u64be(bytes, length),
    expireAtMs: bytes.length > expiry ? u64be(bytes, expiry) : undefined,
    head: type === "list" ? i64be(bytes, 0) : 0n,
    lastMs: stream ? u64be(bytes, 8) : 0n,
    lastSeq: stream ? u64be(bytes, 16) : 0n,
    trimmed: bytes.length === 48 && bytes.subarray(32).some((b) => b !== 0)
      ? bytes.slice(32)
      : undefined,
  };
}

/** Bytes of a delta: `head i64 BE ‖ length i64 BE` for lists, `length i64 BE` for others. */
export function deltaSize(type: CollectionType): number {
  return type === "list" ? 16 : 8;
}

/** Bytes of an index row: a time of expiry, u64 BE. */
export const INDEX_SIZE = 8;

/** Bytes of a score: a double, big-endian. */
export const SCORE_SIZE = 8;

const double = new DataView(new ArrayBuffer(SCORE_SIZE));

/** The score at `at`. */
export function scoreAt(bytes: Uint8Array, at: number): number {
  double.setUint32(0, u32be(bytes, at));
  double.setUint32(4, u32be(bytes, at + 4));
  return double.getFloat64(0);
}

/** Whether the score at `at` is not a number. */
export function isNaNAt(bytes: Uint8Array, at: number): boolean {
  // What has another exponent is one.
  return (bytes[at] & 0x7f) === 0x7f && bytes[at + 1] >= 0xf0 && Number.isNaN(scoreAt(bytes, at));
}

/** The id of a stream entry as clients write it, from how it stands in keys: two u64, big-endian. */
export function idText(id: Uint8Array): string {
  return `${u64be(id, 0)}-${u64be(id, 8)}`;
}
