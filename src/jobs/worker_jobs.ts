/**
 * Workers beside the thread that reads. Each batch is copied, moved to the worker that has the least to
 * do, and comes back with what came of it, which is taken in the order of the batches.
 *
 * @module
 */

import { WorkerError } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import { isPromise } from "../sources/source.ts";
import type { OpenFolder } from "../tree/sink.ts";
import type { HalfKind } from "./half.ts";
import { InlineJobs, type Jobs, type Stage, type Take, takeAll } from "./jobs.ts";
import type { FromWorker, Results, ToWorker, WorkerPort } from "./messages.ts";
import { piecesOf, transferOf } from "./results.ts";
import { allPlaces, copyRows, copySize, rowsIn } from "./row_copy.ts";

/** Longest copy of rows: what is longer stays in the thread that has it. */
const LONGEST_COPY = 4 << 20;
/** Buffers that are longer are not kept for the next batch. */
const LONGEST_SPARE = 8 << 20;
/** Bytes of the smallest buffer for rows: most batches fit in it. */
const ROWS_BUFFER = 5 << 19;

/** A batch on its way. */
interface Task {
  readonly number: number;
  batch: RowBatch;
  readonly take: Take;
  readonly done: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
  /** What came of it. */
  pieces: number;
  results?: Results;
  /** What is to be done behind it. */
  readonly after: (() => void)[];
}

/** A kind of work that workers are told of when they get the first batch of it. */
interface Work {
  readonly kind: string;
  readonly setup: unknown;
  readonly folder?: string;
}

/** Has workers work. */
export class WorkerJobs implements Jobs {
  readonly #inline: InlineJobs;
  readonly #members: readonly Member[];
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
   * Begins to start the workers.
   *
   * @param kernels For this thread, which works on what is not worth a copy.
   */
  constructor(ports: readonly WorkerPort[], kernels: Kernels) {
    this.#inline = new InlineJobs(kernels);
    this.#members = ports.map((port) => new Member(port, kernels.name));
  }

  /**
   * Waits until all workers are ready.
   *
   * @throws {WorkerError} when there can be none.
   */
  async ready(): Promise<void> {
    await Promise.all(this.#members.map(({ ready }) => ready));
  }

  /** See {@link Jobs.stage}. */
  stage<Setup>(kind: HalfKind<Setup>, setup: Setup, folder?: OpenFolder): Stage {
    const work: Work = { kind: kind.name, setup, folder: folder?.path };
    let here: Stage | undefined;
    return {
      add: async (batch, places, take) => {
        if (places.length === 0) return;
        if (copySize(batch, places) <= LONGEST_COPY) {
          return await this.#add(work, batch, places, take);
        }
        await this.drain();
        here ??= this.#inline.stage(kind, setup, folder);
        await here.add(batch, places, take);
      },
    };
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
    for (const { port } of this.#members) port.terminate();
    this.#queue.length = 0;
  }

  async #add(work: Work, batch: RowBatch, places: Uint32Array, take: Take): Promise<void> {
    while (this.#queue.length > this.#members.length) await this.#takeFirst();
    const size = copySize(batch, places);
    const copy = copyRows(batch, places, this.#rowsBuffer(size));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // it is told when its turn comes
    const number = this.#batches++;
    const task = {
      number,
      batch: copy,
      take,
      done: promise,
      resolve,
      reject,
      pieces: 0,
      after: [],
    };
    this.#queue.push(task);
    this.#idlest().send(work, task, this.#spareResults.pop());
  }

  /** Waits for the first batch and takes what came of it. */
  async #takeFirst(): Promise<void> {
    const task = this.#queue[0];
    this.#isOver = true; // unless all goes well
    await task.done;
    const { batch, take, pieces, results, after } = task;
    this.#isTaking = true;
    try {
      const taken = takeAll(piecesOf(results!, pieces), batch, allPlaces(batch.count), take);
      if (isPromise(taken)) await taken;
    } finally {
      this.#isTaking = false;
    }
    this.#isOver = false;
    this.#queue.shift();
    this.#keep(batch.bytes.buffer as ArrayBuffer, results!);
    for (const action of after) action();
  }

  #idlest(): Member {
    return this.#members.reduce((a, b) => b.tasks.size < a.tasks.size ? b : a);
  }

  #rowsBuffer(size: number): ArrayBuffer {
    const at = this.#spareRows.findIndex(({ byteLength }) => byteLength >= size);
    if (at >= 0) return this.#spareRows.splice(at, 1)[0];
    return new ArrayBuffer(Math.max(size, ROWS_BUFFER));
  }

  /** Keeps buffers for the next batch. */
  #keep(rows: ArrayBuffer, results: Results): void {
    if (rows.byteLength <= LONGEST_SPARE) this.#spareRows.push(rows);
    if (results.bytes.byteLength <= LONGEST_SPARE) this.#spareResults.push(results);
  }
}

/** One worker. */
class Member {
  readonly port: WorkerPort;
  readonly ready: Promise<void>;
  /** What it has to do, by the numbers of batches. */
  readonly tasks = new Map<number, Task>();
  /** The kind of work that it was told of last. */
  #work: Work | undefined;
  #works = 0;
  #death: WorkerError | undefined;

  constructor(port: WorkerPort, kernel: Kernels["name"]) {
    this.port = port;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    this.ready = promise;
    port.onMessage = (message) => {
      if (message.type === "up") this.#post({ type: "begin", kernel });
      else if (message.type === "ready") resolve();
      else this.#finish(message);
    };
    port.onDeath = (reason) => {
      this.#death = new WorkerError(reason);
      reject(this.#death);
      for (const task of this.tasks.values()) task.reject(this.#death);
      this.tasks.clear();
    };
  }

  /** Gives it a batch, whose rows are gone until it comes back. */
  send(work: Work, task: Task, spare: Results | undefined): void {
    if (this.#death) return task.reject(this.#death);
    if (work !== this.#work) {
      this.#work = work;
      this.#post({ type: "stage", stage: ++this.#works, ...work });
    }
    this.tasks.set(task.number, task);
    const { count } = task.batch;
    const rows = task.batch.bytes.buffer as ArrayBuffer;
    this.#post(
      { type: "batch", batch: task.number, stage: this.#works, rows, count, spare },
      [rows, ...spare ? transferOf(spare) : []],
    );
  }

  #finish({ batch, rows, pieces, results }: FromWorker & { type: "done" }): void {
    const task = this.tasks.get(batch)!;
    this.tasks.delete(batch);
    task.batch = { ...task.batch, ...rowsIn(rows, task.batch.count) };
    task.pieces = pieces;
    task.results = results;
    task.resolve();
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.port.post(message, transfer);
  }
}
