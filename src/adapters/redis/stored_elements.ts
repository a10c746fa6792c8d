/**
 * The element rows of one family in the order of the dump: by name, and within a name by the bytes of
 * the field, member or id.
 *
 * That is nearly the order in which they are stored: all of one name lie together, names come in their
 * order, and only a field comes after the fields that it is the beginning of. These few, the *late* ones,
 * are found in a reading of their own, sorted, and then put in among the others as those go by. Where the
 * snapshot has none, nothing is sorted.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { FAMILY, type Family } from "../../keyspace/families.ts";
import { type RowBatch, type RowHandle, rowHandle } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import {
  appendRecordValue,
  dropElements,
  type ElementBatch,
  type ElementCursor,
  emptyBatch,
  PackedElements,
  pushElement,
} from "./element_batch.ts";
import { Cursor, nameLength } from "./key_order.ts";
import { streamEntryDefect } from "./messages.ts";
import { rowsOf, type WantedNames } from "./name_ranges.ts";
import { RedisRow } from "./rows.ts";
import { COLLECTIONS, type CollectionType } from "./types.ts";
import { SCORE_SIZE } from "./values.ts";

/**
 * Rows of a longer batch wait in a sorter, so that it is not held while other types' elements are gone
 * through: 4 MiB.
 */
const LONG_BATCH = 4 << 20;
/** Bytes that are held before they are spilled: 4 MiB. */
const MEMORY = 4 << 20;

/** Reads and checks the element rows of a type. */
export class StoredElements implements ElementCursor {
  name: Uint8Array | undefined;
  readonly #context: AdapterContext;
  readonly #type: CollectionType;
  readonly #names: WantedNames;
  readonly #reader: RowReader;
  readonly #batches: AsyncGenerator<RowBatch>;
  readonly #lateSorter: SpillSorter;
  #heldSorter: SpillSorter;
  /** Where the elements at hand are. */
  #current: RowReader | PackedElements;
  /** Rows that are stored behind those of greater keys; absent if there are none. */
  #late: PackedElements | undefined;
  /** Rows of a long batch, before those of the one that is read. */
  #held: PackedElements | undefined;
  #isOpen = false;

  /** Nothing is read before the first elements are asked for, by going to them. */
  constructor(context: AdapterContext, type: CollectionType, names: WantedNames) {
    this.#context = context;
    this.#type = type;
    this.#names = names;
    this.#current = this.#reader = new RowReader(context, type, names);
    this.#batches = rowsOf(context, COLLECTIONS[type].element, names);
    this.#lateSorter = new SpillSorter(context.scratch, MEMORY);
    this.#heldSorter = this.#lateSorter;
  }

  get batch(): ElementBatch {
    return this.#current.batch;
  }

  whole(): MaybePromise<ElementBatch> {
    return this.#current.whole();
  }

  handle(i: number): RowHandle {
    return this.#current.handle(i);
  }

