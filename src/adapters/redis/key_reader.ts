/** Makes a record of a key as one type, and books its rows by what became of it. @module */

import { UnsoundError } from "../../errors.ts";
import type { RowHandle } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Fate } from "../ledger.ts";
import { type Outcome, Receipt } from "../receipts.ts";
import { BlobElements } from "./blob_elements.ts";
import { CollectionCheck, warnUnloadable } from "./checks.ts";
import { CollectionReceipt, RedisElements } from "./elements.ts";
import type { Facts, PassedRow } from "./facts.ts";
import type { ElementCursor } from "./element_batch.ts";
import type { BlobType } from "./messages.ts";
import type { RedisCollection, RedisKeyInfo, RedisKeyRecord, RedisValue } from "./records.ts";
import type { TypedKey } from "./key_types.ts";
import { RowElements } from "./row_elements.ts";
import { DATABASE } from "./scopes.ts";
import type { CollectionType } from "./types.ts";
import { preambleSize } from "./values.ts";

/** Reads keys, each as one type. */
export class KeyReader {
  readonly #context: AdapterContext;
  readonly #cursorOf: (type: CollectionType) => ElementCursor;

  /**
   * Made for one walk.
   *
   * @param cursorOf The element rows of a type.
   */
  constructor(context: AdapterContext, cursorOf: (type: CollectionType) => ElementCursor) {
    this.#context = context;
    this.#cursorOf = cursorOf;
  }

  /** Gives the record, and books its rows. Returns the fate of those that are no elements. */
  read(key: TypedKey, name: Uint8Array, facts: Facts): AsyncGenerator<RedisKeyRecord, Fate> {
    switch (key.type) {
      case "string":
        return key.from === "bare"
          ? this.#readBare(key, name, facts.bare!)
          : this.#readValue("string", key, name, facts.string!.row!);
      case "hll":
        return this.#readValue("hll", key, name, facts.hll!.row);
      default:
        return this.#readCollection(key.type, key, name, facts);
    }
  }

  async *#readValue(
    type: "string" | "hll",
    key: TypedKey,
    name: Uint8Array,
    row: PassedRow,
  ): AsyncGenerator<RedisValue, Fate> {
    const value = await this.#valueOf(row);
    const receipt = new Receipt();
    const size = preambleSize(type, value, 0, value.length) as number;
    yield { type, ...keyOf(key, name), value: value.subarray(size), receipt };
    if (receipt.outcome === "not-loadable") warnUnloadable(this.#context, name.length - 4, 1);
    return this.#book(receipt.outcome, 1, name);
  }

  async #valueOf({ handle, value }: PassedRow): Promise<Uint8Array> {
    return value ?? (await this.#context.rows.read(handle)).value;
  }

  /** A row without a family. It is always live, and was not opened when it was found. */
  async *#readBare(
    key: TypedKey,
    name: Uint8Array,
    row: RowHandle,
  ): AsyncGenerator<RedisValue, Fate> {
    const receipt = new Receipt();
    let value: Uint8Array | undefined;
    try {
      ({ value } = await this.#context.rows.read(row));
    } catch (error) {
      if (!(error instanceof UnsoundError)) throw error;
      receipt.refuse(error);
    }
    if (value) yield { type: "string", ...keyOf(key, name), value, receipt };
    return this.#book(receipt.outcome, 1, name, "system");
  }

  async *#readCollection(
    type: CollectionType,
    key: TypedKey,
    name: Uint8Array,
    facts: Facts,
  ): AsyncGenerator<RedisCollection, Fate> {
    const { scratch } = this.#context;
    const check = new CollectionCheck(type, facts);
    const receipt = new CollectionReceipt();
    const blob = key.from === "blob" && await BlobElements.of(
      scratch,
      type as BlobType,
      await this.#valueOf(facts.blobs[type as BlobType]!),
    );
    const source = blob || new RowElements(this.#cursorOf(type), name);
    const elements = new RedisElements(source, (batch) => check.see(batch));
    const state = type === "stream" ? facts.metas.stream : undefined;
    try {
      yield { type, ...keyOf(key, name), elements, state, receipt };
      await elements.pass();
    } finally {
      if (blob) blob.close();
    }
    const { outcome, notLoadable, isEmpty } = receipt;
    const userKeyLength = name.length - 4;
    if (outcome !== "hidden") check.report(this.#context, userKeyLength);
    if (notLoadable > 0) warnUnloadable(this.#context, userKeyLength, notLoadable);
    const own = (facts.metas[type] ? 1 : 0) + (blob ? 1 : 0);
    this.#context.ledger.add(
      "redis",
      DATABASE,
      "not-loadable",
      blob ? 0 : notLoadable,
      name.subarray(4),
    );
    const count = own + (blob ? 0 : elements.count - notLoadable);
    return this.#book(isEmpty ? "operational" : outcome, count, name);
  }

  #book(
    outcome: Outcome | "operational",
    rows: number,
    name: Uint8Array,
    adapter: "redis" | "system" = "redis",
  ): Fate {
    const scope = adapter === "redis" ? DATABASE : undefined;
    const isUnsound = outcome instanceof UnsoundError;
    if (isUnsound) this.#context.problem({ error: outcome, adapter, scope });
    const fate = isUnsound ? "unsound" : outcome;
    this.#context.ledger.add(adapter, scope, fate, rows, name.subarray(4));
    return fate;
  }
}

function keyOf({ live, expireAtMs }: TypedKey, name: Uint8Array): RedisKeyInfo {
  return { key: name.slice(4), live, expireAtMs };
}
