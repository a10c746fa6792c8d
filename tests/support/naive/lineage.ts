/**
 * Whether one state goes on from another, by definition, over maps: nothing here is clever.
 *
 * @module
 */

import type { TestEntry } from "../stream.ts";

/** A file's versions, and up to when compaction has removed some; absent: nobody knows. */
export interface NaiveState {
  entries: readonly TestEntry[];
  floor?: bigint;
}

/** The keys of versions that the later state should have and does not; empty: it may go on from it. */
export function straysOf(later: NaiveState, earlier: NaiveState): string[] {
  const floor = later.floor ?? 0xffff_ffff_ffff_ffffn;
  const strays: string[] = [];
  for (const { key, ts } of earlier.entries) {
    const there = later.entries.filter((entry) => entry.key === key).map((entry) => entry.ts!);
    if (there.includes(ts!)) continue;
    const isHidden = there.some((time) => time > ts! && time <= floor);
    const isRevealing = there.some((time) => time < ts!);
    if (ts! > floor || (!isHidden && isRevealing)) strays.push(key as string);
  }
  return strays;
}

/** Whether two states are not one: a client sees other rows, or the earlier one lacks what it should have. */
export function isBehind(later: NaiveState, earlier: NaiveState): boolean {
  return straysOf(earlier, later).length > 0 || liveRows(later) !== liveRows(earlier);
}

/** The newest version of each key, if it is a value. */
export function liveRows({ entries }: NaiveState): string {
  const newest = entries.filter(({ key, ts }) =>
    !entries.some((other) => other.key === key && other.ts! > ts!)
  );
  return newest.flatMap(({ key, ts, value }) => value === undefined ? [] : [`${key} ${ts}`])
    .sort().join("\n");
}

/** The states that have a key in common with one of them, or with one that does, and so on. */
export function relatedTo(one: NaiveState, states: readonly NaiveState[]): NaiveState[] {
  const keys = new Set(one.entries.map(({ key }) => key));
  for (let size = -1; size < keys.size;) {
    size = keys.size;
    for (const { entries } of states) {
      if (entries.some(({ key }) => keys.has(key))) {
        for (const { key } of entries) keys.add(key);
      }
    }
  }
  return states.filter(({ entries }) => entries.some(({ key }) => keys.has(key)));
}
