/** Which table, bucket, database or queue a key belongs to. @module */

import { segmentContents, segmentEnd } from "../bytes/segments.ts";
import { nameEnd, readName } from "./base64_names.ts";
import type { Family } from "./families.ts";
import { scopeLabel } from "./scope_labels.ts";
import { queueStart, readQueue } from "./sqs_keys.ts";

/** The name of the one Redis database. */
const DATABASE = Uint8Array.of(0x30);

/**
 * The offset behind the part of the user key `bytes[start, end)` that decides its scope, or −1 where
 * the family has no scope or the key is malformed. Two keys of a family whose bytes up to there are
 * the same have the same scope: so a caller that goes through sorted keys compares bytes and decodes
 * a name only when it changes.
 */
export function scopeEnd(family: Family, bytes: Uint8Array, start: number, end: number): number {
  const at = start + family.bytes.length;
  switch (family.scope) {
    case "table":
      return nameEnd(bytes, at, end);
    case "bucket":
      return segmentEnd(bytes, at, end);
    case "queue":
      return nameEnd(bytes, queueStart(family, bytes, start, end), end);
    case "database":
      return at;
    default:
      return -1;
  }
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
  const behind = scopeEnd(family, bytes, start, end);
  const name = behind < 0 ? undefined : nameIn(family, bytes, start, behind);
  return name && scopeLabel(name);
}

function nameIn(
  family: Family,
  bytes: Uint8Array,
  start: number,
  behind: number,
): Uint8Array | undefined {
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
