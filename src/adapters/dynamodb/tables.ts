/** All tables of a snapshot: their schemas, and what else is known about their names. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { parseTableKey } from "../../keyspace/dynamodb_keys.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { isJson } from "./legacy_json.ts";
import { parseSchema, schemaMismatch, type TableSchema } from "./schema.ts";

/** A table that can be read. */
export interface Table {
  /** Raw name, from the key. */
  name: Uint8Array;
  schema: TableSchema;
  /** Names of the key attributes as bytes; `range` is absent in tables without a range key. */
  hash: Uint8Array;
  range?: Uint8Array;
  /** The generation that items are still being moved from, if any. */
  source?: bigint;
  /** Whether item keys are in the order of their attributes, which legacy keys are not. */
  ordered: boolean;
}

/** Tables by the base64 of their names, as it stands in keys. About 1 KB of memory a table. */
export interface Tables {
  /** Tables that can be read, in the order of their names' bytes. */
  readable: Table[];
  /** What is known of the table whose base64 name stands in a key. */
  find(segment: string): Table | "deleted" | "not-selected" | "unsound" | undefined;
}

/** Reads all schemas and generation counters, and books their rows. */
export async function readTables(context: AdapterContext): Promise<Tables> {
  const known = new Map<string, Table | "deleted" | "not-selected" | "unsound">();
  // The counter outlives its table: without a schema, it says that there was one.
  for await (const batch of context.scan(FAMILY["ddb-generation"].bytes, false)) {
    for (let i = 0; i < batch.count; i++) {
      const key = rowKey(batch, i);
      const name = parseTableKey("ddb-generation", key, 0, key.length);
      if (typeof name !== "string") known.set(toBase64(URL_SAFE, name), "deleted");
    }
  }
  for await (const batch of context.scan(FAMILY["ddb-table"].bytes)) {
    for (let i = 0; i < batch.count; i++) {
      const key = rowKey(batch, i);
      const name = parseTableKey("ddb-table", key, 0, key.length);
      if (typeof name === "string") {
        context.refuse(batch, i, "malformed-key", name);
        continue;
      }
      const segment = toBase64(URL_SAFE, name);
      if (!context.selects("dynamodb", name)) {
        known.set(segment, "not-selected");
        await context.leave(batch, i, "not-selected");
        continue;
      }
      const value = rowValue(batch, i);
      const schema = parseSchema(value);
      const wrong = typeof schema === "string" ? schema : schemaMismatch(schema, name);
      if (typeof schema === "string" || wrong !== undefined) {
        known.set(segment, "unsound");
        context.refuse(batch, i, "invalid-schema", wrong!);
        continue;
      }
      if (isJson(value, 0, value.length)) {
        context.warn("ddb_legacy_json_value", {
          encoded_table: segment,
          family: "schema",
          count: 1,
        });
      }
      known.set(segment, tableOf(name, schema));
      context.ledger.add("dynamodb", name, "written", 1);
    }
  }
  const readable = [...known.values()].filter((entry) => typeof entry !== "string") as Table[];
  return {
    readable: readable.sort((a, b) => compareBytes(a.name, b.name)),
    find: (segment) => known.get(segment),
  };
}

function tableOf(name: Uint8Array, schema: TableSchema): Table {
  const { hash, range } = schema.key;
  const { migratingFrom, generation, keyEncodingVersion } = schema;
  const source = migratingFrom !== 0n && migratingFrom !== generation ? migratingFrom : undefined;
  return {
    name,
    schema,
    hash: encodeUtf8(hash),
    range: range === "" ? undefined : encodeUtf8(range),
    source,
    ordered: keyEncodingVersion >= 2n && source === undefined,
  };
}