  async advance(count = this.batch.count): Promise<void> {
    if (count < this.batch.count) return this.#current.drop(count);
    if (!this.#isOpen) await this.#open();
    for (;;) {
      const late = this.#late?.next;
      const held = this.#held?.next;
      if (late && held && compareBytes(late, held) < 0) {
        return await this.#pack(this.#late!, late, (key) => compareBytes(key, held) < 0);
      }
      if (held) {
        const goesOn = late && ((key: Uint8Array): boolean => compareBytes(key, late) < 0);
        return await this.#pack(this.#held!, held, goesOn);
      }
      this.#current = this.#reader;
      if (this.#reader.take(late)) {
        this.name = this.#reader.name;
        return;
      }
      const { next } = this.#reader;
      if (next) {
        return await this.#pack(this.#late!, late!, (key) => compareBytes(key, next) < 0);
      }
      if (await this.#nextRows()) continue;
      if (late) return await this.#pack(this.#late!, late);
      this.name = undefined;
      return;
    }
  }

  close(): void {
    this.#lateSorter.close();
    this.#heldSorter.close();
  }

  async #open(): Promise<void> {
    this.#isOpen = true;
    if (this.#context.isInKeyOrder(COLLECTIONS[this.#type].element)) return;
    // The same rows come again, and are told of then.
    const context = this.#context.silent();
    const reader = new RowReader(context, this.#type, this.#names);
    const sorter = this.#lateSorter;
    reader.wants = "late";
    for await (const batch of rowsOf(context, COLLECTIONS[this.#type].element, this.#names)) {
      reader.rows = batch;
      while (reader.take()) await reader.addTo(sorter);
    }
    this.#late = await this.#sorted(sorter);
    this.#reader.wants = "others";
  }

  async #nextRows(): Promise<boolean> {
    const { done, value } = await this.#batches.next();
    this.#reader.rows = done ? undefined : value;
    if (done) return false;
    if (value.bytes.length > LONG_BATCH) await this.#hold();
    return true;
  }

  /** Puts away the rows of long batches, up to one that is short. */
  async #hold(): Promise<void> {
    const reader = this.#reader;
    if (this.#heldSorter !== this.#lateSorter) this.#heldSorter.close();
    const sorter = this.#heldSorter = new SpillSorter(this.#context.scratch, MEMORY);
    while (reader.rows && reader.rows.bytes.length > LONG_BATCH) {
      while (reader.take()) await reader.addTo(sorter);
      const { done, value } = await this.#batches.next();
      reader.rows = done ? undefined : value;
    }
    this.#held = await this.#sorted(sorter);
  }

  async #sorted(sorter: SpillSorter): Promise<PackedElements> {
    const cursor = new Cursor(await sorter.sorted());
    await cursor.advance();
    return new PackedElements(this.#context.rows, cursor);
  }

  async #pack(
    packed: PackedElements,
    next: Uint8Array,
    goesOn?: (key: Uint8Array) => boolean,
  ): Promise<void> {
    this.name = next.slice(0, nameLength(next));
    await packed.pack(this.name, goesOn);
    this.#current = packed;
  }
}

/** Takes the elements out of batches of rows, where they lie. */
class RowReader {
  /** The name of the elements that were taken, with its length before it. */
  name: Uint8Array | undefined;
  /** These elements. */
  readonly batch: ElementBatch = emptyBatch();
  /** Which rows are taken: late ones, those that are not, or all, without looking which are. */
  wants: "late" | "others" | "all" = "all";
  /** Where taking stopped because a key was too great: what follows the prefix in that key. */
  next: Uint8Array | undefined;
  readonly #context: AdapterContext;
  readonly #family: Family;
  readonly #type: CollectionType;
  readonly #names: WantedNames;
  #rows: RowBatch | undefined;
  #row = new RedisRow();
  /** The next row. */
  #at = 0;
  /** Which rows were taken. */
  #places = new Uint32Array(0);
  /** The greatest key so far, without its prefix: offsets into bytes. */
  #greatest: { bytes: Uint8Array; start: number; end: number } = {
    bytes: NOTHING,
    start: 0,
    end: 0,
  };
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();

  constructor(context: AdapterContext, type: CollectionType, names: WantedNames) {
    this.#context = context;
    this.#family = FAMILY[COLLECTIONS[type].element];
    this.#type = type;
    this.#names = names;
  }

  /** The rows that are read. */
  get rows(): RowBatch | undefined {
    return this.#rows;
  }

  set rows(rows: RowBatch | undefined) {
    this.#rows = rows;
    this.#at = 0;
    // They hold the bytes of the last batch, which can be as long as a row.
    this.#row = new RedisRow();
    this.batch.count = 0;
    this.batch.keys = this.batch.values = NOTHING;
    if (rows && this.#places.length < rows.count) this.#places = new Uint32Array(rows.count);
  }

  /**
   * Takes the next rows of one name.
   *
   * @param below Only rows that are before this key, without its prefix.
   * @returns Whether there was one.
   */
  take(below?: Uint8Array): boolean {
    const { batch } = this;
    const rows = this.#rows;
    batch.count = 0;
    this.next = undefined;
    if (!rows) return false;
    const { bytes, ranges, count } = rows;
    const prefix = this.#family.bytes.length;
    const isStream = this.#type === "stream";
    const row = this.#row;
    let name = 0;
    let length = 0;
    for (; this.#at < count; this.#at++) {
      const r = this.#at * 4;
      const start = ranges[r] + prefix;
      const end = ranges[r + 1];
      if (length === 0 || isStream || !beginsAlike(bytes, name, length, start, end)) {
        if (!row.read(this.#context, this.#family, rows, this.#at)) continue;
        const isNew = length !== row.nameEnd - start ||
          !beginsAlike(bytes, name, length, start, end);
        if (isNew && batch.count > 0) break;
        if (isNew && !this.#names.has(bytes, row.nameStart, row.nameEnd)) continue;
        name = start;
        length = row.nameEnd - start;
      }
      const isLate = this.wants !== "all" && this.#isLate(bytes, start, end);
      if (below && !isLate && compareBytes(bytes.subarray(start, end), below) > 0) {
        if (batch.count === 0) this.next = bytes.slice(start, end);
        break;
      }
      const defect = this.#defect(bytes, ranges[r + 2], ranges[r + 3]);
      if (defect !== undefined) {
        this.#context.refuse(rows, this.#at, "malformed-value", defect);
        continue;
      }
      if (isLate !== (this.wants === "late")) continue;
      this.#places[batch.count] = this.#at;
      pushElement(batch, start + length, end, ranges[r + 2], ranges[r + 3]);
    }
    if (this.#at === count && this.wants !== "all") this.#keepGreatest();
    if (batch.count === 0) return false;
    batch.keys = batch.values = bytes;
    const sized = bytes.subarray(name, name + length);
    if (!this.name || !equalBytes(this.name, sized)) this.name = sized.slice();
    return true;
  }

  whole(): ElementBatch {
    return this.batch;
  }

  handle(i: number): RowHandle {
    return rowHandle(this.#rows!, this.#places[i]);
  }

  /** Passes by the first of the elements that were taken. */
  drop(count: number): void {
    dropElements(this.batch, count);
    this.#places.copyWithin(0, count);
  }

  /** Adds the elements that were taken to a sorter. */
  async addTo(sorter: SpillSorter): Promise<void> {
    const { batch: { count, ranges, keys }, name } = this;
    for (let i = 0; i < count; i++) {
      const r = i * 4;
      this.#key.clear().append(name!).append(keys, ranges[r], ranges[r + 1]);
      this.#value.clear();
      appendRecordValue(
        this.#value,
        this.#rows!,
        this.#places[i],
        ranges[r + 2],
        ranges[r + 3],
      );
      const added = sorter.add(this.#key.view(), this.#value.view());
      if (isPromise(added)) await added;
    }
  }

  #defect(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (this.#type === "stream") return streamEntryDefect(bytes, start, end);
    const size = end - start;
    const fits = this.#type !== "zset" || size === SCORE_SIZE;
    return fits ? undefined : `a score has ${SCORE_SIZE} bytes, not ${size}`;
  }

  /** Whether a key that is greater went by. Then it begins with this one. */
  #isLate(bytes: Uint8Array, start: number, end: number): boolean {
    const greatest = this.#greatest;
    const length = end - start;
    let i = length < greatest.end - greatest.start ? length - 1 : length;
    // Keys that follow each other mostly differ near their end.
    while (i >= 0 && i < length && bytes[start + i] === greatest.bytes[greatest.start + i]) i--;
    if (i < 0) return true;
    greatest.bytes = bytes;
    greatest.start = start;
    greatest.end = end;
    return false;
  }

  #keepGreatest(): void {
    const { bytes, start, end } = this.#greatest;
    this.#greatest = { bytes: bytes.slice(start, end), start: 0, end: end - start };
  }
}

const NOTHING = new Uint8Array(0);

/** Whether `bytes[start, end)` begins with the `length` bytes at `at`. */
function beginsAlike(
  bytes: Uint8Array,
  at: number,
  length: number,
  start: number,
  end: number,
): boolean {
  if (end - start < length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== bytes[start + i]) return false;
  return true;
}
