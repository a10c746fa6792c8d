/**
 * What a worker and the thread that reads say to each other. Buffers are moved, not copied: whoever has
 * been given one owns it.
 *
 * ```text
 * worker                                  reader
 *   ← up                                        its code has been loaded
 *                 begin →                       which kernels
 *   ← ready
 *                 stage →                       a kind of work begins
 *                 batch →                       rows, and a buffer for what comes of them
 *   ← done                                      the rows again, and what came of them
 * ```
 *
 * @module
 */

import type { Kernels } from "../kernels/kernels.ts";

/** To a worker. */
export type ToWorker =
  | { type: "begin"; kernel: Kernels["name"] }
  | { type: "stage"; kind: string; setup: unknown; folder?: string }
  | BatchMessage;

/** Rows to work on. */
export interface BatchMessage {
  type: "batch";
  batch: number;
  /** See `row_copy.ts`. */
  rows: ArrayBuffer;
  count: number;
  /** Buffers to write into, as they came back with an earlier batch. */
  spare?: Results;
}

/** What came of rows, piece by piece. */
export interface Results {
  /** Four a piece: how many rows, and where its parts of the others end. */
  pieces: ArrayBuffer;
  table: ArrayBuffer;
  bytes: ArrayBuffer;
  notes: ArrayBuffer;
}

/** From a worker. */
export type FromWorker =
  | { type: "up" }
  | { type: "ready" }
  | { type: "done"; batch: number; rows: ArrayBuffer; pieces: number; results: Results };

/** A worker, as its reader sees it. */
export interface WorkerPort {
  /** Sends a message. */
  post(message: ToWorker, transfer: Transferable[]): void;
  /** Takes messages. */
  onMessage: (message: FromWorker) => void;
  /** Takes the reason why it has ended by itself. */
  onDeath: (reason: unknown) => void;
  /** Ends it. */
  terminate(): void;
}
