/** What a queue's row says, and the document that a dump makes of it. @module */

import { bool, constant, object, omitZero, optional, record } from "../../text/json_shape.ts";
import { compareUtf8 } from "../../text/utf8.ts";
import { required, type Shape, text, uint32, uint64 } from "../../text/json_shape.ts";
import type { Member, Members } from "../../text/json_shape.ts";
import type { JsonWriter } from "../../text/json_writer.ts";
import { float64, int64 } from "./shapes.ts";
import { readStored } from "./stored_value.ts";

/** A queue as the server keeps it. Members are named as in its row; what is 0 or "" may be absent. */
export interface QueueMeta {
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

const rate = optional(float64);

const throttle: Shape<QueueThrottle> = object<QueueThrottle>({
  send_capacity: rate,
  send_refill_per_second: rate,
  recv_capacity: rate,
  recv_refill_per_second: rate,
  default_capacity: rate,
  default_refill_per_second: rate,
});

/** In the order of the names' bytes. */
const tags: Shape<{ [key: string]: string }> = {
  ...record(text),
  write(json, values) {
    json.beginObject();
    const sorted = Object.entries(values).sort(([a], [b]) => compareUtf8(a, b));
    for (const [name, value] of sorted) json.name(name).string(value);
    json.endObject();
  },
};

const STORED: Shape<QueueMeta> = object<QueueMeta>({
  name: optional(text),
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
  redrive_policy: optional(text),
  redrive_allow_policy: optional(text),
  tags: optional(tags),
  last_purged_at_millis: optional(int64),
  created_at_millis: optional(int64),
  last_modified_at_millis: optional(int64),
  throttle: optional(throttle),
  partition_count: optional(uint32),
  fifo_throughput_limit: optional(text),
  deduplication_scope: optional(text),
});

/** The queue that the value `bytes[start, end)` holds, or what is wrong with the value. */
export function readQueueMeta(bytes: Uint8Array, start: number, end: number): QueueMeta | string {
  return readStored(STORED, "queue", bytes, start, end);
}

/** What `_queue.json` holds: what a client needs to make the queue again. */
interface QueueDocument {
  name: string;
  fifo?: boolean;
  content_based_deduplication?: boolean;
  visibility_timeout_seconds: bigint;
  message_retention_seconds: bigint;
  delay_seconds: bigint;
  receive_message_wait_seconds?: bigint;
  maximum_message_size?: bigint;
  redrive_policy?: string;
  redrive_allow_policy?: string;
  partition_count?: number;
  fifo_throughput_limit?: string;
  deduplication_scope?: string;
}

const format = { format_version: constant(1) };

const DOCUMENT_MEMBERS: Members<QueueDocument> = {
  ...format,
  name: required(text),
  fifo: omitZero(bool),
  content_based_deduplication: omitZero(bool),
  visibility_timeout_seconds: required(int64),
  message_retention_seconds: required(int64),
  delay_seconds: required(int64),
  receive_message_wait_seconds: omitZero(int64),
  maximum_message_size: omitZero(int64),
  redrive_policy: omitZero(text),
  redrive_allow_policy: omitZero(text),
  partition_count: omitZero(uint32),
  fifo_throughput_limit: omitZero(text),
  deduplication_scope: omitZero(text),
};

const DOCUMENT: Shape<QueueDocument> = object<QueueDocument>(DOCUMENT_MEMBERS);

/**
 * What clients can ask for and `_queue.json` has no place for: ListQueueTags and GetQueueAttributes
 * return it.
 */
const EXTRA: Members<QueueExtra> = {
  tags: omitZero(tags),
  created_at_millis: omitZero(int64),
  last_modified_at_millis: omitZero(int64),
  last_purged_at_millis: omitZero(int64),
  throttle: optional(throttle),
};

type QueueExtra = Pick<
  QueueMeta,
  "tags" | "created_at_millis" | "last_modified_at_millis" | "last_purged_at_millis" | "throttle"
>;

const EXTRA_DOCUMENT: Shape<QueueExtra> = object<QueueExtra>(EXTRA);
const WHOLE_DOCUMENT: Shape<QueueDocument & QueueExtra> = object<QueueDocument & QueueExtra>({
  ...DOCUMENT_MEMBERS,
  ...EXTRA,
});

/**
 * Writes a queue's document.
 *
 * @param keyName The name in the row's key, for rows that do not repeat it.
 * @param whole Also what `_queue.json` has no place for.
 */
export function writeQueueDocument(
  json: JsonWriter,
  meta: QueueMeta,
  keyName: string,
  whole = false,
): void {
  (whole ? WHOLE_DOCUMENT : DOCUMENT).write(json, {
    ...meta,
    name: meta.name || keyName,
    fifo: meta.is_fifo,
    content_based_deduplication: meta.content_based_dedup,
    visibility_timeout_seconds: meta.visibility_timeout_seconds ?? 0n,
    message_retention_seconds: meta.message_retention_seconds ?? 0n,
    delay_seconds: meta.delay_seconds ?? 0n,
  });
}

/** Writes what `_queue.json` has no place for; `false` when there is nothing of it. */
export function writeQueueExtra(json: JsonWriter, meta: QueueMeta): boolean {
  const names = Object.keys(EXTRA) as (keyof QueueExtra)[];
  const any = names.some((name) => {
    const { shape, omitZero } = EXTRA[name] as Member<unknown>;
    return meta[name] !== undefined && !(omitZero && shape.isZero(meta[name]));
  });
  if (any) EXTRA_DOCUMENT.write(json, meta);
  return any;
}
