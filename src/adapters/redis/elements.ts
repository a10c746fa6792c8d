/** The elements of one collection, one after the other. @module */

import { u64be } from "../../bytes/integers.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { SortedRecord, SortedRecords } from "../../sources/spill_sorter.ts";
import { readStreamEntry } from "./messages.ts";
import type { CollectionType } from "./types.ts";
import { scoreAt } from "./values.ts";

/** A field of a hash. */
export interface HashField {
  /** Any bytes, possibly none. */
  name: Uint8Array;
  /** Any bytes, possibly none. */
  value: Uint8Array;
}

/** A member of a sorted set. */
export interface ScoredMember {
  /** Any bytes, possibly none. */
  member: Uint8Array;
  /** May be infinite and minus zero; also not a number, which the server takes. */
  score: number;
}

/** An entry of a stream. */
export interface StreamEntry {
  /** First half of its id: Unix ms, unsigned. */
  ms: bigint;
  /** Second half, unsigned. */
  seq: bigint;
  /** Name, value, name, value, …: order and repetitions are kept. */
  fields: Uint8Array[];
}

/** What the elements of each type are. */
export interface ElementOf {
  /** An item. */
  list: Uint8Array;
  /** A field and its value. */
  hash: HashField;
  /** A member. */
  set: Uint8Array;
  /** A member and its score. */
  zset: ScoredMember;
  /** An entry. */
  stream: StreamEntry;
}

/** `tail` is what follows the name in the element's key, `value` the row's value. */
type Decode<T> = (tail: Uint8Array, value: Uint8Array) => T;

const DECODE: { readonly [type in CollectionType]: Decode<ElementOf[type]> } = {
  list: (_, value) => value,
  hash: (name, value) => ({ name, value }),
  set: (member) => member,
  zset: (member, score) => ({ member, score: scoreAt(score, 0) }),
  stream: (id, value) => {
    const ranges: number[] = [];
    readStreamEntry(value, 0, value.length, ranges);
    const fields: Uint8Array[] = [];
    for (let i = 0; i < ranges.length; i += 2) {
      fields.push(value.subarray(ranges[i], ranges[i + 1]));
    }
    return { ms: u64be(id, 0), seq: u64be(id, 8), fields };
  },
};

/**
 * The elements of one collection. They can be gone through once, and only until the next key is asked
 * for. Lists come in their order, streams by id, the others by the bytes of the field or member.
 */
export class Elements<T> implements AsyncIterable<T> {
  readonly #records: SortedRecords;
  readonly #decode: Decode<T>;

  /**
   * Made from element rows.
   *
   * @param records Key: what follows the name in an element's key; value: the row's.
   */
  constructor(records: SortedRecords, decode: Decode<T>) {
    this.#records = records;
    this.#decode = decode;
  }

  /** The next element, in views that are valid until the one after it is asked for. */
  next(): MaybePromise<T | undefined> {
    const record = this.#records.next();
    return isPromise(record) ? record.then((found) => this.#element(found)) : this.#element(record);
  }

  /** The elements, with bytes of their own. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const record = await this.#records.next();
      if (!record) return;
      yield this.#decode(record.key.slice(), record.value.slice());
    }
  }

  #element(record: SortedRecord | undefined): T | undefined {
    return record && this.#decode(record.key, record.value);
  }
}

/** Elements of a type. */
export function elementsOf<Type extends CollectionType>(
  type: Type,
  records: SortedRecords,
): Elements<ElementOf[Type]> {
  return new Elements<ElementOf[Type]>(records, DECODE[type]);
}
