/** What kernels work on. @module */

/** The rows that a kernel works on: a row batch has these members. */
export interface Rows {
  /** Holds the keys and values of all rows. */
  readonly bytes: Uint8Array;
  /** Four for each row, offsets in `bytes`, ascending: keyStart, keyEnd, valueStart, valueEnd. */
  readonly ranges: Uint32Array;
  /** How many rows there are. */
  readonly count: number;
}
