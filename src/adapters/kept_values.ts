/**
 * Values of rows that wait in a sorter until their turn comes. A short value is copied; of a long one
 * only its place is kept, and it is read again.
 *
 * ```text
 * 1 ‖ value        0 ‖ handle
 * ```
 *
 * @module
 */

import type { ByteBuilder } from "../bytes/builder.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import type { Rows } from "../mvcc/rows.ts";
import type { MaybePromise } from "../sources/source.ts";
import { appendHandle, handleAt } from "./row_handles.ts";

/** Bytes of the longest value that is copied. */
export const LONG_VALUE: number = 64 << 10;

/** Appends what is kept of the value of row `i`. */
export function appendKept(out: ByteBuilder, batch: RowBatch, i: number): void {
  const start = batch.ranges[i * 4 + 2];
  const end = batch.ranges[i * 4 + 3];
  if (end - start <= LONG_VALUE) out.byte(1).append(batch.bytes, start, end);
  else appendHandle(out.byte(0), batch, i);
}

/** The value of which `bytes` was kept: possibly a view of them. */
export function keptValue(rows: Rows, bytes: Uint8Array): MaybePromise<Uint8Array> {
  if (bytes[0] === 1) return bytes.subarray(1);
  return rows.read(handleAt(bytes, 1)).then(({ value }) => value);
}
