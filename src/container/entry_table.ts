/** Stored entries that can be asked for a range of stored keys. @module */

import type { EntryStream } from "./entry_batch.ts";

/** The stored keys `[from, to)`. */
export interface StoredRange {
  /** The least stored key of the range; empty: the first that there is. */
  readonly from: Uint8Array;
  /** The least stored key behind the range; absent: there is none. */
  readonly to?: Uint8Array;
}

/** Where entries are from. */
export interface Origin {
  /** Name for messages. */
  readonly name: string;
}

/** Where an entry lies, to read it again when it is wanted. */
export interface EntryPlace {
  /** Number of the input. */
  readonly input: number;
  /** Offset of the frame in its stream. */
  readonly position: number;
  /** Bytes of the frame: `keyLen u64LE ‖ key ‖ valLen u64LE ‖ value`. */
  readonly length: number;
}

/** How entries are read. */
export interface ReadOptions {
  /** Bytes to read at once; a little more than 2 MiB, and no more than the range has, unless given. */
  readonly buffer?: number;
  /** Number that the table's first origin has in the batches; 0. */
  readonly firstInput?: number;
}

/**
 * Entries in strictly ascending stored order: a file, a node's log, or several tables merged. It holds
 * no entries itself; several walks may be open at once.
 */
export interface EntryTable {
  /** Where its entries are from; batches name the place in this list. */
  readonly origins: readonly Origin[];
  /** The entries of a range. Some that are outside of it may come, too. */
  walk(range: StoredRange, options?: ReadOptions): EntryStream;
  /** Reads the frame of one entry again. */
  readFrame(place: EntryPlace): Promise<Uint8Array>;
}
