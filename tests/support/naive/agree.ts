/** Compares the program with the naive decoder, on everything that both can say. @module */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DecantError } from "../../../src/errors.ts";
import type { KeyRange } from "../../../src/mvcc/key_range.ts";
import {
  type RowBatch,
  rowCommitTs,
  rowExpireAt,
  rowKey,
  rowValue,
} from "../../../src/mvcc/row_batch.ts";
import type { ScanOptions } from "../../../src/mvcc/rows.ts";
import { openSnapshotInputs, type Snapshot } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import type { Source } from "../../../src/sources/source.ts";
import { bytesOf, latin1, Refused } from "./parse.ts";
import { expiryOf, type NaiveRow, NaiveSnapshot, type NaiveTotals } from "./resolve.ts";

/** A file, whose it is, and how the program gets to its bytes. */
export interface Input {
  bytes: Uint8Array;
  group?: bigint;
  name?: string;
  source?: Source;
}

/** How the files are read. */
export interface AgreeOptions {
  at?: bigint;
  keys?: ReadonlyMap<number, Uint8Array>;
  /** Whether every key is asked for as well, and keys that do not exist. Default: yes. */
  gets?: boolean;
  /** Whether the program is told the groups. Default: yes. */
  named?: boolean;
}

/** All rows of a range, as the naive decoder has them. */
export async function scanned(
  snapshot: Snapshot,
  range: KeyRange = { from: new Uint8Array(0) },
  options?: ScanOptions,
): Promise<NaiveRow[]> {
  const rows: NaiveRow[] = [];
  for await (const batch of snapshot.scan(range, options)) {
    for (let i = 0; i < batch.count; i++) rows.push(rowOf(batch, i));
  }
  return rows;
}

function rowOf(batch: RowBatch, i: number): NaiveRow {
  return {
    key: latin1(rowKey(batch, i)),
    value: latin1(rowValue(batch, i)),
    ts: rowCommitTs(batch, i),
    expireAt: rowExpireAt(batch, i),
  };
}

/** Opens some files. */
export async function openInputs(
  inputs: readonly Input[],
  options: AgreeOptions = {},
): Promise<Snapshot> {
  return await openSnapshotInputs(
    inputs.map(({ bytes, group, name, source }) => ({
      source: source ?? new BytesSource(bytes, name ?? "test.fsm"),
      group: options.named ?? true ? group : undefined,
    })),
    { at: options.at, keys: options.keys },
  );
}

/**
 * Reads the files both ways and compares the rows, the counts, what is wrong, and every single key
 * with its history. Where the naive decoder refuses, the program must do so with the same code.
 *
 * @returns What the naive decoder says, or the code with which both refuse.
 */
export async function agree(
  inputs: readonly Input[],
  options: AgreeOptions = {},
): Promise<NaiveSnapshot | string> {
  let naive: NaiveSnapshot;
  let expected: NaiveRow[];
  try {
    naive = new NaiveSnapshot(inputs, options);
    expected = naive.live();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const thrown = await thrownBy(async () => {
      const snapshot = await openInputs(inputs, options);
      await scanned(snapshot);
    });
    strictEqual(thrown, error.code);
    return error.code;
  }
  const snapshot = await openInputs(inputs, options);
  const problems = snapshot.info.problems.map(({ code }) => code);
  deepStrictEqual(problems.toSorted(), naive.problems.toSorted());
  compareRows(await scanned(snapshot), expected);
  compareInfo(snapshot, naive);
  if (options.gets ?? true) await compareGets(snapshot, naive);
  snapshot.close();
  return naive;
}

/** The code of the error, or `undefined`; an error that is not the program's own goes on. */
export async function thrownBy(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof DecantError) return error.code;
    throw error;
  }
}

/** The first difference says more than two long lists. */
export function compareRows(actual: NaiveRow[], expected: NaiveRow[]): void {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const a = actual[i];
    const e = expected[i];
    if (
      a && e && a.key === e.key && a.value === e.value && a.ts === e.ts && a.expireAt === e.expireAt
    ) continue;
    deepStrictEqual(a, e, `row ${i} of ${expected.length}`);
  }
}

/** Compares what is known of the whole. */
export function compareInfo({ info }: Snapshot, naive: NaiveSnapshot): void {
  strictEqual(info.lastCommitTs, naive.last);
  strictEqual(info.copies, naive.copies);
  strictEqual(info.systemRows, naive.systemRows);
  deepStrictEqual(info.readable, { from: naive.from, to: naive.last });
  deepStrictEqual(info.transactions, naive.transactions);
  const totals = new Map<string, NaiveTotals>();
  for (
    const {
      family,
      scope,
      late: _late,
      examples: _examples,
      generations: _generations,
      collections = 0,
      ...counts
    } of info.totals
  ) {
    const name = `${family.prefix} ${scope ? latin1(scope) : ""}`;
    ok(!totals.has(name), `${name} twice`);
    totals.set(name, { ...counts, collections });
  }
  deepStrictEqual(sorted(totals), sorted(naive.totals()));
}

function sorted<T>(map: Map<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

async function compareGets(snapshot: Snapshot, naive: NaiveSnapshot): Promise<void> {
  for (const [i, key] of naive.keys.entries()) {
    await compareGet(snapshot, key, naive);
    const other = [key + "\0", key.slice(0, -1), key + "\xff"][i % 3];
    if (!naive.versions.has(other)) await compareGet(snapshot, other, naive);
    if (i % 2 === 0) await compareHistory(snapshot, key, naive);
  }
}

async function compareHistory(
  snapshot: Snapshot,
  key: string,
  naive: NaiveSnapshot,
): Promise<void> {
  let expected: unknown[];
  try {
    expected = naive.versions.get(key)!.map((version) => {
      const isTombstone = !version.defect && (version.value[0] & 1) === 1;
      const value = isTombstone ? undefined : naive.open(version);
      return [version.ts, expiryOf(version), value];
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    strictEqual(await thrownBy(() => Array.fromAsync(snapshot.history(bytesOf(key)))), error.code);
    return;
  }
  const history = await Array.fromAsync(snapshot.history(bytesOf(key)));
  deepStrictEqual(
    history.map(({ commitTs, expireAt, value }) => [commitTs, expireAt, value && latin1(value)]),
    expected,
    `history of ${JSON.stringify(key)}`,
  );
}

async function compareGet(snapshot: Snapshot, key: string, naive: NaiveSnapshot): Promise<void> {
  let expected: NaiveRow | undefined;
  try {
    expected = naive.get(key);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    strictEqual(await thrownBy(() => snapshot.get(bytesOf(key))), error.code);
    return;
  }
  const row = await snapshot.get(bytesOf(key));
  const actual = row && {
    key: latin1(row.key),
    value: latin1(row.value),
    ts: row.commitTs,
    expireAt: row.expireAt,
  };
  deepStrictEqual(actual, expected, `get ${JSON.stringify(key)}`);
}
