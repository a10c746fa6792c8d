/** Tables and items, for programs. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { UsageError } from "../../errors.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import { writeAll } from "../../tree/pieces.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { checkedItems } from "./checked_items.ts";
import { ItemText } from "./item_json.ts";
import { readItemRows } from "./item_rows.ts";
import { schemaOf, type TableSchema } from "./schema.ts";
import type { SchemaMessage } from "./schema_message.ts";
import { Tables } from "./tables.ts";

/** A value as DynamoDB JSON has it: numbers are strings, binary is base64. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: boolean }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: { [name: string]: AttributeValue } };

/** An item as DynamoDB JSON. */
export type Item = { [name: string]: AttributeValue };

/** The tables of a snapshot. */
export class DynamoTables {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All tables, in the order of their names' bytes. */
  async *tables(): AsyncGenerator<DynamoTable> {
    const tables = await Tables.read(this.#context);
    for await (const { name } of tables.rows()) yield new DynamoTable(this.#context, name);
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
  readonly #context: AdapterContext;
  readonly #name: Uint8Array;

  /** By its raw name. */
  constructor(context: AdapterContext, name: Uint8Array) {
    this.#context = context;
    this.#name = name;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.#name);
  }

  /**
   * What `_schema.json` of a dump is made from.
   *
   * @throws {UsageError} when there is no such table.
   */
  async schema(): Promise<TableSchema> {
    return schemaOf((await this.#find()).schema);
  }

  /**
   * Its items, each once, in stored order.
   *
   * @throws {UsageError} when there is no such table.
   * @throws {UnsoundError} at the first row that is malformed.
   */
  async *items(): AsyncGenerator<Item> {
    const { context, tables } = await this.#find();
    const json = new ByteBuilder();
    const text = new ItemText();
    const notes = { legacyJson: 0, unreadable: 0 };
    for await (const run of readItemRows(context, tables)) {
      for (const items of checkedItems(context, run, notes)) {
        for (const item of items) {
          writeAll(text.write(new JsonWriter(json.clear(), { indent: false, html: false }), item));
          yield JSON.parse(decodeUtf8(json.view())!);
        }
      }
    }
  }

  async #find(): Promise<{ context: AdapterContext; tables: Tables; schema: SchemaMessage }> {
    const context = this.#context.selecting("dynamodb", { scopes: [this.#name] });
    const tables = await Tables.read(context);
    for await (const { schema } of tables.rows()) return { context, tables, schema };
    throw new UsageError(`there is no table named ${JSON.stringify(this.name)}`);
  }
}
