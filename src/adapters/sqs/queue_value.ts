/** The values of queues: what the server keeps about them. @module */

import { sortedMembers } from "../../text/json_members.ts";
import {
  asString,
  asStringBytes,
  isEmpty,
  JsonError,
  type JsonNode,
  members,
  parseJson,
} from "../../text/json_reader.ts";
import {
  bool,
  float64,
  int64,
  object,
  optional,
  type Shape,
  textBytes,
  uint32,
  uint64,
  wrong,
} from "../../text/json_shape.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { writeAll } from "../../tree/pieces.ts";
import { jsonStart } from "./values.ts";

/** A queue as the server keeps it. Members are named as in its row; what is 0 or "" may be absent. */
export interface QueueAttributes {
  /** As the client spelled it. */
  name?: string;
  /** Rises when the queue is purged or made anew; clients see messages of this one. */
  generation?: bigint;
  /** The generation that the queue was made with. */
  incarnation?: bigint;
  /** When it was made, on the cluster's clock. */
  created_at_hlc?: bigint;
  /** First in, first out. */
  is_fifo?: boolean;
  /** Whether a message's body stands in for a deduplication id that was not given. */
  content_based_dedup?: boolean;
  /** Seconds for which a received message is hidden. */
  visibility_timeout_seconds?: bigint;
  /** Seconds for which a message is kept. */
  message_retention_seconds?: bigint;
  /** Seconds before a new message can be received. */
  delay_seconds?: bigint;
  /** Seconds that a receiver waits for a message. */
  receive_message_wait_seconds?: bigint;
  /** Most bytes of a message. */
  maximum_message_size?: bigint;
  /** Where messages go that were received too often: JSON, as the client wrote it. */
  redrive_policy?: string;
  /** Which queues may send such messages here: JSON, as the client wrote it. */
  redrive_allow_policy?: string;
  /** The client's labels. */
  tags?: { [key: string]: string };
  /** Unix milliseconds of the last purge. */
  last_purged_at_millis?: bigint;
  /** Unix milliseconds. */
  created_at_millis?: bigint;
  /** Unix milliseconds. */
  last_modified_at_millis?: bigint;
  /** Limits on requests. */
  throttle?: QueueThrottle;
  /** Partitions of a FIFO queue; up to 1 it is not partitioned. */
  partition_count?: number;
  /** `perQueue` or `perMessageGroupId`. */
  fifo_throughput_limit?: string;
  /** `queue` or `messageGroup`. */
  deduplication_scope?: string;
}

/** Limits on requests: sizes of the buckets of tokens, and tokens a second. */
export interface QueueThrottle {
  /** Of sending. */
  send_capacity?: number;
  /** Of sending, a second. */
  send_refill_per_second?: number;
  /** Of receiving. */
  recv_capacity?: number;
  /** Of receiving, a second. */
  recv_refill_per_second?: number;
  /** Of all else. */
  default_capacity?: number;
  /** Of all else, a second. */
  default_refill_per_second?: number;
}

/** A queue as its row has it: texts are UTF-8, tags are where they are in the row. */
export interface StoredQueue
  extends Omit<QueueAttributes, TextMember | "tags">, Partial<Record<TextMember, Uint8Array>> {
  tags?: JsonNode;
}

type TextMember =
  | "name"
  | "redrive_policy"
  | "redrive_allow_policy"
  | "fifo_throughput_limit"
  | "deduplication_scope";

const rate = optional(float64);

/** How limits on requests are written and read. */
export const throttle: Shape<QueueThrottle> = object<QueueThrottle>({
  send_capacity: rate,
  send_refill_per_second: rate,
  recv_capacity: rate,
  recv_refill_per_second: rate,
  default_capacity: rate,
  default_refill_per_second: rate,
});

/** Names and texts, in the order of the names' bytes. */
export const tags: Shape<JsonNode> = {
  write(json, object) {
    writeAll(this.pieces!(json, object));
  },
  *pieces(json, object) {
    json.beginObject();
    for (const { name, value } of sortedMembers([object])) {
      yield* json.textName(asStringBytes(name)!);
      yield* json.text(asStringBytes(value)!);
      if (json.isFull) yield;
    }
    json.endObject();
  },
  read(node, path) {
    if (node.kind !== "object") throw wrong(node, path, "an object");
    for (const { name, value } of members(node)) {
      if (value.kind !== "string") throw wrong(value, `${path}.${asString(name)}`, "text");
    }
    return node;
  },
  isZero: isEmpty,
};

const STORED: Shape<StoredQueue> = object<StoredQueue>({
  name: optional(textBytes),
  generation: optional(uint64),
  incarnation: optional(uint64),
  created_at_hlc: optional(uint64),
  is_fifo: optional(bool),
  content_based_dedup: optional(bool),
  visibility_timeout_seconds: optional(int64),
  message_retention_seconds: optional(int64),
  delay_seconds: optional(int64),
  receive_message_wait_seconds: optional(int64),
  maximum_message_size: optional(int64),
  redrive_policy: optional(textBytes),
  redrive_allow_policy: optional(textBytes),
  tags: optional(tags),
  last_purged_at_millis: optional(int64),
  created_at_millis: optional(int64),
  last_modified_at_millis: optional(int64),
  throttle: optional(throttle),
  partition_count: optional(uint32),
  fifo_throughput_limit: optional(textBytes),
  deduplication_scope: optional(textBytes),
});

/**
 * The queue that the value `bytes[start, end)` holds, or what is wrong with the value. It is valid as
 * long as the bytes are.
 */
export function readQueue(bytes: Uint8Array, start: number, end: number): StoredQueue | string {
  const json = jsonStart("queue", bytes, start, end);
  if (json < 0) return "the value does not begin like a queue";
  try {
    return STORED.read(parseJson(bytes, json, end), "queue");
  } catch (error) {
    if (error instanceof JsonError) return error.reason;
    throw error;
  }
}

/** The same with values of its own. */
export function queueAttributes({ tags, ...queue }: StoredQueue): QueueAttributes {
  return Object.fromEntries([
    ...Object.entries(queue).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? decodeUtf8(value) : value,
    ]),
    ...(tags ? [["tags", tagsOf(tags)]] : []),
  ]);
}

function tagsOf(object: JsonNode): { [key: string]: string } {
  const found = [...members(object)].map(({ name, value }) => [asString(name), asString(value)]);
  return Object.fromEntries(found);
}
