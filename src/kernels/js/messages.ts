/**
 * SQS messages from their rows to the lines of a dump: of what servers write, to the byte.
 *
 * ```text
 * key      … base64url(id)
 * value    00 53 4D 01 ‖ {"message_id":"…","body":"base64", … }
 * ```
 *
 * The members stand in the order of {@link MESSAGE_MEMBERS}, without white space. Texts are UTF-8
 * without escapes and without anything that would be escaped; integers have at most 18 digits and no
 * sign; base64 is canonical; attributes are objects of strings, by names that ascend. The id and the
 * generation are those of the key. A message that is anything else, or long, is left to its adapter.
 *
 * ```text
 * document   the same members, but for those that are "" or 0; bodies as text with `<`, `>` and `&`
 *            escaped, or {"base64":…} (URL alphabet) where they are not UTF-8
 * order      sent i64 with its sign flipped ‖ sequence u64 ‖ id
 * ```
 *
 * @module
 */

import { appendBase64, fromBase64, STANDARD, toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, startsWith } from "../../bytes/compare.ts";
import { putU64be } from "../../bytes/integers.ts";
import { appendJsonString } from "../../text/json_string.ts";
import { decodeUtf8, encodeUtf8, isUtf8 } from "../../text/utf8.ts";
import {
  MEMBER_ATTRIBUTES,
  MEMBER_BODY,
  MEMBER_GENERATION,
  MEMBER_HIDDEN,
  MEMBER_ID,
  MEMBER_INTEGER,
  MEMBER_OPTIONAL,
  MEMBER_REQUIRED,
  MEMBER_SENT,
  MEMBER_SEQUENCE,
  MEMBER_TEXT,
  MEMBER_TOKEN,
  MEMBER_ZERO,
  MESSAGE_COLUMNS,
  MESSAGE_ID_LIMIT,
  MESSAGE_INPUT_LIMIT,
  MESSAGE_LEFT,
  MESSAGE_WRITTEN,
  MESSAGES_OUTPUT_LIMIT,
} from "../codes.ts";
import type { Rows } from "./item_keys.ts";

/** What the messages of a call have in common. */
export interface MessageForm {
  /** Bytes of each key before the base64 of the message's id. */
  readonly idAt: number;
  /** The generation in their keys. */
  readonly generation: bigint;
  /** The partition in their keys, if they have one: documents tell it. */
  readonly partition?: number;
  /** Whether documents tell what receiving a message changes. */
  readonly preserveVisibility: boolean;
}

/** Messages as JSON. Valid until `transcodeMessages` is called again. */
export interface TranscodedMessages {
  /** How many rows were done, at least one. Call again with the rest. */
  readonly count: number;
  /** The documents, one behind the other. */
  readonly documents: Uint8Array;
  /** What they are sorted by, one behind the other. */
  readonly orders: Uint8Array;
  /**
   * `MESSAGE_COLUMNS` for each row: `MESSAGE_WRITTEN` or `MESSAGE_LEFT` (then all others are 0); start
   * and end of the document; start and end of its order.
   */
  readonly table: Uint32Array;
}

/** The members of a row: name, type, use in a document, and the use if visibility is not preserved. */
export const MESSAGE_MEMBERS: readonly (readonly [
  beginning: Uint8Array,
  type: number,
  use: number,
  hidden: number,
])[] = ([
  ["message_id", MEMBER_ID, MEMBER_REQUIRED],
  ["body", MEMBER_BODY, MEMBER_REQUIRED],
  ["md5_of_body", MEMBER_TEXT, MEMBER_OPTIONAL],
  ["md5_of_message_attributes", MEMBER_TEXT, MEMBER_OPTIONAL],
  ["message_attributes", MEMBER_ATTRIBUTES, MEMBER_OPTIONAL],
  ["sender_id", MEMBER_TEXT, MEMBER_OPTIONAL],
  ["send_timestamp_millis", MEMBER_SENT, MEMBER_REQUIRED],
  ["available_at_millis", MEMBER_INTEGER, MEMBER_REQUIRED],
  ["visible_at_millis", MEMBER_INTEGER, MEMBER_REQUIRED, MEMBER_ZERO],
  ["receive_count", MEMBER_INTEGER, MEMBER_REQUIRED, MEMBER_ZERO],
  ["first_receive_millis", MEMBER_INTEGER, MEMBER_OPTIONAL, MEMBER_HIDDEN],
  ["current_receipt_token", MEMBER_TOKEN, MEMBER_OPTIONAL, MEMBER_HIDDEN],
  ["queue_generation", MEMBER_GENERATION, MEMBER_REQUIRED],
  ["message_group_id", MEMBER_TEXT, MEMBER_OPTIONAL],
  ["message_deduplication_id", MEMBER_TEXT, MEMBER_OPTIONAL],
  ["sequence_number", MEMBER_SEQUENCE, MEMBER_OPTIONAL],
  ["dead_letter_source_arn", MEMBER_TEXT, MEMBER_OPTIONAL],
] as const).map(([name, type, use, hidden], i) => [
  encodeUtf8(`${i === 0 ? "{" : ","}"${name}":`),
  type,
  use,
  hidden ?? use,
]);

