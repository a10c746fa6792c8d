/** Rows that are looked at again later, by where they lie. @module */

import type { ByteBuilder } from "../bytes/builder.ts";
import { putU32be, u32be } from "../bytes/integers.ts";
import type { RowBatch, RowHandle } from "../mvcc/row_batch.ts";

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
