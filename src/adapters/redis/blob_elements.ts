/**
 * The elements of a collection in one row from before elements had rows of their own.
 *
 * The value stays where it is. What is sorted are the offsets of its elements, by the beginnings of
 * their names; names that begin alike for that long are few for what they take, and are compared where
 * they lie.
 *
 * @module
 */

import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { u32be } from "../../bytes/integers.ts";
import { appendU32 } from "../../keyspace/fields.ts";
import type { Scratch } from "../../sources/scratch.ts";
import { isPromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { type ElementBatch, emptyBatch, pushElement } from "./element_batch.ts";
import type { ElementSource } from "./elements.ts";
import { Cursor } from "./key_order.ts";
import { BlobReader, type BlobType } from "./messages.ts";
import { SCORE_SIZE } from "./values.ts";

/** Bytes of a name that are sorted by. */
const BEGINNING = 256;
/** Elements of one batch. */
const MOST = 1024;

/** Sorted elements, each name once: of a name that comes twice the last one counts. */
export class BlobElements implements ElementSource {
  readonly #sorter: SpillSorter;
  readonly #type: BlobType;
  readonly #reader: BlobReader;
  readonly #batch = emptyBatch();
  readonly #scores = new ByteBuilder();
  #cursor: Cursor | undefined;
  /** Offsets of elements whose names begin alike, the last one first. */
  #alike: number[] = [];

  private constructor(sorter: SpillSorter, type: BlobType, reader: BlobReader) {
    this.#sorter = sorter;
    this.#type = type;
    this.#reader = reader;
  }

  /** Sorts the elements of a value that has no defect, and which must stay as it is. */
  static async of(scratch: Scratch, type: BlobType, value: Uint8Array): Promise<BlobElements> {
    const sorter = new SpillSorter(scratch);
    const reader = new BlobReader(type).reset(value, 0, value.length);
    const at = new ByteBuilder(4);
    while (reader.next()) {
      const { nameStart, nameEnd } = reader;
      const added = sorter.add(
        value.subarray(nameStart, Math.min(nameEnd, nameStart + BEGINNING)),
        appendU32(at.clear(), reader.at).view(),
      );
      if (isPromise(added)) await added;
    }
    return new BlobElements(sorter, type, reader);
  }

  /** The next elements; their keys are the fields or members. */
  async next(): Promise<ElementBatch | undefined> {
    const batch = this.#batch;
    batch.count = 0;
    this.#scores.clear();
    while (batch.count < MOST) {
      const at = this.#alike.pop() ?? await this.#nextBeginning();
      if (at === undefined) break;
      this.#add(at);
    }
    batch.values = this.#type === "zset" ? this.#scores.bytes : batch.keys;
    return batch.count > 0 ? batch : undefined;
  }

  /** See {@link ElementSource.pass}. */
  pass(): Promise<ElementBatch | undefined> {
    return this.next();
  }

  /** Lets go of what was spilled. */
  close(): void {
    this.#sorter.close();
  }

  /** Where the first element with the next beginning is; the others go to {@link #alike}. */
  async #nextBeginning(): Promise<number | undefined> {
    if (!this.#cursor) {
      this.#cursor = new Cursor(await this.#sorter.sorted());
      await this.#cursor.advance();
    }
    const cursor = this.#cursor;
    if (!cursor.current) return undefined;
    const beginning = cursor.current.key.slice();
    const offsets: number[] = [];
    while (cursor.current && equalBytes(cursor.current.key, beginning)) {
      const at = u32be(cursor.current.value, 0);
      // The sorter keeps the order of what is equal.
      if (beginning.length < BEGINNING) offsets[0] = at;
      else offsets.push(at);
      const moved = cursor.advance();
      if (isPromise(moved)) await moved;
    }
    this.#alike = this.#lastOfEach(offsets);
    return this.#alike.pop();
  }

  /** The last element of each name, in descending order of the names. */
  #lastOfEach(offsets: number[]): number[] {
    if (offsets.length < 2) return offsets;
    const compare = (a: number, b: number): number =>
      compareBytes(this.#nameAt(a), this.#nameAt(b));
    offsets.sort((a, b) => compare(b, a) || b - a);
    return offsets.filter((at, i) => i === 0 || compare(offsets[i - 1], at) !== 0);
  }

  #nameAt(at: number): Uint8Array {
    const reader = this.#reader.moveTo(at);
    reader.next();
    return reader.bytes.subarray(reader.nameStart, reader.nameEnd);
  }

  #add(at: number): void {
    const reader = this.#reader.moveTo(at);
    reader.next();
    const { bytes, nameStart, nameEnd, valueStart, valueEnd } = reader;
    this.#batch.keys = bytes;
    if (this.#type !== "zset") {
      pushElement(this.#batch, nameStart, nameEnd, valueStart, valueEnd);
      return;
    }
    // It is little-endian, and absent where it is 0.
    const score = this.#scores.length;
    for (let i = SCORE_SIZE - 1; i >= 0; i--) {
      this.#scores.byte(i < valueEnd - valueStart ? bytes[valueStart + i] : 0);
    }
    pushElement(this.#batch, nameStart, nameEnd, score, score + SCORE_SIZE);
  }
}
