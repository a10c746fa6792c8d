/**
 * Values from servers of early 2026, which stored plain JSON under the same keys. Rows that were never
 * updated since may still be so.
 *
 * ```text
 * item    {"name":{"S":"…"},…}          DynamoDB JSON
 * schema  {"table_name":…,"attribute_definitions":{name:type},"primary_key":{"hash_key":…,"range_key":…},
 *          "global_secondary_indexes":{name:{"key_schema":{…},"projection":{…}}},"key_encoding_version":n,
 *          "migrating_from_generation":n,"generation":n}
 * ```
 *
 * An item is turned into the message that a server writes today, so that nothing else has to know.
 *
 * @module
 */

import { fromBase64, STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { MessageBuilder } from "../../bytes/message_builder.ts";
import {
  asBool,
  asString,
  asStringBytes,
  asUint64,
  fields,
  items,
  JsonError,
  type JsonMember,
  type JsonNode,
  members,
  parseJson,
} from "../../text/json_reader.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { type Kind, KINDS, MAX_DEPTH } from "./item_message.ts";

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Whether a value is JSON of that time: no message begins with a brace. */
export function isJson(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end && SPACE.has(bytes[start])) start++;
  return start < end && bytes[start] === 0x7b;
}

class Unfit extends Error {}

function reading<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unfit || error instanceof JsonError) {
      return `the legacy JSON is malformed: ${error.message}`;
    }
    throw error;
  }
}

/** The message that a server would write for a legacy item, or what is wrong with the value. */
export function upgradeLegacyItem(value: Uint8Array): Uint8Array | string {
  return reading(() => {
    // Each value is an object around what it holds.
    const root = parseJson(value, 0, value.length, {
      invalidText: "error",
      maxDepth: 2 * MAX_DEPTH + 2,
    });
    const out = new MessageBuilder(new ByteBuilder(value.length));
    appendEntries(out, root);
    return out.out.view();
  });
}

function appendEntries(out: MessageBuilder, object: JsonNode): void {
  if (object.kind !== "object") throw new Unfit("an object is expected");
  for (const { name, value } of members(object)) {
    out.begin(1).bytes(1, asStringBytes(name)!).begin(2);
    appendValue(out, value);
    out.end().end();
  }
}

function appendValue(out: MessageBuilder, node: JsonNode): void {
  if (node.kind !== "object") throw new Unfit("a value is not an object");
  let member: JsonMember | undefined;
  for (const next of members(node)) {
    if (member) throw new Unfit("a value must have exactly one type");
    member = next;
  }
  if (!member) throw new Unfit("a value must have exactly one type");
  const type = asString(member.name)!;
  const { value } = member;
  const field = KINDS.indexOf(type as Kind);
  switch (type) {
    case "S":
    case "N":
      out.bytes(field, textOf(value));
      return;
    case "B":
      out.bytes(field, bytesOf(value));
      return;
    case "BOOL":
    case "NULL": {
      const flag = asBool(value);
      if (flag === undefined) throw new Unfit(`${type} is neither true nor false`);
      out.number(field, flag ? 1 : 0);
      return;
    }
    case "SS":
    case "NS":
    case "BS":
      out.begin(field);
      for (const element of elementsOf(value)) {
        out.bytes(1, type === "BS" ? bytesOf(element) : textOf(element));
      }
      break;
    case "L":
      out.begin(field);
      for (const element of elementsOf(value)) {
        out.begin(1);
        appendValue(out, element);
        out.end();
      }
      break;
    case "M":
      out.begin(field);
      appendEntries(out, value);
      break;
    default:
      throw new Unfit("a value has an unknown type");
  }
  out.end();
}

function textOf(node: JsonNode): Uint8Array {
  const bytes = asStringBytes(node);
  if (!bytes) throw new Unfit("a string is expected");
  return bytes;
}

function bytesOf(node: JsonNode): Uint8Array {
  const bytes = fromBase64(STANDARD, textOf(node));
  if (!bytes) throw new Unfit("base64 is expected");
  return bytes;
}

/** The message that a server would write for a legacy schema, or what is wrong with the value. */
export function upgradeLegacySchema(value: Uint8Array): Uint8Array | string {
  return reading(() => {
    const root = fieldsOf(parseJson(value, 0, value.length, { invalidText: "error" }), [
      "table_name",
      "attribute_definitions",
      "primary_key",
      "global_secondary_indexes",
      "key_encoding_version",
      "migrating_from_generation",
      "generation",
    ]);
    const out = new MessageBuilder(new ByteBuilder(value.length));
    out.bytes(1, text(root.table_name));
    for (const { name, value } of membersOf(root.attribute_definitions)) {
      out.begin(2).bytes(1, textOf(name)).bytes(2, text(value)).end();
    }
    if (root.primary_key) appendKey(out, 3, root.primary_key);
    for (const { name, value } of membersOf(root.global_secondary_indexes)) {
      out.begin(4).bytes(1, textOf(name)).begin(2);
      appendIndex(out, value);
      out.end().end();
    }
    out.integer(5, integer(root.key_encoding_version));
    out.integer(6, integer(root.migrating_from_generation));
    out.integer(7, integer(root.generation));
    return out.out.view();
  });
}

function appendIndex(out: MessageBuilder, node: JsonNode): void {
  const index = fieldsOf(node, ["key_schema", "projection", "hash_key", "range_key"]);
  // The oldest form has the key's names in the index itself and projects everything.
  appendKey(out, 1, index.key_schema ?? node);
  const projection = index.projection &&
    fieldsOf(index.projection, ["projection_type", "non_key_attributes"]);
  out.begin(2).bytes(1, projection ? text(projection.projection_type) : ALL);
  if (projection?.non_key_attributes) {
    for (const name of elementsOf(projection.non_key_attributes)) out.bytes(2, text(name));
  }
  out.end();
}

const ALL = encodeUtf8("ALL");

function appendKey(out: MessageBuilder, field: number, node: JsonNode): void {
  const { hash_key, range_key } = fieldsOf(node, ["hash_key", "range_key"]);
  out.begin(field).bytes(1, text(hash_key)).bytes(2, text(range_key)).end();
}

function fieldsOf<Name extends string>(
  node: JsonNode,
  names: readonly Name[],
): { [name in Name]?: JsonNode } {
  if (node.kind !== "object") throw new Unfit("an object is expected");
  return fields(node, names);
}

function elementsOf(node: JsonNode): Iterable<JsonNode> {
  if (node.kind !== "array") throw new Unfit("a list is expected");
  return items(node);
}

function membersOf(node: JsonNode | undefined): Iterable<JsonMember> {
  if (!node) return [];
  if (node.kind !== "object") throw new Unfit("an object is expected");
  return members(node);
}

function text(node: JsonNode | undefined): Uint8Array {
  return node ? textOf(node) : NO_TEXT;
}

const NO_TEXT = new Uint8Array(0);

function integer(node: JsonNode | undefined): bigint {
  if (!node) return 0n;
  const n = asUint64(node);
  if (n === undefined) throw new Unfit("a whole number is expected");
  return n;
}
