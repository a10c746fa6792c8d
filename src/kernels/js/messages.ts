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

import { encodeUtf8 } from "../../text/utf8.ts";
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
  MESSAGE_LEFT,
} from "../codes.ts";
import type { Rows } from "./rows.ts";

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

/**
 * Leaves all messages: without WebAssembly nothing is faster than what the adapter does with those that
 * are left. That is the twin.
 */
export function transcodeMessages(
  _rows: Rows,
  places: ArrayLike<number>,
  first: number,
): TranscodedMessages {
  const count = places.length - first;
  const table = new Uint32Array(count * MESSAGE_COLUMNS);
  for (let row = 0; row < count; row++) table[row * MESSAGE_COLUMNS] = MESSAGE_LEFT;
  return { count, documents: NOTHING, orders: NOTHING, table };
}

const NOTHING = new Uint8Array(0);
