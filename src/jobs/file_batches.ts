/** Whole files on their way to a dump, many at a time. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { type RowBatch, rowKey, rowValue } from "../mvcc/row_batch.ts";
import type { MaybePromise } from "../sources/source.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import type { TreeOutput } from "../tree/output.ts";
import type { Piece } from "./half.ts";
import { filesHalf } from "./files_half.ts";
import type { Jobs, Stage } from "./jobs.ts";

/** Files and bytes of a batch. Those of two batches a worker are in memory. */
const MOST_FILES = 2048;
const BATCH_LENGTH = 1 << 20;

/**
 * Takes files whose names nothing else can have, and has them hashed and written by whoever works on
 * batches. Where the dump is no folder, each is written at once.
 */
export class FileBatches {
  readonly #output: TreeOutput;
  readonly #jobs: Jobs;
  readonly #stage: Stage | undefined;
  readonly #bytes = new ByteBuilder(BATCH_LENGTH + (BATCH_LENGTH >> 2));
  readonly #ranges = new Uint32Array(4 * MOST_FILES);
  #count = 0;
  /** The folder of the last file, which is there. */
  #folder = "";

  /** Nothing is taken yet. */
  constructor(jobs: Jobs, output: TreeOutput) {
    this.#jobs = jobs;
    this.#output = output;
    this.#stage = output.folder && jobs.stage(filesHalf, undefined, output.folder);
  }

  /**
   * Takes a file; the caller may use its buffer again.
   *
   * @throws {OutputError} when it, or one before it, cannot be written.
   */
  add(path: string, bytes: Uint8Array): MaybePromise<void> {
    if (!this.#stage || bytes.length > BATCH_LENGTH) return this.#output.putNew(path, bytes);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (folder !== this.#folder) {
      this.#folder = folder;
      const made = this.#output.directory(folder);
      if (made) return made.then(() => this.#append(path, bytes));
    }
    return this.#append(path, bytes);
  }

  /** Has the rest written, and waits for all. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#jobs.drain();
  }

  #append(path: string, bytes: Uint8Array): MaybePromise<void> {
    const out = this.#bytes;
    const at = 4 * this.#count++;
    this.#ranges[at] = out.length;
    out.text(path);
    this.#ranges[at + 1] = this.#ranges[at + 2] = out.length;
    out.append(bytes);
    this.#ranges[at + 3] = out.length;
    if (this.#count === MOST_FILES || out.length >= BATCH_LENGTH) return this.#flush();
  }

  async #flush(): Promise<void> {
    const count = this.#count;
    if (count === 0) return;
    const batch: RowBatch = {
      bytes: this.#bytes.bytes,
      count,
      ranges: this.#ranges,
      positions: new Float64Array(count),
      lengths: new Uint32Array(count),
      inputs: new Uint16Array(count),
    };
    const places = Uint32Array.from({ length: count }, (_, i) => i);
    await this.#stage!.add(batch, places, (piece, batch) => this.#take(piece, batch));
    this.#count = 0;
    this.#bytes.clear();
  }

  /** Takes note of what was written. What could not be is tried once more, to be told why. */
  async #take({ table, notes }: Piece, batch: RowBatch): Promise<void> {
    const left = table.subarray(0, -1);
    const size = table[left.length];
    await this.#output.wrote(batch.count - left.length, size, notes);
    for (const i of left) {
      await this.#output.putNew(decodeUtf8(rowKey(batch, i))!, rowValue(batch, i));
    }
  }
}
