/** A run of raw entries in one buffer: what the container hands on. @module */

import { compareBytes } from "../bytes/compare.ts";
import { pause } from "../sources/pause.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";

/** Most entries of one batch. */
export const BATCH_ENTRIES: number = 1 << 15;

/**
 * Entries in stored order, one behind the other. Everything is valid only until the next batch is
 * asked for.
 *
 * An entry is one version of one key as the store keeps it: the stored key is the user key and its
 * inverted timestamp, the value begins with its 9-byte header.
 */
export interface EntryBatch {
  /** The buffer that the ranges point into. */
  bytes: Uint8Array;
  /** Entries in the batch. */
  count: number;
  /** Four offsets an entry: key start, key end, value start, value end. */
  ranges: Uint32Array;
  /** Where each entry's frame begins in its input's stream. */
  positions: Float64Array;
  /** Number of the input that each entry is from. */
  inputs: Uint16Array;
}

/** Where entries come from, in strictly ascending stored order. */
export interface EntryStream {
  /** The next batch, or `undefined` at the end. */
  next(): MaybePromise<EntryBatch | undefined>;
  /** Says that entries below a stored key are no longer wanted; some of them may still come. */
  skip(below: Uint8Array): void;
}

/**
 * The next batch, after the event loop has had its turn.
 *
 * @throws {AbortedError} when the signal has fired.
 */
export async function nextBatch(
  stream: EntryStream,
  signal: AbortSignal | undefined,
): Promise<EntryBatch | undefined> {
  const turn = pause(signal);
  if (turn) await turn;
  const next = stream.next();
  return isPromise(next) ? await next : next;
}

/** Index of the first entry, from `start` on, whose stored key is at or above `key`. */
export function firstAtOrAbove(batch: EntryBatch, key: Uint8Array, start = 0): number {
  let low = start;
  let high = batch.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(storedKey(batch, middle), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The stored key of entry `i`, as a view. */
export function storedKey({ bytes, ranges }: EntryBatch, i: number): Uint8Array {
  return bytes.subarray(ranges[i * 4], ranges[i * 4 + 1]);
}

/** The stored value of entry `i`, as a view: its header and its body. */
export function storedValue({ bytes, ranges }: EntryBatch, i: number): Uint8Array {
  return bytes.subarray(ranges[i * 4 + 2], ranges[i * 4 + 3]);
}

/** Compares the stored keys of entry `i` of one batch and entry `j` of another, byte by byte. */
export function compareEntries(a: EntryBatch, i: number, b: EntryBatch, j: number): number {
  const x = a.bytes;
  const y = b.bytes;
  const xStart = a.ranges[i * 4];
  const yStart = b.ranges[j * 4];
  const xLength = a.ranges[i * 4 + 1] - xStart;
  const yLength = b.ranges[j * 4 + 1] - yStart;
  const n = Math.min(xLength, yLength);
  for (let k = 0; k < n; k++) {
    const difference = x[xStart + k] - y[yStart + k];
    if (difference !== 0) return difference;
  }
  return xLength - yLength;
}

/** Whether entry `i` of one batch and entry `j` of another have the same value, byte by byte. */
export function hasSameValue(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
  const x = a.bytes;
  const y = b.bytes;
  const xStart = a.ranges[i * 4 + 2];
  const yStart = b.ranges[j * 4 + 2];
  const length = a.ranges[i * 4 + 3] - xStart;
  if (b.ranges[j * 4 + 3] - yStart !== length) return false;
  for (let k = 0; k < length; k++) if (x[xStart + k] !== y[yStart + k]) return false;
  return true;
}
