/** The document that a dump makes of a message, straight from where its members stand. @module */

import { STANDARD, URL_SAFE } from "../../bytes/base64.ts";
import { compact } from "../../text/json_compact.ts";
import { sortedMembers } from "../../text/json_members.ts";
import { asStringBytes, isEmpty, type JsonNode } from "../../text/json_reader.ts";
import { appendJsonString } from "../../text/json_string.ts";
import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { encodeUtf8, isUtf8 } from "../../text/utf8.ts";
import {
  MEMBER_TYPES,
  MESSAGE_MEMBERS,
  type MessageMember,
  type MessageValue,
} from "./message_value.ts";

/** Members that are in every document, 0 or "" where the row has none. */
const REQUIRED: ReadonlySet<MessageMember> = new Set([
  "message_id",
  "body",
  "send_timestamp_millis",
  "available_at_millis",
  "visible_at_millis",
  "receive_count",
  "queue_generation",
]);

/** What receiving a message changes: only of use to who deletes messages of the same cluster. */
const VISIBILITY: ReadonlySet<MessageMember> = new Set([
  "visible_at_millis",
  "receive_count",
  "first_receive_millis",
  "current_receipt_token",
]);

/** What stands before each value, from the brace or the comma to the colon. */
const BEGINNINGS = MESSAGE_MEMBERS.map((name, i) => encodeUtf8(`${i === 0 ? "{" : ","}"${name}":`));
const PARTITION = encodeUtf8(`,"partition":`);
const MEMBERS = MESSAGE_MEMBERS.map((name, i) => ({
  type: MEMBER_TYPES[name],
  beginning: BEGINNINGS[i],
  isRequired: REQUIRED.has(name),
  isVisibility: VISIBILITY.has(name),
}));

/**
 * Writes a message's document.
 *
 * @param json Stands where a value may come.
 * @param preserveVisibility Whether to keep what receiving a message changes.
 */
export function* writeMessage(
  json: JsonWriter,
  message: MessageValue,
  preserveVisibility: boolean,
): Pieces {
  const { bytes, places: { starts, ends, plain } } = message;
  const { out } = json;
  for (let i = 0; i < MEMBERS.length; i++) {
    const { type, beginning, isRequired, isVisibility } = MEMBERS[i];
    const start = isVisibility && !preserveVisibility ? 0 : starts[i];
    const end = ends[i];
    if (type === "bytes") {
      if (isRequired) yield* writeBody(json, message, beginning);
      else if (start > 0 && message.token.length > 0) {
        out.append(beginning);
        yield* json.longBase64(STANDARD, message.token.bytes, 0, message.token.length);
      }
    } else if (type === "text") {
      if (start === 0 || (end - start === 2 && !isRequired)) continue;
      out.append(beginning);
      if (plain[i] === 1 && end - start <= LONG_STRING) out.append(bytes, start, end);
      else yield* json.text(message.text(i)!);
    } else if (type === "object") {
      if (start > 0) yield* writeAttributes(json, { kind: "object", bytes, start, end }, beginning);
    } else if (start === 0 || isZero(bytes, end)) {
      if (isRequired) out.append(beginning).byte(0x30);
    } else out.append(beginning).append(bytes, start, end);
  }
  const { partition } = message.keys;
  if (partition !== undefined) out.append(PARTITION).ascii(String(partition));
  out.byte(0x7d);
}

/** Whether an integer is `0` or `-0`: no other one ends behind a byte that is no digit and a zero. */
function isZero(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 1] === 0x30 && !(bytes[end - 2] >= 0x30 && bytes[end - 2] <= 0x39);
}

/** Text where the bytes are UTF-8, with `<`, `>` and `&` escaped; else `{"base64":"…"}`, URL alphabet. */
function* writeBody(json: JsonWriter, { body }: MessageValue, beginning: Uint8Array): Pieces {
  const { bytes, length } = body;
  json.out.append(beginning);
  if (!isUtf8(bytes, 0, length)) {
    json.out.ascii(`{"base64":`);
    yield* json.longBase64(URL_SAFE, bytes, 0, length);
    json.out.byte(0x7d);
  } else if (length > LONG_STRING) yield* json.longString(bytes, 0, length, true);
  else appendJsonString(json.out, bytes, 0, length, true);
}

/** Names are text like any other; values keep the spelling of their source. */
function* writeAttributes(json: JsonWriter, object: JsonNode, beginning: Uint8Array): Pieces {
  if (isEmpty(object)) return;
  json.out.append(beginning);
  json.beginObject();
  for (const { name, value } of sortedMembers([object])) {
    yield* json.textName(asStringBytes(name)!);
    yield* compact(json, value);
    if (json.isFull) yield;
  }
  json.endObject();
}
