/**
 * What it costs to use a snapshot: bytes that are read of its file, and bytes of the rows that are given.
 * Blocks of a small file stay in the cache, so that what goes through its rows again and again shows only
 * in the second.
 *
 * @module
 */

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
  /** Bytes of the rows that were given, as they are stored. */
  given: number;
}

/** Counts the bytes of the rows that a snapshot gives from now on. */
function countGiven(snapshot: OpenSnapshot): () => number {
  let given = 0;
  const scan = snapshot.scan.bind(snapshot);
  snapshot.scan = async function* (range, options) {
    for await (const batch of scan(range, options)) {
      for (let i = 0; i < batch.count; i++) given += batch.lengths[i];
      yield batch;
    }
  };
  const read = snapshot.read.bind(snapshot);
  snapshot.read = (handle, options) => {
    given += handle.length;
    return read(handle, options);
  };
  const get = snapshot.get.bind(snapshot);
  snapshot.get = async (key, options) => {
    const row = await get(key, options);
    given += key.length + (row?.value.length ?? 0);
    return row;
  };
  return () => given;
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
  const given = countGiven(snapshot);
  const result = await use(snapshot);
  return { result, size: source.size, bytes: source.bytes, reads: source.reads, given: given() };
}

/**
 * Makes files of `n`, `2n` and `4n` things and checks that no more is read of any of them, and given of
 * their rows, than so many times the file.
 */
export async function checkGrowth(
  n: number,
  most: number,
  rowsOf: (n: number) => TestEntry[],
  use: (snapshot: OpenSnapshot) => Promise<unknown>,
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
