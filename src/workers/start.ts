/**
 * Starts workers from their code, which is a text: no file of it needs to be read, or be allowed.
 *
 * @module
 */

import { InlineJobs, type Jobs } from "../jobs/jobs.ts";
import { Member } from "../jobs/member.ts";
import type { FromWorker, WorkerPort } from "../jobs/messages.ts";
import { WorkerJobs } from "../jobs/worker_jobs.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { FamilyId } from "../keyspace/families.ts";
import type { Totals } from "../mvcc/survey.ts";

/** More workers are seldom worth their memory. */
const MOST_JOBS = 4;
/** Fewer rows are done before a worker is there. */
const MANY_ROWS = 20_000;

/** The families whose rows workers do, all in all: see `halves.ts`. */
const WORKED: ReadonlySet<FamilyId> = new Set([
  "ddb-item",
  "s3-object",
  "redis-string",
  "sqs-message",
]);

/** How many workers are worth while for what there is: as many as there are cores, but not many. */
export function jobsFor(totals: readonly Pick<Totals, "family" | "live">[]): number {
  const worked = totals.filter(({ family }) => WORKED.has(family.id));
  const rows = worked.reduce((sum, { live }) => sum + live, 0);
  return rows < MANY_ROWS ? 1 : Math.min(MOST_JOBS, navigator.hardwareConcurrency);
}

/** Workers that wait for work, where they are kept. */
let idle: Member[] = [];
let isKept = false;

/**
 * Whoever does the work: this thread alone, or so many workers beside it. Where there can be no workers,
 * as a page's rules may have it, this thread does it all the same.
 *
 * @param jobs 1: this thread alone.
 */
export async function startJobs(jobs: number, kernels: Kernels): Promise<Jobs> {
  if (jobs <= 1) return new InlineJobs(kernels);
  const fitting = idle.filter(({ isAlive, kernel }) => isAlive && kernel === kernels.name);
  const found = fitting.slice(0, jobs);
  idle = idle.filter((member) => !found.includes(member));
  const started = await startWorkers(jobs - found.length, kernels.name);
  const members = [...found, ...started];
  return members.length > 0 ? new WorkerJobs(members, kernels, release) : new InlineJobs(kernels);
}

/**
 * Starts workers before there is work for them, and keeps them from one work to the next, until
 * {@link endWorkers}.
 */
export async function keepWorkers(jobs: number, kernel: Kernels["name"] = "wasm"): Promise<void> {
  isKept = true;
  if (jobs > 1) idle.push(...await startWorkers(jobs, kernel));
}

/** Ends the workers that wait. */
export function endWorkers(): void {
  isKept = false;
  release(idle.splice(0));
}

function release(members: readonly Member[]): void {
  if (isKept) idle.push(...members);
  else for (const member of members) member.terminate();
}

/** Fewer, or none, where the platform refuses. */
async function startWorkers(count: number, kernel: Kernels["name"]): Promise<Member[]> {
  const members: Member[] = [];
  if (count === 0 || typeof Worker === "undefined") return members;
  address ??= await addressOfCode();
  try {
    while (members.length < count) members.push(new Member(startWorker(address), kernel));
  } catch {
    // A page's rules forbid it.
  }
  return members;
}

/** Where workers find their code. It is kept: nobody tells when a worker has it. */
let address: string | undefined;

async function addressOfCode(): Promise<string> {
  const { WORKER_CODE } = await import("./worker_code.ts");
  return URL.createObjectURL(new Blob([WORKER_CODE], { type: "text/javascript" }));
}

function startWorker(url: string): WorkerPort {
  const worker = new Worker(url, { type: "module" });
  const port: WorkerPort = {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: () => {},
    onDeath: () => {},
    terminate: () => worker.terminate(),
  };
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => port.onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault(); // it is an error of the work, and told as one
    port.onDeath(event.message);
  };
  worker.onmessageerror = () => port.onDeath("a message could not be read");
  return port;
}
