/** Several tables as one. @module */

import { EntryMerge } from "./entry_merge.ts";
import type { EntryPlace, EntryTable, Origin, ReadOptions, StoredRange } from "./entry_table.ts";

/** What the tables of one walk read at once, all together. */
const SHARED_BUFFER = 4 << 20;
/** One that reads less at once costs more calls than it saves memory. */
const LEAST_BUFFER = 4 << 10;

/** Tables merged by stored key; where several have the same key, one's entry counts. */
export class MergedTable implements EntryTable {
  readonly origins: readonly Origin[];
  readonly #tables: readonly EntryTable[];
  readonly #order: readonly number[];

  /**
   * The origins of the tables, one table's behind the other's, are those of this one.
   *
   * @param order Indexes of all tables: the first one's entry counts. As the tables are given, unless given.
   */
  constructor(tables: readonly EntryTable[], order: readonly number[] = [...tables.keys()]) {
    this.#tables = tables;
    this.#order = order;
    this.origins = tables.flatMap(({ origins }) => origins);
  }

  walk(range: StoredRange, options: ReadOptions = {}): EntryMerge {
    const share = sharedBuffer(this.#tables.length);
    const buffer = options.buffer === undefined ? share : Math.min(options.buffer, share);
    let firstInput = options.firstInput ?? 0;
    const streams = this.#tables.map((table) => {
      const stream = table.walk(range, { ...options, buffer, firstInput });
      firstInput += table.origins.length;
      return stream;
    });
    return new EntryMerge(this.#order.map((i) => streams[i]));
  }

  readFrame(place: EntryPlace): Promise<Uint8Array> {
    let { input } = place;
    for (const table of this.#tables) {
      if (input < table.origins.length) return table.readFrame({ ...place, input });
      input -= table.origins.length;
    }
    throw new RangeError(`there is no input ${place.input}`);
  }
}

/** Bytes that each of some streams which are merged may read at once. */
export function sharedBuffer(streams: number): number {
  return Math.max(LEAST_BUFFER, Math.floor(SHARED_BUFFER / streams));
}
