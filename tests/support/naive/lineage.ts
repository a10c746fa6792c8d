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

/** Whether the two are not one state: one has what the other should have, if it were the same. */
export function isBehind(later: NaiveState, earlier: NaiveState): boolean {
  const { floor: a = 0xffff_ffff_ffff_ffffn } = later;
  const { floor: b = 0xffff_ffff_ffff_ffffn } = earlier;
  return hasMore(later, earlier, a > b ? a : b) ||
    hasMore(earlier, later, 0xffff_ffff_ffff_ffffn);
}

/** Whether one state has a version above a time that the other lacks, or a value that nothing hides there. */
function hasMore(one: NaiveState, other: NaiveState, floor: bigint): boolean {
  return one.entries.some(({ key, ts, value }) => {
    const there = other.entries.filter((entry) => entry.key === key).map((entry) => entry.ts!);
    if (there.includes(ts!)) return false;
    const newer = [...there, ...one.entries.filter((e) => e.key === key).map((e) => e.ts!)];
    return ts! > floor || (value !== undefined && !newer.some((time) => time > ts!));
  });
}
