/** Live rows in one buffer: what adapters and kernels work on. @module */

import { putU64be, putU64le, u64be, u64le } from "../bytes/integers.ts";
import { TIMESTAMP_LENGTH, VALUE_HEADER_LENGTH } from "./resolver.ts";

/**
 * Live rows in stored order, each key once. Everything is valid only until the next batch is asked
 * for.
 *
 * ```text
 * bytes: … user key ‖ ^commitTS … header(9) ‖ body …
 *          └ ranges[4i], ranges[4i+1]         └ ranges[4i+2], ranges[4i+3]
 * ```
 */
export interface RowBatch {
  /** The buffer that the ranges point into. */
  bytes: Uint8Array;
  /** Rows in the batch. */
  count: number;
  /** Four offsets a row: start and end of the user key, start and end of the value's clear body. */
  ranges: Uint32Array;
  /** Where each row lies in its input. */
  positions: Float64Array;
  /** How many bytes it takes there. */
  lengths: Uint32Array;
  /** Number of the input that each row is from. */
  inputs: Uint16Array;
}

/** Where a row lies, to read it again when it is wanted. */
export interface RowHandle {
  /** Number of the input. */
  input: number;
  /** Offset of the frame in its stream. */
  position: number;
  /** Bytes of the frame. */
  length: number;
}

/** One row, with bytes of its own. */
export interface Row {
  /** The user key. */
  key: Uint8Array;
  /** The value's clear body. */
  value: Uint8Array;
  /** When it was committed: 48 bits of Unix milliseconds and 16 bits of counter. */
  commitTs: bigint;
  /** When it expires, on the same clock; 0 = never. */
  expireAt: bigint;
}

/** The user key of row `i`, as a view. */
export function rowKey(batch: RowBatch, i: number): Uint8Array {
  return batch.bytes.subarray(batch.ranges[i * 4], batch.ranges[i * 4 + 1]);
}

/** The clear body of row `i`, as a view. */
export function rowValue(batch: RowBatch, i: number): Uint8Array {
  return batch.bytes.subarray(batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
}

/** When row `i` was committed. */
export function rowCommitTs(batch: RowBatch, i: number): bigint {
  return BigInt.asUintN(64, ~u64be(batch.bytes, batch.ranges[i * 4 + 1]));
}

/** When row `i` expires; 0 = never. The header still lies before the body. */
export function rowExpireAt(batch: RowBatch, i: number): bigint {
  return u64le(batch.bytes, batch.ranges[i * 4 + 2] - VALUE_HEADER_LENGTH + 1);
}

/** Where row `i` lies. */
export function rowHandle(batch: RowBatch, i: number): RowHandle {
  return { input: batch.inputs[i], position: batch.positions[i], length: batch.lengths[i] };
}

/** Row `i` with bytes of its own, to keep. */
export function copyRow(batch: RowBatch, i: number): Row {
  return {
    key: rowKey(batch, i).slice(),
    value: rowValue(batch, i).slice(),
    commitTs: rowCommitTs(batch, i),
    expireAt: rowExpireAt(batch, i),
  };
}

/** A row that was read by its handle, as a batch of one. */
export function batchOf({ key, value, commitTs, expireAt }: Row, handle: RowHandle): RowBatch {
  const header = key.length + TIMESTAMP_LENGTH;
  const body = header + VALUE_HEADER_LENGTH;
  const bytes = new Uint8Array(body + value.length);
  bytes.set(key);
  putU64be(bytes, key.length, ~commitTs);
  putU64le(bytes, header + 1, expireAt);
  bytes.set(value, body);
  return {
    bytes,
    count: 1,
    ranges: Uint32Array.of(0, key.length, body, bytes.length),
    positions: Float64Array.of(handle.position),
    lengths: Uint32Array.of(handle.length),
    inputs: Uint16Array.of(handle.input),
  };
}
