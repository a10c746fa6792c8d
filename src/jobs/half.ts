/**
 * The half of an adapter's work that needs rows and nothing else: transcoding, hashing, and writing files
 * whose names are decided. It runs in a worker or in the thread that reads; nobody can tell which from
 * what comes out.
 *
 * A half does what is the same for nearly all rows, as fast as it can be done. Any row about which there
 * is a question it leaves, with a mark in its table: the adapter's other half, beside the reader, judges
 * these one by one. So a half has no errors to tell.
 *
 * @module
 */

import type { Kernels, Rows } from "../kernels/kernels.ts";
import type { FileWriter } from "../tree/sink.ts";

/** What a half has made of some rows. Valid until the next piece is asked for. */
export interface Piece {
  /** How many rows: those behind the rows of the piece before. */
  readonly count: number;
  /** Numbers. What they mean, each half says. */
  readonly table: Uint32Array;
  /** Texts of rows. */
  readonly bytes: Uint8Array;
  /** What is told beside the texts: names and digests of files, for instance. */
  readonly notes: Uint8Array;
}

/** What a half is given to work with. */
export interface HalfTools {
  readonly kernels: Kernels;
  /** Writes files into the folder of the dump, where that can be done by whoever has the half. */
  readonly files?: FileWriter;
}

/** Works on one batch after the other. */
export interface Half {
  /** What comes of the rows at `places`, in their order. */
  run(rows: Rows, places: Uint32Array): Iterable<Piece>;
}

/** A kind of half, which both sides know by its name. */
export interface HalfKind<Setup> {
  readonly name: string;
  /**
   * Begins.
   *
   * @param setup What is the same for all batches: plain data, which can be copied to another thread.
   */
  begin(setup: Setup, tools: HalfTools): Half;
}

const NONE = new Uint8Array(0);

/** A piece that has no texts, or no notes. */
export function piece(
  count: number,
  table: Uint32Array,
  { bytes = NONE, notes = NONE }: { bytes?: Uint8Array; notes?: Uint8Array },
): Piece {
  return { count, table, bytes, notes };
}
