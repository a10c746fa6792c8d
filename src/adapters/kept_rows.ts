/**
 * Rows of tables, buckets and queues, which are needed again when their scope's turn comes. A small one
 * is copied; of another only its place is kept, and it is read again.
 *
 * @module
 */

import { copyRow, type Row, type RowBatch, type RowHandle, rowHandle } from "../mvcc/row_batch.ts";
import type { Rows } from "../mvcc/rows.ts";
import type { MaybePromise } from "../sources/source.ts";

/** Bytes of the longest row that is copied: 4 KiB. */
const LONG_ROW = 4 << 10;

/** A row, or where it is. */
export type KeptRow = Row | RowHandle;

/** What is kept of row `i`. */
export function keepRow(batch: RowBatch, i: number): KeptRow {
  return batch.lengths[i] > LONG_ROW ? rowHandle(batch, i) : copyRow(batch, i);
}

/** The row. */
export function keptRow(rows: Rows, kept: KeptRow): MaybePromise<Row> {
  return "key" in kept ? kept : rows.read(kept);
}
