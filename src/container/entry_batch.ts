/** A run of raw entries in one buffer: what the container hands on. @module */

/** Most entries of one batch. */
export const BATCH_ENTRIES: number = 1 << 15;

/**
 * Entries in stored order. Everything is valid only until the next batch is asked for.
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
  next(): EntryBatch | undefined | Promise<EntryBatch | undefined>;
}
