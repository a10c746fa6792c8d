/** Workers that are none: they run in the same thread, and answer when and how a test wants. @module */

import type { Half, HalfKind, Piece } from "../../src/jobs/half.ts";
import type { FromWorker, ToWorker, WorkerPort } from "../../src/jobs/messages.ts";
import type { Rows } from "../../src/kernels/kernels.ts";
import type { RowBatch } from "../../src/mvcc/row_batch.ts";
import type { Random } from "../support/generator/random.ts";
import { serve, type WorkerScope } from "../../src/workers/serve.ts";

/** Gives each row back, in pieces of a few rows; leaves out rows whose value begins with 0. */
export const echoHalf: HalfKind<{ pieceRows: number }> = {
  name: "echo",
  begin: ({ pieceRows }) => new EchoHalf(pieceRows),
};

class EchoHalf implements Half {
  readonly #pieceRows: number;

  constructor(pieceRows: number) {
    this.#pieceRows = pieceRows;
  }

  *run({ bytes, ranges }: Rows, places: Uint32Array): Generator<Piece> {
    for (let at = 0; at < places.length; at += this.#pieceRows) {
      const rows = [...places.subarray(at, at + this.#pieceRows)];
      const values = rows.map((row) => bytes.slice(ranges[4 * row + 2], ranges[4 * row + 3]));
      const keys = rows.map((row) => bytes.slice(ranges[4 * row], ranges[4 * row + 1]));
      yield {
        count: rows.length,
        table: Uint32Array.from(values, (value) => value.length),
        bytes: Uint8Array.from(values.flatMap((value) => [...value])),
        notes: Uint8Array.from(keys.flatMap((key) => [...key])),
      };
    }
  }
}

/**
 * A port to a worker in this thread. What is moved is detached, as between threads.
 *
 * @param delay Milliseconds that each step takes; from 1e9 on, it never comes.
 */
export function fakeWorker(delay: () => number): WorkerPort {
  const scope: WorkerScope = {
    onmessage: null,
    postMessage: (message, transfer) => {
      const moved = structuredClone(message, { transfer });
      setTimeout(() => isOver || port.onMessage(moved as FromWorker), delay());
    },
  };
  let isUp = false;
  let isOver = false;
  const port: WorkerPort = {
    post(message, transfer) {
      if (!isUp) throw new Error("a message came before the worker was up");
      const data = structuredClone(message, { transfer }) as ToWorker;
      setTimeout(() => scope.onmessage!({ data } as MessageEvent<ToWorker>), 0);
    },
    onMessage: () => {},
    onDeath: () => {},
    terminate: () => void (isOver = true),
  };
  const start = delay();
  if (start < 1e9) {
    setTimeout(() => {
      isUp = true;
      serve(scope, new Map([[echoHalf.name, echoHalf as HalfKind<unknown>]]));
    }, start);
  }
  return port;
}

/** Rows with what lies between them, as a scan gives them. */
export function randomBatch(random: Random, most = 20): RowBatch {
  const count = random.between(1, most);
  const ranges = new Uint32Array(4 * count);
  const bytes: number[] = [];
  const add = (n: number): number => {
    for (let i = 0; i < n; i++) bytes.push(random.below(256));
    return bytes.length;
  };
  for (let i = 0; i < count; i++) {
    ranges[4 * i] = add(random.below(4));
    ranges[4 * i + 1] = add(random.between(1, 9));
    ranges[4 * i + 2] = add(17);
    ranges[4 * i + 3] = add(random.below(40));
  }
  return {
    bytes: Uint8Array.from(bytes),
    count,
    ranges,
    positions: Float64Array.from({ length: count }, () => random.below(2 ** 31)),
    lengths: Uint32Array.from({ length: count }, () => random.below(1000)),
    inputs: Uint16Array.from({ length: count }, () => random.below(3)),
  };
}
