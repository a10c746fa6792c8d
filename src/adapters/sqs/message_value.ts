/** The values of messages, where they lie in their batch. @module */

import { URL_SAFE } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { putU32be, putU64be } from "../../bytes/integers.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { JsonPlaces } from "../../text/json_places.ts";
import { JsonError } from "../../text/json_reader.ts";
import { textBytes } from "../../text/json_text.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { appendFromBase64 } from "./server_base64.ts";
import { integer, isInteger, jsonStart } from "./values.ts";

/** The members of a stored message, in their order. */
export const MESSAGE_MEMBERS = [
  "message_id",
  "body",
  "md5_of_body",
  "md5_of_message_attributes",
  "message_attributes",
  "sender_id",
  "send_timestamp_millis",
  "available_at_millis",
  "visible_at_millis",
  "receive_count",
  "first_receive_millis",
  "current_receipt_token",
  "queue_generation",
  "message_group_id",
  "message_deduplication_id",
  "sequence_number",
  "dead_letter_source_arn",
] as const;

/** The name of a member. */
export type MessageMember = (typeof MESSAGE_MEMBERS)[number];

/** What the values of members are: text, bytes in base64, an object, an integer with or without a sign. */
export const MEMBER_TYPES = {
  message_id: "text",
  body: "bytes",
  md5_of_body: "text",
  md5_of_message_attributes: "text",
  message_attributes: "object",
  sender_id: "text",
  send_timestamp_millis: "int64",
  available_at_millis: "int64",
  visible_at_millis: "int64",
  receive_count: "int64",
  first_receive_millis: "int64",
  current_receipt_token: "bytes",
  queue_generation: "uint64",
  message_group_id: "text",
  message_deduplication_id: "text",
  sequence_number: "uint64",
  dead_letter_source_arn: "text",
} as const satisfies { [name in MessageMember]: string };

const WHAT = {
  text: "text",
  bytes: "base64",
  object: "an object",
  int64: "an integer of 64 bits",
  uint64: "an integer of 64 bits",
} as const;

const TYPES = MESSAGE_MEMBERS.map((name) => MEMBER_TYPES[name]);
const ID = MESSAGE_MEMBERS.indexOf("message_id");
const SENT = MESSAGE_MEMBERS.indexOf("send_timestamp_millis");
const GENERATION = MESSAGE_MEMBERS.indexOf("queue_generation");
const SEQUENCE = MESSAGE_MEMBERS.indexOf("sequence_number");
const BODY = MESSAGE_MEMBERS.indexOf("body");
const TOKEN = MESSAGE_MEMBERS.indexOf("current_receipt_token");

/** What the keys of some messages have in common. */
export interface MessageKeys {
  /** Bytes of a key before the message's id, which is base64 and ends it. */
  readonly idAt: number;
  /** Of the queue. */
  readonly generation: bigint;
  /** Absent in queues that are not partitioned. */
  readonly partition?: number;
}

/** A message that lies in its batch: made once and used for one row after the other. */
export class MessageValue {
  /** Where the members stand. */
  readonly places: JsonPlaces = new JsonPlaces(MESSAGE_MEMBERS);
  /** The bytes in which they stand. */
  bytes: Uint8Array = NOTHING;
  /** What the keys of the message and its neighbours have in common. */
  keys: MessageKeys = { idAt: 0, generation: 0n };
  /** The body as it was sent. */
  readonly body: ByteBuilder = new ByteBuilder();
  /** The receipt token. */
  readonly token: ByteBuilder = new ByteBuilder();
  #generation: Uint8Array = NOTHING;

  /** Reads row `i`; returns what is wrong with its value, or `undefined`. */
  read(batch: RowBatch, i: number, keys: MessageKeys): string | undefined {
    const wrong = this.#readRow(batch, i, keys);
    if (wrong !== undefined) return wrong;
    const { bytes, ranges } = batch;
    const id = this.text(ID);
    if (!id?.length || !isBase64Of(bytes, ranges[i * 4] + keys.idAt, ranges[i * 4 + 1], id)) {
      return "message.message_id is another than the key's";
    }
    return this.#contradictsKey()
      ? "message.queue_generation is another than the key's"
      : undefined;
  }

  /**
   * Whether a message that can be read is of another generation than its key: then nobody knows whether
   * clients see it.
   */
  isOfAnotherGeneration(batch: RowBatch, i: number, keys: MessageKeys): boolean {
    return this.#readRow(batch, i, keys) === undefined && this.#contradictsKey();
  }

