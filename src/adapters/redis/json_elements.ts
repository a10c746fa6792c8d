/** Elements as JSON, the same in files and in record lines. @module */

import type { Kernels, TextForm, WrittenTexts } from "../../kernels/kernels.ts";
import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { writeBytes, writeLongBytes } from "../record_line.ts";
import type { ElementBatch } from "./element_batch.ts";
import { elementAt, type RedisElement } from "./elements.ts";
import { EntryReader } from "./messages.ts";
import type { RedisKeyInfo, StreamState } from "./records.ts";
import type { CollectionType } from "./types.ts";
import { idText, scoreAt } from "./values.ts";

const NAME = encodeUtf8("name");
const VALUE = encodeUtf8("value");
const MEMBER = encodeUtf8("member");
const SCORE = encodeUtf8("score");
const ID = encodeUtf8("id");
const FIELDS = encodeUtf8("fields");

/**
 * Writes elements of an array, the short ones many at once.
 *
 * @example
 * ```ts ignore
 * const texts = new ElementTexts(kernels, json, "list");
 * for (let i = 0; i < batch.count;) {
 *   const some = texts.from(batch, i);
 *   if (some.count > 0) json.elements(some.bytes);
 *   else writeElement(json, "list", batch, i++);
 *   i += some.count;
 * }
 * ```
 */
export class ElementTexts {
  readonly #kernels: Kernels;
  readonly #form: TextForm | undefined;

  /** @param json Stands in the array. */
  constructor(kernels: Kernels, json: JsonWriter, type: CollectionType) {
    this.#kernels = kernels;
    this.#form = formOf(json, type);
  }