/** What ends the documents of a form. */
export function documentEnd({ partition }: MessageForm): string {
  return partition === undefined ? "}" : `,"partition":${partition}}`;
}

/** Writes the values of the rows at `places` from index `first` on: see {@link TranscodedMessages}. */
export function transcodeMessages(
  rows: Rows,
  places: ArrayLike<number>,
  first: number,
  form: MessageForm,
): TranscodedMessages {
  const { bytes, ranges } = rows;
  const most = places.length - first;
  const table = new Uint32Array(most * MESSAGE_COLUMNS);
  const documents = new ByteBuilder(1 << 16);
  const orders = new ByteBuilder(1 << 12);
  const message = new Message(bytes, form, documents);
  let count = 0;
  while (count < most && documents.length < MESSAGES_OUTPUT_LIMIT) {
    const r = 4 * places[first + count];
    const start = documents.length;
    const written = message.write(
      ranges[r] + form.idAt,
      ranges[r + 1],
      ranges[r + 2],
      ranges[r + 3],
    );
    const columns = table.subarray(count * MESSAGE_COLUMNS, (count + 1) * MESSAGE_COLUMNS);
    count++;
    columns[0] = MESSAGE_LEFT;
    if (!written) documents.length = start;
    else {
      columns.set([MESSAGE_WRITTEN, start, documents.length, orders.length]);
      message.appendOrder(orders);
      columns[4] = orders.length;
    }
  }
  return {
    count,
    documents: documents.view(),
    orders: orders.view(),
    table: table.subarray(0, count * MESSAGE_COLUMNS),
  };
}

const MAGIC = Uint8Array.of(0x00, 0x53, 0x4d, 0x01);
const QUOTE = 0x22;
const END = 0x7d;
const NOTHING = new Uint8Array(0);

class Message {
  readonly #bytes: Uint8Array;
  readonly #form: MessageForm;
  readonly #out: ByteBuilder;
  readonly #behind: Uint8Array;
  #id: Uint8Array = NOTHING;
  #sent = 0n;
  #sequence = 0n;

  constructor(bytes: Uint8Array, form: MessageForm, out: ByteBuilder) {
    this.#bytes = bytes;
    this.#form = form;
    this.#out = out;
    this.#behind = encodeUtf8(documentEnd(form));
  }

