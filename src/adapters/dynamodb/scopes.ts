/**
 * The tables: what is needed of them while items are read, and what else is known about their names. Long
 * names and schemas are not kept: they are in their rows, which are read again.
 *
 * @module
 */

import { compareBytes } from "../../bytes/compare.ts";
import { UnsoundError } from "../../errors.ts";
import { parseTableKey, tableKey } from "../../keyspace/dynamodb_keys.ts";
import { nameKey, scopeLabel } from "../../keyspace/scope_labels.ts";
import {
  type RowBatch,
  type RowHandle,
  rowHandle,
  rowKey,
  rowValue,
} from "../../mvcc/row_batch.ts";
import { nameText } from "../../text/name_text.ts";
import type { AdapterContext } from "../context.ts";
import { keepRow, type KeptRow, keptRow } from "../kept_rows.ts";
import type { KeyAttributeNames } from "./item_walk.ts";
import { isJson } from "./legacy_json.ts";
import { parseSchema, schemaMismatch } from "./schema.ts";
import type { Part, SchemaMessage } from "./schema_message.ts";

/** A generation of a table's items, as the kernel takes it out of a key. */
export interface Generation {
  /** Upper 32 bits. */
  high: number;
  /** Lower 32 bits. */
  low: number;
}

/** Whether the key whose columns begin at `keys[k]` is of a generation. */
export function isGeneration({ high, low }: Generation, keys: Uint32Array, k: number): boolean {
  return keys[k + 4] === low && keys[k + 3] === high;
}

/** A table that can be read. */
export interface Table {
  /** Label of its name. */
  label: Uint8Array;
  /** The same for messages. */
  shownName: string;
  /** Its hash key. */
  hash: KeyAttribute;
  /** Its range key, if it has one. */
  range?: KeyAttribute;
  /** The names of both. */
  keyNames: KeyAttributeNames;
  /** Below 2: item keys are base64 of the attributes; from 2 on, ordered segments. */
  keyEncodingVersion: bigint;
  /** The generation that items are in. */
  generation: bigint;
  /** The same, as in a key. */
  active: Generation;
  /** The generation that items are still being moved from, if any. */
  source?: Generation & { number: bigint };
  /** Whether all item keys are in the order of their attributes, which legacy keys are not. */
  ordered: boolean;
}

/** An attribute of a key. */
export interface KeyAttribute {
  /** Its name. */
  name: Uint8Array;
  /** `S`, `N` or `B`; `S` where the schema does not say, and anything else where it says nonsense. */
  type: string;
}

/** A table with what its row says. */
export interface StoredTable {
  table: Table;
  /** Raw name. */
  name: Uint8Array;
  schema: SchemaMessage;
}

/** One table, by its name alone; `undefined` where there is none. */
export async function readTable(
  { rows, signal }: Pick<AdapterContext, "rows" | "signal">,
  name: Uint8Array,
): Promise<StoredTable | undefined> {
  const row = await rows.get(tableKey("ddb-table", name), { signal });
  if (!row) return undefined;
  const schema = schemaIn(row.value, name);
  if (typeof schema !== "string") return { table: tableOf(name, schema), name, schema };
  throw new UnsoundError("invalid-schema", schema, { key: row.key });
}

/** What is kept of a table: itself, its row, and where that is. */
interface KeptTable {
  table: Table;
  row: KeptRow;
  place: RowHandle;
}

/** Why there is no table to read items with. */
export type NoTable = "orphan" | "deleted" | "unsound";

/** Tables by their names. 1 to 6 KB of memory a table. */
export class Tables {
  readonly #context: AdapterContext;
  readonly #known = new Map<string, KeptTable | NoTable>();

