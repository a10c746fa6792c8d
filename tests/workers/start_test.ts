/** Whether there are workers, and what happens where there can be none. */

import { ok, strictEqual } from "node:assert/strict";
import { InlineJobs } from "../../src/jobs/jobs.ts";
import { WorkerJobs } from "../../src/jobs/worker_jobs.ts";
import { loadKernels } from "../../src/kernels/kernels.ts";
import { FAMILY } from "../../src/keyspace/families.ts";
import { endWorkers, jobsFor, keepWorkers, startJobs } from "../../src/workers/start.ts";
import { generate } from "../support/generator/mod.ts";
import { sameHoweverManyWork } from "./support.ts";

const kernels = await loadKernels();
const { Worker: PlatformWorker } = globalThis;

/** What is started when the platform has such workers. */
async function startedWith(worker: unknown): Promise<unknown> {
  try {
    globalThis.Worker = worker as typeof Worker;
    const jobs = await startJobs(2, kernels);
    await jobs.close();
    return jobs;
  } finally {
    globalThis.Worker = PlatformWorker;
  }
}

Deno.test("one job is no worker, and two are two", async () => {
  let workers = 0;
  class Counted extends PlatformWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers++;
    }
  }
  globalThis.Worker = Counted;
  try {
    ok(await startJobs(1, kernels) instanceof InlineJobs);
    strictEqual(workers, 0);
    const jobs = await startJobs(2, kernels);
    ok(jobs instanceof WorkerJobs);
    strictEqual(workers, 2);
    await jobs.close();
  } finally {
    globalThis.Worker = PlatformWorker;
  }
});

Deno.test("without workers the thread that reads does the work", async () => {
  ok(await startedWith(undefined) instanceof InlineJobs);
  const refusing = class {
    constructor() {
      throw new DOMException("not by these rules", "SecurityError");
    }
  };
  ok(await startedWith(refusing) instanceof InlineJobs);
});

Deno.test("workers whose code is not let in leave the work to the thread that reads", async () => {
  const blocked = class {
    onerror?: (event: { message: string; preventDefault(): void }) => void;
    constructor() {
      setTimeout(() => this.onerror!({ message: "blocked", preventDefault() {} }), 0);
    }
    terminate(): void {}
  };
  globalThis.Worker = blocked as unknown as typeof Worker;
  try {
    const bytes = generate(3, { families: ["dynamodb"], size: 60 }).file();
    await sameHoweverManyWork(bytes, [{ jobs: 2 }], { outputs: ["memory"] }, "blocked");
  } finally {
    globalThis.Worker = PlatformWorker;
  }
});

Deno.test("workers that are kept work again", async () => {
  let workers = 0;
  globalThis.Worker = class extends PlatformWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers++;
    }
  };
  try {
    await keepWorkers(2);
    for (const jobs of [2, 1, 2, 3]) await (await startJobs(jobs, kernels)).close();
    strictEqual(workers, 3);
  } finally {
    endWorkers();
    globalThis.Worker = PlatformWorker;
  }
});

Deno.test("little work has no workers unless they are asked for, and much has a few", () => {
  strictEqual(jobsFor([{ family: FAMILY["ddb-item"], live: 100 }]), 1);
  strictEqual(jobsFor([{ family: FAMILY["hash-field"], live: 1e9 }]), 1); // read beside nobody
  const many = jobsFor([{ family: FAMILY["ddb-item"], live: 1e9 }]);
  ok(many >= 1 && many <= 4 && many <= navigator.hardwareConcurrency);
});
