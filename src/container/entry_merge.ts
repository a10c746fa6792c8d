/** Several entry streams as one, in strictly ascending stored order. @module */

import { BATCH_ENTRIES, type EntryBatch, type EntryStream } from "./entry_batch.ts";

const BUFFER_LENGTH = 2 << 20;
/** What an entry takes on average at the least: as many are provided for. */
const ENTRY_LENGTH = 16;

interface Cursor {
  stream: EntryStream;
  batch: EntryBatch;
  at: number;
}

/**
 * Merges streams. The same stored key is one version, whichever stream it came from: the first
 * stream's is taken and `onCopy` is told of the others.
 */
export class EntryMerge implements EntryStream, EntryBatch {
  bytes: Uint8Array;
  count = 0;
  readonly ranges: Uint32Array;
  readonly positions: Float64Array;
  readonly inputs: Uint16Array;

  /** Called with an entry that is taken, and one of the same stored key that is not. */
  onCopy?: (kept: EntryBatch, k: number, copy: EntryBatch, c: number) => void;
  readonly #streams: EntryStream[];
  readonly #bufferLength: number;
  readonly #capacity: number;
  #cursors: Cursor[] | undefined;
  /** A cursor whose batch is used up; filled again before the next batch is built. */
  #empty: Cursor | undefined;
  #length = 0;

  /** @param buffer Bytes of a batch, where fewer than 2 MiB do. */
  constructor(streams: EntryStream[], buffer: number = BUFFER_LENGTH) {
    this.#streams = streams;
    this.#bufferLength = Math.min(BUFFER_LENGTH, buffer);
    this.#capacity = Math.min(BATCH_ENTRIES, Math.ceil(this.#bufferLength / ENTRY_LENGTH));
    this.bytes = new Uint8Array(this.#bufferLength);
    this.ranges = new Uint32Array(this.#capacity * 4);
    this.positions = new Float64Array(this.#capacity);
    this.inputs = new Uint16Array(this.#capacity);
  }

  /** The next batch. */
  async next(): Promise<EntryBatch | undefined> {
    const cursors = this.#cursors ??= await this.#open();
    this.count = 0;
    this.#length = 0;
    for (;;) {
      if (this.#empty) await this.#refill(cursors, this.#empty);
      if (cursors.length === 0 || !this.#take(cursors)) break;
    }
    return this.count > 0 ? this : undefined;
  }

  async #open(): Promise<Cursor[]> {
    const cursors: Cursor[] = [];
    for (const stream of this.#streams) {
      const batch = await stream.next();
      if (batch) cursors.push({ stream, batch, at: 0 });
    }
    return cursors;
  }

  async #refill(cursors: Cursor[], cursor: Cursor): Promise<void> {
    this.#empty = undefined;
    const batch = await cursor.stream.next();
    if (batch) {
      cursor.batch = batch;
      cursor.at = 0;
    } else cursors.splice(cursors.indexOf(cursor), 1);
  }

  /** Copies entries until a stream's batch is used up (true) or this batch is full (false). */
  #take(cursors: Cursor[]): boolean {
    for (;;) {
      let least = cursors[0];
      for (let i = 1; i < cursors.length; i++) {
        const order = compareAt(cursors[i], least);
        if (order < 0) least = cursors[i];
        else if (order === 0) {
          this.onCopy?.(least.batch, least.at, cursors[i].batch, cursors[i].at);
          if (this.#advance(cursors[i])) return true;
          i--;
        }
      }
      if (!this.#copy(least)) return false;
      if (this.#advance(least)) return true;
    }
  }

  #advance(cursor: Cursor): boolean {
    if (++cursor.at < cursor.batch.count) return false;
    this.#empty = cursor;
    return true;
  }

  #copy({ batch, at }: Cursor): boolean {
    const r = at * 4;
    const keyLength = batch.ranges[r + 1] - batch.ranges[r];
    const valueLength = batch.ranges[r + 3] - batch.ranges[r + 2];
    const need = keyLength + valueLength;
    if (this.count === this.#capacity) return false;
    if (this.#length + need > this.bytes.length) {
      if (this.count > 0) return false;
      this.bytes = new Uint8Array(need);
    } else if (this.count === 0 && this.bytes.length > this.#bufferLength) {
      this.bytes = new Uint8Array(Math.max(this.#bufferLength, need));
    }
    const to = this.count * 4;
    const keyStart = this.#length;
    const valueStart = keyStart + keyLength;
    this.bytes.set(batch.bytes.subarray(batch.ranges[r], batch.ranges[r + 1]), keyStart);
    this.bytes.set(batch.bytes.subarray(batch.ranges[r + 2], batch.ranges[r + 3]), valueStart);
    this.ranges[to] = keyStart;
    this.ranges[to + 1] = valueStart;
    this.ranges[to + 2] = valueStart;
    this.ranges[to + 3] = valueStart + valueLength;
    this.positions[this.count] = batch.positions[at];
    this.inputs[this.count++] = batch.inputs[at];
    this.#length += need;
    return true;
  }
}

function compareAt(a: Cursor, b: Cursor): number {
  const x = a.batch.bytes;
  const y = b.batch.bytes;
  const xStart = a.batch.ranges[a.at * 4];
  const yStart = b.batch.ranges[b.at * 4];
  const xLength = a.batch.ranges[a.at * 4 + 1] - xStart;
  const yLength = b.batch.ranges[b.at * 4 + 1] - yStart;
  const n = Math.min(xLength, yLength);
  for (let i = 0; i < n; i++) {
    const difference = x[xStart + i] - y[yStart + i];
    if (difference !== 0) return difference;
  }
  return xLength - yLength;
}