  private constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** Reads the schemas and generation counters of the wanted tables. Rows that are no schemas are refused. */
  static async read(context: AdapterContext): Promise<Tables> {
    const tables = new Tables(context);
    // The counter outlives its table: without a schema, it says that there was one.
    await tables.#addNames("ddb-generation", "deleted");
    // A row that cannot be decrypted is in no scan of values, and its table exists.
    await tables.#addNames("ddb-table", "unsound");
    for await (const batch of context.scan("ddb-table")) {
      for (let i = 0; i < batch.count; i++) tables.#addRow(batch, i);
    }
    return tables;
  }

  /** The table with a name, or why there is none. */
  find(name: Uint8Array): Table | NoTable {
    const known = this.#known.get(nameKey(name)) ?? "orphan";
    return typeof known === "string" ? known : known.table;
  }

  /** The tables that can be read, in the order of their labels' bytes, and where their rows are. */
  async *rows(): AsyncGenerator<StoredTable & { place: RowHandle }> {
    const tables = [...this.#known.values()].filter((known) => typeof known !== "string");
    tables.sort((a, b) => compareBytes(a.table.label, b.table.label));
    for (const { table, row, place } of tables) {
      const { key, value } = await keptRow(this.#context.rows, row);
      const name = parseTableKey("ddb-table", key, 0, key.length) as Uint8Array;
      yield { table, name, schema: parseSchema(value) as SchemaMessage, place };
    }
  }

  #addRow(batch: RowBatch, i: number): void {
    const context = this.#context;
    const key = rowKey(batch, i);
    const name = parseTableKey("ddb-table", key, 0, key.length);
    if (typeof name === "string") return context.refuse(batch, i, "malformed-key", name);
    const value = rowValue(batch, i);
    const schema = schemaIn(value, name);
    if (typeof schema === "string") return context.refuse(batch, i, "invalid-schema", schema);
    const table = tableOf(name, schema);
    if (isJson(value, 0, value.length)) {
      context.warn("ddb_legacy_json_value", {
        table: table.shownName,
        family: "schema",
        count: 1,
      });
    }
    this.#known.set(nameKey(name), { table, row: keepRow(batch, i), place: rowHandle(batch, i) });
  }

  /** Notes the names in the keys of a family. */
  async #addNames(family: "ddb-generation" | "ddb-table", what: NoTable): Promise<void> {
    for await (const batch of this.#context.scan(family, false)) {
      for (let i = 0; i < batch.count; i++) {
        const key = rowKey(batch, i);
        const name = parseTableKey(family, key, 0, key.length);
        if (typeof name !== "string") this.#known.set(nameKey(name), what);
      }
    }
  }
}

/** The schema of the table with a name, or what is wrong with the value. */
function schemaIn(value: Uint8Array, name: Uint8Array): SchemaMessage | string {
  const schema = parseSchema(value);
  return typeof schema === "string" ? schema : schemaMismatch(schema, name) ?? schema;
}

function tableOf(name: Uint8Array, schema: SchemaMessage): Table {
  const { key, migratingFrom, generation, keyEncodingVersion } = schema;
  const isMoving = migratingFrom !== 0n && migratingFrom !== generation;
  const label = scopeLabel(name);
  const hash = keyAttribute(schema, key.hash);
  const range = key.range.start === key.range.end ? undefined : keyAttribute(schema, key.range);
  return {
    label,
    shownName: nameText(label),
    hash,
    range,
    keyNames: { hash: hash.name, range: range?.name },
    keyEncodingVersion,
    generation,
    active: generationOf(generation),
    source: isMoving ? { number: migratingFrom, ...generationOf(migratingFrom) } : undefined,
    ordered: keyEncodingVersion >= 2n && !isMoving,
  };
}

function keyAttribute(schema: SchemaMessage, name: Part): KeyAttribute {
  const { bytes } = schema;
  const { start, end } = schema.typeOf(name);
  return {
    name: bytes.slice(name.start, name.end),
    type: start === end ? "S" : end - start === 1 ? String.fromCharCode(bytes[start]) : "",
  };
}

function generationOf(value: bigint): Generation {
  return { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
}
