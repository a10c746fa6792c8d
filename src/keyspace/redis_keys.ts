/**
 * The keys of Redis rows. Each is a prefix and then, in this order and where the family has it:
 *
 * ```text
 * length (u32 BE)   of the name, in families where something of any length may follow
 * name              the key as a Redis client knows it: any bytes, possibly none
 * fixed             a sequence number, a score or a stamp, of the family's fixed width
 * tail              a field or member: any bytes, possibly none
 *
 *   hash-meta        length name
 *   hash-field       length name field
 *   hash-meta-delta  length name stamp(12)
 *   zset-score       length name score(8) member
 *   list-item               name sequence(8)
 *   list-claim       length name sequence(8)
 *   stream-entry     length name id(16)
 *   redis-string            name                       and so on
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { putU32be, putU64be, u32be, u64be } from "../bytes/integers.ts";
import { FAMILY, type Family, type FamilyId } from "./families.ts";
import { appendU32 } from "./fields.ts";

interface Layout {
  readonly sized: boolean;
  readonly fixed: number;
  readonly tail: boolean;
}

/** Bytes of the place of a list item. */
export const SEQUENCE_SIZE = 8;

const REST: Layout = { sized: false, fixed: 0, tail: false };
const SIZED: Layout = { sized: true, fixed: 0, tail: false };
const ELEMENT: Layout = { sized: true, fixed: 0, tail: true };
const DELTA: Layout = { sized: true, fixed: 12, tail: false };

/** A Redis family whose keys have a known layout. */
export type RedisFamily = Exclude<
  Extract<FamilyId, `${"redis" | "hash" | "set" | "zset" | "list" | "stream"}-${string}`>,
  "redis-unknown"
>;

const LAYOUT_OF: { readonly [id in RedisFamily]: Layout } = {
  "redis-string": REST,
  "redis-hll": REST,
  "redis-ttl": REST,
  "redis-hash-blob": REST,
  "redis-set-blob": REST,
  "redis-zset-blob": REST,
  "redis-stream-blob": REST,
  "redis-fence-hash": REST,
  "redis-fence-set": REST,
  "redis-fence-list": REST,
  "redis-fence-zset": REST,
  "hash-meta": SIZED,
  "hash-meta-delta": DELTA,
  "hash-field": ELEMENT,
  "set-meta": SIZED,
  "set-meta-delta": DELTA,
  "set-member": ELEMENT,
  "zset-meta": SIZED,
  "zset-meta-delta": DELTA,
  "zset-member": ELEMENT,
  "zset-score": { sized: true, fixed: 8, tail: true },
  "list-meta": REST,
  "list-meta-delta": DELTA,
  "list-item": { sized: false, fixed: SEQUENCE_SIZE, tail: false },
  "list-claim": { sized: true, fixed: 8, tail: false },
  "stream-meta": SIZED,
  "stream-entry": { sized: true, fixed: 16, tail: false },
};

const layouts: (Layout | undefined)[] = [];
for (const [id, layout] of Object.entries(LAYOUT_OF)) {
  layouts[FAMILY[id as RedisFamily].index] = layout;
}

/** Whether the keys of a family have the length of the name before it. */
export function hasSizedName(family: Family): boolean {
  return layouts[family.index]?.sized ?? false;
}

/** Where the parts of a Redis key are: offsets into the bytes that were parsed. Made to be reused. */
export class RedisKey {
  /** The name as a Redis client knows it: start. */
  nameStart = 0;
  /** … and end. The fixed part, if the family has one, begins here. */
  nameEnd = 0;
  /** The field or member goes from here to the end of the key. */
  tailStart = 0;
}

/**
 * Fills `out` from a key of a Redis family, or returns what is wrong with it. Allocates nothing.
 *
 * A `list-meta-delta` key that turns out to be the meta of a list is parsed as `list-meta`.
 */
export function parseRedisKey(
  family: Family,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: RedisKey,
): string | undefined {
  const layout = layouts[family.index];
  if (layout === undefined) return "keys of this family have no known layout";
  let at = start + family.bytes.length;
  let nameEnd = end - layout.fixed;
  if (layout.sized) {
    if (end - at < 4) return "the length of the name is cut off";
    const length = u32be(bytes, at);
    at += 4;
    // Both sides are exact: a u32 and what is left of a buffer.
    if (length > end - at) return "the name is longer than the key";
    nameEnd = at + length;
  }
  const tailStart = nameEnd + layout.fixed;
  if (nameEnd < at || tailStart > end) return `fewer than ${layout.fixed} bytes follow the name`;
  if (!layout.tail && tailStart < end) return `unexpected bytes at the end: ${end - tailStart}`;
  out.nameStart = at;
  out.nameEnd = nameEnd;
  out.tailStart = tailStart;
  return undefined;
}

/** What follows the name in a key; a part that the family does not have is absent. */
export interface RedisKeyParts {
  /** Of exactly the family's width; see the functions below. */
  fixed?: Uint8Array;
  /** A field or member. */
  tail?: Uint8Array;
}

/**
 * The key of a Redis row.
 *
 * @throws {RangeError} when the parts are not those of the family.
 */
export function redisKey(
  family: RedisFamily,
  name: Uint8Array,
  { fixed, tail }: RedisKeyParts = {},
): Uint8Array {
  const layout = LAYOUT_OF[family];
  if ((fixed?.length ?? 0) !== layout.fixed || (tail !== undefined && !layout.tail)) {
    throw new RangeError(`a ${family} key has other parts`);
  }
  const out = new ByteBuilder().append(FAMILY[family].bytes);
  if (layout.sized) appendU32(out, name.length);
  out.append(name);
  if (fixed !== undefined) out.append(fixed);
  if (tail !== undefined) out.append(tail);
  return out.take();
}

const SIGN = 1n << 63n;

/** Reads the place of a list item: a signed number, stored so that negative ones sort first. */
export function sequenceAt(bytes: Uint8Array, at: number): bigint {
  return BigInt.asIntN(64, u64be(bytes, at) ^ SIGN);
}

/** The fixed part of `list-item` and `list-claim`. */
export function sequence(place: bigint): Uint8Array {
  return u64s(place ^ SIGN);
}

/**
 * Reads the bits of a score (an IEEE 754 double), stored so that scores sort as numbers: the sign
 * bit is flipped, and in negative numbers all others too.
 */
export function scoreBitsAt(bytes: Uint8Array, at: number): bigint {
  const stored = u64be(bytes, at);
  return BigInt.asUintN(64, stored & SIGN ? stored ^ SIGN : ~stored);
}

/** The fixed part of `zset-score`. Minus zero is stored as zero. */
export function sortableScore(bits: bigint): Uint8Array {
  if (bits === SIGN) return u64s(SIGN);
  return u64s(bits & SIGN ? ~bits : bits ^ SIGN);
}

/** The fixed part of `stream-entry`: both halves of an entry's id, each a u64. */
export function streamId(milliseconds: bigint, counter: bigint): Uint8Array {
  return u64s(milliseconds, counter);
}

/** The fixed part of deltas: the commit time (u64) and the number within the transaction (u32). */
export function deltaStamp(commitTime: bigint, counter: number): Uint8Array {
  const fixed = new Uint8Array(12);
  putU64be(fixed, 0, commitTime);
  putU32be(fixed, 8, counter);
  return fixed;
}

function u64s(...values: bigint[]): Uint8Array {
  const fixed = new Uint8Array(values.length * 8);
  values.forEach((value, i) => putU64be(fixed, i * 8, value));
  return fixed;
}
