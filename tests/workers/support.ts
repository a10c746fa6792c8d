/** The same snapshot decoded by other workers and other kernels. @module */

import { deepStrictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { DecantError, WorkerError } from "../../src/errors.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { readTree } from "../conformance/cases.ts";

/** What comes out of a decode, in a form that can be compared. */
export interface Result {
  report: Omit<DecodeReport, "problems"> & { problems: string[] };
  /** Path → contents, or how long they are where that is much. */
  files?: Map<string, Uint8Array>;
  lines?: Uint8Array;
}

/** Where a decode goes. */
export type Output = "folder" | "memory" | "records";

const WALL_TIME = "2026-01-01T00:00:00Z";

/** Decodes the bytes of a snapshot. */
export async function decodeTo(
  output: Output,
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result> {
  const source = new BytesSource(bytes, "test.fsm");
  const snapshot = await openSnapshotInputs([{ source }], { hash: true });
  const all = { wallTime: WALL_TIME, keepGoing: true, ...options };
  const scratch = new MemoryScratch(1 << 30);
  if (output === "records") {
    const parts: Uint8Array[] = [];
    const write = (lines: Uint8Array): void => void parts.push(lines.slice());
    const report = await decodeRecords(snapshot, { write }, all, scratch);
    const lines = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    return { report: comparable(report), lines };
  }
  if (output === "memory") {
    const sink = new MemorySink();
    const report = await decode(snapshot, sink, all, scratch);
    return { report: comparable(report), files: sorted(sink.files) };
  }
  const folder = await Deno.makeTempDir({ prefix: "decant-test-" });
  try {
    const report = await decode(snapshot, new DenoDirectorySink(folder), all, scratch);
    return { report: comparable(report), files: sorted(readTree(`${folder}/`)) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Decodes in one thread with plain kernels, and then in all other ways: all must give the same. */
export async function sameHoweverManyWork(
  bytes: Uint8Array,
  ways: readonly DecodeOptions[],
  { outputs = ["folder", "memory", "records"], ...options }: DecodeOptions & { outputs?: Output[] },
  what: string,
): Promise<void> {
  for (const output of outputs) {
    const alone = await outcomeOf(output, bytes, { ...options, jobs: 1, kernel: "js" });
    for (const way of ways) {
      const found = await outcomeOf(output, bytes, { ...options, ...way });
      deepStrictEqual(found, alone, `${what}: ${output}, ${JSON.stringify(way)}`);
    }
  }
}

/** The result, or the error that the snapshot ends with. */
async function outcomeOf(
  output: Output,
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<Result | string> {
  try {
    return await decodeTo(output, bytes, options);
  } catch (error) {
    if (!(error instanceof DecantError) || error instanceof WorkerError) throw error;
    return `${error.code}: ${error.message} ${error.offset} ${error.key}`;
  }
}

function comparable(report: DecodeReport): Result["report"] {
  const problems = report.problems.map(({ error, ...problem }) =>
    JSON.stringify([error.code, error.message, error.offset, [...error.key ?? []], problem])
  );
  return { ...report, problems };
}

function sorted(files: Map<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}
