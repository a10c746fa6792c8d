/** Elements as JSON, the same in files and in record lines. @module */

import type { JsonWriter } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { writeBytes } from "../record_line.ts";
import type { ByteBuilder } from "../../bytes/builder.ts";
import type { ElementOf } from "./elements.ts";
import type { RedisRecord, RedisStream } from "./records.ts";
import type { CollectionType } from "./types.ts";

const NAME = encodeUtf8("name");
const VALUE = encodeUtf8("value");
const MEMBER = encodeUtf8("member");
const SCORE = encodeUtf8("score");
const ID = encodeUtf8("id");
const FIELDS = encodeUtf8("fields");

const LONG = 64 << 10;

type Writer<T> = (json: JsonWriter, element: T) => void;

const WRITERS: { readonly [type in CollectionType]: Writer<ElementOf[type]> } = {
  list: writeItem,
  set: writeItem,
  hash: (json, { name, value }) => writeField(json, name, value),
  zset: (json, { member, score }) => {
    json.beginObject().nameBytes(MEMBER);
    writeBytes(json, member);
    json.nameBytes(SCORE).literal(scoreJson(score)).endObject();
  },
  stream: (json, { ms, seq, fields }) => {
    json.beginObject().nameBytes(ID).literal(`"${ms}-${seq}"`).nameBytes(FIELDS).beginArray();
    for (let i = 0; i < fields.length; i += 2) writeField(json, fields[i], fields[i + 1]);
    json.endArray().endObject();
  },
};

/** Writes an element of a type. Bytes that are not UTF-8 become `{"base64":"…"}`. */
export function writeElement<Type extends CollectionType>(
  json: JsonWriter,
  type: Type,
  element: ElementOf[Type],
): void {
  WRITERS[type](json, element);
}

/** Writes what is known about a stream besides its entries, as members. */
export function writeStreamState(json: JsonWriter, { length, lastMs, lastSeq }: RedisStream): void {
  json.name("length").integer(length).name("last_ms").integer(lastMs);
  json.name("last_seq").integer(lastSeq);
}

/** Writes when a key expires, as a member. */
export function writeExpiry(json: JsonWriter, { expireAtMs }: RedisRecord): void {
  json.name("expire_at_ms");
  if (expireAtMs === undefined) json.null();
  else json.integer(expireAtMs);
}

/** Makes room for a long value and what is around it, so that the buffer does not double for a quote. */
export function makeRoom(out: ByteBuilder, bytes: number): void {
  // Base64 takes a third more.
  if (bytes > LONG) out.reserve(bytes + bytes / 2 + LONG);
}

function writeItem(json: JsonWriter, item: Uint8Array): void {
  makeRoom(json.out, item.length);
  writeBytes(json, item);
}

function writeField(json: JsonWriter, name: Uint8Array, value: Uint8Array): void {
  json.beginObject().nameBytes(NAME);
  writeBytes(json, name);
  makeRoom(json.out, value.length);
  json.nameBytes(VALUE);
  writeBytes(json, value);
  json.endObject();
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
