/** What was decided about the names of some objects: sorted by their keys, in scratch space. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { type ObjectKey, objectKey } from "../../keyspace/s3_keys.ts";
import type { Scratch } from "../../sources/scratch.ts";
import type { MaybePromise } from "../../sources/source.ts";
import { type SortedRecord, type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";

/** The name is the key with a suffix, or the escaped one. */
export type Decision = "suffixed" | "escaped";

const DECISIONS: readonly Decision[] = ["suffixed", "escaped"];

/** Decisions are added in any order, and then asked for in the order of the objects' rows. */
export class NameDecisions {
  readonly #sorter: SpillSorter;
  #records!: SortedRecords;
  #next: SortedRecord | undefined;

  /** Nothing is decided yet. */
  constructor(scratch: Scratch) {
    this.#sorter = new SpillSorter(scratch);
  }

  /** Notes a decision. */
  async add(object: ObjectKey, decision: Decision): Promise<void> {
    await this.#sorter.add(objectKey(object), Uint8Array.of(DECISIONS.indexOf(decision)));
  }

  /** Stands before the first object. This can be done again. */
  async begin(): Promise<void> {
    this.#records = await this.#sorter.sorted();
    this.#next = await this.#records.next();
  }

  /** What was decided about an object, if anything was. */
  of(object: ObjectKey): MaybePromise<Decision | undefined> {
    return this.#next && this.#find(objectKey(object));
  }

  async #find(key: Uint8Array): Promise<Decision | undefined> {
    for (; this.#next; this.#next = await this.#records.next()) {
      const order = compareBytes(this.#next.key, key);
      if (order === 0) return DECISIONS[this.#next.value[0]];
      if (order > 0) break;
    }
    return undefined;
  }

  /** Lets go of what was noted. */
  close(): void {
    this.#sorter.close();
  }
}
