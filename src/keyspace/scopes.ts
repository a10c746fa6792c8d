/** Which table, bucket, database or queue a key belongs to, and where its keys lie. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes, equalBytes, successor } from "../bytes/compare.ts";
import { appendSegment, segmentContents, segmentEnd } from "../bytes/segments.ts";
import { appendName, nameEnd, readName } from "./base64_names.ts";
import { FAMILIES, type Family, type FamilyId } from "./families.ts";
import { scopeLabel } from "./scope_labels.ts";
import { queueStart, readQueue } from "./sqs_keys.ts";

/** The name of the one Redis database. */
const DATABASE = Uint8Array.of(0x30);
const BAR = 0x7c;
/** The first byte of a generation: those of queues are below 2^56. */
const GENERATION = 0;

/** The byte that ends a table's or queue's name; in other families the name ends the key. */
const BEHIND_NAME: { readonly [id in FamilyId]?: number } = {
  "ddb-item": BAR,
  "ddb-gsi": BAR,
  "sqs-tombstone": GENERATION,
  "sqs-message": GENERATION,
  "sqs-visibility": GENERATION,
  "sqs-age": GENERATION,
  "sqs-dedup": GENERATION,
  "sqs-group": GENERATION,
};
const behindName = FAMILIES.map(({ id }) => BEHIND_NAME[id]);

/**
 * The offset behind the part of the user key `bytes[start, end)` that decides its scope, or −1 where
 * the family has no scope or the key is malformed. A name in base64 counts only if what must follow it
 * does: all keys of a scope lie together, then, and no longer name's keys among them.
 */
export function scopeEnd(family: Family, bytes: Uint8Array, start: number, end: number): number {
  const at = start + family.bytes.length;
  switch (family.scope) {
    case "table":
      return ended(nameEnd(bytes, at, end), behindName[family.index], bytes, end);
    case "bucket":
      return segmentEnd(bytes, at, end);
    case "queue": {
      const name = queueStart(family, bytes, start, end);
      const next = name === at ? behindName[family.index] : BAR;
      return ended(nameEnd(bytes, name, end), next, bytes, end);
    }
    case "database":
      return at;
    default:
      return -1;
  }
}

function ended(at: number, next: number | undefined, bytes: Uint8Array, end: number): number {
  return next === (at < end ? bytes[at] : undefined) ? at : -1;
}

/**
 * The scope of the user key `bytes[start, end)`: the label of the table's, bucket's or queue's name,
 * or `0` for Redis. `undefined` where the family has none or the key is malformed.
 */
export function scopeOf(
  family: Family,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  const name = nameOf(family, bytes, start, end);
  return name && scopeLabel(name);
}

function nameOf(
  family: Family,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  const behind = scopeEnd(family, bytes, start, end);
  if (behind < 0) return undefined;
  const at = start + family.bytes.length;
  switch (family.scope) {
    case "table":
      return readName(bytes, at, behind);
    case "bucket":
      return segmentContents(bytes, at, behind);
    case "queue":
      return readQueue(bytes, queueStart(family, bytes, start, behind), behind);
    default:
      return DATABASE;
  }
}

/**
 * Where the keys of a family lie that belong to a scope: ranges of user keys, ascending, in which there
 * are no others. There are none if nothing can have that name.
 *
 * @param name The name itself, not its label.
 */
export function scopeRanges(
  family: Family,
  name: Uint8Array,
): { from: Uint8Array; to: Uint8Array | undefined }[] {
  const namesKey = (family.scope === "table" || family.scope === "queue") &&
    behindName[family.index] === undefined;
  return beginnings(family, name).filter((from) => {
    const found = nameOf(family, from, 0, from.length);
    return found !== undefined && equalBytes(found, name);
  }).sort(compareBytes).map((from) => ({
    from,
    to: namesKey ? new ByteBuilder().append(from).byte(0).take() : successor(from),
  }));
}

/** What the keys of a scope can begin with, or be; checked by the caller. */
function beginnings(family: Family, name: Uint8Array): Uint8Array[] {
  const begin = (): ByteBuilder => new ByteBuilder().append(family.bytes);
  const named = (out: ByteBuilder, next: number | undefined): Uint8Array => {
    appendName(out, name);
    if (next !== undefined) out.byte(next);
    return out.take();
  };
  switch (family.scope) {
    case "table":
      return [named(begin(), behindName[family.index])];
    case "queue":
      return [named(begin(), behindName[family.index]), named(begin().ascii("p|"), BAR)];
    case "bucket": {
      const out = begin();
      appendSegment(out, name);
      return [out.take()];
    }
    case "database":
      return [family.bytes];
    default:
      return [];
  }
}
