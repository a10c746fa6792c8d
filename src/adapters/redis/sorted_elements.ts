/**
 * The element rows of one family in the order of the dump: by name, and within a name by the bytes of
 * the field, member, place or id.
 *
 * Stored order is not that order: a field comes after the fields that it is the beginning of. But all
 * fields of one name lie together, so a few names at a time are sorted. Only lists, whose names have
 * no length before them, must be sorted as a whole.
 *
 * A record's key is `length u32 BE ‖ name ‖ rest of the row's key`; its value is
 * `1 ‖ handle ‖ value`, or `0 ‖ handle` where the value is long and is read again when its turn comes.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { FAMILY } from "../../keyspace/families.ts";
import type { RowBatch, RowHandle } from "../../mvcc/row_batch.ts";
import type { Rows } from "../../mvcc/rows.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { type SortedRecord, type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { appendHandle, HANDLE_SIZE, handleAt } from "../row_handles.ts";
import { appendName } from "./key_order.ts";
import { streamEntryDefect } from "./messages.ts";
import { rowsOf, type WantedNames } from "./name_ranges.ts";
import { RedisRow } from "./rows.ts";
import { COLLECTIONS, type CollectionType } from "./types.ts";
import { SCORE_SIZE } from "./values.ts";

/** Bytes of rows whose names are sorted together: 1 MiB, and as much as the last name takes. */
const CHUNK = 1 << 20;
/** A chunk does not end in a longer batch, which would be held while its elements are gone through: 4 MiB. */
const LONG_BATCH = 4 << 20;
/** Bytes that are held before they are spilled: 4 MiB, and 16 MiB of all lists. */
const CHUNK_MEMORY = 4 << 20;
const LIST_MEMORY = 16 << 20;

/** The row's value, of which a record has `value`: possibly a view. */
export function elementValue(rows: Rows, value: Uint8Array): MaybePromise<Uint8Array> {
  if (value[0] === 1) return shortValue(value);
  return rows.read(elementHandle(value)).then((row) => row.value);
}

/** The same of a short value; of a long one nothing. */
export function shortValue(value: Uint8Array): Uint8Array {
  return value.subarray(1 + HANDLE_SIZE);
}

/** Where the row lies, of which a record has `value`. */
export function elementHandle(value: Uint8Array): RowHandle {
  return handleAt(value, 1);
}

interface Chunk {
  readonly sorter: SpillSorter;
  /** Bytes of its rows. */
  size: number;
  /** The last name, once the chunk is full. */
  last?: Uint8Array;
}

/** Reads, checks and sorts the element rows of a type. */
export class SortedElements implements SortedRecords {
  readonly #context: AdapterContext;
  readonly #type: CollectionType;
  readonly #names: WantedNames;
  readonly #batches: AsyncGenerator<RowBatch>;
  #row = new RedisRow();
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();
  #sorter: SpillSorter | undefined;
  #sorted: SortedRecords | undefined;
  #batch: RowBatch | undefined;
  /** The next row of the batch. */
  #next = 0;

  /** Nothing is read before the first element is asked for. */
  constructor(context: AdapterContext, type: CollectionType, names: WantedNames) {
    this.#context = context;
    this.#type = type;
    this.#names = names;
    this.#batches = rowsOf(context, COLLECTIONS[type].element, names);
  }

  /** The next element. */
  next(): MaybePromise<SortedRecord | undefined> {
    const record = this.#sorted?.next();
    if (isPromise(record)) return record.then((found) => found ?? this.#refill());
    return record ?? this.#refill();
  }

  /** Lets go of what was spilled. */
  close(): void {
    this.#sorter?.close();
  }

  /** Takes whole names until they are enough, and sorts them. */
  async #refill(): Promise<SortedRecord | undefined> {
    this.#sorter?.close();
    const memory = this.#type === "list" ? LIST_MEMORY : CHUNK_MEMORY;
    const sorter = this.#sorter = new SpillSorter(this.#context.scratch, memory);
    const chunk: Chunk = { sorter, size: 0 };
    do {
      while (this.#batch && this.#next < this.#batch.count) {
        const added = this.#take(this.#batch, chunk);
        if (added === false) return await this.#finish(sorter);
        if (isPromise(added)) await added;
      }
    } while (await this.#nextBatch());
    return sorter.count > 0 ? await this.#finish(sorter) : undefined;
  }

  async #finish(sorter: SpillSorter): Promise<SortedRecord | undefined> {
    this.#sorted = await sorter.sorted();
    return this.#sorted.next();
  }

  async #nextBatch(): Promise<boolean> {
    const { done, value } = await this.#batches.next();
    this.#batch = done ? undefined : value;
    this.#next = 0;
    // It holds the bytes of the last batch, which can be as long as a row.
    this.#row = new RedisRow();
    return !done;
  }

  /** Adds the next row of the batch; `false` if it belongs to the next chunk. */
  #take(batch: RowBatch, chunk: Chunk): MaybePromise<void> | false {
    const row = this.#row;
    const i = this.#next++;
    if (!row.read(this.#context, FAMILY[COLLECTIONS[this.#type].element], batch, i)) return;
    if (!this.#names.has(row.bytes, row.nameStart, row.nameEnd)) return;
    if (chunk.size >= CHUNK && this.#type !== "list") {
      const name = row.bytes.subarray(row.nameStart, row.nameEnd);
      if (!chunk.last || !equalBytes(chunk.last, name)) {
        if (chunk.last && batch.bytes.length <= LONG_BATCH) {
          this.#next = i;
          return false;
        }
        chunk.last = name.slice();
      }
    }
    const defect = this.#defect();
    if (defect !== undefined) {
      this.#context.refuse(batch, i, "malformed-value", defect);
      return;
    }
    chunk.size += row.keyEnd - row.nameStart + row.size;
    return chunk.sorter.add(this.#recordKey(), this.#recordValue());
  }

  #defect(): string | undefined {
    const { bytes, start, end, size } = this.#row;
    if (this.#type === "stream") return streamEntryDefect(bytes, start, end);
    const fits = this.#type !== "zset" || size === SCORE_SIZE;
    return fits ? undefined : `a score has ${SCORE_SIZE} bytes, not ${size}`;
  }

  #recordKey(): Uint8Array {
    const { bytes, nameStart, nameEnd, keyEnd } = this.#row;
    appendName(this.#key.clear(), bytes, nameStart, nameEnd);
    return this.#key.append(bytes, nameEnd, keyEnd).view();
  }

  #recordValue(): Uint8Array {
    const { batch, i, bytes, start, end, size } = this.#row;
    const value = this.#value.clear().byte(size > LONG_VALUE ? 0 : 1);
    appendHandle(value, batch, i);
    if (size <= LONG_VALUE) value.append(bytes, start, end);
    return value.view();
  }
}
