/** The page's end of the line to the worker. @module */

import type { Calls, Progress, Reply, Request, Told } from "./protocol.ts";

/** What the worker has told of an error. */
export class WorkerError extends Error {
  readonly told: Told;

  constructor(told: Told) {
    super(told.message);
    this.told = told;
  }
}

/** How a call is made. */
export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

interface Pending extends CallOptions {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A worker, and the calls that it has not answered yet. */
export class Client {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    worker.onerror = ({ message }) => this.#fail(message || "the worker has ended");
  }

  /** Calls, and waits for the answer. @throws {WorkerError} */
  call<Name extends keyof Calls>(
    call: Name,
    argument: Parameters<Calls[Name]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Calls[Name]>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        ...options,
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      options.signal?.addEventListener("abort", () => this.#post({ id, cancel: true }));
      this.#post({ id, call, argument });
    });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #take(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if ("progress" in reply) return pending?.onProgress?.(reply.progress);
    this.#pending.delete(reply.id);
    if ("error" in reply) pending?.reject(new WorkerError(reply.error));
    else pending?.resolve(reply.value);
  }

  /** Nothing more will come: the tab ran out of memory, or there is a defect. */
  #fail(message: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new WorkerError({ code: "unexpected", message }));
  }
}
