/**
 * Rows of a batch in a buffer of their own, which can be moved to another thread and back.
 *
 * ```text
 * ranges, 4 u32 a row | everything from the first row to the last
 * ```
 *
 * The bytes between rows are copied as well: one copy of everything costs less than one a row.
 *
 * @module
 */

import type { Rows } from "../kernels/kernels.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";

const RANGE = 16;

/** How many bytes a copy of the rows at `places` takes. */
export function copySize({ ranges }: RowBatch, places: Uint32Array): number {
  const last = places[places.length - 1];
  return RANGE * places.length + ranges[4 * last + 3] - ranges[4 * places[0]];
}

/** A copy of the rows at `places`, in a buffer that is long enough. */
export function copyRows(
  { bytes, ranges, positions, lengths, inputs }: RowBatch,
  places: Uint32Array,
  buffer: ArrayBuffer,
): RowBatch {
  const count = places.length;
  const start = ranges[4 * places[0]];
  const end = ranges[4 * places[count - 1] + 3];
  const copy: RowBatch = {
    ...rowsIn(buffer, count),
    positions: new Float64Array(count),
    lengths: new Uint32Array(count),
    inputs: new Uint16Array(count),
  };
  copy.bytes.set(bytes.subarray(start, end));
  for (let i = 0; i < count; i++) {
    const row = places[i];
    for (let k = 0; k < 4; k++) copy.ranges[4 * i + k] = ranges[4 * row + k] - start;
    copy.positions[i] = positions[row];
    copy.lengths[i] = lengths[row];
    copy.inputs[i] = inputs[row];
  }
  return copy;
}

/** The rows that are in such a buffer. */
export function rowsIn(buffer: ArrayBuffer, count: number): Rows {
  return {
    bytes: new Uint8Array(buffer, RANGE * count),
    ranges: new Uint32Array(buffer, 0, 4 * count),
    count,
  };
}

/** The places of all rows of a copy. Valid until more are asked for. */
export function allPlaces(count: number): Uint32Array {
  if (identity.length < count) identity = Uint32Array.from({ length: 2 * count }, (_, i) => i);
  return identity.subarray(0, count);
}

let identity = new Uint32Array(0);
