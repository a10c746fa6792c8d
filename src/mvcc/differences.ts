/** What it says of two files that they have two values of one version. @module */

import { equalBytes, startsWith } from "../bytes/compare.ts";
import { type EntryBatch, storedValue } from "../container/entry_batch.ts";
import { parseRoute } from "../keyspace/dist_keys.ts";
import { classify, FAMILY } from "../keyspace/families.ts";
import { isReplicated } from "./replicated.ts";
import { isEncrypted, TIMESTAMP_LENGTH, TOMBSTONE, VALUE_HEADER_LENGTH } from "./resolver.ts";

/**
 * - `lock`: a lock may be set at the very time at which the one before it was released: they are two
 *   moments;
 * - `route`: first routes that give one range to two groups: they are two clusters;
 * - `value`: one of them is damaged, or they are of two histories.
 */
export type Difference = "lock" | "route" | "value";

const CATALOG = FAMILY.dist.bytes;
const ROUTE = FAMILY["dist-route"].bytes;

/** What two entries of one stored key, whose values are not the same bytes, say of their files. */
export function differenceOf(
  one: EntryBatch,
  i: number,
  other: EntryBatch,
  j: number,
): Difference | undefined {
  const { bytes, ranges } = one;
  const start = ranges[i * 4];
  const end = ranges[i * 4 + 1];
  const a = storedValue(one, i);
  const b = storedValue(other, j);
  // Each node writes the first rows of the catalog by itself.
  if (startsWith(bytes, CATALOG, start, end)) {
    return startsWith(bytes, ROUTE, start, end) && !isSameRoute(a, b) ? "route" : undefined;
  }
  if (!isReplicated(bytes, start, end) || isSameValue(a, b)) return undefined;
  const { kind } = classify(bytes, start, end - TIMESTAMP_LENGTH);
  return kind === "transaction" ? "lock" : "value";
}

/** Encrypted values have random parts: of those, only whether and until when they live is compared. */
function isSameValue(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length < VALUE_HEADER_LENGTH || b.length < VALUE_HEADER_LENGTH) return false;
  if (!isEncrypted(a, 0) && !isEncrypted(b, 0)) return false;
  return (a[0] & TOMBSTONE) === (b[0] & TOMBSTONE) &&
    equalBytes(a.subarray(1, VALUE_HEADER_LENGTH), b.subarray(1, VALUE_HEADER_LENGTH));
}

/** Whether two values of `!dist|route|` give the same range to the same group. */
function isSameRoute(a: Uint8Array, b: Uint8Array): boolean {
  const x = parseRoute(a, VALUE_HEADER_LENGTH, a.length);
  const y = parseRoute(b, VALUE_HEADER_LENGTH, b.length);
  if (typeof x === "string" || typeof y === "string") return true; // it is told elsewhere
  return x.group === y.group && equalBytes(x.start, y.start) &&
    (x.end === undefined ? y.end === undefined : y.end !== undefined && equalBytes(x.end, y.end));
}
