/**
 * Workers beside the thread that reads. Each batch is copied, moved to the worker that has the least to
 * do, and comes back with what came of it, which is taken in the order of the batches.
 *
 * @module
 */

import type { Kernels } from "../kernels/kernels.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import type { OpenFolder } from "../tree/sink.ts";
import type { Half, HalfKind } from "./half.ts";
import { type Jobs, runHere, type Stage, type Take, takeAll } from "./jobs.ts";
import type { Member, Task, Work } from "./member.ts";
import type { Results } from "./messages.ts";
import { piecesOf } from "./results.ts";
import { allPlaces, copyRows, copySize } from "./row_copy.ts";

/** Longest copy of rows: what is longer stays in the thread that has it. */
const LONGEST_COPY = 4 << 20;
/** Buffers that are longer are not kept for the next batch. */
const LONGEST_SPARE = 8 << 20;
/** Bytes of the smallest buffer for rows: most batches fit in it. */
const ROWS_BUFFER = 5 << 19;

/** Has workers work. */
export class WorkerJobs implements Jobs {
  readonly #kernels: Kernels;
  readonly #members: readonly Member[];
  readonly #release: (members: readonly Member[]) => void;
  /** Batches that were handed in and not taken, in order. */
  readonly #queue: Task[] = [];
  readonly #spareRows: ArrayBuffer[] = [];
  readonly #spareResults: Results[] = [];
  /** Whether what came of a batch is being taken. */
  #isTaking = false;
  /** Whether something went wrong, so that nothing more is taken. */
  #isOver = false;
  #batches = 0;

  /**
   * The workers may still be starting.
   *
   * @param kernels For this thread, which works on what is not worth a copy.
   * @param release Takes the workers back when all is done.
   */
  constructor(
    members: readonly Member[],
    kernels: Kernels,
    release: (members: readonly Member[]) => void,
  ) {
    this.#members = members;
    this.#kernels = kernels;
    this.#release = release;
  }

  /** See {@link Jobs.stage}. */
  stage<Setup>(kind: HalfKind<Setup>, setup: Setup, folder?: OpenFolder): Stage {
    const tools = { kernels: this.#kernels, files: folder?.files };
    let half: Half | undefined;
    const work: Work = {
      kind: kind.name,
      setup,
      folder: folder?.path,
      here: () => half ??= kind.begin(setup, tools),
    };
    return { add: (batch, places, take) => this.#add(work, batch, places, take) };
  }

  /** See {@link Jobs.inOrder}. */
  inOrder(action: () => void): void {
    const last = this.#queue.at(-1);
    if (!last || this.#isTaking) action();
    else last.after.push(action);
  }

  /** See {@link Jobs.drain}. */
  async drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isOver) await this.#takeFirst();
  }

  /** See {@link Jobs.close}. Batches that were begun are worked on to their end. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#queue.map(({ done }) => done));
    this.#queue.length = 0;
    this.#release(this.#members);
  }

  async #add(work: Work, batch: RowBatch, places: Uint32Array, take: Take): Promise<void> {
    if (places.length === 0) return;
    const size = copySize(batch, places);
    while (this.#queue.length > this.#members.length) await this.#takeFirst();
    const member = this.#idlest();
    if (!member || size > LONGEST_COPY) {
      await this.drain();
      return await runHere(work.here(), batch, places, take);
    }
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    done.catch(() => {}); // it is told when its turn comes
    const number = this.#batches++;
    const copy = copyRows(batch, places, this.#rowsBuffer(size));
    const task: Task = { number, work, batch: copy, take, done, resolve, reject, after: [] };
    this.#queue.push(task);
    member.send(task, this.#spareResults.pop());
  }

  /** Waits for the first batch and takes what came of it. */
  async #takeFirst(): Promise<void> {
    const task = this.#queue[0];
    this.#isOver = true; // unless all goes well
    await task.done;
    this.#isTaking = true;
    try {
      const taken = take(task);
      if (isPromise(taken)) await taken;
    } finally {
      this.#isTaking = false;
    }
    this.#isOver = false;
    this.#queue.shift();
    this.#keep(task);
    for (const action of task.after) action();
  }

  /** Of the workers that are there or will be, the one that has the least to do. */
  #idlest(): Member | undefined {
    let idlest: Member | undefined;
    for (const member of this.#members) {
      if (!member.isAlive) continue;
      if (!idlest || member.tasks.size < idlest.tasks.size) idlest = member;
    }
    return idlest;
  }

  #rowsBuffer(size: number): ArrayBuffer {
    const at = this.#spareRows.findIndex(({ byteLength }) => byteLength >= size);
    if (at >= 0) return this.#spareRows.splice(at, 1)[0];
    return new ArrayBuffer(Math.max(size, ROWS_BUFFER));
  }

  /** Keeps buffers for the next batch. */
  #keep({ batch, results }: Task): void {
    const rows = batch.bytes.buffer as ArrayBuffer;
    if (rows.byteLength <= LONGEST_SPARE) this.#spareRows.push(rows);
    if (results && results.bytes.byteLength <= LONGEST_SPARE) this.#spareResults.push(results);
  }
}

function take({ work, batch, take, results }: Task): MaybePromise<void> {
  const places = allPlaces(batch.count);
  // No worker ever came.
  if (!results) return runHere(work.here(), batch, places, take);
  return takeAll(piecesOf(results, results.count), batch, places, take);
}
