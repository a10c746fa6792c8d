/** Items as DynamoDB JSON, and as the plain JSON that analysts like. @module */

import { STANDARD } from "../../bytes/base64.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { type Attribute, isElement, type Kind, kindOf, KINDS } from "./item.ts";
import type { ParsedItem } from "./item_values.ts";

/** How values are written: with their types, or plain, from which the types cannot be had back. */
export type ItemForm = "typed" | "plain";

/** The names of types, as bytes. A value without a member is written as NULL. */
const TYPE_NAMES = Object.fromEntries(
  KINDS.map((kind) => [kind, encodeUtf8(kind || "NULL")]),
) as Record<Kind, Uint8Array>;

/** What the values are made of that hold others: `""` stands for values of any kind. */
const ELEMENTS: { readonly [kind in Kind]?: Kind } = { L: "", M: "", SS: "S", NS: "N", BS: "B" };

/**
 * Writes items from their messages, one after the other: what that needs on the way is made once. An
 * item is written in pieces, as it may have millions of values and a text of any length.
 */
export class ItemText {
  readonly #form: ItemForm;
  /** One for each message that is open. */
  readonly #readers: ProtobufReader[] = [];

  /** Writes nothing yet. */
  constructor(form: ItemForm = "typed") {
    this.#form = form;
  }

  /** An item as an object. */
  write(json: JsonWriter, { bytes, start, end }: ParsedItem): Pieces {
    return this.#members(json, bytes, start, end, 0);
  }

  /** A key attribute: a value of type S, N or B. */
  *writeKey(json: JsonWriter, bytes: Uint8Array, { kind, start, end }: Attribute): Pieces {
    if (this.#form === "typed") json.beginObject().nameBytes(TYPE_NAMES[kind]);
    if (end - start > LONG_STRING) yield* this.#long(json, bytes, kind, start, end);
    else this.#scalar(json, bytes, kind, start, end, false);
    if (this.#form === "typed") json.endObject();
  }

  *#members(
    json: JsonWriter,
    bytes: Uint8Array,
    start: number,
    end: number,
    depth: number,
  ): Pieces {
    json.beginObject();
    const entries = this.#reader(depth, bytes, start, end);
    const fields = this.#reader(depth + 1, bytes, start, end);
    while (entries.next()) {
      if (!isElement(entries)) continue;
      fields.reset(bytes, entries.start, entries.end);
      let nameStart = 0;
      let nameEnd = 0;
      let valueStart = 0;
      let valueEnd = 0;
      while (fields.next()) {
        if (fields.wire !== Wire.BYTES) continue;
        if (fields.field === 1) {
          nameStart = fields.start;
          nameEnd = fields.end;
        } else if (fields.field === 2) {
          valueStart = fields.start;
          valueEnd = fields.end;
        }
      }
      if (nameEnd - nameStart > LONG_STRING) yield* json.longName(bytes, nameStart, nameEnd);
      else json.nameBytes(bytes, nameStart, nameEnd);
      if (!this.#tryValue(json, bytes, valueStart, valueEnd, depth + 2)) {
        yield* this.#longValue(json, bytes, valueStart, valueEnd, depth + 2);
      }
      if (json.isFull) yield;
    }
    json.endObject();
  }

  /** Writes a value that is one short thing; `false` if it is another. */
  #tryValue(
    json: JsonWriter,
    bytes: Uint8Array,
    start: number,
    end: number,
    depth: number,
  ): boolean {
    if (end - start > LONG_STRING) return false;
    const value = this.#member(bytes, start, end, depth);
    const kind = kindOf(value);
    if (ELEMENTS[kind] !== undefined) return false;
    const typed = this.#form === "typed";
    if (typed) json.beginObject().nameBytes(TYPE_NAMES[kind]);
    this.#scalar(json, bytes, kind, value.start, value.end, value.low !== 0 || value.high !== 0);
    if (typed) json.endObject();
    return true;
  }

  *#longValue(
    json: JsonWriter,
    bytes: Uint8Array,
    start: number,
    end: number,
    depth: number,
  ): Pieces {
    const value = this.#member(bytes, start, end, depth);
    const kind = kindOf(value);
    const flag = value.low !== 0 || value.high !== 0;
    if (this.#form === "typed") json.beginObject().nameBytes(TYPE_NAMES[kind]);
    if (kind === "M") yield* this.#members(json, bytes, value.start, value.end, depth + 1);
    else if (ELEMENTS[kind] !== undefined) {
      yield* this.#elements(json, bytes, ELEMENTS[kind], value.start, value.end, depth + 1);
    } else if (kind === "S" || kind === "N" || kind === "B") {
      yield* this.#long(json, bytes, kind, value.start, value.end);
    } else this.#scalar(json, bytes, kind, value.start, value.end, flag);
    if (this.#form === "typed") json.endObject();
  }

  /** The reader of a value, at its one member if it has any. */
  #member(bytes: Uint8Array, start: number, end: number, depth: number): ProtobufReader {
    const value = this.#reader(depth, bytes, start, end);
    while (value.next()) if (kindOf(value) !== "") return value;
    value.field = 0;
    return value;
  }

  /** The elements of a list or set. */
  *#elements(
    json: JsonWriter,
    bytes: Uint8Array,
    kind: Kind,
    start: number,
    end: number,
    depth: number,
  ): Pieces {
    json.beginArray();
    const elements = this.#reader(depth, bytes, start, end);
    while (elements.next()) {
      if (!isElement(elements)) continue;
      const { start, end } = elements;
      if (kind === "") {
        if (!this.#tryValue(json, bytes, start, end, depth + 1)) {
          yield* this.#longValue(json, bytes, start, end, depth + 1);
        }
      } else if (end - start > LONG_STRING) yield* this.#long(json, bytes, kind, start, end);
      else this.#scalar(json, bytes, kind, start, end, false);
      if (json.isFull) yield;
    }
    json.endArray();
  }

  /** A text, number or binary of any length. */
  #long(json: JsonWriter, bytes: Uint8Array, kind: Kind, start: number, end: number): Pieces {
    return kind === "B"
      ? json.longBase64(STANDARD, bytes, start, end)
      : json.longString(bytes, start, end);
  }

  /** A short text, number or binary, a bool or a null. */
  #scalar(
    json: JsonWriter,
    bytes: Uint8Array,
    kind: Kind,
    start: number,
    end: number,
    flag: boolean,
  ): void {
    const plain = this.#form === "plain";
    switch (kind) {
      case "S":
        json.stringBytes(bytes, start, end);
        return;
      case "N":
        if (plain) writeNumber(json, bytes, start, end);
        else json.stringBytes(bytes, start, end);
        return;
      case "B":
        json.base64(STANDARD, bytes, start, end);
        return;
      case "BOOL":
        json.bool(flag);
        return;
      default:
        if (plain) json.null();
        else json.bool(kind === "" || flag);
    }
  }

  #reader(depth: number, bytes: Uint8Array, start: number, end: number): ProtobufReader {
    const reader = this.#readers[depth] ??= new ProtobufReader();
    return reader.reset(bytes, start, end);
  }
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** The digits as they are stored where they are a JSON number, a string elsewhere: never a double. */
function writeNumber(json: JsonWriter, bytes: Uint8Array, start: number, end: number): void {
  const digits = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 1024)));
  if (end - start <= 1024 && JSON_NUMBER.test(digits)) json.literal(digits);
  else json.stringBytes(bytes, start, end);
}
