/** Elements of one collection, many at once, where they lie. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { startsWith } from "../../bytes/compare.ts";
import { free } from "../../bytes/free.ts";
import type { RowBatch, RowHandle } from "../../mvcc/row_batch.ts";
import type { Rows } from "../../mvcc/rows.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { appendHandle, HANDLE_SIZE, handleAt } from "../row_handles.ts";
import type { Cursor } from "./key_order.ts";

/**
 * Elements in their order. Everything is valid until the next batch is asked for.
 *
 * ```text
 *          key                        value
 * list     its place, 8 bytes         the item
 * hash     the field                  its value
 * set      the member                 nothing
 * zset     the member                 the score, a double, big-endian
 * stream   the id, two u64 BE         a message without a defect, see EntryReader
 * ```
 */
export interface ElementBatch {
  /** How many there are. */
  count: number;
  /** Four offsets an element: start and end of the key, start and end of the value. */
  ranges: Uint32Array;
  /** What the offsets of keys are in. */
  keys: Uint8Array;
  /** What the offsets of values are in; mostly the same. */
  values: Uint8Array;
}

/** The element rows of one type, name by name: shorter names first, those of one length by their bytes. */
export interface ElementCursor {
  /** The name of the elements at hand, with its length before it; nothing behind the last. */
  readonly name: Uint8Array | undefined;
  /** The elements at hand: at least one while there is a name. The value of a long one may be missing. */
  readonly batch: ElementBatch;
  /** The same, with the value of a long one. */
  whole(): MaybePromise<ElementBatch>;
  /** Where the row of one of them lies. */
  handle(i: number): RowHandle;
  /** Passes by the first `count` elements at hand; all unless given. */
  advance(count?: number): Promise<void>;
  /** Lets go of what was spilled. */
  close(): void;
}

/** A batch of no elements, to be filled. */
export function emptyBatch(): ElementBatch {
  const bytes = new Uint8Array(0);
  return { count: 0, ranges: new Uint32Array(64), keys: bytes, values: bytes };
}

/** Adds an element to a batch. */
export function pushElement(
  batch: ElementBatch,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
): void {
  const at = batch.count++ * 4;
  if (at === batch.ranges.length) {
    const grown = new Uint32Array(at * 2);
    grown.set(batch.ranges);
    batch.ranges = grown;
  }
  const { ranges } = batch;
  ranges[at] = keyStart;
  ranges[at + 1] = keyEnd;
  ranges[at + 2] = valueStart;
  ranges[at + 3] = valueEnd;
}

/** Takes the first elements out of a batch. */
export function dropElements(batch: ElementBatch, count: number): void {
  batch.ranges.copyWithin(0, count * 4, batch.count * 4);
  batch.count -= count;
}

/*
 * The record of an element in a sorter: its key is `length u32 BE ‖ name ‖ rest of the row's key`, its
 * value `1 ‖ handle ‖ value`, or `0 ‖ handle` where the value is long and is read again when its turn
 * comes.
 */
const SHORT = 1;
const LONG = 0;
/** Lists only: the record stands for the items from its place on. Its value is this and the last place. */
export const RUN = 2;

/** Appends what a record keeps of the value `[start, end)` of row `i`. */
export function appendRecordValue(
  out: ByteBuilder,
  batch: RowBatch,
  i: number,
  start: number,
  end: number,
): ByteBuilder {
  const isLong = end - start > LONG_VALUE;
  appendHandle(out.byte(isLong ? LONG : SHORT), batch, i);
  return isLong ? out : out.append(batch.bytes, start, end);
}

/** Elements and bytes that are packed into one batch. */
const MOST_PACKED = 1024;
const MOST_BYTES = 256 << 10;

/** Packs records of elements into batches. */
export class PackedElements {
  /** See {@link ElementCursor.batch}. */
  readonly batch: ElementBatch = emptyBatch();
  readonly #rows: Rows;
  readonly #records: Cursor;
  readonly #bytes = new ByteBuilder(1 << 12);
  /** Whether there is one element, of which only the handle is here. */
  #isLong = false;
  #hasRead = false;

  /** @param records Stands on the first one. */
  constructor(rows: Rows, records: Cursor) {
    this.#rows = rows;
    this.#records = records;
  }

  /** The key of the next record that is not packed; nothing at the end. */
  get next(): Uint8Array | undefined {
    return this.#records.current?.key;
  }

  /**
   * Packs the next records of a name. A long one comes alone.
   *
   * @param goesOn Whether the record with this key still belongs to them; all of the name unless given.
   */
  async pack(name: Uint8Array, goesOn?: (key: Uint8Array) => boolean): Promise<void> {
    const { batch } = this;
    const records = this.#records;
    const out = this.#bytes.clear();
    if (this.#hasRead) free(batch.values);
    batch.count = 0;
    this.#isLong = this.#hasRead = false;
    while (!this.#isLong && batch.count < MOST_PACKED && out.length < MOST_BYTES) {
      const record = records.current;
      if (!record || !startsWith(record.key, name) || goesOn?.(record.key) === false) break;
      const { key, value } = record;
      if (value[0] !== SHORT && batch.count > 0) break;
      this.#isLong = value[0] === LONG;
      out.append(value, 1, 1 + HANDLE_SIZE);
      const start = out.length;
      out.append(key, name.length);
      const end = out.length;
      out.append(value, 1 + HANDLE_SIZE);
      pushElement(batch, start, end, end, out.length);
      const moved = records.advance();
      if (isPromise(moved)) await moved;
    }
    batch.keys = batch.values = out.bytes;
  }

  /** See {@link ElementCursor.whole}. */
  whole(): MaybePromise<ElementBatch> {
    const { batch } = this;
    if (!this.#isLong || this.#hasRead) return batch;
    return this.#rows.read(this.handle(0)).then(({ value }) => {
      this.#hasRead = true;
      batch.values = value;
      batch.ranges[2] = 0;
      batch.ranges[3] = value.length;
      return batch;
    });
  }

  /** Passes by the first elements of the batch. */
  drop(count: number): void {
    dropElements(this.batch, count);
  }

  /** See {@link ElementCursor.handle}. */
  handle(i: number): RowHandle {
    return handleAt(this.batch.keys, this.batch.ranges[i * 4] - HANDLE_SIZE);
  }
}
