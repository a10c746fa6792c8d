/** The messages of a queue as objects, for programs. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { u32be } from "../../bytes/integers.ts";
import { appendU32 } from "../../keyspace/fields.ts";
import { isPromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { compact } from "../../text/json_compact.ts";
import { sortedMembers } from "../../text/json_members.ts";
import { asString, isEmpty, type JsonNode } from "../../text/json_reader.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { writeAll } from "../../tree/pieces.ts";
import type { AdapterContext } from "../context.ts";
import { appendKept, keptValue } from "../kept_values.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { type MessagesRecord, records } from "./records.ts";
import { MEMBER_TYPES, MESSAGE_MEMBERS, MessageValue } from "./message_value.ts";

/** A message. Members are named as in its row; what is 0 or "" may be absent. */
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
  /** Unix milliseconds from which it can be received. */
  visible_at_millis: bigint;
  /** How often it was received. */
  receive_count: bigint;
  /** Unix milliseconds. */
  first_receive_millis?: bigint;
  /** A working receipt handle is made of it: a secret. */
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

/**
 * The messages of a queue by the time at which they were sent, then by sequence number, then by id. What
 * is sorted are the rows, through scratch; of a long one its place.
 *
 * ```text
 * has partition u8 ‖ partition u32 ‖ what is kept of the value
 * ```
 */
export async function* messagesInOrder(
  context: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<SqsMessage> {
  const sorter = new SpillSorter(context.scratch);
  const message = new MessageValue();
  try {
    for await (const record of records(context, selection)) {
      if (record.type === "queue") record.receipt.written();
      else if (record.type === "messages") await sortRows(context, sorter, message, record);
    }
    const sorted = await sorter.sorted();
    for (let next = await sorted.next(); next; next = await sorted.next()) {
      const value = await keptValue(context.rows, next.value.subarray(5));
      message.readValue(value, 0, value.length);
      yield objectOf(message, next.value[0] === 1 ? u32be(next.value, 1) : undefined);
    }
  } finally {
    sorter.close();
  }
}

async function sortRows(
  context: AdapterContext,
  sorter: SpillSorter,
  message: MessageValue,
  { batch, rows, keys, receipt }: MessagesRecord,
): Promise<void> {
  const order = new ByteBuilder();
  const kept = new ByteBuilder();
  const { partition } = keys;
  for (const i of rows) {
    const wrong = message.read(batch, i, keys);
    if (wrong !== undefined) {
      receipt.refuse(i, context.defect(batch, i, "malformed-value", wrong));
      continue;
    }
    message.appendOrder(order.clear());
    appendU32(kept.clear().byte(partition === undefined ? 0 : 1), partition ?? 0);
    appendKept(kept, batch, i);
    const added = sorter.add(order.view(), kept.view());
    if (isPromise(added)) await added;
    receipt.written(1);
  }
}

/** A message with values of its own. */
function objectOf(message: MessageValue, partition: number | undefined): SqsMessage {
  const object: Record<string, unknown> = {};
  const { bytes, places: { starts, ends } } = message;
  MESSAGE_MEMBERS.forEach((name, i) => {
    const isThere = starts[i] > 0;
    switch (MEMBER_TYPES[name]) {
      case "text":
        if (isThere) object[name] = decodeUtf8(message.text(i)!);
        break;
      case "bytes":
        if (name === "body") object.body = message.body.take();
        else if (message.token.length > 0) object[name] = message.token.take();
        break;
      case "object": {
        const node = { kind: "object", bytes, start: starts[i], end: ends[i] } as const;
        if (isThere && !isEmpty(node)) object[name] = attributesOf(node);
        break;
      }
      default:
        if (isThere || ALWAYS.has(name)) object[name] = message.integer(i);
    }
  });
  if (partition !== undefined) object.partition = partition;
  return object as unknown as SqsMessage;
}

/** Numbers that every message has. */
const ALWAYS: ReadonlySet<string> = new Set([
  "send_timestamp_millis",
  "available_at_millis",
  "visible_at_millis",
  "receive_count",
  "queue_generation",
]);

function attributesOf(object: JsonNode): Map<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const { name, value } of sortedMembers([object])) {
    const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
    writeAll(compact(json, value));
    values.set(asString(name)!, json.out.take());
  }
  return values;
}
