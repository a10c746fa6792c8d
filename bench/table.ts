/**
 * The table alone: opening it, walking over all of it, asking for single keys and for ranges. Nothing
 * is decoded and nothing written.
 *
 *     deno task bench [--size MIB] [--runs N] [KIND…] > bench/results/table.json
 *
 * @module
 */

import type { KeyRange } from "../src/mvcc/key_range.ts";
import { rowKey } from "../src/mvcc/row_batch.ts";
import { openSnapshotInputs, type Snapshot } from "../src/mvcc/snapshot.ts";
import { DenoFileSource } from "../src/sources/deno_file.ts";
import { CountingSource } from "../tests/support/counting_source.ts";
import { generateLarge, type LargeKind, Random } from "../tests/support/generator/mod.ts";

const SEED = 1;
/** Keys that are asked for, evenly apart in the table; ranges go from one to the next. */
const KEYS = 10_000;
const ALL: KeyRange = { from: new Uint8Array(0) };
const ALL_KINDS: LargeKind[] = [
  "items",
  "small-objects",
  "huge-objects",
  "huge-list",
  "huge-hash",
  "huge-queue",
  "ttls",
];

interface Result {
  kind: LargeKind;
  case: string;
  /** How often the table was asked. */
  questions: number;
  /** Rows that it gave. */
  rows: number;
  /** The shortest of all runs. */
  seconds: number;
  /** Reads of the file, and their bytes. */
  reads: number;
  bytes_read: number;
}

const args = [...Deno.args];
const size = numberOf("--size", 256) * 2 ** 20;
const runs = numberOf("--runs", 3);
const kinds = args.length > 0 ? args as LargeKind[] : ALL_KINDS;

const folder = await Deno.makeTempDir({ prefix: "decant-table-" });
const results: Result[] = [];
for (const kind of kinds) await measureKind(kind, `${folder}/${kind}.fsm`);
Deno.removeSync(folder, { recursive: true });
console.log(JSON.stringify(
  {
    format_version: 1,
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    machine: `${navigator.hardwareConcurrency} cores, ${Deno.build.target}`,
    seed: SEED,
    results,
  },
  null,
  2,
));

async function measureKind(kind: LargeKind, path: string): Promise<void> {
  write(path, kind);
  const source = new CountingSource(new DenoFileSource(path));
  const open = (files: number): Promise<Snapshot> =>
    openSnapshotInputs(Array.from({ length: files }, () => ({ source })));
  const measure = (name: string, questions: number, run: () => Promise<number>): Promise<void> =>
    measureCase(kind, name, source, questions, run);
  await measure("open", 1, async () => rowsIn(await open(1)));
  await measure("open two replicas", 1, async () => rowsIn(await open(2)));
  const snapshot = await open(1);
  await measure("scan", 1, () => scan(snapshot, ALL));
  const keys = await keysOf(snapshot);
  await measure("get in order", keys.length, () => get(snapshot, keys));
  const shuffled = shuffle(keys);
  await measure("get anywhere", keys.length, () => get(snapshot, shuffled));
  await measure("ranges", keys.length - 1, () => scanRanges(snapshot, keys));
  source.close();
  Deno.removeSync(path);
}

/** Runs a case some times; what is read is counted in the last run. */
async function measureCase(
  kind: LargeKind,
  name: string,
  source: CountingSource,
  questions: number,
  run: () => Promise<number>,
): Promise<void> {
  let seconds = Infinity;
  let rows = 0;
  for (let i = 0; i < runs; i++) {
    source.reset();
    const started = performance.now();
    rows = await run();
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  const { reads, bytes } = source;
  const result = { kind, case: name, questions, rows, seconds: Number(seconds.toPrecision(3)) };
  results.push({ ...result, reads, bytes_read: bytes });
  console.error(JSON.stringify(results.at(-1)));
}

function rowsIn({ info }: Snapshot): number {
  return info.totals.reduce((sum, { live }) => sum + live, 0);
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

async function keysOf(snapshot: Snapshot): Promise<Uint8Array[]> {
  const distance = Math.ceil(rowsIn(snapshot) / KEYS);
  const keys: Uint8Array[] = [];
  let seen = 0;
  for await (const batch of snapshot.scan(ALL)) {
    for (let i = 0; i < batch.count; i++) {
      if (seen++ % distance === 0) keys.push(rowKey(batch, i).slice());
    }
  }
  return keys;
}

function shuffle(keys: readonly Uint8Array[]): Uint8Array[] {
  const random = new Random(SEED);
  const shuffled = [...keys];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}

function write(path: string, kind: LargeKind): void {
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  try {
    generateLarge(
      (block) => {
        for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
      },
      size,
      kind,
    );
  } finally {
    file.close();
  }
}

function numberOf(option: string, otherwise: number): number {
  const at = args.indexOf(option);
  return at < 0 ? otherwise : Number(args.splice(at, 2)[1]);
}
