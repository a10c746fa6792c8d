/** Items as DynamoDB JSON, and as the plain JSON that analysts like. @module */

import { STANDARD } from "../../bytes/base64.ts";
import type { JsonWriter } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { type Attribute, type Kind, KINDS, type Member } from "./item.ts";

/** How values are written: with their types, or plain, from which the types cannot be had back. */
export type ItemForm = "typed" | "plain";

/** The names of types, as bytes. A value without a member is written as NULL. */
const TYPE_NAMES = Object.fromEntries(
  KINDS.map((kind) => [kind, encodeUtf8(kind || "NULL")]),
) as Record<Kind, Uint8Array>;

/** Writes an item as an object. `bytes` are those that it was parsed from. */
export function writeItem(
  json: JsonWriter,
  bytes: Uint8Array,
  members: readonly Member[],
  form: ItemForm = "typed",
): void {
  json.beginObject();
  for (const { nameStart, nameEnd, value } of members) {
    json.nameBytes(bytes, nameStart, nameEnd);
    writeAttribute(json, bytes, value, form);
  }
  json.endObject();
}

/** Writes one value. */
export function writeAttribute(
  json: JsonWriter,
  bytes: Uint8Array,
  value: Attribute,
  form: ItemForm,
): void {
  if (form === "plain") return writePlain(json, bytes, value);
  const { kind, start, end, flag, elements, list, members } = value;
  json.beginObject().nameBytes(TYPE_NAMES[kind]);
  switch (kind) {
    case "S":
    case "N":
      json.stringBytes(bytes, start, end);
      break;
    case "B":
      json.base64(STANDARD, bytes, start, end);
      break;
    case "BOOL":
    case "NULL":
      json.bool(flag);
      break;
    case "":
      json.bool(true);
      break;
    case "L":
      json.beginArray();
      for (const element of list) writeAttribute(json, bytes, element, form);
      json.endArray();
      break;
    case "M":
      writeItem(json, bytes, members, form);
      break;
    default:
      json.beginArray();
      for (let i = 0; i < elements.length; i += 2) {
        if (kind === "BS") json.base64(STANDARD, bytes, elements[i], elements[i + 1]);
        else json.stringBytes(bytes, elements[i], elements[i + 1]);
      }
      json.endArray();
  }
  json.endObject();
}

function writePlain(json: JsonWriter, bytes: Uint8Array, value: Attribute): void {
  const { kind, start, end, flag, elements, list, members } = value;
  switch (kind) {
    case "S":
      json.stringBytes(bytes, start, end);
      return;
    case "N":
      writeNumber(json, bytes, start, end);
      return;
    case "B":
      json.base64(STANDARD, bytes, start, end);
      return;
    case "BOOL":
      json.bool(flag);
      return;
    case "NULL":
    case "":
      json.null();
      return;
    case "L":
      json.beginArray();
      for (const element of list) writePlain(json, bytes, element);
      json.endArray();
      return;
    case "M":
      writeItem(json, bytes, members, "plain");
      return;
  }
  json.beginArray();
  for (let i = 0; i < elements.length; i += 2) {
    const from = elements[i];
    const to = elements[i + 1];
    if (kind === "NS") writeNumber(json, bytes, from, to);
    else if (kind === "BS") json.base64(STANDARD, bytes, from, to);
    else json.stringBytes(bytes, from, to);
  }
  json.endArray();
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** The digits as they are stored where they are a JSON number, a string elsewhere: never a double. */
function writeNumber(json: JsonWriter, bytes: Uint8Array, start: number, end: number): void {
  const digits = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 1024)));
  if (end - start <= 1024 && JSON_NUMBER.test(digits)) json.literal(digits);
  else json.stringBytes(bytes, start, end);
}
