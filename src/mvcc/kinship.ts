/**
 * Which files are of one group, where neither routes nor a folder's name say so.
 *
 * A version is one key at one time of one cluster's clock: two files that have one in common are of one
 * group. Two files that have a key and no version in common are of no one history, as a key lies in one
 * group. Files that share nothing may be of anything.
 *
 * @module
 */

import { startsWith } from "../bytes/compare.ts";
import { type Place, sideBySide } from "../container/side_by_side.ts";
import { FAMILY } from "../keyspace/families.ts";
import { isReplicated } from "./lineage.ts";
import { type FileMoment, momentText } from "./file_moments.ts";
import { OpenKeys } from "./open_keys.ts";
import { otherHistory } from "./refusals.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";

const CATALOG = FAMILY.dist.bytes;

/**
 * Numbers the groups of files: files of one number are of one group.
 *
 * @param groups The group of each file, where it is known.
 * @throws {UsageError} `another-history` when two files have a key and no version in common.
 */
export async function kinshipOf(
  moments: readonly FileMoment[],
  groups: readonly (bigint | undefined)[],
  signal?: AbortSignal,
): Promise<number[]> {
  const kin = groups.map((group, i) => group === undefined ? i : groups.indexOf(group));
  if (moments.length === 1 || !groups.includes(undefined)) return kin;
  const walk = new Walk(kin, groups);
  await sideBySide(moments.map(({ file }) => file.table), (places) => walk.visit(places), signal);
  const [a, b, key] = walk.strangers() ?? [];
  if (key) {
    throw otherHistory(
      `${momentText(moments[a!])} and ${momentText(moments[b!])} both have this key, and ` +
        "nothing in common",
      [moments[a!], moments[b!]],
      key,
    );
  }
  return kin;
}

class Walk {
  /** Groups are numbered by one of their files: by a known one, where there is any. */
  readonly #kin: number[];
  /** Whether the group that is numbered by a file is known. */
  readonly #isKnown: boolean[];
  readonly #keys = new OpenKeys();
  /** `i * n + j` → a key that both have. */
  readonly #shared = new Map<number, Uint8Array>();

  constructor(kin: number[], groups: readonly (bigint | undefined)[]) {
    this.#kin = kin;
    this.#isKnown = groups.map((group) => group !== undefined);
  }

  visit(places: readonly Place[]): void {
    const [{ table, batch: { bytes, ranges }, at }] = places;
    const start = ranges[at * 4];
    const end = ranges[at * 4 + 1];
    if (!isReplicated(bytes, start, end) || startsWith(bytes, CATALOG, start, end)) return;
    // One more than the number of the last table that has the key.
    const before = this.#keys.seek(bytes, start, end) - 1;
    if (before >= 0 && before !== table) this.#share(before, table, bytes, start, end);
    for (let i = 1; i < places.length; i++) this.#join(table, places[i].table);
    this.#keys.note(table + 1);
  }

  #share(a: number, b: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#mayJoin(this.#kin[a], this.#kin[b])) return;
    const pair = Math.min(a, b) * this.#kin.length + Math.max(a, b);
    if (this.#shared.has(pair)) return;
    this.#shared.set(pair, bytes.slice(start, end - TIMESTAMP_LENGTH));
  }

  #join(a: number, b: number): void {
    let to = this.#kin[a];
    let from = this.#kin[b];
    if (!this.#mayJoin(to, from)) return;
    if (this.#isKnown[from]) [to, from] = [from, to];
    for (let i = 0; i < this.#kin.length; i++) if (this.#kin[i] === from) this.#kin[i] = to;
  }

  /** Rows may have stayed behind when routes changed: two groups that are known stay two. */
  #mayJoin(one: number, other: number): boolean {
    return one !== other && !(this.#isKnown[one] && this.#isKnown[other]);
  }

  /** Two files that have a key and no version in common. */
  strangers(): [a: number, b: number, key: Uint8Array] | undefined {
    const n = this.#kin.length;
    for (const [pair, key] of this.#shared) {
      const a = Math.floor(pair / n);
      const b = pair % n;
      if (this.#mayJoin(this.#kin[a], this.#kin[b])) return [a, b, key];
    }
    return undefined;
  }
}
