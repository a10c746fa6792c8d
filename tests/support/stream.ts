/** Builds entry streams: what a test gives to the program. @module */

import { ByteBuilder } from "../../src/bytes/builder.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { crc32c, digestOf } from "../../src/bytes/digest.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { putU64be, putU64le } from "../../src/bytes/integers.ts";

/** One stored version. */
export interface TestEntry {
  key: Uint8Array | string;
  /** Absent: a tombstone. */
  value?: Uint8Array | string;
  /** Commit timestamp; 1 unless given. */
  ts?: bigint;
  expireAt?: bigint;
}

/** The route of a cluster of one group, which a node writes when it first starts. */
export const ROUTE: TestEntry = {
  key: "!dist|route|\0\0\0\0\0\0\0\x01",
  value: Uint8Array.of(2, ...u64be(1), ...u64be(1), 0, ...u64be(0), ...u64be(0), 0, ...u64be(0)),
};

function u64be(v: number): number[] {
  return [0, 0, 0, 0, 0, 0, 0, v];
}

/** Text as bytes; bytes as they are. */
export function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

/** Bytes of hex digits; spaces are ignored. */
export function hex(digits: string): Uint8Array {
  const bytes = fromHex(digits.replace(/\s+/g, ""));
  if (!bytes) throw new Error(`not hex: ${digits}`);
  return bytes;
}

/** User key ‖ inverted timestamp. */
export function storedKey(key: Uint8Array | string, ts: bigint): Uint8Array {
  const user = bytesOf(key);
  const stored = new Uint8Array(user.length + 8);
  stored.set(user);
  putU64be(stored, user.length, ~ts);
  return stored;
}

/** Header ‖ body. */
export function storedValue({ value, expireAt = 0n }: TestEntry): Uint8Array {
  const body = value === undefined ? new Uint8Array(0) : bytesOf(value);
  const stored = new Uint8Array(9 + body.length);
  stored[0] = value === undefined ? 1 : 0;
  putU64le(stored, 1, expireAt);
  stored.set(body, 9);
  return stored;
}

function u64(v: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  putU64le(bytes, 0, v);
  return bytes;
}

/** A bare stream of raw key and value pairs, in the order given. */
export function rawStream(pairs: [Uint8Array, Uint8Array][], lastCommitTs = 1n): Uint8Array {
  const out = new ByteBuilder().ascii("EKVPBBL1").append(u64(lastCommitTs));
  for (const [key, value] of pairs) {
    out.append(u64(BigInt(key.length))).append(key);
    out.append(u64(BigInt(value.length))).append(value);
  }
  return out.take();
}

/** A bare stream of versions, sorted as a store would have them. */
export function stream(entries: TestEntry[], lastCommitTs = 1n): Uint8Array {
  const pairs = entries.map((entry): [Uint8Array, Uint8Array] => [
    storedKey(entry.key, entry.ts ?? 1n),
    storedValue(entry),
  ]);
  pairs.sort(([a], [b]) => compareBytes(a, b));
  return rawStream(pairs, lastCommitTs);
}

/** A node's file around a stream: header before it, checksum behind it. */
export function nodeFile(stream: Uint8Array, ceilingMs = 1780000005000n): Uint8Array {
  const ceiling = new Uint8Array(8);
  putU64be(ceiling, 0, ceilingMs);
  const out = new ByteBuilder().ascii("EKVTHLC1").append(ceiling).append(stream);
  return out.append(digestOf(crc32c, out.view())).take();
}

/** A stream with the store's own rows; their values are little-endian numbers, or bytes as given. */
export function nodeStream(
  entries: readonly TestEntry[],
  meta: Record<string, bigint | number[]>,
  lastCommitTs = 1n,
): Uint8Array {
  const pairs = entries.map((entry): [Uint8Array, Uint8Array] => [
    storedKey(entry.key, entry.ts ?? 1n),
    storedValue(entry),
  ]);
  for (const [name, value] of Object.entries(meta)) {
    pairs.push([bytesOf(name), typeof value === "bigint" ? u64(value) : Uint8Array.from(value)]);
  }
  return rawStream(pairs.sort(([a], [b]) => compareBytes(a, b)), lastCommitTs);
}
