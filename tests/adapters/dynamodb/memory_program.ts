/**
 * Decodes a generated table into a sink that only counts, and prints how far the memory grew: what the
 * process took from the system, and, where the collector can be called, what was really in use.
 *
 *   deno run -A [--v8-flags=--expose-gc] memory_program.ts stream|moving COUNT
 *
 * @module
 */

import { decode } from "../../../src/commands/decode.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { DenoScratch } from "../../../src/sinks/deno_scratch.ts";
import { CountingSink } from "../../../src/sinks/counting_sink.ts";
import type { SinkFile } from "../../../src/tree/sink.ts";
import { GeneratedTable } from "./generated_table.ts";

const [table, rows] = Deno.args;
const count = Number(rows);

const TABLES: Record<string, () => WatchedTable> = {
  // Items of 300 bytes.
  stream: () =>
    new WatchedTable("t", { types: { id: "B" }, generation: 1 }, [
      { count, generation: 1, legacy: false, more: { v: { S: "x".repeat(212) } } },
    ]),
  // Old rows, of which every fifth has been moved.
  moving: () =>
    new WatchedTable("t", { types: { id: "B" }, generation: 2, from: 1 }, [
      { count, generation: 1, legacy: true, more: { v: { S: "old" } } },
      { count: count / 5, generation: 2, legacy: false, more: { v: { S: "new" } }, step: 5 },
    ]),
};

const { gc } = globalThis as { gc?: () => void };

/** Most that the process had. */
let taken = 0;
/** Most that was in use. */
let used = 0;
let looks = 0;

/** Called whenever something is read or written. */
function look(): void {
  taken = Math.max(taken, Deno.memoryUsage().rss);
  if (!gc || looks++ % 4 !== 0) return;
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  used = Math.max(used, heapUsed + external);
}

class WatchedSink extends CountingSink {
  override create(path: string): SinkFile | undefined {
    const file = super.create(path);
    return file && { ...file, write: look };
  }
}

class WatchedTable extends GeneratedTable {
  override read(offset: number, into: Uint8Array): number {
    look();
    return super.read(offset, into);
  }
}

const source = TABLES[table]();
const folder = Deno.makeTempDirSync();
const scratch = new DenoScratch(`${folder}/scratch`);
const before = Deno.memoryUsage().rss;
const snapshot = await openSnapshotInputs([{ source }], { scratch });
const report = await decode(snapshot, new WatchedSink(), {
  adapters: ["dynamodb"],
  dynamodbBundleMode: "jsonl",
  wallTime: "2026-01-01T00:00:00Z",
}, scratch);
scratch.close();
Deno.removeSync(folder, { recursive: true });
const [{ fates }] = report.accounts;
console.log(JSON.stringify({
  read: source.size,
  taken: taken - before,
  used,
  exit: report.exitCode,
  fates,
}));
