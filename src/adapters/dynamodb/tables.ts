/** All tables of a snapshot: their schemas, and what else is known about their names. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { parseTableKey } from "../../keyspace/dynamodb_keys.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { nameText } from "../../text/name_text.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { isJson } from "./legacy_json.ts";
import { parseSchema, schemaMismatch, type TableSchema } from "./schema.ts";

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
  /** Raw name, from the key. */
  name: Uint8Array;
  /** The name for messages. */
  shownName: string;
  schema: TableSchema;
  /** Names of the key attributes as bytes; `range` is absent in tables without a range key. */
  hash: Uint8Array;
  range?: Uint8Array;
  /** The generation that items are in. */
  active: Generation;
  /** The generation that items are still being moved from, if any. */
  source?: Generation;
  /** Whether all item keys are in the order of their attributes, which legacy keys are not. */
  ordered: boolean;
}

/** Why there is no table to read items with. */
export type NoTable = "orphan" | "deleted" | "unsound";

/** Tables by the base64 of their names, as it stands in keys. About 1 KB of memory a table. */
export interface Tables {
  /** Tables that can be read, in the order of their names' bytes. */
  readable: Table[];
  /** The table whose canonical base64 name stands in a key. */
  find(segment: string): Table | NoTable;
}

/** Reads the schemas and generation counters of the wanted tables, and books the rows of schemas. */
export async function readTables(context: AdapterContext): Promise<Tables> {
  const known = new Map<string, Table | NoTable>();
  // The counter outlives its table: without a schema, it says that there was one.
  await addNames(context, "ddb-generation", known, "deleted");
  // A row that cannot be decrypted is in no scan of values, and its table exists.
  await addNames(context, "ddb-table", known, "unsound");
  for await (const batch of context.scan("ddb-table")) {
    for (let i = 0; i < batch.count; i++) {
      const key = rowKey(batch, i);
      const name = parseTableKey("ddb-table", key, 0, key.length);
      if (typeof name === "string") {
        context.refuse(batch, i, "malformed-key", name);
        continue;
      }
      const value = rowValue(batch, i);
      const schema = parseSchema(value);
      const wrong = typeof schema === "string" ? schema : schemaMismatch(schema, name);
      if (typeof schema === "string" || wrong !== undefined) {
        context.refuse(batch, i, "invalid-schema", wrong!);
        continue;
      }
      const table = tableOf(name, schema);
      if (isJson(value, 0, value.length)) {
        context.warn("ddb_legacy_json_value", {
          table: table.shownName,
          family: "schema",
          count: 1,
        });
      }
      known.set(toBase64(URL_SAFE, name), table);
      context.ledger.add("dynamodb", name, "written", 1);
    }
  }
  const readable = [...known.values()].filter((entry) => typeof entry !== "string");
  return {
    readable: readable.sort((a, b) => compareBytes(a.name, b.name)),
    find: (segment) => known.get(segment) ?? "orphan",
  };
}

/** Notes the names in the keys of a family. */
async function addNames(
  context: AdapterContext,
  family: "ddb-generation" | "ddb-table",
  known: Map<string, Table | NoTable>,
  what: NoTable,
): Promise<void> {
  for await (const batch of context.scan(family, false)) {
    for (let i = 0; i < batch.count; i++) {
      const key = rowKey(batch, i);
      const name = parseTableKey(family, key, 0, key.length);
      if (typeof name !== "string") known.set(toBase64(URL_SAFE, name), what);
    }
  }
}

function tableOf(name: Uint8Array, schema: TableSchema): Table {
  const { hash, range } = schema.key;
  const { migratingFrom, generation, keyEncodingVersion } = schema;
  const isMoving = migratingFrom !== 0n && migratingFrom !== generation;
  return {
    name,
    shownName: nameText(name),
    schema,
    hash: encodeUtf8(hash),
    range: range === "" ? undefined : encodeUtf8(range),
    active: generationOf(generation),
    source: isMoving ? generationOf(migratingFrom) : undefined,
    ordered: keyEncodingVersion >= 2n && !isMoving,
  };
}

function generationOf(value: bigint): Generation {
  return { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
}
