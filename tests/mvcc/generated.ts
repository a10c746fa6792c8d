/** What generated snapshots are compared with: the naive decoder, and what the generator knows. @module */

import { ok } from "node:assert/strict";
import {
  generate,
  type GeneratedSnapshot,
  type GeneratorOptions,
  type LiveRow,
  Random,
} from "../support/generator/mod.ts";
import { agree, compareRows } from "../support/naive/agree.ts";
import { latin1 } from "../support/naive/parse.ts";
import type { NaiveRow, NaiveSnapshot } from "../support/naive/resolve.ts";

/** Families of rows in each. */
export const SIZE = 6;

/** Some seeds have transactions, some are encrypted. */
export function optionsOf(seed: number): GeneratorOptions {
  return { size: SIZE, transactions: seed % 3, encrypted: seed % 5 === 0 };
}

/** The rows of a snapshot that must not be refused. */
export function rowsOf(naive: NaiveSnapshot | string): NaiveRow[] {
  ok(typeof naive !== "string", `refused: ${naive}`);
  return naive.live();
}

/** Rows of the generator, as the naive decoder has them. */
export function naiveRows(rows: readonly LiveRow[]): NaiveRow[] {
  return rows.map((row) => ({ ...row, key: latin1(row.key), value: latin1(row.value) }));
}

/** One file, at its end and at an earlier moment. */
export async function agreeOnFile(seed: number): Promise<void> {
  const snapshot = generate(seed, optionsOf(seed));
  const input = { bytes: snapshot.file(), group: 1n };
  const keys = snapshot.encryption?.keys;
  const newest = rowsOf(await agree([input], { keys, gets: seed % 2 === 0 }));
  compareRows(newest, naiveRows(snapshot.live()));

  const at = new Random(seed).pick(snapshot.moments);
  if (at === undefined) return;
  const earlier = rowsOf(await agree([input], { keys, at, gets: seed % 2 === 1 }));
  compareRows(earlier, naiveRows(snapshot.live(at)));
}

/** A cluster of two or three groups, with transactions between them. */
export function generatedGroups(seed: number, leftOvers = true): GeneratedSnapshot {
  return generate(seed, {
    size: SIZE,
    groups: 2 + seed % 2,
    leftOvers,
    transactions: 6,
    encrypted: seed % 5 === 0,
  });
}

/** The files of a cluster, of which those of one group may be compacted otherwise. */
export async function agreeOnGroups(seed: number): Promise<void> {
  const snapshot = generatedGroups(seed);
  const random = new Random(seed);
  const keys = snapshot.encryption?.keys;
  const compactedTo = random.pick([0n, random.pick(snapshot.moments) ?? 0n]);
  const files = snapshot.groupFiles(compactedTo);
  // Without being told, the program finds the groups by the keys; a file with few may leave it open.
  const newest = await agree(files, { keys, gets: seed % 4 === 0 });
  ok(typeof newest !== "string", `refused: ${newest}`);
  compareRows(newest.live(), naiveRows(snapshot.live()));

  const at = random.pick(snapshot.moments.filter((ts) => ts >= compactedTo));
  if (at === undefined) return;
  const earlier = await agree(files, { keys, at, gets: seed % 4 === 2 });
  ok(typeof earlier !== "string", `refused: ${earlier}`);
  compareRows(earlier.live(), naiveRows(snapshot.live(at)));
}
