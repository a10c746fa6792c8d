/** The elements of a collection that have rows of their own. @module */

import type { Rows } from "../../mvcc/rows.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { SortedRecord } from "../../sources/spill_sorter.ts";
import type { ElementSource } from "./elements.ts";
import type { Cursor } from "./key_order.ts";
import { elementValue, shortValue } from "./sorted_elements.ts";

/** The elements of one name. */
export class RowElements implements ElementSource {
  readonly #rows: Rows;
  readonly #cursor: Cursor;
  readonly #name: Uint8Array;
  /** Whether the cursor still stands on the element that was given last. */
  #behind = false;

  /**
   * The elements from a cursor on.
   *
   * @param cursor Stands on the first element of the name, and in the end behind the last.
   * @param name With its length before it.
   */
  constructor(rows: Rows, cursor: Cursor, name: Uint8Array) {
    this.#rows = rows;
    this.#cursor = cursor;
    this.#name = name;
  }

  /** The next element; its key is what follows the name. */
  next(): MaybePromise<SortedRecord | undefined> {
    return this.#next(elementValue);
  }

  /** See {@link ElementSource.pass}: long values are not read again. */
  pass(): MaybePromise<SortedRecord | undefined> {
    return this.#next((_, value) => shortValue(value));
  }

  #next(
    valueOf: (rows: Rows, value: Uint8Array) => MaybePromise<Uint8Array>,
  ): MaybePromise<SortedRecord | undefined> {
    if (this.#behind) {
      this.#behind = false;
      const moved = this.#cursor.advance();
      if (isPromise(moved)) return moved.then(() => this.#next(valueOf));
    }
    if (!this.#cursor.isAt(this.#name)) return undefined;
    this.#behind = true;
    const { key, value } = this.#cursor.current!;
    const tail = key.subarray(this.#name.length);
    const found = valueOf(this.#rows, value);
    return isPromise(found)
      ? found.then((value) => ({ key: tail, value }))
      : { key: tail, value: found };
  }
}
