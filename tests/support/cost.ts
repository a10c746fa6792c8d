/** What it costs to use a snapshot, in bytes that are read. @module */

import { deepStrictEqual, ok } from "node:assert/strict";
import { type OpenSnapshot, openSnapshot } from "../../src/commands/open_snapshot.ts";
import { CountingSource } from "./counting_source.ts";
import { stream, type TestEntry } from "./stream.ts";

/** What a use of a snapshot has read. */
export interface Cost {
  /** Bytes of the whole file. */
  size: number;
  /** Bytes that were read after opening. */
  bytes: number;
  /** Reads. */
  reads: number;
}

/** Opens rows as a file, uses it, and counts what is read meanwhile. */
export async function costOf<T>(
  rows: TestEntry[],
  use: (snapshot: OpenSnapshot) => Promise<T>,
): Promise<Cost & { result: T }> {
  const source = new CountingSource(stream(rows));
  const snapshot = await openSnapshot(source);
  deepStrictEqual(snapshot.info.problems, []);
  source.reset();
  const result = await use(snapshot);
  return { result, size: source.size, bytes: source.bytes, reads: source.reads };
}

/**
 * Makes files of `n`, `2n` and `4n` things and checks that no more is read of any of them than so many
 * times the file.
 */
export async function checkGrowth(
  n: number,
  most: number,
  rowsOf: (n: number) => TestEntry[],
  use: (snapshot: OpenSnapshot) => Promise<unknown>,
): Promise<void> {
  for (const count of [n, 2 * n, 4 * n]) {
    const { size, bytes } = await costOf(rowsOf(count), use);
    const times = bytes / size;
    ok(times <= most, `${count} things: ${times.toFixed(2)} times the file, not ${most}`);
  }
}
