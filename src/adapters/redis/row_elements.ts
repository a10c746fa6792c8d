/** The elements of a collection that have rows of their own. @module */

import type { MaybePromise } from "../../sources/source.ts";
import type { ElementBatch, ElementCursor } from "./element_batch.ts";
import type { ElementSource } from "./elements.ts";
import { isAt } from "./key_order.ts";

/** The elements of one name. */
export class RowElements implements ElementSource {
  readonly #cursor: ElementCursor;
  readonly #name: Uint8Array;
  /** Whether the cursor still stands on the elements that were given last. */
  #behind = false;

  /**
   * The elements from a cursor on.
   *
   * @param cursor Stands on the first elements of the name, and in the end behind the last.
   * @param name With its length before it.
   */
  constructor(cursor: ElementCursor, name: Uint8Array) {
    this.#cursor = cursor;
    this.#name = name;
  }

  /** See {@link ElementSource.next}. */
  next(): MaybePromise<ElementBatch | undefined> {
    return this.#next(() => this.#cursor.whole());
  }

  /** See {@link ElementSource.pass}: long values are not read again. */
  pass(): MaybePromise<ElementBatch | undefined> {
    return this.#next(() => this.#cursor.batch);
  }

  #next(give: () => MaybePromise<ElementBatch>): MaybePromise<ElementBatch | undefined> {
    if (this.#behind) {
      this.#behind = false;
      return this.#cursor.advance().then(() => this.#next(give));
    }
    if (!isAt(this.#cursor, this.#name)) return undefined;
    this.#behind = true;
    return give();
  }
}
