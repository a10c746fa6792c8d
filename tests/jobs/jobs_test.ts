/** What is taken, and in which order, whoever works and however long it takes. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { WorkerError } from "../../src/errors.ts";
import { InlineJobs, type Jobs } from "../../src/jobs/jobs.ts";
import type { WorkerPort } from "../../src/jobs/messages.ts";
import { Member } from "../../src/jobs/member.ts";
import { WorkerJobs } from "../../src/jobs/worker_jobs.ts";
import { loadKernels } from "../../src/kernels/kernels.ts";
import { rowHandle, rowKey, rowValue } from "../../src/mvcc/row_batch.ts";
import { Random } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { echoHalf, fakeWorker, randomBatch } from "./support.ts";

const kernels = await loadKernels("js");

function jobsOf(ports: WorkerPort[]): WorkerJobs {
  return new WorkerJobs(ports.map((port) => new Member(port, "js")), kernels, () => {});
}

/** All that happens while batches of a seed go through, in order. */
async function story(seed: number, jobs: Jobs): Promise<string[]> {
  const random = new Random(seed);
  const told: string[] = [];
  const stages = [3, 100].map((pieceRows) => jobs.stage(echoHalf, { pieceRows }));
  for (let batchNumber = 0; batchNumber < 12; batchNumber++) {
    const batch = randomBatch(random);
    const places = Uint32Array.from(
      Array.from({ length: batch.count }, (_, i) => i).filter(() => random.chance(0.8)),
    );
    jobs.inOrder(() => told.push(`before ${batchNumber}`));
    await random.pick(stages).add(batch, places, async (piece, rows, places) => {
      if (batchNumber % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      let at = 0;
      let keyAt = 0;
      for (const [i, row] of places.entries()) {
        const value = piece.bytes.subarray(at, at += piece.table[i]);
        deepStrictEqual(value, rowValue(rows, row));
        const key = rowKey(rows, row);
        deepStrictEqual(piece.notes.subarray(keyAt, keyAt += key.length), key);
        const { position, input, length } = rowHandle(rows, row);
        told.push(`${batchNumber}: ${key} ${value} ${position} ${input} ${length}`);
      }
      strictEqual(places.length, piece.count);
      jobs.inOrder(() => told.push(`within ${batchNumber}`));
    });
    // Whoever reads uses its buffer again.
    batch.bytes.fill(0xaa);
    batch.ranges.fill(0);
  }
  jobs.inOrder(() => told.push("behind all"));
  await jobs.drain();
  await jobs.close();
  return told;
}

Deno.test("what comes of batches is told in their order, however long each takes", async () => {
  const seed = randomSeed();
  for (let i = 0; i < 10; i++) {
    const alone = await story(seed + i, new InlineJobs(kernels));
    for (const count of [1, 2, 4]) {
      const random = new Random(seed + i);
      const ports = Array.from({ length: count }, () => fakeWorker(() => random.below(5)));
      deepStrictEqual(
        await story(seed + i, jobsOf(ports)),
        alone,
        `seed ${seed + i}, ${count} workers`,
      );
    }
  }
});

Deno.test("no more batches are on their way than there are workers, and one", async () => {
  let posted = 0;
  let answered = 0;
  let most = 0;
  const ports = [0, 1].map(() => {
    const port = fakeWorker(() => 3);
    const { post } = port;
    port.post = (message, transfer) => {
      if (message.type === "batch") most = Math.max(most, ++posted - answered);
      post(message, transfer);
    };
    return port;
  });
  const jobs = jobsOf(ports);
  const stage = jobs.stage(echoHalf, { pieceRows: 100 });
  const random = new Random(1);
  for (let i = 0; i < 20; i++) {
    const batch = randomBatch(random);
    await stage.add(batch, Uint32Array.of(0), () => void answered++);
  }
  await jobs.drain();
  strictEqual(answered, 20);
  strictEqual(most, 3);
  await jobs.close();
});

Deno.test("rows that are long stay in their thread, and in their order", async () => {
  let posted = 0;
  const port = fakeWorker(() => 0);
  const { post } = port;
  port.post = (message, transfer) => {
    if (message.type === "batch") posted++;
    post(message, transfer);
  };
  const jobs = jobsOf([port]);
  const stage = jobs.stage(echoHalf, { pieceRows: 1 });
  const taken: number[] = [];
  const small = randomBatch(new Random(1), 1);
  const long = {
    ...small,
    bytes: new Uint8Array(5 << 20),
    ranges: Uint32Array.of(0, 1, 18, 5 << 20),
  };
  for (const batch of [small, long, small]) {
    await stage.add(batch, Uint32Array.of(0), (piece) => void taken.push(piece.bytes.length));
  }
  await jobs.drain();
  const size = small.ranges[3] - small.ranges[2];
  deepStrictEqual(taken, [size, (5 << 20) - 18, size]);
  strictEqual(posted, 2);
  await jobs.close();
});

Deno.test("a worker that dies is an error when its batch has its turn, and no other is taken", async () => {
  const ports: WorkerPort[] = [fakeWorker(() => 0), fakeWorker(() => 0)];
  const jobs = jobsOf(ports);
  const { post } = ports[1];
  ports[1].post = (message, transfer) => {
    if (message.type === "batch") ports[1].onDeath("out of memory");
    else post(message, transfer);
  };
  const stage = jobs.stage(echoHalf, { pieceRows: 1 });
  const taken: number[] = [];
  const random = new Random(1);
  const work = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      await stage.add(randomBatch(random, 1), Uint32Array.of(0), () => void taken.push(i));
    }
    await jobs.drain();
  };
  await rejects(work(), (error) => {
    ok(error instanceof WorkerError);
    strictEqual(error.code, "worker-failed");
    ok(error.message.includes("out of memory"));
    return true;
  });
  deepStrictEqual(taken, [0]);
  await jobs.drain();
  deepStrictEqual(taken, [0]);
  await jobs.close();
});

