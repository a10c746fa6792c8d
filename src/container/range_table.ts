/** A part of a table of entries. @module */

import { compareBytes } from "../bytes/compare.ts";
import { type EntryBatch, type EntryStream, firstAtOrAbove } from "./entry_batch.ts";
import type { EntryPlace, EntryTable, Origin, ReadOptions, StoredRange } from "./entry_table.ts";

/** The entries of a table in one range, and no others. */
export class RangeTable implements EntryTable {
  readonly origins: readonly Origin[];
  readonly #table: EntryTable;
  readonly #range: StoredRange;

  /** Over a table that is left as it is. */
  constructor(table: EntryTable, range: StoredRange) {
    this.origins = table.origins;
    this.#table = table;
    this.#range = range;
  }

  walk(range: StoredRange, options?: ReadOptions): EntryStream {
    const { from, to } = this.#range;
    const both = {
      from: compareBytes(from, range.from) > 0 ? from : range.from,
      to: range.to && (!to || compareBytes(range.to, to) < 0) ? range.to : to,
    };
    return new CutStream(this.#table.walk(both, options), this.#range);
  }

  readFrame(place: EntryPlace): Promise<Uint8Array> {
    return this.#table.readFrame(place);
  }
}

/** A stream without the entries outside of a range. */
class CutStream implements EntryStream {
  readonly #stream: EntryStream;
  readonly #range: StoredRange;

  constructor(stream: EntryStream, range: StoredRange) {
    this.#stream = stream;
    this.#range = range;
  }

  async next(): Promise<EntryBatch | undefined> {
    const { from, to } = this.#range;
    for (let batch = await this.#stream.next(); batch; batch = await this.#stream.next()) {
      const start = firstAtOrAbove(batch, from);
      const end = to ? firstAtOrAbove(batch, to, start) : batch.count;
      if (start < end) return part(batch, start, end);
      if (end < batch.count) return undefined;
    }
    return undefined;
  }

  skip(below: Uint8Array): void {
    this.#stream.skip(below);
  }
}

/** The entries `[start, end)` of a batch, in the same buffer. */
function part(batch: EntryBatch, start: number, end: number): EntryBatch {
  return {
    bytes: batch.bytes,
    count: end - start,
    ranges: batch.ranges.subarray(start * 4, end * 4),
    positions: batch.positions.subarray(start, end),
    inputs: batch.inputs.subarray(start, end),
  };
}
