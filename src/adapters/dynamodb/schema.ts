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

import { startsWith } from "../../bytes/compare.ts";
import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { cutBefore, decodeUtf8 } from "../../text/utf8.ts";
import { isJson, upgradeLegacySchema } from "./legacy_json.ts";
import { type KeyParts, type Part, SchemaMessage } from "./schema_message.ts";

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
export function parseSchema(value: Uint8Array): SchemaMessage | string {
  if (!isJson(value, 0, value.length)) {
    if (!startsWith(value, MAGIC)) return "the magic number of schemas is missing";
    return SchemaMessage.read(value, MAGIC.length, value.length) ?? MALFORMED;
  }
  const upgraded = upgradeLegacySchema(value);
  if (typeof upgraded === "string") return upgraded;
  return SchemaMessage.read(upgraded, 0, upgraded.length) ?? MALFORMED;
}

/** A schema as objects. */
export function schemaOf(schema: SchemaMessage): TableSchema {
  const text = ({ start, end }: Part): string => decodeUtf8(schema.bytes, start, end)!;
  const names = ({ hash, range }: KeyParts): KeyNames => ({ hash: text(hash), range: text(range) });
  const attributeTypes = new Map<string, string>();
  for (let i = 0; i < schema.attributeCount; i++) {
    const { name, type } = schema.attribute(i);
    attributeTypes.set(text(name), text(type));
  }
  return {
    tableName: text(schema.tableName),
    attributeTypes,
    key: names(schema.key),
    indexes: Array.from({ length: schema.indexCount }, (_, i) => {
      const { name, key, projectionType, nonKey } = schema.index(i);
      return {
        name: text(name),
        key: names(key),
        projectionType: text(projectionType),
        nonKeyAttributes: Array.from(nonKey, text),
      };
    }),
    keyEncodingVersion: schema.keyEncodingVersion,
    migratingFrom: schema.migratingFrom,
    generation: schema.generation,
  };
}

/** Writes what `_schema.json` holds. */
export function* writeSchema(json: JsonWriter, schema: SchemaMessage): Pieces {
  json.beginObject();
  json.name("format_version").integer(1);
  json.name("table_name");
  yield* writeText(json, schema, schema.tableName);
  json.name("primary_key");
  yield* writeKey(json, schema, schema.key);
  json.name("attribute_definitions").beginArray();
  for (let i = 0; i < schema.attributeCount; i++) {
    const { name, type } = schema.attribute(i);
    json.beginObject().name("name");
    yield* writeText(json, schema, name);
    json.name("type");
    yield* writeText(json, schema, type);
    json.endObject();
  }
  json.endArray();
  if (schema.indexCount > 0) {
    json.name("global_secondary_indexes").beginArray();
    for (let i = 0; i < schema.indexCount; i++) yield* writeIndex(json, schema, i);
    json.endArray();
  }
  json.endObject();
}

function* writeIndex(json: JsonWriter, schema: SchemaMessage, i: number): Pieces {
  const { name, key, projectionType, nonKey } = schema.index(i);
  json.beginObject().name("name");
  yield* writeText(json, schema, name);
  json.name("key_schema");
  yield* writeKey(json, schema, key);
  json.name("projection").beginObject().name("type");
  yield* writeText(json, schema, projectionType);
  let any = false;
  for (const attribute of nonKey) {
    if (!any) json.name("non_key_attributes").beginArray();
    any = true;
    yield* writeText(json, schema, attribute);
  }
  if (any) json.endArray();
  json.endObject().endObject();
}

function* writeKey(json: JsonWriter, schema: SchemaMessage, { hash, range }: KeyParts): Pieces {
  json.beginObject().name("hash_key");
  yield* writeKeyAttribute(json, schema, hash);
  json.name("range_key");
  if (isEmpty(range)) json.beginObject().endObject();
  else yield* writeKeyAttribute(json, schema, range);
  json.endObject();
}

function* writeKeyAttribute(json: JsonWriter, schema: SchemaMessage, name: Part): Pieces {
  json.beginObject();
  if (!isEmpty(name)) {
    json.name("name");
    yield* writeText(json, schema, name);
  }
  const type = schema.typeOf(name);
  if (!isEmpty(type)) {
    json.name("type");
    yield* writeText(json, schema, type);
  }
  json.endObject();
}

function* writeText(json: JsonWriter, { bytes }: SchemaMessage, { start, end }: Part): Pieces {
  if (end - start > LONG_STRING) yield* json.longString(bytes, start, end);
  else json.stringBytes(bytes, start, end);
  if (json.isFull) yield;
}

function isEmpty({ start, end }: Part): boolean {
  return start === end;
}

/** Bytes of a name that a message shows. */
const SHOWN = 1024;

/** Why a schema cannot be that of the table its key names, or `undefined`. */
export function schemaMismatch(schema: SchemaMessage, name: Uint8Array): string | undefined {
  const { bytes, tableName: { start, end } } = schema;
  if (start === end || startsWith(bytes, name, start, end) && name.length === end - start) {
    return undefined;
  }
  const cut = end - start > SHOWN ? cutBefore(bytes, start + SHOWN) : end;
  const shown = JSON.stringify(decodeUtf8(bytes, start, cut));
  return `the schema is of a table named ${shown}${cut < end ? "…" : ""}`;
}
