/** Several tables of entries read side by side, without merging them. @module */

import { compareEntries, type EntryBatch, type EntryStream, nextBatch } from "./entry_batch.ts";
import type { EntryTable } from "./entry_table.ts";
import { sharedBuffer } from "./merged_table.ts";

/** An entry of one of the tables. */
export interface Place {
  /** Number of the table. */
  readonly table: number;
  /** Where the entry is, valid during the visit. */
  batch: EntryBatch;
  /** Which one of the batch it is. */
  at: number;
}

const NOTHING = new Uint8Array(0);

/**
 * Visits each stored key that any of the tables has, ascending, with the entries of all that have it,
 * by their numbers. The array is used again for the next visit.
 *
 * @param signal Stops the walk.
 */
export async function sideBySide(
  tables: readonly EntryTable[],
  visit: (places: readonly Place[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  await new Walk(tables, visit, signal).run();
}

class Walk {
  readonly #visit: (places: readonly Place[]) => void;
  readonly #streams: EntryStream[];
  readonly #signal: AbortSignal | undefined;
  /** A binary heap: the least key, and of one key the first table, on top. */
  readonly #heap: Place[] = [];
  /** Places whose batch is used up. */
  #empty: Place[] = [];

  constructor(
    tables: readonly EntryTable[],
    visit: (places: readonly Place[]) => void,
    signal: AbortSignal | undefined,
  ) {
    const buffer = sharedBuffer(tables.length);
    this.#visit = visit;
    this.#streams = tables.map((table) => table.walk({ from: NOTHING }, { buffer }));
    this.#signal = signal;
  }

  async run(): Promise<void> {
    for (const [table, stream] of this.#streams.entries()) {
      const batch = await nextBatch(stream, this.#signal);
      if (batch) push(this.#heap, { table, batch, at: 0 });
    }
    while (this.#heap.length > 0) {
      this.#visitKeys();
      await this.#refill();
    }
  }

  /** Visits keys until a batch is used up. */
  #visitKeys(): void {
    const least: Place[] = [];
    while (this.#empty.length === 0) {
      least.length = 0;
      do least.push(pop(this.#heap)); while (
        this.#heap.length > 0 && compareKeys(this.#heap[0], least[0]) === 0
      );
      this.#visit(least);
      for (const place of least) {
        if (++place.at < place.batch.count) push(this.#heap, place);
        else this.#empty.push(place);
      }
    }
  }

  async #refill(): Promise<void> {
    const empty = this.#empty;
    this.#empty = [];
    for (const place of empty) {
      const batch = await nextBatch(this.#streams[place.table], this.#signal);
      if (!batch) continue;
      place.batch = batch;
      place.at = 0;
      push(this.#heap, place);
    }
  }
}

function push(heap: Place[], place: Place): void {
  let i = heap.push(place) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(place, heap[parent])) break;
    heap[i] = heap[parent];
    i = parent;
  }
  heap[i] = place;
}

/** Takes the top of a heap that is not empty. */
function pop(heap: Place[]): Place {
  const [top] = heap;
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  let i = 0;
  for (let child = 1; child < heap.length; child = 2 * i + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], last)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}

function isBefore(a: Place, b: Place): boolean {
  return (compareKeys(a, b) || a.table - b.table) < 0;
}

function compareKeys(a: Place, b: Place): number {
  return compareEntries(a.batch, a.at, b.batch, b.at);
}
