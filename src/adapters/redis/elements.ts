/**
 * The elements of one collection, one after the other, as bytes where they lie: nothing is made of an
 * element that may be as long as a row.
 *
 * @module
 */

import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { SortedRecord, SortedRecords } from "../../sources/spill_sorter.ts";
import { Receipt } from "../receipts.ts";

/**
 * An element, in views that are valid until the next one is asked for.
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
export type RedisElement = SortedRecord;

/** Where elements come from. */
export interface ElementSource extends SortedRecords {
  /** The next element, for one who does not look at its value, unless it is a score. */
  pass(): MaybePromise<RedisElement | undefined>;
}

/**
 * Elements that can be gone through once, and only until the next record is asked for. Lists come in
 * their order, streams by id, the others by the bytes of the field or member.
 */
export class RedisElements {
  /** Elements that were given. */
  count = 0;
  readonly #source: ElementSource;
  readonly #see: (element: RedisElement) => void;

  /** @param see Looks at each element before it is given. */
  constructor(source: ElementSource, see: (element: RedisElement) => void) {
    this.#source = source;
    this.#see = see;
  }

  /** The next element. */
  next(): MaybePromise<RedisElement | undefined> {
    const next = this.#source.next();
    return isPromise(next) ? next.then((element) => this.#given(element)) : this.#given(next);
  }

  /** Passes by those that are left. */
  async pass(): Promise<void> {
    for (;;) {
      const next = this.#source.pass();
      const element = isPromise(next) ? await next : next;
      if (!this.#given(element)) return;
    }
  }

  #given(element: RedisElement | undefined): RedisElement | undefined {
    if (element) {
      this.count++;
      this.#see(element);
    }
    return element;
  }
}

/** Takes the answer for a collection; some of its elements can have no place where the others have. */
export class CollectionReceipt extends Receipt {
  /** Elements that a Redis server cannot be given. */
  notLoadable = 0;
  /** Whether no element is left that a Redis server could be given, so that there is no such key. */
  isEmpty = false;

  /** One more element that a Redis server cannot be given. */
  leaveElement(): void {
    this.notLoadable++;
  }

  /** Nothing had to be written: the row of the collection is only the server's bookkeeping. */
  empty(): void {
    this.isEmpty = true;
    this.written();
  }
}
