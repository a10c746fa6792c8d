/** A table whose entries lie as frames in one stream: a file, a bundle, or scratch space. @module */

import { compareBytes } from "../bytes/compare.ts";
import { u32le } from "../bytes/integers.ts";
import { isPromise, type MaybePromise, readAt, type Source } from "../sources/source.ts";
import type { EntryBatch, EntryStream } from "./entry_batch.ts";
import type { EntryPlace, EntryTable, Origin, ReadOptions, StoredRange } from "./entry_table.ts";
import { FrameReader } from "./frames.ts";
import type { SparseIndex } from "./sparse_index.ts";

/** What a {@link FrameTable} is made of. */
export interface FrameTableParts {
  /** Where the entries are from. */
  origin: Origin;
  /** The stream that holds them. */
  stream: Source;
  /** Offset in the stream of the first entry. */
  start: number;
  /** Offset in the stream behind the last entry. */
  end: number;
  /** Where some of the entries lie. */
  index: SparseIndex;
}

/** Frames in a stream, and an index of them: a range costs little more than it has bytes. */
export class FrameTable implements EntryTable {
  readonly origins: readonly [Origin];
  readonly #parts: FrameTableParts;

  /** Over frames that have been read once. */
  constructor(parts: FrameTableParts) {
    this.origins = [parts.origin];
    this.#parts = parts;
  }

  walk(range: StoredRange, options: ReadOptions = {}): EntryStream {
    return new FrameWalk(this.#parts, range, options);
  }

  readFrame({ position, length }: EntryPlace): Promise<Uint8Array> {
    return readAt(this.#parts.stream, position, length);
  }
}

/** Reads from index block to index block: no further than the range needs. */
class FrameWalk implements EntryStream {
  readonly #parts: FrameTableParts;
  readonly #range: StoredRange;
  readonly #options: ReadOptions;
  #reader: FrameReader | undefined;
  /** The key to go on from. */
  #from: Uint8Array | undefined;

  constructor(parts: FrameTableParts, range: StoredRange, options: ReadOptions) {
    this.#parts = parts;
    this.#range = range;
    this.#options = options;
    this.#from = range.from;
  }

  next(): MaybePromise<EntryBatch | undefined> {
    return this.#from ? this.#seek(this.#from) : this.#reader?.next();
  }

  skip(below: Uint8Array): void {
    this.#from = below;
  }

  async #seek(from: Uint8Array): Promise<EntryBatch | undefined> {
    this.#from = undefined;
    const start = await this.#startFor(from);
    if (this.#reader) this.#reader.moveTo(start);
    else this.#reader = await this.#open(start);
    this.#reader?.skip(from);
    return await this.#reader?.next();
  }

  async #open(start: number): Promise<FrameReader | undefined> {
    const { origin, stream, end: tableEnd, index } = this.#parts;
    const { to } = this.#range;
    const next = to ? await this.#countBelow(to) : index.count;
    const end = next < index.count ? index.position(next) : tableEnd;
    if (start >= end) return undefined;
    return new FrameReader({
      stream,
      file: origin.name,
      start,
      end,
      input: this.#options.firstInput ?? 0,
      footer: false,
      buffer: this.#options.buffer,
      behind: to,
    });
  }

  /** Where the index block begins that has the first entry at or above a key. */
  async #startFor(key: Uint8Array): Promise<number> {
    const { start, index } = this.#parts;
    if (key.length === 0) return start;
    const below = await this.#countBelow(key);
    return below === 0 ? start : index.position(below - 1);
  }

  /**
   * How many places of the index have a key below this one. The index has only the beginnings of long
   * keys: where they do not decide, the keys themselves are read.
   */
  async #countBelow(key: Uint8Array): Promise<number> {
    const { index } = this.#parts;
    let [low, high] = index.countBelow(key);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await this.#isBelow(index.position(middle), key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether the entry at a position has a key below this one: no more of it is read than needed. */
  async #isBelow(position: number, key: Uint8Array): Promise<boolean> {
    const bytes = new Uint8Array(8 + key.length);
    const read = this.#parts.stream.read(position, bytes);
    if (isPromise(read)) await read;
    const length = Math.min(u32le(bytes, 0), key.length);
    return compareBytes(bytes.subarray(8, 8 + length), key) < 0;
  }
}
