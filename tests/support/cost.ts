/**
 * What it costs to use a snapshot: bytes that are read of its file, and bytes of the rows that are given.
 * Blocks of a small file stay in the cache, so that what goes through its rows again and again shows only
 * in the second.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { type OpenSnapshot, openSnapshot } from "../../src/commands/open_snapshot.ts";
import { Rows } from "../../src/mvcc/rows.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
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
  /** Bytes of the rows that were given, as they are stored. */
  given: number;
}

/** Uses a snapshot as commands do, or as programs do; both read the same file. */
export type Use<T> = (snapshot: Snapshot, library: OpenSnapshot) => Promise<T>;

/** Counts the bytes of the rows that are given while `use` runs. */
async function countGiven<T>(use: () => Promise<T>): Promise<{ result: T; given: number }> {
  let given = 0;
  const { scan, read, get } = Rows.prototype;
  Rows.prototype.scan = async function* (...args) {
    for await (const batch of scan.apply(this, args)) {
      for (let i = 0; i < batch.count; i++) given += batch.lengths[i];
      yield batch;
    }
  };
  Rows.prototype.read = function (handle, options) {
    given += handle.length;
    return read.call(this, handle, options);
  };
  Rows.prototype.get = async function (key, options) {
    const row = await get.call(this, key, options);
    given += key.length + (row?.value.length ?? 0);
    return row;
  };
  try {
    const result = await use();
    return { result, given };
  } finally {
    Object.assign(Rows.prototype, { scan, read, get });
  }
}

/** Opens rows as a file, uses it, and counts what is read meanwhile. */
export async function costOf<T>(rows: TestEntry[], use: Use<T>): Promise<Cost & { result: T }> {
  const source = new CountingSource(stream(rows));
  const snapshot = await openSnapshotInputs([{ source }]);
  const library = await openSnapshot(source);
  deepStrictEqual(library.problems, []);
  source.reset();
  const { result, given } = await countGiven(() => use(snapshot, library));
  return { result, size: source.size, bytes: source.bytes, reads: source.reads, given };
}

/**
 * Makes files of `n`, `2n` and `4n` things and checks that no more is read of any of them, and given of
 * their rows, than so many times the file.
 */
export async function checkGrowth(
  n: number,
  most: number,
  rowsOf: (n: number) => TestEntry[],
  use: Use<unknown>,
): Promise<void> {
  for (const count of [n, 2 * n, 4 * n]) {
    const { size, bytes, given } = await costOf(rowsOf(count), use);
    const [read, rows] = [bytes / size, given / size];
    const what = `${count} things: ${read.toFixed(2)} times the file, its rows ${
      rows.toFixed(2)
    } times`;
    ok(read <= most && rows <= most, `${what}, not ${most}`);
  }
}
