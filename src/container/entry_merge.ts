/** Several entry streams as one, in strictly ascending stored order. @module */

import {
  BATCH_ENTRIES,
  compareEntries,
  type EntryBatch,
  type EntryStream,
  firstAtOrAbove,
} from "./entry_batch.ts";

const BUFFER_LENGTH = 2 << 20;
/** What an entry takes on average at the least: as many are provided for. */
const ENTRY_LENGTH = 16;

/** A stream and the entry that is next in it. */
interface Cursor {
  stream: EntryStream;
  /** Its place among the streams. */
  order: number;
  batch: EntryBatch;
  at: number;
}

/**
 * Merges streams. The same stored key is one version, whichever stream it came from: the first
 * stream's is taken and `onCopy` is told of the others.
 *
 * Entries are copied into a buffer of the merge, a run of one stream's at a time. When just one stream
 * is left, its own batches are handed on.
 */
export class EntryMerge implements EntryStream, EntryBatch {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  ranges: Uint32Array = new Uint32Array(0);
  positions: Float64Array = new Float64Array(0);
  inputs: Uint16Array = new Uint16Array(0);

  /** Called with an entry that is taken, and one of the same stored key that is not. */
  onCopy?: (kept: EntryBatch, k: number, copy: EntryBatch, c: number) => void;
  readonly #streams: readonly EntryStream[];
  readonly #most: number;
  #bufferLength = 0;
  #length = 0;
  /** A binary heap of the streams that have an entry, the least key and then the first stream on top. */
  #heap: Cursor[] | undefined;
  /** Entries below it are no longer wanted. */
  #from: Uint8Array | undefined;
  /** Whether the stream on top may have the entry again that was taken last. */
  #repeats = false;

  /** @param buffer Bytes of a batch, where fewer than 2 MiB do. */
  constructor(streams: readonly EntryStream[], buffer: number = BUFFER_LENGTH) {
    this.#streams = streams;
    this.#most = Math.min(BUFFER_LENGTH, buffer);
  }

