/** Makes a record of a key as one type. @module */

import { UnsoundError } from "../../errors.ts";
import type { RowHandle } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Fate } from "../ledger.ts";
import { CollectionCheck, warnUnloadable } from "./checks.ts";
import { BlobElements, RowElements } from "./element_sources.ts";
import { elementsOf } from "./elements.ts";
import type { Facts } from "./facts.ts";
import { blobDefect, type BlobType } from "./messages.ts";
import type { Cursor } from "./names.ts";
import type { RedisRecord } from "./records.ts";
import type { Shape } from "./resolver.ts";
import { type CollectionType, DATABASE } from "./types.ts";
import { type Meta, readEnvelope } from "./values.ts";

/** Reads what a shape stands for. */
export class ShapeReader {
  readonly #context: AdapterContext;
  readonly #cursorOf: (type: CollectionType) => Cursor;
  readonly #loadable: boolean;

  /**
   * Made for one walk.
   *
   * @param cursorOf The element rows of a type.
   * @param loadable See {@link RedisKeyOptions}.
   */
  constructor(
    context: AdapterContext,
    cursorOf: (type: CollectionType) => Cursor,
    loadable: boolean,
  ) {
    this.#context = context;
    this.#cursorOf = cursorOf;
    this.#loadable = loadable;
  }

  /**
   * Gives the record, and when it was dealt with books its rows.
   *
   * @returns The fate of the rows; elements that are kept back have their own.
   */
  read(shape: Shape, name: Uint8Array, facts: Facts): AsyncGenerator<RedisRecord, Fate> {
    switch (shape.type) {
      case "string":
        return this.#readString(
          shape,
          name,
          (shape.from === "bare" ? facts.bare : facts.string?.row)!,
        );
      case "hll":
        return this.#readHll(shape, name, facts.hll!.row);
      default:
        return this.#readCollection(shape.type, shape, name, facts);
    }
  }

  /** A string that the index may give an expiry. It is always live. */
  async *#readString(
    shape: Shape,
    name: Uint8Array,
    row: RowHandle,
  ): AsyncGenerator<RedisRecord, Fate> {
    const bare = shape.from === "bare";
    const book = (fate: Fate): Fate => {
      const key = name.subarray(4);
      if (bare) this.#context.ledger.add("system", undefined, fate, 1, key);
      else this.#context.ledger.add("redis", DATABASE, fate, 1, key);
      return fate;
    };
    let value: Uint8Array;
    try {
      ({ value } = await this.#context.rows.read(row));
    } catch (error) {
      // Bare rows were not opened when they were found.
      if (!bare || !(error instanceof UnsoundError)) throw error;
      this.#context.problem({ error, adapter: "system" });
      return book("unsound");
    }
    yield { type: "string", value, ...keyOf(shape, name) };
    return book("written");
  }

  async *#readHll(
    shape: Shape,
    name: Uint8Array,
    row: RowHandle,
  ): AsyncGenerator<RedisRecord, Fate> {
    const book = (fate: Fate): Fate => {
      this.#context.ledger.add("redis", DATABASE, fate, 1, name.subarray(4));
      return fate;
    };
    if (this.#loadable && !shape.live) return book("hidden");
    const { value } = await this.#context.rows.read(row);
    const envelope = readEnvelope("hll", value, 0, value.length);
    const payload = value.subarray(typeof envelope === "string" ? 0 : envelope.start);
    if (this.#loadable && blobDefect("set", payload, 0, payload.length) !== undefined) {
      warnUnloadable(this.#context, name.length - 4, 1);
      return book("not-loadable");
    }
    yield { type: "hll", value: payload, ...keyOf(shape, name) };
    return book("written");
  }

  async *#readCollection(
    type: CollectionType,
    shape: Shape,
    name: Uint8Array,
    facts: Facts,
  ): AsyncGenerator<RedisRecord, Fate> {
    const { rows, scratch, ledger } = this.#context;
    const check = new CollectionCheck(type, facts, this.#loadable);
    const judge = check.see.bind(check);
    const blob = shape.from === "blob";
    const elements = blob
      ? await BlobElements.of(
        scratch,
        type as BlobType,
        (await rows.read(facts.blobs[type as BlobType]!)).value,
        judge,
      )
      : new RowElements(rows, this.#cursorOf(type), name, judge);
    const meta = facts.metas[type];
    const hidden = this.#loadable && !shape.live;
    try {
      if (!hidden) {
        yield {
          type,
          ...keyOf(shape, name),
          elements: elementsOf(type, elements),
          ...(type === "stream" ? lastOf(meta!) : {}),
        } as RedisRecord;
      }
      while (await elements.next());
    } finally {
      if (elements instanceof BlobElements) elements.close();
    }
    if (!hidden) check.report(this.#context, name.length - 4);
    // Redis has no empty collections but streams.
    const nothing = this.#loadable && elements.count === 0 && type !== "stream";
    const fate: Fate = hidden ? "hidden" : nothing ? "operational" : "written";
    const own = (meta ? 1 : 0) + (blob ? 1 : 0);
    ledger.add("redis", DATABASE, fate, own + (blob ? 0 : elements.count));
    if (!blob) {
      const unloadable = hidden ? "hidden" : "not-loadable";
      ledger.add("redis", DATABASE, unloadable, check.unloadable, name.subarray(4));
    }
    return fate;
  }
}

function keyOf(
  { live, expireAtMs }: Shape,
  name: Uint8Array,
): { key: Uint8Array; live: boolean; expireAtMs?: bigint } {
  return { key: name.slice(4), live, expireAtMs };
}

function lastOf({ length, lastMs, lastSeq }: Meta): Omit<Meta, "head"> {
  return { length, lastMs, lastSeq };
}
