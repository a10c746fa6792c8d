/**
 * Which files are of one group, where neither routes nor a folder's name say so.
 *
 * A version is one key at one time of one cluster's clock: two files that have one in common are of one
 * group. Two files that have a key and no version in common are of no one history, as a key lies in one
 * group. Files that share nothing may be of anything.
 *
 * @module
 */

import { FileSets } from "./file_sets.ts";
import { NotedVersion } from "./noted_version.ts";

/** Two files that have a key in common. */
export interface Acquaintance {
  readonly a: number;
  readonly b: number;
  /** A version of the key. */
  readonly version: NotedVersion;
}

/** What files have in common. At most two notes a file are kept, whatever the number of pairs. */
export class Kinship {
  /** Files that have a key in common, be it through others. */
  readonly related: FileSets;
  /** Files that have a version in common, be it through others. */
  readonly #kin: FileSets;
  /** Files that have made two sets of kin one. */
  readonly #pairs: [number, number][] = [];
  /** Files that have a key in common which tells whose they are, be it through others. */
  readonly #acquainted: FileSets;
  /** Files that have made two of those sets one. */
  readonly #acquaintances: Acquaintance[] = [];

  /** @param groups The group of each file, as far as it is known before all of them are read. */
  constructor(groups: readonly (bigint | undefined)[]) {
    this.related = new FileSets(groups);
    this.#kin = new FileSets(groups.map(() => undefined));
    this.#acquainted = new FileSets(groups);
  }

  /** Takes that two files have a version in common. */
  shareVersion(a: number, b: number): void {
    if (!this.#kin.mayJoin(a, b)) return;
    this.#kin.join(a, b);
    this.#pairs.push([a, b]);
  }

  /** Whether two files have a version in common, be it through others. */
  isShared(a: number, b: number): boolean {
    return this.#kin.of[a] === this.#kin.of[b];
  }

  /** Takes that two files have a key in common, of which this is a version. */
  shareKey(a: number, b: number, version: NotedVersion): void {
    if (!this.#acquainted.mayJoin(a, b)) return;
    this.#acquainted.join(a, b);
    const noted = new NotedVersion();
    noted.raise(version);
    this.#acquaintances.push({ a, b, version: noted });
  }

  /**
   * The files of each group, now that more is known of them.
   *
   * @param groups The group of each file, where it is known. Rows may have stayed behind when routes
   *   changed: two groups that are known stay two.
   * @returns Also two files that have a key, and no version in common, if there are any.
   */
  settle(
    groups: readonly (bigint | undefined)[],
  ): { kin: FileSets; strangers: Acquaintance | undefined } {
    const kin = new FileSets(groups);
    for (const [a, b] of this.#pairs) if (kin.mayJoin(a, b)) kin.join(a, b);
    return { kin, strangers: this.#acquaintances.find(({ a, b }) => kin.mayJoin(a, b)) };
  }
}