  /** Writes the document; `false`: the message is left, whatever was written. */
  write(key: number, keyEnd: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (end - start > MESSAGE_INPUT_LIMIT || !startsWith(bytes, MAGIC, start, end)) return false;
    this.#sequence = 0n;
    let at = start + MAGIC.length;
    for (const [beginning, type, preserved, hidden] of MESSAGE_MEMBERS) {
      const use = this.#form.preserveVisibility ? preserved : hidden;
      if (end - at <= beginning.length || !startsWith(bytes, beginning, at, end)) {
        if (use === MEMBER_REQUIRED || use === MEMBER_ZERO) return false;
        continue;
      }
      const value = at + beginning.length;
      const valueEnd = this.#valueEnd(type, value, end);
      if (valueEnd < 0) return false;
      if (use === MEMBER_ZERO) this.#out.append(beginning).byte(0x30);
      else if (
        use === MEMBER_REQUIRED || (use === MEMBER_OPTIONAL && !isZero(bytes, value, valueEnd))
      ) {
        this.#out.append(beginning);
        if (type === MEMBER_BODY) this.#writeBody(value + 1, valueEnd - 1);
        else this.#out.append(bytes, value, valueEnd);
      }
      at = valueEnd;
    }
    if (end - at !== 1 || bytes[at] !== END || !this.#isIdOf(key, keyEnd)) return false;
    this.#out.append(this.#behind);
    return true;
  }

  /** Appends what the message that was written last is sorted by. */
  appendOrder(out: ByteBuilder): void {
    out.reserve(16);
    putU64be(out.bytes, out.length, this.#sent ^ (1n << 63n));
    putU64be(out.bytes, out.length + 8, this.#sequence);
    out.length += 16;
    out.append(this.#id);
  }

  /** Where the value at `at` ends, or −1 if it is not one of this type. */
  #valueEnd(type: number, at: number, end: number): number {
    const bytes = this.#bytes;
    switch (type) {
      case MEMBER_BODY:
      case MEMBER_TOKEN: {
        const quote = bytes[at] === QUOTE ? quoteAt(bytes, at + 1, end) : -1;
        if (quote < 0) return -1;
        return fromBase64(STANDARD, bytes, at + 1, quote) ? quote + 1 : -1;
      }
      case MEMBER_ID:
      case MEMBER_TEXT: {
        const quote = bytes[at] === QUOTE ? plainEnd(bytes, at + 1, end) : -1;
        if (type === MEMBER_ID && quote > 0) this.#id = bytes.subarray(at + 1, quote);
        return quote < 0 ? -1 : quote + 1;
      }
      case MEMBER_ATTRIBUTES:
        return attributesEnd(bytes, at, end);
    }
    const text = decodeUtf8(bytes, at, digitsEnd(bytes, at, end))!;
    if (!/^(0|[1-9]\d{0,17})$/.test(text)) return -1;
    if (type === MEMBER_SENT) this.#sent = BigInt(text);
    if (type === MEMBER_SEQUENCE) this.#sequence = BigInt(text);
    if (type === MEMBER_GENERATION && text !== String(this.#form.generation)) return -1;
    return at + text.length;
  }

  #writeBody(start: number, end: number): void {
    const out = this.#out;
    const body = fromBase64(STANDARD, this.#bytes, start, end)!;
    if (isUtf8(body)) return appendJsonString(out, body, 0, body.length, true);
    out.ascii('{"base64":"');
    appendBase64(out, URL_SAFE, body);
    out.ascii('"}');
  }

  /** Whether the base64 of a key stands for the id. */
  #isIdOf(key: number, keyEnd: number): boolean {
    const id = this.#id;
    if (id.length === 0 || id.length > MESSAGE_ID_LIMIT) return false;
    return toBase64(URL_SAFE, id) === String.fromCharCode(...this.#bytes.subarray(key, keyEnd));
  }
}

/** Whether a value is `0` or `""`. */
function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start === 1 && bytes[start] === 0x30) ||
    (end - start === 2 && bytes[start] === QUOTE && bytes[start + 1] === QUOTE);
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] >= 0x30 && bytes[at] <= 0x39) at++;
  return at;
}

/** The first quote in `bytes[at, end)`, or −1. */
function quoteAt(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== QUOTE) at++;
  return at < end ? at : -1;
}

/** The quote behind a text that is UTF-8 and has nothing that is or would be escaped; −1 for others. */
function plainEnd(bytes: Uint8Array, at: number, end: number): number {
  const quote = quoteAt(bytes, at, end);
  return quote < 0 || !isPlain(decodeUtf8(bytes, at, quote)) ? -1 : quote;
}

function isPlain(text: string | undefined): boolean {
  // deno-lint-ignore no-control-regex
  return text !== undefined && !/[\0-\x1f\\\u2028\u2029]/.test(text);
}

// On bytes as characters. Half of a pair of surrogates is not taken.
const PLAIN = String.raw`[^\0-\x1f"\\]*`;
const ESCAPE = String.raw`\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[\da-fA-F]{4})`;
const STRING = `"${PLAIN}(?:${ESCAPE}${PLAIN})*"`;
const STRINGS = new RegExp(`:\\{${STRING}:${STRING}(?:,${STRING}:${STRING})*\\}`, "y");

/**
 * The end of `{"name":{"DataType":"…"},…}`: at least one name, names are plain and ascend, and members
 * are any strings. −1 for anything else.
 */
function attributesEnd(bytes: Uint8Array, start: number, end: number): number {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  let last: Uint8Array | undefined;
  let at = start;
  for (let separator = 0x7b;; separator = 0x2c) {
    if (bytes[at] !== separator || at + 1 >= end || bytes[at + 1] !== QUOTE) return -1;
    const quote = plainEnd(bytes, at + 2, end);
    if (quote < 0) return -1;
    const name = bytes.subarray(at + 2, quote);
    if (last && compareBytes(last, name) >= 0) return -1;
    last = name;
    STRINGS.lastIndex = quote + 1 - start;
    if (!STRINGS.test(text)) return -1;
    at = start + STRINGS.lastIndex;
    if (at === end) return -1;
    if (bytes[at] === END) return isUtf8(bytes, start, at) ? at + 1 : -1;
  }
}
