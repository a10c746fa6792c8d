/** One worker, as the thread that reads sees it. @module */

import { WorkerError } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import type { Half } from "./half.ts";
import type { Take } from "./jobs.ts";
import type { FromWorker, Results, ToWorker, WorkerPort } from "./messages.ts";
import { transferOf } from "./results.ts";
import { rowsIn } from "./row_copy.ts";

/** A kind of work, of which a worker is told when it gets the first batch of it. */
export interface Work {
  readonly kind: string;
  readonly setup: unknown;
  readonly folder?: string;
  /** Who does it in this thread. */
  here(): Half;
}

/** A batch on its way. */
export interface Task {
  readonly number: number;
  readonly work: Work;
  batch: RowBatch;
  readonly take: Take;
  /** Settled when it has come back. */
  readonly done: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
  /** What came of it; absent if no worker was there to begin with it. */
  results?: Results & { count: number };
  /** What is to be done behind it. */
  readonly after: (() => void)[];
}

/** Starts a worker and gives it batches. What is sent before it is there waits here. */
export class Member {
  /** Which kernels it uses. */
  readonly kernel: Kernels["name"];
  /** What it has to do, by the numbers of batches. */
  readonly tasks = new Map<number, Task>();
  readonly #port: WorkerPort;
  #isReady = false;
  #waiting: (() => void)[] = [];
  /** The kind of work that it was told of last. */
  #work: Work | undefined;
  #death: WorkerError | undefined;

  /** Takes over a worker that has just been started. */
  constructor(port: WorkerPort, kernel: Kernels["name"]) {
    this.kernel = kernel;
    this.#port = port;
    port.onMessage = (message) => {
      if (message.type === "up") port.post({ type: "begin", kernel }, []);
      else if (message.type === "ready") this.#begin();
      else this.#finish(message);
    };
    port.onDeath = (reason) => this.#die(new WorkerError(reason));
  }

  /** Whether it can work, or will. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** Gives it a batch, whose rows are gone until it comes back. */
  send(task: Task, spare: Results | undefined): void {
    this.tasks.set(task.number, task);
    if (this.#isReady) this.#post(task, spare);
    else this.#waiting.push(() => this.#post(task, spare));
  }

  /** Ends it. */
  terminate(): void {
    this.#port.terminate();
  }

  #begin(): void {
    this.#isReady = true;
    for (const post of this.#waiting) post();
    this.#waiting = [];
  }

  #post(task: Task, spare: Results | undefined): void {
    const { work, number } = task;
    if (work !== this.#work) {
      const { kind, setup, folder } = work;
      this.#work = work;
      this.#port.post({ type: "stage", kind, setup, folder }, []);
    }
    const { count } = task.batch;
    const rows = task.batch.bytes.buffer as ArrayBuffer;
    const message: ToWorker = { type: "batch", batch: number, rows, count, spare };
    this.#port.post(message, [rows, ...spare ? transferOf(spare) : []]);
  }

  #finish({ batch, rows, pieces, results }: FromWorker & { type: "done" }): void {
    const task = this.tasks.get(batch)!;
    this.tasks.delete(batch);
    task.batch = { ...task.batch, ...rowsIn(rows, task.batch.count) };
    task.results = { ...results, count: pieces };
    task.resolve();
  }

  /** What it had begun is lost with its rows; if it never came, nothing was begun. */
  #die(death: WorkerError): void {
    this.#death = death;
    // A browser has it go on with what it was sent.
    this.#port.terminate();
    for (const task of this.tasks.values()) {
      if (this.#isReady) task.reject(death);
      else task.resolve();
    }
    this.tasks.clear();
  }
}
