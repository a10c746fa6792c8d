/** Elements as JSON, the same in files and in record lines. @module */

import type { JsonWriter } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { writeBytes } from "../record_line.ts";
import type { ElementOf } from "./elements.ts";
import type { CollectionType } from "./types.ts";

const NAME = encodeUtf8("name");
const VALUE = encodeUtf8("value");
const MEMBER = encodeUtf8("member");
const SCORE = encodeUtf8("score");
const ID = encodeUtf8("id");
const FIELDS = encodeUtf8("fields");

type Writer<T> = (json: JsonWriter, element: T) => void;

const WRITERS: { readonly [type in CollectionType]: Writer<ElementOf[type]> } = {
  list: writeBytes,
  set: writeBytes,
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

function writeField(json: JsonWriter, name: Uint8Array, value: Uint8Array): void {
  json.beginObject().nameBytes(NAME);
  writeBytes(json, name);
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
