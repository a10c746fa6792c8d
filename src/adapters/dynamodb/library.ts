/** Tables and items, for programs. @module */

import { UnsoundError, UsageError } from "../../errors.ts";
import type { Row } from "../../mvcc/row_batch.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import type { AdapterContext, WalkOptions } from "../context.ts";
import { type Item, itemObject } from "./item_objects.ts";
import { rangeWithin } from "../../mvcc/key_range.ts";
import { hashPayload, type ItemKey, payloadOf, storedKeys } from "./keys.ts";
import { records, tableRecords } from "./records.ts";
import { schemaOf, type TableSchema } from "./schema.ts";
import { readTable, type StoredTable, type Table } from "./scopes.ts";
import { ItemReader } from "./values.ts";

/** Which items of a table are read, and how. */
export interface ItemsOptions extends WalkOptions {
  /**
   * Only items whose key is not below this one. The range attribute may be left out. The order is that of
   * the bytes of stored keys: of texts and binary by their bytes, of numbers from 0 on by value. Tables of
   * early servers are in the order of the base64 of their keys.
   */
  from?: ItemKey;
  /** Only items whose key is below this one. */
  to?: ItemKey;
}

/** An item at one time. */
export interface ItemVersion {
  /** When it was committed: Unix milliseconds << 16 | counter. */
  commitTs: bigint;
  /** Absent where it was deleted. */
  item?: Item;
}

/** Which items of a hash attribute are read, and how. */
export interface QueryOptions extends WalkOptions {
  /** Only items from this key on: the whole key, hash and range attribute. */
  from?: ItemKey;
  /** The most items that are given; all. */
  limit?: number;
}

