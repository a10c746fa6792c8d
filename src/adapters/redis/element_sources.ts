/** Where the elements of a collection come from: rows of their own, or one row from before those. @module */

import { equalBytes } from "../../bytes/compare.ts";
import type { Rows } from "../../mvcc/rows.ts";
import type { Scratch } from "../../sources/scratch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { type SortedRecord, type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import { handleAt } from "../row_handles.ts";
import { blobElements, type BlobType } from "./messages.ts";
import { Cursor } from "./names.ts";
import { VALUE_AT } from "./sorted_elements.ts";

/** Sees each element before it is handed out; `false` keeps it back. */
export type Judge = (element: SortedRecord) => boolean;

/** The elements that have rows of their own, of one name. */
export class RowElements implements SortedRecords {
  readonly #rows: Rows;
  readonly #cursor: Cursor;
  readonly #name: Uint8Array;
  readonly #judge: Judge;
  /** Whether the cursor still stands on the element that was handed out last. */
  #behind = false;
  /** Elements handed out. */
  count = 0;

  /**
   * The elements from a cursor on.
   *
   * @param cursor Stands on the first element of the name, and in the end behind the last.
   * @param name With its length before it.
   */
  constructor(rows: Rows, cursor: Cursor, name: Uint8Array, judge: Judge) {
    this.#rows = rows;
    this.#cursor = cursor;
    this.#name = name;
    this.#judge = judge;
  }

  /** The next element; its key is what follows the name. */
  next(): MaybePromise<SortedRecord | undefined> {
    for (;;) {
      if (this.#behind) {
        this.#behind = false;
        const moved = this.#cursor.advance();
        if (isPromise(moved)) return moved.then(() => this.next());
      }
      if (!this.#cursor.isAt(this.#name)) return undefined;
      this.#behind = true;
      const element = this.#current();
      if (isPromise(element)) return element.then((found) => this.#judged(found) ?? this.next());
      const kept = this.#judged(element);
      if (kept) return kept;
    }
  }

  #current(): MaybePromise<SortedRecord> {
    const { key, value } = this.#cursor.current!;
    const tail = key.subarray(this.#name.length);
    if (value[0] === 1) return { key: tail, value: value.subarray(VALUE_AT) };
    return this.#rows.read(handleAt(value, 1)).then((row) => ({ key: tail, value: row.value }));
  }

  #judged(element: SortedRecord): SortedRecord | undefined {
    if (!this.#judge(element)) return undefined;
    this.count++;
    return element;
  }
}

/** The elements of a collection in one row. */
export class BlobElements implements SortedRecords {
  readonly #sorter: SpillSorter;
  readonly #judge: Judge;
  #cursor: Cursor | undefined;
  /** Elements handed out. */
  count = 0;

  private constructor(sorter: SpillSorter, judge: Judge) {
    this.#sorter = sorter;
    this.#judge = judge;
  }

  /** Sorts the elements of a value that has no defect. */
  static async of(
    scratch: Scratch,
    type: BlobType,
    value: Uint8Array,
    judge: Judge,
  ): Promise<BlobElements> {
    const sorter = new SpillSorter(scratch);
    for (const element of blobElements(type, value, 0, value.length)) {
      const added = sorter.add(element.name, element.value);
      if (isPromise(added)) await added;
    }
    return new BlobElements(sorter, judge);
  }

  /** The next element; its key is the field or member. */
  async next(): Promise<SortedRecord | undefined> {
    if (!this.#cursor) {
      this.#cursor = new Cursor(await this.#sorter.sorted());
      await this.#cursor.advance();
    }
    const cursor = this.#cursor;
    for (;;) {
      if (!cursor.current) return undefined;
      const { key, value } = cursor.current;
      const element = { key: key.slice(), value: value.slice() };
      await cursor.advance();
      // The sorter keeps the order of equal keys: the last one counts.
      if (cursor.current && equalBytes(cursor.current.key, element.key)) continue;
      if (!this.#judge(element)) continue;
      this.count++;
      return element;
    }
  }

  /** Lets go of what was spilled. */
  close(): void {
    this.#sorter.close();
  }
}
