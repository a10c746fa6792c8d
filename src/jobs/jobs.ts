/**
 * Who works on batches: the thread that reads them, or workers beside it. Whoever hands batches in gets
 * what came of them in the same order, so nothing that is written can depend on who worked, or when.
 *
 * @module
 */

import type { Kernels } from "../kernels/kernels.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import type { OpenFolder } from "../tree/sink.ts";
import type { Half, HalfKind, Piece } from "./half.ts";

/**
 * Takes what came of some rows. It is called in the order of the batches, while the caller waits for
 * {@link Stage.add} or {@link Jobs.drain}, and never at another time.
 *
 * @param batch Has the rows. It is another one than was handed in, if a worker had a copy.
 * @param places Where in it the rows of the piece are.
 */
export type Take = (piece: Piece, batch: RowBatch, places: Uint32Array) => MaybePromise<void>;

/** One kind of work on the rows of many batches. */
export interface Stage {
  /**
   * Hands in rows of a batch, which the caller may use again when this is done. What came of earlier
   * ones may be taken meanwhile.
   *
   * @param take Is given all pieces, maybe later.
   */
  add(batch: RowBatch, places: Uint32Array, take: Take): MaybePromise<void>;
}

/** Does work, and tells of it in order. */
export interface Jobs {
  /**
   * Prepares for a kind of work.
   *
   * @param folder Where files may be written by whoever does it; without one they write none.
   */
  stage<Setup>(kind: HalfKind<Setup>, setup: Setup, folder?: OpenFolder): Stage;
  /** Does something when all that came of the batches handed in so far is taken: now, if it is. */
  inOrder(action: () => void): void;
  /** Waits until all that came of batches is taken. */
  drain(): Promise<void>;
  /** Ends all work. What came of it and is not taken is lost; when this is done, nothing more is written. */
  close(): Promise<void>;
}

/** Works in the thread that reads. */
export class InlineJobs implements Jobs {
  readonly #kernels: Kernels;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** See {@link Jobs.stage}. */
  stage<Setup>(kind: HalfKind<Setup>, setup: Setup, folder?: OpenFolder): Stage {
    const half = kind.begin(setup, { kernels: this.#kernels, files: folder?.files });
    return { add: (batch, places, take) => runHere(half, batch, places, take) };
  }

  /** See {@link Jobs.inOrder}. */
  inOrder(action: () => void): void {
    action();
  }

  /** See {@link Jobs.drain}. */
  async drain(): Promise<void> {}

  /** See {@link Jobs.close}. */
  async close(): Promise<void> {}
}

/** Has a half work here, and takes what comes of it piece by piece. */
export function runHere(
  half: Half,
  batch: RowBatch,
  places: Uint32Array,
  take: Take,
): MaybePromise<void> {
  return takeAll(half.run(batch, places)[Symbol.iterator](), batch, places, take);
}

/** Takes one piece after the other; waits only where there is something to wait for. */
export function takeAll(
  pieces: Iterator<Piece>,
  batch: RowBatch,
  places: Uint32Array,
  take: Take,
  from = 0,
): MaybePromise<void> {
  for (let next = pieces.next(); !next.done; next = pieces.next()) {
    const to = from + next.value.count;
    const taken = take(next.value, batch, places.subarray(from, to));
    from = to;
    if (isPromise(taken)) return taken.then(() => takeAll(pieces, batch, places, take, to));
  }
}
