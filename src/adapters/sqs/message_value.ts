/** What a message's row says, and the document that a dump makes of it. @module */

import { fromBase64, URL_SAFE } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import type { SqsKey } from "../../keyspace/sqs_keys.ts";
import { compact } from "../../text/json_compact.ts";
import { sortedMembers } from "../../text/json_members.ts";
import {
  asString,
  asStringBytes,
  fields,
  isEmpty,
  type JsonNode,
  parseJson,
} from "../../text/json_reader.ts";
import { type Members, object, omitZero, optional, required } from "../../text/json_shape.ts";
import { type Shape, textBytes, uint32, uint64 } from "../../text/json_shape.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { decodeUtf8, isUtf8 } from "../../text/utf8.ts";
import { writeAll } from "../../tree/pieces.ts";
import { base64, int64, wrong } from "./shapes.ts";
import { readStored } from "./stored_value.ts";

/** A message. Members are named as in its row and in the dump; what is 0 or "" may be absent. */
export interface SqsMessage {
  /** The server's: 32 lower-case hex digits. */
  message_id: string;
  /** As it was sent; not always UTF-8. */
  body: Uint8Array;
  /** Hex digits, as the server told its sender. */
  md5_of_body?: string;
  /** Hex digits, as the server told its sender. */
  md5_of_message_attributes?: string;
  /** By name, sorted by the UTF-8 of the names: the row's own JSON, without white space. */
  message_attributes?: ReadonlyMap<string, Uint8Array>;
  /** Who sent it. */
  sender_id?: string;
  /** Unix milliseconds. */
  send_timestamp_millis: bigint;
  /** Unix milliseconds: when it was sent, and its delay. */
  available_at_millis: bigint;
  /** Unix milliseconds from which it can be received; 0 unless visibility is preserved. */
  visible_at_millis: bigint;
  /** How often it was received; 0 unless visibility is preserved. */
  receive_count: bigint;
  /** Unix milliseconds; absent unless visibility is preserved. */
  first_receive_millis?: bigint;
  /** A working receipt handle is made of it; absent unless visibility is preserved. */
  current_receipt_token?: Uint8Array;
  /** Of the queue that it is in. */
  queue_generation: bigint;
  /** FIFO: messages of one group are in order. */
  message_group_id?: string;
  /** FIFO: what its sender gave. */
  message_deduplication_id?: string;
  /** FIFO: its place in the queue. */
  sequence_number?: bigint;
  /** The queue from which it was moved here. */
  dead_letter_source_arn?: string;
  /** Where it lies in a partitioned queue; absent in others. */
  partition?: number;
}

/** A message as its row has it: texts are UTF-8, attributes are where they are in the row. */
export interface StoredMessage extends
  Omit<
    SqsMessage,
    TextMember | "message_attributes"
  >,
  Partial<Record<TextMember, Uint8Array>> {
  message_id: Uint8Array;
  message_attributes?: JsonNode;
}

type TextMember =
  | "message_id"
  | "md5_of_body"
  | "md5_of_message_attributes"
  | "sender_id"
  | "message_group_id"
  | "message_deduplication_id"
  | "dead_letter_source_arn";

/** Text where the bytes are UTF-8, with `<`, `>` and `&` escaped; else `{"base64":"…"}`, URL alphabet. */
const body: Shape<Uint8Array> = {
  write(json, b) {
    writeAll(this.pieces!(json, b));
  },
  *pieces(json, b) {
    if (isUtf8(b)) return yield* json.text(b, true);
    yield* json.beginObject().name("base64").longBase64(URL_SAFE, b, 0, b.length);
    json.endObject();
  },
  read(node, path) {
    const plain = asStringBytes(node);
    if (plain) return plain;
    const coded = node.kind === "object" ? fields(node, ["base64"]).base64 : undefined;
    const digits = coded && asStringBytes(coded);
    return (digits && fromBase64(URL_SAFE, digits)) ?? wrong(node, path, "text or base64");
  },
  isZero: () => false,
};

/** Names are text like any other; values keep the spelling of their source. */
const attributes: Shape<JsonNode> = {
  write(json, object) {
    writeAll(this.pieces!(json, object));
  },
  *pieces(json, object) {
    json.beginObject();
    for (const { name, value } of sortedMembers([object])) {
      yield* json.textName(asStringBytes(name)!);
      yield* compact(json, value);
      if (json.isFull) yield;
    }
    json.endObject();
  },
  read: (node, path) => node.kind === "object" ? node : wrong(node, path, "an object"),
  isZero: isEmpty,
};