Deno.test("of a worker that has failed nothing more is heard", async () => {
  const port = fakeWorker(() => 0);
  const jobs = jobsOf([port]);
  const { post } = port;
  let batches = 0;
  port.post = (message, transfer) => {
    post(message, transfer);
    if (message.type === "batch" && ++batches === 2) port.onDeath("a row too much");
  };
  const stage = jobs.stage(echoHalf, { pieceRows: 1 });
  const taken: number[] = [];
  const random = new Random(1);
  for (let i = 0; i < 2; i++) {
    await stage.add(randomBatch(random, 1), Uint32Array.of(0), () => void taken.push(i));
  }
  await rejects(jobs.drain(), { code: "worker-failed" });
  // It would answer now.
  await new Promise((resolve) => setTimeout(resolve, 20));
  deepStrictEqual(taken, []);
  await jobs.close();
});

Deno.test("an error while something is taken is the last that is heard", async () => {
  const jobs = jobsOf([fakeWorker(() => 0)]);
  const stage = jobs.stage(echoHalf, { pieceRows: 1 });
  const random = new Random(1);
  await stage.add(randomBatch(random, 1), Uint32Array.of(0), () => {
    throw new RangeError("disk full");
  });
  await stage.add(randomBatch(random, 1), Uint32Array.of(0), () => {
    throw new Error("not taken");
  });
  await rejects(jobs.drain(), RangeError);
  await jobs.drain();
  await jobs.close();
});

Deno.test("workers that never come leave their batches to the thread that reads, in order", async () => {
  for (const dead of [[0], [0, 1]]) {
    const ports = [0, 1].map((i) => {
      const port = dead.includes(i) ? fakeWorker(() => 1e9) : fakeWorker(() => 0);
      if (dead.includes(i)) setTimeout(() => port.onDeath("not by these rules"), 5);
      return port;
    });
    deepStrictEqual(await story(7, jobsOf(ports)), await story(7, new InlineJobs(kernels)));
  }
});
