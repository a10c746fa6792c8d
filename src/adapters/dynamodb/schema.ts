/**
 * Table schemas as stored.
 *
 * ```text
 * key   := !ddb|meta|table| ‖ base64 name
 * value := 00 44 53 01 ‖ message TableDefinition      or, from servers of early 2026, JSON
 * ```
 *
 * @module
 */

import { fromBinary } from "@bufbuild/protobuf";
import { startsWith } from "../../bytes/compare.ts";
import { TableDefinitionSchema } from "../../proto/dynamodb_pb.ts";
import { compareUtf8, decodeUtf8 } from "../../text/utf8.ts";
import type { JsonWriter } from "../../text/json_writer.ts";
import { isJson, parseLegacySchema } from "./legacy_json.ts";
import { isReadable } from "./wire_check.ts";

/** Names of key attributes; an empty name = there is none. */
export interface KeyNames {
  /** Name of the hash key attribute. */
  hash: string;
  /** Name of the range key attribute. */
  range: string;
}

/** An index over all items of a table. */
export interface Index {
  /** Name of the index. */
  name: string;
  /** Its key attributes. */
  key: KeyNames;
  /** `ALL`, `KEYS_ONLY` or `INCLUDE`; empty where the server stored none. */
  projectionType: string;
  /** In stored order. */
  nonKeyAttributes: string[];
}

/** A table. */
export interface TableSchema {
  /** Name as the schema says it; may be empty in very old rows. */
  tableName: string;
  /** Attribute name → `S`, `N` or `B`. */
  attributeTypes: ReadonlyMap<string, string>;
  /** Its key attributes. */
  key: KeyNames;
  /** In the order of the names' bytes. */
  indexes: Index[];
  /** Below 2: item keys are base64 of the attributes; from 2 on, ordered segments. */
  keyEncodingVersion: bigint;
  /** The generation that items are still being moved from; 0 = none. */
  migratingFrom: bigint;
  /** The generation that items are in. */
  generation: bigint;
}

const MAGIC = Uint8Array.of(0x00, 0x44, 0x53, 0x01);
const MALFORMED = "the protocol buffer is malformed";

/** The schema that a value holds, or what is wrong with it. */
export function parseSchema(value: Uint8Array): TableSchema | string {
  if (isJson(value, 0, value.length)) return parseLegacySchema(value);
  if (!startsWith(value, MAGIC)) return "the magic number of schemas is missing";
  if (!isReadable(TableDefinitionSchema, value, MAGIC.length, value.length)) return MALFORMED;
  try {
    const message = fromBinary(TableDefinitionSchema, value.subarray(MAGIC.length));
    const { hashKey = "", rangeKey = "" } = message.primaryKey ?? {};
    return {
      tableName: message.tableName,
      attributeTypes: new Map(Object.entries(message.attributeDefinitions)),
      key: { hash: hashKey, range: rangeKey },
      indexes: Object.entries(message.globalSecondaryIndexes).map(([name, index]) => ({
        name,
        key: { hash: index.keySchema?.hashKey ?? "", range: index.keySchema?.rangeKey ?? "" },
        projectionType: index.projection?.projectionType ?? "",
        nonKeyAttributes: index.projection?.nonKeyAttributes ?? [],
      })).sort((a, b) => compareUtf8(a.name, b.name)),
      keyEncodingVersion: message.keyEncodingVersion,
      migratingFrom: message.migratingFromGeneration,
      generation: message.generation,
    };
  } catch {
    return MALFORMED; // a string is not UTF-8
  }
}

/** Writes what `_schema.json` holds. */
export function writeSchema(json: JsonWriter, schema: TableSchema): void {
  json.beginObject();
  json.name("format_version").integer(1);
  json.name("table_name").string(schema.tableName);
  json.name("primary_key");
  writeKey(json, schema, schema.key);
  json.name("attribute_definitions").beginArray();
  const definitions = [...schema.attributeTypes].sort(([a], [b]) => compareUtf8(a, b));
  for (const [name, type] of definitions) {
    json.beginObject().name("name").string(name).name("type").string(type).endObject();
  }
  json.endArray();
  if (schema.indexes.length > 0) {
    json.name("global_secondary_indexes").beginArray();
    for (const index of schema.indexes) writeIndex(json, schema, index);
    json.endArray();
  }
  json.endObject();
}

function writeIndex(json: JsonWriter, schema: TableSchema, index: Index): void {
  json.beginObject();
  json.name("name").string(index.name);
  json.name("key_schema");
  writeKey(json, schema, index.key);
  json.name("projection").beginObject();
  json.name("type").string(index.projectionType);
  if (index.nonKeyAttributes.length > 0) {
    json.name("non_key_attributes").beginArray();
    for (const name of index.nonKeyAttributes) json.string(name);
    json.endArray();
  }
  json.endObject().endObject();
}

function writeKey(json: JsonWriter, schema: TableSchema, { hash, range }: KeyNames): void {
  json.beginObject();
  json.name("hash_key");
  writeKeyAttribute(json, schema, hash);
  json.name("range_key");
  if (range === "") json.beginObject().endObject();
  else writeKeyAttribute(json, schema, range);
  json.endObject();
}

function writeKeyAttribute(json: JsonWriter, schema: TableSchema, name: string): void {
  json.beginObject();
  if (name !== "") json.name("name").string(name);
  const type = schema.attributeTypes.get(name);
  if (type) json.name("type").string(type);
  json.endObject();
}

/** Why a schema cannot be that of the table its key names, or `undefined`. */
export function schemaMismatch(schema: TableSchema, name: Uint8Array): string | undefined {
  if (schema.tableName === "" || schema.tableName === decodeUtf8(name)) return undefined;
  return `the schema is of a table named ${JSON.stringify(schema.tableName)}`;
}
