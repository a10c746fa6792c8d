/**
 * Which keys elastickv's own encoder takes, and gives back as they are. It refuses
 *
 * - a stream that does not have as many entries as it says, or a greater id than its last one;
 * - a score that is not a number;
 * - a second type of one key that expires, strings aside: both would have the one row of its time;
 * - what is longer than a row can be.
 *
 * It would take two things for others: a time of expiry of 0 means never to it, so that a key would come
 * back that clients do not see; and a HyperLogLog that begins like a preamble would be read as one.
 *
 * @module
 */

import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { putU64be } from "../../bytes/integers.ts";
import { LONGEST_KEY, LONGEST_VALUE } from "../longest_row.ts";
import type { ElementBatch } from "./element_batch.ts";
import { elementAt } from "./elements.ts";
import type { RedisCollection, RedisKeyRecord, RedisValue } from "./records.ts";
import type { CollectionType } from "./types.ts";
import { isNaNAt } from "./values.ts";

/** Bytes that the preamble of a string or a HyperLogLog has at most. */
const HEADER = 11;

/** What stands in the longest row of an element besides the key, and the field, the member or the id. */
const AROUND: { readonly [type in CollectionType]: number } = {
  list: "!lst|itm|".length,
  hash: "!hs|fld|".length + 4,
  set: "!st|mem|".length + 4,
  zset: "!zs|scr|".length + 4 + 8,
  stream: "!stream|entry|".length + 4,
};
/** What stands before the key in the longest row that a key gets and may not have had. */
const BEFORE_KEY = "!redis|ttl|".length;

/** Says of one key after the other whether it can be restored. */
export class KeyRule {
  /** The last key of which a row says when it expires. */
  #expiring: Uint8Array | undefined;

  /** Why a string or a HyperLogLog cannot be restored; `undefined` if it can. Keys are asked for once. */
  whyNotValue(record: RedisValue): string | undefined {
    const { type, key, value, expireAtMs } = record;
    if (key.length + BEFORE_KEY > LONGEST_KEY || value.length + HEADER > LONGEST_VALUE) {
      return "too-long";
    }
    if (type === "hll" && expireAtMs === undefined && value[0] === 0xff && value[1] === 2) {
      return "value-like-header";
    }
    return this.#whyNotExpiring(record);
  }

  /** The same for a collection, of which `elements` has seen all. */
  whyNotCollection(record: RedisCollection, elements: ElementRule): string | undefined {
    return elements.why ?? this.#whyNotExpiring(record);
  }

  #whyNotExpiring({ type, key, expireAtMs }: RedisKeyRecord): string | undefined {
    if (expireAtMs === 0n) return "expiry-zero";
    if (type === "string" || expireAtMs === undefined) return undefined;
    if (this.#expiring && equalBytes(this.#expiring, key)) return "second-expiry";
    this.#expiring = key.slice();
    return undefined;
  }
}

/** Looks at the elements of one collection. */
export class ElementRule {
  readonly #record: RedisCollection;
  /** Bytes that the key of an element can have at most. */
  readonly #room: number;
  /** The greatest id that a stream says that it gave. */
  readonly #last: Uint8Array | undefined;
  #why: string | undefined;

  /** Nothing is seen yet. */
  constructor(record: RedisCollection) {
    const { type, key, state } = record;
    this.#record = record;
    this.#room = LONGEST_KEY - key.length - AROUND[type];
    if (key.length + BEFORE_KEY > LONGEST_KEY) this.#why = "too-long";
    if (!state) return;
    this.#last = new Uint8Array(16);
    putU64be(this.#last, 0, state.lastMs);
    putU64be(this.#last, 8, state.lastSeq);
  }

  /** Takes the next elements. */
  see(batch: ElementBatch): void {
    const { type } = this.#record;
    if (type === "list") return;
    const { count, ranges, values } = batch;
    for (let i = 0; i < count; i++) {
      const r = i * 4;
      if (this.#last && compareBytes(elementAt(batch, i).key, this.#last) > 0) {
        this.#why = "stream-last-id";
      }
      if (type === "zset" && isNaNAt(values, ranges[r + 2])) this.#why = "score-not-a-number";
      if (ranges[r + 1] - ranges[r] > this.#room) this.#why = "too-long";
    }
  }

  /** Why the collection cannot be restored, of all that was seen. */
  get why(): string | undefined {
    const { state, elements } = this.#record;
    if (state && state.length !== BigInt(elements.count)) return "stream-length";
    return this.#why;
  }
}