  skip(below: Uint8Array): void {
    this.#from = below;
    for (const stream of this.#streams) stream.skip(below);
  }

  /** The next batch. */
  async next(): Promise<EntryBatch | undefined> {
    const heap = this.#heap ??= await this.#open();
    if (this.#from) await this.#leap(heap, this.#from);
    this.count = 0;
    this.#length = 0;
    for (;;) {
      const [top] = heap;
      if (!top) break;
      if (top.at === top.batch.count) await this.#refill(heap);
      else if (heap.length === 1 && top.at === 0 && this.count === 0) {
        top.at = top.batch.count;
        return top.batch;
      } else if (!this.#take(heap)) break;
    }
    return this.count > 0 ? this : undefined;
  }

  async #open(): Promise<Cursor[]> {
    const heap: Cursor[] = [];
    let held = 0;
    for (const [order, stream] of this.#streams.entries()) {
      const batch = await stream.next();
      if (!batch) continue;
      heap.push({ stream, order, batch, at: 0 });
      held += batch.bytes.length;
    }
    for (let i = heap.length >> 1; i >= 0; i--) sink(heap, i);
    this.#bufferLength = Math.min(this.#most, held);
    const capacity = Math.min(BATCH_ENTRIES, Math.ceil(this.#bufferLength / ENTRY_LENGTH));
    this.ranges = new Uint32Array(capacity * 4);
    this.positions = new Float64Array(capacity);
    this.inputs = new Uint16Array(capacity);
    return heap;
  }

  /** Leaves out what is not wanted of the batches that are there. */
  async #leap(heap: Cursor[], from: Uint8Array): Promise<void> {
    this.#from = undefined;
    const cursors = heap.splice(0);
    for (const cursor of cursors) {
      cursor.at = firstAtOrAbove(cursor.batch, from, cursor.at);
      if (cursor.at < cursor.batch.count || await hasMore(cursor)) heap.push(cursor);
    }
    for (let i = heap.length >> 1; i >= 0; i--) sink(heap, i);
  }

  /** The next batch of the stream on top, which is used up. */
  async #refill(heap: Cursor[]): Promise<void> {
    if (!await hasMore(heap[0])) {
      const last = heap.pop()!;
      if (heap.length > 0) heap[0] = last;
    }
    sink(heap, 0);
  }

  /** Copies entries until the stream on top is used up (true) or this batch is full (false). */
  #take(heap: Cursor[]): boolean {
    for (;;) {
      const [top] = heap;
      if (this.#repeats) {
        if (compareEntries(top.batch, top.at, this, this.count - 1) === 0) {
          this.onCopy?.(this, this.count - 1, top.batch, top.at);
          if (++top.at === top.batch.count) return true;
          sink(heap, 0);
          continue;
        }
        this.#repeats = false;
      }
      const next = least(heap);
      if (!this.#copy(top, next ? runEnd(top, next) : top.batch.count)) return false;
      this.#repeats = heap.length > 1;
      if (top.at === top.batch.count) return true;
      sink(heap, 0);
    }
  }

  /** Copies what fits of a cursor's entries up to an index; false if nothing does. */
  #copy(cursor: Cursor, end: number): boolean {
    const { batch, at } = cursor;
    const start = batch.ranges[at * 4];
    const first = batch.ranges[at * 4 + 3] - start;
    if (this.count === 0) this.#provide(first);
    const room = this.bytes.length - this.#length;
    if (this.count === this.positions.length || first > room) return false;
    let i = at;
    const delta = this.#length - start;
    for (; i < end && this.count < this.positions.length; i++) {
      const r = i * 4;
      if (batch.ranges[r + 3] - start > room) break;
      const to = this.count * 4;
      this.ranges[to] = batch.ranges[r] + delta;
      this.ranges[to + 1] = batch.ranges[r + 1] + delta;
      this.ranges[to + 2] = batch.ranges[r + 2] + delta;
      this.ranges[to + 3] = batch.ranges[r + 3] + delta;
      this.positions[this.count] = batch.positions[i];
      this.inputs[this.count++] = batch.inputs[i];
    }
    const behind = batch.ranges[i * 4 - 1];
    this.bytes.set(batch.bytes.subarray(start, behind), this.#length);
    this.#length += behind - start;
    cursor.at = i;
    return true;
  }

  /** A buffer for a batch that begins with an entry of so many bytes; the usual one if that does. */
  #provide(length: number): void {
    const wanted = Math.max(this.#bufferLength, length);
    if (this.bytes.length !== wanted) this.bytes = new Uint8Array(wanted);
  }
}

async function hasMore(cursor: Cursor): Promise<boolean> {
  const batch = await cursor.stream.next();
  if (!batch) return false;
  cursor.batch = batch;
  cursor.at = 0;
  return true;
}

/** Moves a cursor down to where it belongs. */
function sink(heap: Cursor[], i: number): void {
  for (;;) {
    let first = i;
    for (let child = 2 * i + 1; child <= 2 * i + 2 && child < heap.length; child++) {
      if (isBefore(heap[child], heap[first])) first = child;
    }
    if (first === i) return;
    [heap[i], heap[first]] = [heap[first], heap[i]];
    i = first;
  }
}

/** The cursor that is next after the one on top. */
function least(heap: Cursor[]): Cursor | undefined {
  return heap.length > 2 && isBefore(heap[2], heap[1]) ? heap[2] : heap[1];
}

function isBefore(a: Cursor, b: Cursor): boolean {
  return (compareEntries(a.batch, a.at, b.batch, b.at) || a.order - b.order) < 0;
}

/** How far a cursor's entries are below that of another one; its first one is, or is the same. */
function runEnd({ batch, at }: Cursor, limit: Cursor): number {
  const isBelow = (i: number): boolean => compareEntries(batch, i, limit.batch, limit.at) < 0;
  let low = at + 1;
  let step = 1;
  while (low + step <= batch.count && isBelow(low + step - 1)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(batch.count, low + step - 1);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
