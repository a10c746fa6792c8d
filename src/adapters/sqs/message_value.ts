/** What a message's row says, and the document that a dump makes of it. @module */

import { fromBase64, URL_SAFE } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import type { SqsKey } from "../../keyspace/sqs_keys.ts";
import { appendCompact } from "../../text/json_compact.ts";
import { asString, asStringBytes, fields, members, parseJson } from "../../text/json_reader.ts";
import { type Members, object, omitZero, optional, required } from "../../text/json_shape.ts";
import { type Shape, text, uint32, uint64 } from "../../text/json_shape.ts";
import type { JsonWriter } from "../../text/json_writer.ts";
import { compareUtf8, decodeUtf8, isUtf8 } from "../../text/utf8.ts";
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

/** Text where the bytes are UTF-8, with `<`, `>` and `&` escaped; else `{"base64":"…"}`, URL alphabet. */
const body: Shape<Uint8Array> = {
  write(json, b) {
    if (isUtf8(b)) json.stringBytes(b, 0, b.length, true);
    else json.beginObject().name("base64").base64(URL_SAFE, b).endObject();
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
const attributes: Shape<ReadonlyMap<string, Uint8Array>> = {
  write(json, values) {
    json.beginObject();
    for (const [name, value] of values) json.name(name).raw(value);
    json.endObject();
  },
  read(node, path) {
    if (node.kind !== "object") wrong(node, path, "an object");
    const values = new Map<string, Uint8Array>();
    for (const { name, value } of members(node)) {
      const out = new ByteBuilder(value.end - value.start);
      appendCompact(out, value);
      values.set(asString(name) as string, out.take());
    }
    return new Map([...values].sort(([a], [b]) => compareUtf8(a, b)));
  },
  isZero: (values) => values.size === 0,
};

type Row = Omit<SqsMessage, "partition">;

const ROW: Members<Row> = {
  message_id: required(text),
  body: required(base64),
  md5_of_body: omitZero(text),
  md5_of_message_attributes: omitZero(text),
  message_attributes: omitZero(attributes),
  sender_id: omitZero(text),
  send_timestamp_millis: required(int64),
  available_at_millis: required(int64),
  visible_at_millis: required(int64),
  receive_count: required(int64),
  first_receive_millis: omitZero(int64),
  current_receipt_token: omitZero(base64),
  queue_generation: required(uint64),
  message_group_id: omitZero(text),
  message_deduplication_id: omitZero(text),
  sequence_number: omitZero(uint64),
  dead_letter_source_arn: omitZero(text),
};

const DOCUMENT: Shape<SqsMessage> = object<SqsMessage>({
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
 * The message that the value `bytes[start, end)` holds, or what is wrong with the value.
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
): SqsMessage | string {
  const message: Partial<SqsMessage> | string = readStored(STORED, "message", bytes, start, end);
  if (typeof message === "string") return message;
  if (key.id === undefined || message.message_id !== decodeUtf8(key.id)) {
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
  return message as SqsMessage;
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
  const message: Partial<SqsMessage> | string = readStored(STORED, "message", bytes, start, end);
  return typeof message !== "string" && (message.queue_generation ?? 0n) !== key.generation;
}

/** Writes a message's document. */
export function writeMessageDocument(json: JsonWriter, message: SqsMessage): void {
  DOCUMENT.write(json, message);
}

/** The message of a document that {@link writeMessageDocument} wrote; its bytes are shared. */
export function readMessageDocument(bytes: Uint8Array): SqsMessage {
  return DOCUMENT.read(parseJson(bytes), "message");
}