type Row = Omit<StoredMessage, "partition">;

const ROW: Members<Row> = {
  message_id: required(textBytes),
  body: required(base64),
  md5_of_body: omitZero(textBytes),
  md5_of_message_attributes: omitZero(textBytes),
  message_attributes: omitZero(attributes),
  sender_id: omitZero(textBytes),
  send_timestamp_millis: required(int64),
  available_at_millis: required(int64),
  visible_at_millis: required(int64),
  receive_count: required(int64),
  first_receive_millis: omitZero(int64),
  current_receipt_token: omitZero(base64),
  queue_generation: required(uint64),
  message_group_id: omitZero(textBytes),
  message_deduplication_id: omitZero(textBytes),
  sequence_number: omitZero(uint64),
  dead_letter_source_arn: omitZero(textBytes),
};

const DOCUMENT: Shape<StoredMessage> = object<StoredMessage>({
  ...ROW,
  body: required(body),
  partition: optional(uint32),
});

/** In a row, whatever is absent is 0 or "". */
const STORED: Shape<Partial<Row>> = object<Partial<Row>>(
  Object.fromEntries(
    Object.entries(ROW).map(([name, member]) => [name, { ...member, required: false }]),
  ) as Members<Partial<Row>>,
);

const NOTHING = new Uint8Array(0);

/**
 * The message that the value `bytes[start, end)` holds, or what is wrong with the value. It is valid as
 * long as the bytes are.
 *
 * @param key The row's key, which the value has to agree with.
 * @param preserveVisibility Whether to keep what receiving a message changes.
 */
export function readMessage(
  key: SqsKey,
  bytes: Uint8Array,
  start: number,
  end: number,
  preserveVisibility: boolean,
): StoredMessage | string {
  const message: Partial<StoredMessage> | string = readStored(
    STORED,
    "message",
    bytes,
    start,
    end,
  );
  if (typeof message === "string") return message;
  if (key.id === undefined || !message.message_id || !equalBytes(message.message_id, key.id)) {
    return "message.message_id is another than the key's";
  }
  message.queue_generation ??= 0n;
  if (message.queue_generation !== key.generation) {
    return "message.queue_generation is another than the key's";
  }
  message.body ??= NOTHING;
  message.send_timestamp_millis ??= 0n;
  message.available_at_millis ??= 0n;
  message.visible_at_millis ??= 0n;
  message.receive_count ??= 0n;
  if (!preserveVisibility) {
    message.visible_at_millis = message.receive_count = 0n;
    message.first_receive_millis = message.current_receipt_token = undefined;
  }
  message.partition = key.partition;
  return message as StoredMessage;
}

/**
 * Whether a message that can be read is of another generation than its key: then nobody knows whether
 * clients see it.
 */
export function contradictsGeneration(
  key: SqsKey,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const message: Partial<StoredMessage> | string = readStored(
    STORED,
    "message",
    bytes,
    start,
    end,
  );
  return typeof message !== "string" && (message.queue_generation ?? 0n) !== key.generation;
}

/** Writes a message's document. */
export function writeMessageDocument(json: JsonWriter, message: StoredMessage): Pieces {
  return DOCUMENT.pieces!(json, message);
}

/** The message of a document that {@link writeMessageDocument} wrote. */
export function readMessageDocument(bytes: Uint8Array): SqsMessage {
  const { message_attributes, ...message } = DOCUMENT.read(parseJson(bytes), "message");
  return Object.fromEntries([
    ...Object.entries(message).map(([name, value]) => [
      name,
      value instanceof Uint8Array && !BYTES.has(name) ? decodeUtf8(value) : value,
    ]),
    ...(message_attributes ? [["message_attributes", attributesOf(message_attributes)]] : []),
  ]);
}

/** The members that are bytes and no text. */
const BYTES: ReadonlySet<string> = new Set(["body", "current_receipt_token"]);

function attributesOf(object: JsonNode): Map<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const { name, value } of sortedMembers([object])) {
    const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
    writeAll(compact(json, value));
    values.set(asString(name)!, json.out.take());
  }
  return values;
}
