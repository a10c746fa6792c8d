/** The first reading of a stream's entries. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes } from "../bytes/compare.ts";
import { UnsoundError } from "../errors.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import { type EntryBatch, type EntryStream, storedKey } from "./entry_batch.ts";
import { type FrameRange, FrameReader } from "./frames.ts";
import { SparseIndex } from "./sparse_index.ts";

/**
 * All entries of a range, up to where they are damaged: stored keys must ascend. Nothing is thrown for
 * damage; an index of what is sound is built by the way.
 */
export class CheckedEntries implements EntryStream {
  /** Where some of the sound entries lie. */
  readonly index: SparseIndex;
  /** What is wrong, when something is. */
  problem: UnsoundError | undefined;
  readonly #range: FrameRange;
  readonly #reader: FrameReader;
  readonly #last = new ByteBuilder();
  #end: number | undefined;

  /** @param index Bytes of the index's places; see {@link SparseIndex}. */
  constructor(range: FrameRange, index?: number) {
    this.index = new SparseIndex(index);
    this.#range = range;
    this.#reader = new FrameReader(range);
  }

  /** Offset behind the last sound entry that was handed out. */
  get end(): number {
    return this.#end ?? this.#reader.position;
  }

  /** Bytes between there and the end of the range. */
  get left(): number {
    return this.#range.end - this.end;
  }

  next(): MaybePromise<EntryBatch | undefined> {
    if (this.problem) return undefined;
    try {
      const next = this.#reader.next();
      return isPromise(next)
        ? next.then((batch) => this.#check(batch), (error) => this.#stop(error))
        : this.#check(next);
    } catch (error) {
      return this.#stop(error);
    }
  }

  /** Every entry is looked at. */
  skip(): void {}

  #check(batch: EntryBatch | undefined): EntryBatch | undefined {
    if (!batch) return undefined;
    const sound = ascending(batch, this.#last.view());
    if (sound < batch.count) {
      this.#end = batch.positions[sound];
      batch.count = sound;
      this.problem = this.#withUnread(
        new UnsoundError("unordered", "stored keys do not ascend", {
          file: this.#range.file,
          offset: this.#end,
          hint: "the file is damaged from here on: take another replica's",
        }),
      );
      if (sound === 0) return undefined;
    }
    this.index.addBatch(batch);
    this.#last.clear().append(storedKey(batch, batch.count - 1));
    return batch;
  }

  #stop(error: unknown): undefined {
    if (!(error instanceof UnsoundError)) throw error;
    this.problem = this.#withUnread(error);
  }

  /**
   * Behind damage nobody knows where an entry begins: says what share of its bytes was not
   * read. Of a file that was cut nobody knows how much there was.
   */
  #withUnread(error: UnsoundError): UnsoundError {
    if (error.code === "truncated") {
      const message = `${error.message}; how much was cut off cannot be known`;
      return new UnsoundError(error.code, message, error, { cause: error.cause });
    }
    const percent = Math.max(
      1,
      Math.round((this.left / (this.#range.end - this.#range.start)) * 100),
    );
    const message =
      `${error.message}; the last ${percent} % of the bytes of its entries could not be read`;
    return new UnsoundError(error.code, message, error, { cause: error.cause });
  }
}

/** How many entries from the start of the batch ascend. */
function ascending(batch: EntryBatch, last: Uint8Array): number {
  const { bytes, ranges, count } = batch;
  if (last.length > 0 && compareBytes(last, storedKey(batch, 0)) >= 0) return 0;
  for (let i = 1; i < count; i++) {
    const r = i * 4;
    let a = ranges[r - 4];
    let b = ranges[r];
    const aEnd = ranges[r - 3];
    const bEnd = ranges[r + 1];
    while (a < aEnd && b < bEnd && bytes[a] === bytes[b]) {
      a++;
      b++;
    }
    if (b === bEnd || (a < aEnd && bytes[a] > bytes[b])) return i;
  }
  return count;
}