  /** The text of a member, as its UTF-8; possibly a view. `undefined` when it is absent. */
  text(member: number): Uint8Array | undefined {
    const { starts, ends, plain } = this.places;
    if (starts[member] === 0) return undefined;
    if (plain[member] === 1) return this.bytes.subarray(starts[member] + 1, ends[member] - 1);
    return textBytes(this.bytes, starts[member], ends[member]);
  }

  /** The integer that a member is; 0 when it is absent. */
  integer(member: number): bigint {
    const { starts, ends } = this.places;
    return starts[member] === 0 ? 0n : integer(this.bytes, starts[member], ends[member]);
  }

  /**
   * Appends what messages of a queue are sorted by, so that their order is that of the bytes:
   *
   * ```text
   * sent i64 with its sign flipped ‖ sequence u64 ‖ message id
   * ```
   */
  appendOrder(out: ByteBuilder): void {
    out.reserve(16);
    this.#putInteger(out.bytes, out.length, SENT);
    out.bytes[out.length] ^= 0x80;
    this.#putInteger(out.bytes, out.length + 8, SEQUENCE);
    out.length += 16;
    out.append(this.text(ID)!);
  }

  #readRow(batch: RowBatch, i: number, keys: MessageKeys): string | undefined {
    if (keys !== this.keys) {
      this.keys = keys;
      this.#generation = encodeUtf8(keys.generation.toString());
    }
    const { bytes, ranges } = batch;
    return this.readValue(bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
  }

  /** Reads the value `bytes[start, end)` without looking at a key; returns what is wrong with it. */
  readValue(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.bytes = bytes;
    const json = jsonStart("message", bytes, start, end);
    if (json < 0) return "the value does not begin like a message";
    try {
      if (!this.places.find(bytes, json, end)) return "message must be an object";
    } catch (error) {
      if (error instanceof JsonError) return error.reason;
      throw error;
    }
    for (let member = 0; member < TYPES.length; member++) {
      if (this.places.starts[member] === 0 || this.#isTyped(member)) continue;
      return `message.${MESSAGE_MEMBERS[member]} must be ${WHAT[TYPES[member]]}`;
    }
    if (this.places.starts[BODY] === 0) this.body.clear();
    if (this.places.starts[TOKEN] === 0) this.token.clear();
    return undefined;
  }

  /** Whether the generation is another than the key's. */
  #contradictsKey(): boolean {
    const expected = this.#generation;
    const start = this.places.starts[GENERATION];
    if (start === 0) return this.keys.generation !== 0n;
    if (this.places.ends[GENERATION] - start !== expected.length) return true;
    for (let k = 0; k < expected.length; k++) {
      if (this.bytes[start + k] !== expected[k]) return true;
    }
    return false;
  }

  #isTyped(member: number): boolean {
    const { bytes } = this;
    const start = this.places.starts[member];
    const end = this.places.ends[member];
    switch (TYPES[member]) {
      case "text":
        return bytes[start] === 0x22;
      case "bytes": {
        if (bytes[start] !== 0x22) return false;
        const out = (member === BODY ? this.body : this.token).clear();
        if (this.places.plain[member] === 1) {
          return appendFromBase64(out, bytes, start + 1, end - 1);
        }
        const text = this.text(member)!;
        return appendFromBase64(out, text, 0, text.length);
      }
      case "object":
        return bytes[start] === 0x7b;
      case "int64":
        return isInteger(bytes, start, end, true);
      case "uint64":
        return isInteger(bytes, start, end, false);
    }
  }

  /** Writes the big-endian bytes of an integer. */
  #putInteger(out: Uint8Array, at: number, member: number): void {
    const { bytes } = this;
    const start = this.places.starts[member];
    const end = start === 0 ? 0 : this.places.ends[member];
    if (end - start > SAFE_DIGITS || bytes[start] === MINUS) {
      return putU64be(out, at, this.integer(member));
    }
    let n = 0;
    for (let i = start; i < end; i++) n = n * 10 + bytes[i] - 0x30;
    putU32be(out, at, Math.floor(n / 2 ** 32));
    putU32be(out, at + 4, n % 2 ** 32);
  }
}

const NOTHING = new Uint8Array(0);
const MINUS = 0x2d;
/** Digits of numbers that a double holds exactly. */
const SAFE_DIGITS = 15;

/** Whether the canonical base64 `bytes[start, end)` of a key stands for a text. */
function isBase64Of(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const { values } = URL_SAFE;
  if (((end - start) * 3) >> 2 !== text.length) return false;
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = start; i < end; i++) {
    bits = ((bits << 6) | values[bytes[i]]) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (((bits >> held) & 0xff) !== text[at++]) return false;
  }
  return true;
}
