/** Rows that are looked at again later, by where they lie. @module */

import type { ByteBuilder } from "../../bytes/builder.ts";
import { putU32be, putU64be, putU64le, u32be } from "../../bytes/integers.ts";
import { TIMESTAMP_LENGTH, VALUE_HEADER_LENGTH } from "../../mvcc/resolver.ts";
import { UnsoundError } from "../../errors.ts";
import type { Row, RowBatch, RowHandle } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";

/** Bytes of a stored handle: `input u16 ‖ position u64 ‖ length u32`, all big-endian. */
export const HANDLE_SIZE = 14;

/** Appends the handle of row `i`. */
export function appendHandle(out: ByteBuilder, batch: RowBatch, i: number): void {
  out.reserve(HANDLE_SIZE);
  const { bytes, length: at } = out;
  const position = batch.positions[i];
  bytes[at] = batch.inputs[i] >> 8;
  bytes[at + 1] = batch.inputs[i];
  putU32be(bytes, at + 2, Math.floor(position / 2 ** 32));
  putU32be(bytes, at + 6, position % 2 ** 32);
  putU32be(bytes, at + 10, batch.lengths[i]);
  out.length += HANDLE_SIZE;
}

/** Reads the handle at `at`. */
export function handleAt(bytes: Uint8Array, at: number): RowHandle {
  return {
    input: (bytes[at] << 8) | bytes[at + 1],
    position: u32be(bytes, at + 2) * 2 ** 32 + u32be(bytes, at + 6),
    length: u32be(bytes, at + 10),
  };
}

/** Leaves out a row that was passed by before this was known: reads it again as a batch of one. */
export async function leaveRow(
  context: AdapterContext,
  handle: RowHandle,
  reason: Reason,
): Promise<void> {
  let row: Row;
  try {
    row = await context.rows.read(handle);
  } catch (error) {
    // Bare rows were not opened when they were found.
    if (!(error instanceof UnsoundError && error.key)) throw error;
    return context.unsound(error, error.key);
  }
  const { key, value, commitTs, expireAt } = row;
  const suffix = key.length;
  const header = suffix + TIMESTAMP_LENGTH;
  const body = header + VALUE_HEADER_LENGTH;
  const bytes = new Uint8Array(body + value.length);
  bytes.set(key);
  putU64be(bytes, suffix, ~commitTs);
  putU64le(bytes, header + 1, expireAt);
  bytes.set(value, body);
  const batch: RowBatch = {
    bytes,
    count: 1,
    ranges: Uint32Array.of(0, suffix, body, bytes.length),
    positions: Float64Array.of(handle.position),
    lengths: Uint32Array.of(handle.length),
    inputs: Uint16Array.of(handle.input),
  };
  await context.leave(batch, 0, reason);
}
