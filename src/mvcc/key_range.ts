/** Ranges of user keys. @module */

import { compareBytes, successor } from "../bytes/compare.ts";

/** The user keys `[from, to)`, in the order of their bytes. */
export interface KeyRange {
  /** The least key of the range, if it is there. */
  readonly from: Uint8Array;
  /** The least key behind the range; absent: there is none. */
  readonly to?: Uint8Array;
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: Uint8Array): KeyRange {
  return { from: prefix, to: successor(prefix) };
}

/** Whether the user key `bytes[start, end)` is in the range. */
export function isInRange(
  { from, to }: KeyRange,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return !isBelow(bytes, start, end, from) && (to === undefined || isBelow(bytes, start, end, to));
}

function isBelow(bytes: Uint8Array, start: number, end: number, limit: Uint8Array): boolean {
  const n = Math.min(end - start, limit.length);
  for (let i = 0; i < n; i++) {
    const difference = bytes[start + i] - limit[i];
    if (difference !== 0) return difference < 0;
  }
  return end - start < limit.length;
}

/**
 * The stored key behind all stored keys of the range, or `undefined` when there is no such key.
 *
 * A stored key is a user key and a timestamp, so that of a key which is a prefix of `to` can lie
 * behind `to`. The shortest such key of the range has the greatest stored keys.
 */
export function behindRange({ from, to }: KeyRange): Uint8Array | undefined {
  if (to === undefined) return undefined;
  for (let n = 0; n < to.length; n++) {
    const key = to.subarray(0, n);
    if (compareBytes(key, from) < 0) continue;
    const last = new Uint8Array(n + 8).fill(0xff);
    last.set(key);
    return successor(last);
  }
  return to;
}
