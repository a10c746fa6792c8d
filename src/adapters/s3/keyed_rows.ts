/** The rows of one family, one after the other, with what their keys say. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { FAMILY, type FamilyId } from "../../keyspace/families.ts";
import type { Located, ObjectKey } from "../../keyspace/s3_keys.ts";
import type { KeyRange } from "../../mvcc/key_range.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";

/** How keys go on behind their family's prefix: ascending ranges, each with an end. */
export type Within = readonly Required<KeyRange>[];

/**
 * Where rows of a family lie.
 *
 * @param within Those with such keys; all that are wanted unless given.
 */
export function rangesOf(context: AdapterContext, family: FamilyId, within?: Within): KeyRange[] {
  if (!within) return context.wanted.rangesOf(FAMILY[family]);
  const { bytes } = FAMILY[family];
  const at = (key: Uint8Array): Uint8Array => new ByteBuilder().append(bytes).append(key).take();
  return within.map(({ from, to }) => ({ from: at(from), to: at(to) }));
}

/** Why no bucket can have this name, or `undefined`. No server makes one, and no folder can be it. */
export function bucketNameDefect(bucket: Uint8Array): string | undefined {
  const dots = bucket.length <= 2 && bucket.every((b) => b === 0x2e);
  return dots ? `a bucket cannot be called "${".".repeat(bucket.length)}"` : undefined;
}

/** Takes a key apart; see `parseObjectKey`. */
export type ParseKey<Key> = (
  bytes: Uint8Array,
  start: number,
  end: number,
  last: Key | undefined,
) => Key | string;

/** Goes through the live rows of a family of objects. Rows with a malformed key are refused on the way. */
export class KeyedRows<Key extends Located<ObjectKey>> {
  /** What the current row's key says; absent before the first row and behind the last. */
  key: Key | undefined;
  /** The current row is row {@link i} of it. */
  batch!: RowBatch;
  /** The current row. */
  i: number = -1;
  readonly #context: AdapterContext;
  readonly #batches: AsyncGenerator<RowBatch>;
  readonly #parse: ParseKey<Key>;
  readonly #prefixLength: number;

  /**
   * Stands before the first row.
   *
   * @param within Only rows with such keys.
   */
  constructor(
    context: AdapterContext,
    family: FamilyId,
    parse: ParseKey<Key>,
    within?: Within,
  ) {
    this.#context = context;
    this.#batches = context.scanRanges(rangesOf(context, family, within));
    this.#parse = parse;
    this.#prefixLength = FAMILY[family].bytes.length;
  }

  /** The bytes that all rows of the current row's object have, as a view. There must be a current row. */
  get object(): Uint8Array {
    const { bytes, ranges } = this.batch;
    return bytes.subarray(ranges[this.i * 4] + this.#prefixLength, this.key!.objectEnd);
  }

  /** Whether there is a current row and it belongs to the object with these bytes. */
  isAt(object: Uint8Array): boolean {
    return this.key !== undefined && equalBytes(this.object, object);
  }

  /** Whether the row behind the current one is at hand, and does not begin with these bytes. */
  isLastAt(object: Uint8Array): boolean {
    const { bytes, ranges, count } = this.batch;
    if (this.i + 1 >= count) return false;
    const r = (this.i + 1) * 4;
    const start = ranges[r] + this.#prefixLength;
    if (ranges[r + 1] - start < object.length) return true;
    for (let k = object.length - 1; k >= 0; k--) if (bytes[start + k] !== object[k]) return true;
    return false;
  }

  /** Gives the current row a reason for being left out. */
  leave(reason: Reason): MaybePromise<void> {
    return this.#context.leave(this.batch, this.i, reason);
  }

  /** Goes to the next row. */
  next(): MaybePromise<void> {
    while (this.batch && ++this.i < this.batch.count) if (this.#take()) return;
    return this.#nextBatch();
  }

  async #nextBatch(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#batches.next();
      if (done) {
        this.key = undefined;
        return;
      }
      this.batch = value;
      for (this.i = 0; this.i < value.count; this.i++) if (this.#take()) return;
    }
  }

  /** Looks at the current row's key; `false` for a malformed one, which is refused. */
  #take(): boolean {
    const { bytes, ranges } = this.batch;
    const key = this.#parse(bytes, ranges[this.i * 4], ranges[this.i * 4 + 1], this.key);
    const defect = typeof key === "string" ? key : bucketNameDefect(key.bucket);
    if (defect === undefined) {
      this.key = key as Key;
      return true;
    }
    this.#context.refuse(this.batch, this.i, "malformed-key", defect);
    return false;
  }

  /** Lets go of the rest. */
  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}

/** Walks the keys of a family beside another walk. They must be asked for in ascending order. */
export class KeyCursor {
  readonly #batches: AsyncGenerator<RowBatch>;
  readonly #prefixLength: number;
  #batch: RowBatch | undefined;
  #i = 0;

  /**
   * Nothing is read before the first question.
   *
   * @param within Only rows with such keys.
   */
  constructor(context: AdapterContext, family: FamilyId, within?: Within) {
    this.#batches = context.scanRanges(rangesOf(context, family, within), false);
    this.#prefixLength = FAMILY[family].bytes.length;
  }

  /** Whether the key of a live row goes on with these bytes behind the family's prefix. */
  async has(target: Uint8Array): Promise<boolean> {
    do {
      for (; this.#batch && this.#i < this.#batch.count; this.#i++) {
        const order = this.#compare(this.#batch, target);
        if (order >= 0) return order === 0;
      }
    } while (await this.#nextBatch());
    return false;
  }

  /** Calls `see` for each live row whose key goes on with these bytes; it must not look at values. */
  async forEach(target: Uint8Array, see: (batch: RowBatch, i: number) => void): Promise<void> {
    do {
      for (; this.#batch && this.#i < this.#batch.count; this.#i++) {
        const order = this.#compare(this.#batch, target);
        if (order > 0) return;
        if (order === 0) see(this.#batch, this.#i);
      }
    } while (await this.#nextBatch());
  }

  /** Lets go of the rest. */
  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }

  async #nextBatch(): Promise<boolean> {
    const { value, done } = await this.#batches.next();
    this.#batch = done ? undefined : value;
    this.#i = 0;
    return !done;
  }

  /** Compares as much of a key as the target has. */
  #compare({ bytes, ranges }: RowBatch, target: Uint8Array): number {
    const start = ranges[this.#i * 4] + this.#prefixLength;
    const length = Math.min(target.length, ranges[this.#i * 4 + 1] - start);
    for (let k = 0; k < length; k++) {
      if (bytes[start + k] !== target[k]) return bytes[start + k] - target[k];
    }
    return length - target.length;
  }
}