  /** The JSON of elements from the `first` on, each with a comma before it; of the next one maybe none. */
  from({ keys, values, ranges, count }: ElementBatch, first: number): WrittenTexts {
    if (!this.#form || keys !== values) return NONE;
    return this.#kernels.writeTexts({ bytes: keys, ranges, count }, first, this.#form);
  }
}

const NONE: WrittenTexts = { count: 0, bytes: new Uint8Array(0), ends: new Uint32Array(0) };

/** The texts of an element and what stands around them; of scores and entries no kernel knows. */
function formOf(json: JsonWriter, type: CollectionType): TextForm | undefined {
  const { colon, html } = json;
  const form = (columns: number[], around: string[], levels: number): TextForm => ({
    columns,
    around: around.map(encodeUtf8),
    binary: [
      encodeUtf8(`{${json.lineBreak(levels + 1)}"base64"${colon}"`),
      encodeUtf8(`"${json.lineBreak(levels)}}`),
    ],
    html,
  });
  const before = "," + json.lineBreak(0);
  const member = json.lineBreak(1);
  switch (type) {
    case "list":
      return form([2], [before, ""], 0);
    case "set":
      return form([0], [before, ""], 0);
    case "hash": {
      const name = `${before}{${member}"name"${colon}`;
      const value = `,${member}"value"${colon}`;
      return form([0, 2], [name, value, json.lineBreak(0) + "}"], 1);
    }
    default:
      return undefined;
  }
}

/**
 * Writes an element of a type. Bytes that are not UTF-8 become `{"base64":"…"}`.
 *
 * @returns Nothing for one that is short, which is written at once; else the writer of a long one.
 */
export function writeElement(
  json: JsonWriter,
  type: CollectionType,
  batch: ElementBatch,
  i: number,
): Pieces | undefined {
  const { ranges } = batch;
  const r = i * 4;
  if (ranges[r + 1] - ranges[r] + ranges[r + 3] - ranges[r + 2] > LONG_STRING) {
    return writeLong(json, type, elementAt(batch, i));
  }
  writeShort(json, type, batch, i);
  return undefined;
}

function writeShort(
  json: JsonWriter,
  type: CollectionType,
  batch: ElementBatch,
  i: number,
): void {
  const { keys, values, ranges } = batch;
  const r = i * 4;
  const start = ranges[r + 2];
  const end = ranges[r + 3];
  switch (type) {
    case "list":
      return writeBytes(json, values, start, end);
    case "set":
      return writeBytes(json, keys, ranges[r], ranges[r + 1]);
    case "hash":
      writeBytes(json.beginObject().nameBytes(NAME), keys, ranges[r], ranges[r + 1]);
      writeBytes(json.nameBytes(VALUE), values, start, end);
      json.endObject();
      return;
    case "zset":
      writeBytes(json.beginObject().nameBytes(MEMBER), keys, ranges[r], ranges[r + 1]);
      json.nameBytes(SCORE).literal(scoreJson(scoreAt(values, start))).endObject();
      return;
    case "stream": {
      const { key, value } = elementAt(batch, i);
      beginEntry(json, key);
      for (const entry = new EntryReader().reset(value); entry.next();) {
        json.beginObject().nameBytes(NAME).stringBytes(value, entry.nameStart, entry.nameEnd);
        json.nameBytes(VALUE).stringBytes(value, entry.valueStart, entry.valueEnd).endObject();
      }
      json.endArray().endObject();
    }
  }
}

function* writeLong(json: JsonWriter, type: CollectionType, element: RedisElement): Pieces {
  const { key, value } = element;
  switch (type) {
    case "list":
      return yield* writeLongBytes(json, value);
    case "set":
      return yield* writeLongBytes(json, key);
    case "hash":
      yield* writeLongBytes(json.beginObject().nameBytes(NAME), key);
      yield* writeLongBytes(json.nameBytes(VALUE), value);
      json.endObject();
      return;
    case "zset":
      yield* writeLongBytes(json.beginObject().nameBytes(MEMBER), key);
      json.nameBytes(SCORE).literal(scoreJson(scoreAt(value, 0))).endObject();
      return;
    case "stream":
      yield* writeLongEntry(json, element);
  }
}

/** Its text, with a name and a value for each four bytes, can be many times as long as the row. */
function* writeLongEntry(json: JsonWriter, { key, value }: RedisElement): Pieces {
  const entry = new EntryReader().reset(value);
  beginEntry(json, key);
  while (entry.next()) {
    const { nameStart, nameEnd, valueStart, valueEnd } = entry;
    json.beginObject().nameBytes(NAME);
    if (valueEnd - nameStart <= LONG_STRING) {
      json.stringBytes(value, nameStart, nameEnd);
      json.nameBytes(VALUE).stringBytes(value, valueStart, valueEnd);
      if (json.isFull) yield;
    } else {
      yield* json.longString(value, nameStart, nameEnd);
      yield* json.nameBytes(VALUE).longString(value, valueStart, valueEnd);
    }
    json.endObject();
  }
  json.endArray().endObject();
}

function beginEntry(json: JsonWriter, id: Uint8Array): void {
  json.beginObject().nameBytes(ID).literal(`"${idText(id)}"`);
  json.nameBytes(FIELDS).beginArray();
}

/** Writes what is known about a stream besides its entries, as members. */
export function writeStreamState(json: JsonWriter, { length, lastMs, lastSeq }: StreamState): void {
  json.name("length").integer(length).name("last_ms").integer(lastMs);
  json.name("last_seq").integer(lastSeq);
}

/** Writes when a key expires, as a member. */
export function writeExpiry(
  json: JsonWriter,
  { expireAtMs }: Pick<RedisKeyInfo, "expireAtMs">,
): void {
  json.name("expire_at_ms");
  if (expireAtMs === undefined) json.null();
  else json.integer(expireAtMs);
}

/**
 * A score as JSON: the shortest decimal that gives the same double, `-0` with its sign, and `"+inf"`,
 * `"-inf"` and `"nan"` as strings.
 */
function scoreJson(score: number): string {
  if (Number.isNaN(score)) return '"nan"';
  if (!Number.isFinite(score)) return score > 0 ? '"+inf"' : '"-inf"';
  return Object.is(score, -0) ? "-0" : String(score);
}
