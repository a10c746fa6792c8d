/** Ranges of user keys. @module */

import { compareBytes, startsWith, successor } from "../bytes/compare.ts";
import { UsageError } from "../errors.ts";

/** The user keys `[from, to)`, in the order of their bytes. */
export interface KeyRange {
  /** The least key of the range, if it is there. */
  readonly from: Uint8Array;
  /** The least key behind the range; absent: there is none. */
  readonly to?: Uint8Array;
}

/**
 * All keys that begin with `prefix`.
 *
 * @throws {UsageError} when it is a text: keys are bytes.
 */
export function prefixRange(prefix: Uint8Array): KeyRange {
  if (!(prefix instanceof Uint8Array)) {
    throw new UsageError("a prefix of keys is bytes, and no text", {
      hint: "new TextEncoder().encode(text) makes bytes of a text, and `keys` has the keys of rows",
    });
  }
  return { from: prefix, to: successor(prefix) };
}

/**
 * The keys that begin with a prefix, are not below `from` and are below `to`, as far as these are given;
 * `undefined` when there can be none.
 */
export function rangeWithin(
  { prefix, from, to }: { prefix?: Uint8Array; from?: Uint8Array; to?: Uint8Array },
): { from?: Uint8Array; to?: Uint8Array } | undefined {
  if (prefix) {
    const own = prefixRange(prefix);
    if (!from || compareBytes(from, own.from) < 0) from = own.from;
    if (!to || (own.to && compareBytes(own.to, to) < 0)) to = own.to;
  }
  return from && to && compareBytes(from, to) >= 0 ? undefined : { from, to };
}

/** One key. */
export function keyRange(key: Uint8Array): KeyRange {
  const to = new Uint8Array(key.length + 1);
  to.set(key);
  return { from: key, to };
}

/** Whether the user key `bytes[start, end)` is below the range, if its stored key is not. */
export function isBelow(
  { from }: KeyRange,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  // It is a prefix of `from`, which reaches into the timestamp.
  return end - start < from.length && startsWith(from, bytes.subarray(start, end));
}

/**
 * The keys of the range that are prefixes of its end, by their lengths: their stored keys, which have a
 * timestamp behind them, can lie beyond that end. `undefined` when there are none.
 */
export function prefixesOfEnd(
  { from, to }: KeyRange,
): [shortest: number, longest: number] | undefined {
  if (to === undefined || compareBytes(from, to) >= 0) return undefined;
  let length = 0;
  while (length < from.length && from[length] === to[length]) length++;
  const shortest = length === from.length ? length : length + 1;
  return shortest < to.length ? [shortest, to.length - 1] : undefined;
}

/** The same keys in ascending ranges, none of which has a key of another one. */
export function joined(ranges: readonly KeyRange[]): KeyRange[] {
  const apart: KeyRange[] = [];
  for (const range of ranges.toSorted((a, b) => compareBytes(a.from, b.from))) {
    const last = apart.at(-1);
    if (!last || last.to && compareBytes(last.to, range.from) < 0) apart.push(range);
    else if (last.to && (!range.to || compareBytes(last.to, range.to) < 0)) {
      apart[apart.length - 1] = { from: last.from, to: range.to };
    }
  }
  return apart;
}
