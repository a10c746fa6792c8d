/**
 * What elastickv's own encoder would refuse, or would make something else of. One such file is enough
 * that it makes no snapshot of a tree at all. So where a dump is to be restored, they are put apart, with
 * the same path below one folder:
 *
 * ```text
 * s3/photos/…                 _unrestorable/s3/photos/…
 * ```
 *
 * Which they are, the adapters know. Here they are counted, asked for or not.
 *
 * @module
 */

import type { AdapterName } from "../keyspace/families.ts";

/** Where they are put. The encoder looks into the folders of adapters and nowhere else. */
export const UNRESTORABLE_FOLDER = "_unrestorable/";

/** Counts what cannot be restored, and says where it goes. */
export class Unrestorable {
  /** Whether it is put apart. */
  readonly apart: boolean;
  readonly #counts = new Map<AdapterName, Map<string, number>>();

  /** Nothing is counted yet. */
  constructor(apart: boolean) {
    this.apart = apart;
  }

  /**
   * What stands before the path of something: a table, an item, a key, a bucket, an object, a queue or a
   * message.
   *
   * @param why A stable name of the reason why it cannot be restored; `undefined` if it can.
   */
  rootOf(why: string | undefined): string {
    return this.apart && why !== undefined ? UNRESTORABLE_FOLDER : "";
  }

  /** Counts what is written, unless it can be restored. Returns what stands before its path. */
  count(adapter: AdapterName, why: string | undefined, count = 1): string {
    if (why === undefined || count === 0) return "";
    let counts = this.#counts.get(adapter);
    if (!counts) this.#counts.set(adapter, counts = new Map());
    counts.set(why, (counts.get(why) ?? 0) + count);
    return this.rootOf(why);
  }

  /** What was counted for an adapter, by reasons in the order of their names. */
  countsOf(adapter: AdapterName): [why: string, count: number][] {
    return [...this.#counts.get(adapter) ?? []].sort(([a], [b]) => a < b ? -1 : 1);
  }
}
