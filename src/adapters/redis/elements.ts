/**
 * The elements of one collection, as bytes where they lie: nothing is made of an element that may be as
 * long as a row.
 *
 * @module
 */

import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { Receipt } from "../receipts.ts";
import type { ElementBatch } from "./element_batch.ts";

/** An element, in views that are valid until the next one is asked for. See {@link ElementBatch}. */
export interface RedisElement {
  key: Uint8Array;
  value: Uint8Array;
}

/** Where elements come from. */
export interface ElementSource {
  /** The next elements; nothing at the end. */
  next(): MaybePromise<ElementBatch | undefined>;
  /** The same for one who does not look at values, unless they are scores. */
  pass(): MaybePromise<ElementBatch | undefined>;
}

/**
 * Elements that can be gone through once, and only until the next record is asked for. Lists come in
 * their order, streams by id, the others by the bytes of the field or member.
 */
export class RedisElements {
  /** Elements that were given. */
  count = 0;
  readonly #source: ElementSource;
  readonly #see: (batch: ElementBatch) => void;
  #batch: ElementBatch | undefined;
  /** The next one of the batch, for who takes them one by one. */
  #next = 0;

  /** @param see Looks at elements before they are given. */
  constructor(source: ElementSource, see: (batch: ElementBatch) => void) {
    this.#source = source;
    this.#see = see;
  }

  /** The next elements. */
  nextBatch(): MaybePromise<ElementBatch | undefined> {
    const next = this.#source.next();
    return isPromise(next) ? next.then((batch) => this.#given(batch)) : this.#given(next);
  }

  /** The next element. */
  async next(): Promise<RedisElement | undefined> {
    if (!this.#batch || this.#next === this.#batch.count) {
      this.#batch = await this.nextBatch();
      this.#next = 0;
    }
    return this.#batch && elementAt(this.#batch, this.#next++);
  }

  /** Passes by those that are left. */
  async pass(): Promise<void> {
    while (this.#given(await this.#source.pass()));
  }

  #given(batch: ElementBatch | undefined): ElementBatch | undefined {
    if (batch) {
      this.count += batch.count;
      this.#see(batch);
    }
    return batch;
  }
}

/** An element of a batch, in views. */
export function elementAt({ keys, values, ranges }: ElementBatch, i: number): RedisElement {
  const r = i * 4;
  return {
    key: keys.subarray(ranges[r], ranges[r + 1]),
    value: values.subarray(ranges[r + 2], ranges[r + 3]),
  };
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