/** The tables of a snapshot. */
export class DynamoTables {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All tables, in the order of their names' bytes. */
  async *tables(): AsyncGenerator<DynamoTable> {
    for await (const { name, receipt } of tableRecords(this.#context)) {
      receipt.written();
      yield new DynamoTable(this.#context, name);
    }
  }

  /**
   * One table. Nothing is read before its items or its schema are asked for.
   *
   * @param name As text, as reports write it, or as bytes.
   * @throws {UsageError} for text that stands for no name.
   */
  table(name: string | Uint8Array): DynamoTable {
    return new DynamoTable(this.#context, nameBytes(name));
  }
}

/** One table. */
export class DynamoTable {
  /** The bytes of its name. */
  readonly rawName: Uint8Array;
  readonly #context: AdapterContext;
  #table: Table | undefined;

  /** By its raw name. */
  constructor(context: AdapterContext, name: Uint8Array) {
    this.#context = context;
    this.rawName = name;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.rawName);
  }

  /**
   * What `_schema.json` of a dump is made from.
   *
   * @throws {UsageError} when there is no such table.
   */
  async schema(): Promise<TableSchema> {
    return schemaOf((await this.#read(this.#context)).schema);
  }

  /**
   * The item with a key, or `undefined`. Its row is looked up; no other items are read.
   *
   * @example
   * ```ts
   * import { openSnapshot } from "@ekv/decant";
   *
   * using snap = await openSnapshot("0000000000000235.fsm");
   * const item = await snap.dynamodb.table("orders").get({ pk: "customer/7", sk: 15 });
   * ```
   *
   * @param key All key attributes. Numbers are compared as the table does: by value, but in tables of
   *   early servers by their digits.
   * @throws {UsageError} when there is no such table, or no item of it can have such a key.
   * @throws {UnsoundError} when the item is malformed.
   */
  async get(key: ItemKey, { signal }: { signal?: AbortSignal } = {}): Promise<Item | undefined> {
    const context = this.#context.walking({ signal });
    for (const stored of await this.#storedKeys(context, key)) {
      const row = await context.rows.get(stored, { signal: context.signal });
      if (row) return readItem(context, this.#table!, row);
    }
    return undefined;
  }

  /**
   * The keys of rows under which an item with a key can lie, for `get` and `history` of the snapshot: one,
   * or two while the table is being moved to a newer layout, of which the first one counts.
   *
   * @throws {UsageError} when there is no such table, or no item of it can have such a key.
   */
  storedKeys(key: ItemKey): Promise<Uint8Array[]> {
    return this.#storedKeys(this.#context, key);
  }

  /**
   * The versions of the item with a key that the node still had, newest first, deletions among them.
   *
   * @throws {UsageError} when there is no such table, or no item of it can have such a key.
   * @throws {UnsoundError} when one is malformed.
   */
  async *versions(
    key: ItemKey,
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<ItemVersion> {
    const context = this.#context.walking({ signal });
    for (const stored of await this.#storedKeys(context, key)) {
      for await (const version of context.rows.history(stored, { signal: context.signal })) {
        const { commitTs, value } = version;
        const item = value && readItem(context, this.#table!, { ...version, key: stored, value });
        yield { commitTs, ...(item && { item }) };
      }
    }
  }

  /**
   * The items with a hash attribute, by their range attributes: only their rows are read. In tables of
   * early servers they come in the order of the base64 of these.
   *
   * @example
   * ```ts
   * import { openSnapshot } from "@ekv/decant";
   *
   * using snap = await openSnapshot("0000000000000235.fsm");
   * for await (const item of snap.dynamodb.table("orders").query({ pk: "customer/7" })) console.log(item);
   * ```
   *
   * @param hash The hash attribute alone.
   * @param options Where to go on: `from` is a whole key, which is among the items. `limit` ends a page.
   * @throws {UsageError} when there is no such table, or no item of it can have such a key.
   * @throws {UnsoundError} at the first row that is malformed.
   */
  async *query(
    hash: ItemKey,
    { limit = Infinity, from, ...walk }: QueryOptions = {},
  ): AsyncGenerator<Item> {
    if (limit <= 0) return;
    const { table } = await this.#read(this.#context.walking(walk));
    const prefix = hashPayload(table, hash);
    const range = rangeWithin({ prefix, from: from && payloadOf(table, from) });
    if (!range) return;
    let count = 0;
    for await (const item of this.#items(table, range, walk)) {
      yield item;
      if (++count >= limit) return;
    }
  }

  /**
   * Its items, each once, in stored order.
   *
   * @throws {UsageError} when there is no such table.
   * @throws {UnsoundError} at the first row that is malformed.
   */
  async *items(options: ItemsOptions = {}): AsyncGenerator<Item> {
    const { table } = await this.#read(this.#context.walking(options));
    const bound = (key: ItemKey | undefined): Uint8Array | undefined =>
      key && payloadOf(table, key);
    yield* this.#items(table, { from: bound(options.from), to: bound(options.to) }, options);
  }

  /** @param range Of payloads. */
  async *#items(
    table: Table,
    range: { from?: Uint8Array; to?: Uint8Array },
    walk: WalkOptions,
  ): AsyncGenerator<Item> {
    const context = this.#context.walking(walk);
    const selection = { scopes: [this.rawName], ...range };
    const reader = new ItemReader(context.kernels, table.keyNames);
    for await (const record of records(context, selection)) {
      if (record.type === "table") {
        record.receipt.written();
        continue;
      }
      const { batch, rows, receipt } = record;
      const items = reader.read(batch, rows, (row, code, message) => {
        throw context.defect(batch, row, code, message);
      });
      for (const some of items) {
        for (let i = 0; i < some.count; i++) yield itemObject(some.message(i));
        receipt.written(some.count);
      }
    }
  }

  async #storedKeys(context: AdapterContext, key: ItemKey): Promise<Uint8Array[]> {
    this.#table ??= (await this.#read(context)).table;
    return storedKeys(this.#table, this.rawName, key);
  }

  async #read(context: AdapterContext): Promise<StoredTable> {
    const row = await readTable(context, this.rawName);
    if (row) return row;
    throw new UsageError(`there is no table named ${JSON.stringify(this.name)}`);
  }
}

function readItem(
  { kernels }: AdapterContext,
  { keyNames }: Table,
  { key, value }: Pick<Row, "key" | "value">,
): Item {
  const items = new ItemReader(kernels, keyNames).readValue(value, (code, message) => {
    throw new UnsoundError(code, message, { key });
  });
  return itemObject(items!.message(0));
}
