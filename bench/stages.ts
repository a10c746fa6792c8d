/**
 * One stage of the program alone, in a process of its own:
 *
 *     deno run -A bench/stages.ts STAGE KIND FILE
 *
 * What a stage needs is done before the clock runs. The result is a line of JSON on standard output.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { decodeRecords } from "../src/commands/decode_records.ts";
import type { DecodeOptions } from "../src/commands/decode_options.ts";
import { decode } from "../src/commands/decode.ts";
import type { DecodeReport } from "../src/commands/decode_report.ts";
import type { KeyRange } from "../src/mvcc/key_range.ts";
import { rowKey } from "../src/mvcc/row_batch.ts";
import { openSnapshotInputs, type Snapshot } from "../src/mvcc/snapshot.ts";
import { CountingSink } from "../src/sinks/counting_sink.ts";
import { DenoFileSource } from "../src/sources/deno_file.ts";
import { CountingSource } from "../tests/support/counting_source.ts";
import { Random } from "../tests/support/generator/mod.ts";
import { DATA_KEYS } from "../tests/support/sealed.ts";
import { isSealed, type Kind } from "./inputs.ts";

/** What a stage says of itself. */
export interface StageReport {
  seconds: number;
  cpu_seconds: number;
  rows: number;
  reads: number;
  bytes_read: number;
}

/** What stages work with. */
interface Given {
  source: CountingSource;
  kind: Kind;
}

/** Gives the number of rows. */
type Stage = () => Promise<number>;

const SEED = 1;
/** Keys that are asked for, evenly apart in the table; ranges go from one to the next. */
const KEYS = 10_000;
const ALL: KeyRange = { from: new Uint8Array(0) };
const WITHOUT_LIMIT: DecodeOptions = { dynamodbBundleMode: "per-item" };

const STAGES = {
  "open": (given) => () => openedRows(given, 1),
  "open two replicas": (given) => () => openedRows(given, 2),
  "scan": opened((snapshot) => scan(snapshot, ALL)),
  "get in order": withKeys((keys) => keys, get),
  "get anywhere": withKeys(shuffled, get),
  "ranges": withKeys((keys) => keys, scanRanges),
  "transcode": opened((snapshot) => lines(snapshot, {})),
  "transcode in TypeScript": opened((snapshot) => lines(snapshot, { kernel: "js" })),
  "write to nothing": opened((snapshot) => tree(snapshot)),
} satisfies Record<string, (given: Given) => Stage | Promise<Stage>>;

/** The name of a stage. */
export type StageName = keyof typeof STAGES;
/** All stages, in the order of the data. */
export const STAGE_NAMES = Object.keys(STAGES) as StageName[];

if (import.meta.main) {
  const [name, kind, path] = Deno.args as [StageName, Kind, string];
  const source = new CountingSource(new DenoFileSource(path));
  const stage = await STAGES[name]({ source, kind });
  source.reset();
  const before = cpuUsage();
  const started = performance.now();
  const rows = await stage();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = cpuUsage(before);
  const { reads, bytes } = source;
  const report: StageReport = {
    seconds,
    cpu_seconds: (user + system) / 1e6,
    rows,
    reads,
    bytes_read: bytes,
  };
  console.log(JSON.stringify(report));
}

function open({ source, kind }: Given, files = 1): Promise<Snapshot> {
  const inputs = Array.from({ length: files }, () => ({ source }));
  return openSnapshotInputs(inputs, { keys: isSealed(kind) ? DATA_KEYS : undefined });
}

async function openedRows(given: Given, files: number): Promise<number> {
  const { info } = await open(given, files);
  return info.totals.reduce((sum, { live }) => sum + live, 0);
}

function opened(action: (snapshot: Snapshot) => Promise<number>) {
  return async (given: Given): Promise<Stage> => {
    const snapshot = await open(given);
    return () => action(snapshot);
  };
}

function withKeys(
  order: (keys: Uint8Array[]) => Uint8Array[],
  action: (snapshot: Snapshot, keys: Uint8Array[]) => Promise<number>,
) {
  return async (given: Given): Promise<Stage> => {
    const snapshot = await open(given);
    const keys = order(await keysOf(snapshot));
    return () => action(snapshot, keys);
  };
}

async function scan(snapshot: Snapshot, range: KeyRange): Promise<number> {
  let rows = 0;
  for await (const batch of snapshot.scan(range)) rows += batch.count;
  return rows;
}

async function scanRanges(snapshot: Snapshot, keys: readonly Uint8Array[]): Promise<number> {
  let rows = 0;
  for (let i = 1; i < keys.length; i++) {
    rows += await scan(snapshot, { from: keys[i - 1], to: keys[i] });
  }
  return rows;
}

async function get(snapshot: Snapshot, keys: readonly Uint8Array[]): Promise<number> {
  let rows = 0;
  for (const key of keys) if (await snapshot.get(key)) rows++;
  return rows;
}

async function lines(snapshot: Snapshot, options: DecodeOptions): Promise<number> {
  return rowsOf(await decodeRecords(snapshot, { write: () => {} }, options));
}

async function tree(snapshot: Snapshot): Promise<number> {
  return rowsOf(await decode(snapshot, new CountingSink(), WITHOUT_LIMIT));
}

function rowsOf({ exitCode, balance }: DecodeReport): number {
  // 8: the files have no routes.
  if (exitCode !== 0 && exitCode !== 8) throw new Error(`ended with ${exitCode}`);
  return balance.live;
}

async function keysOf(snapshot: Snapshot): Promise<Uint8Array[]> {
  const rows = snapshot.info.totals.reduce((sum, { live }) => sum + live, 0);
  const distance = Math.ceil(rows / KEYS);
  const keys: Uint8Array[] = [];
  let seen = 0;
  for await (const batch of snapshot.scan(ALL)) {
    for (let i = 0; i < batch.count; i++) {
      if (seen++ % distance === 0) keys.push(rowKey(batch, i).slice());
    }
  }
  return keys;
}

function shuffled(keys: readonly Uint8Array[]): Uint8Array[] {
  const random = new Random(SEED);
  const shuffled = [...keys];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}
