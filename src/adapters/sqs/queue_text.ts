/** The documents that a dump makes of a queue. @module */

import {
  bool,
  constant,
  int64,
  type Member,
  type Members,
  object,
  omitZero,
  optional,
  required,
  type Shape,
  textBytes,
  uint32,
} from "../../text/json_shape.ts";
import type { JsonWriter, Pieces } from "../../text/json_writer.ts";
import { type StoredQueue, tags, throttle } from "./queue_value.ts";

/** What `_queue.json` holds: what a client needs to make the queue again. */
interface QueueDocument {
  name: Uint8Array;
  fifo?: boolean;
  content_based_deduplication?: boolean;
  visibility_timeout_seconds: bigint;
  message_retention_seconds: bigint;
  delay_seconds: bigint;
  receive_message_wait_seconds?: bigint;
  maximum_message_size?: bigint;
  redrive_policy?: Uint8Array;
  redrive_allow_policy?: Uint8Array;
  partition_count?: number;
  fifo_throughput_limit?: Uint8Array;
  deduplication_scope?: Uint8Array;
}

const format = { format_version: constant(1) };

const DOCUMENT_MEMBERS: Members<QueueDocument> = {
  ...format,
  name: required(textBytes),
  fifo: omitZero(bool),
  content_based_deduplication: omitZero(bool),
  visibility_timeout_seconds: required(int64),
  message_retention_seconds: required(int64),
  delay_seconds: required(int64),
  receive_message_wait_seconds: omitZero(int64),
  maximum_message_size: omitZero(int64),
  redrive_policy: omitZero(textBytes),
  redrive_allow_policy: omitZero(textBytes),
  partition_count: omitZero(uint32),
  fifo_throughput_limit: omitZero(textBytes),
  deduplication_scope: omitZero(textBytes),
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
  StoredQueue,
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
  queue: StoredQueue,
  keyName: Uint8Array,
  whole = false,
): Pieces {
  return (whole ? WHOLE_DOCUMENT : DOCUMENT).pieces!(json, {
    ...queue,
    name: queue.name?.length ? queue.name : keyName,
    fifo: queue.is_fifo,
    content_based_deduplication: queue.content_based_dedup,
    visibility_timeout_seconds: queue.visibility_timeout_seconds ?? 0n,
    message_retention_seconds: queue.message_retention_seconds ?? 0n,
    delay_seconds: queue.delay_seconds ?? 0n,
  });
}

/** Whether there is anything that `_queue.json` has no place for. */
export function hasQueueExtra(queue: StoredQueue): boolean {
  const names = Object.keys(EXTRA) as (keyof QueueExtra)[];
  return names.some((name) => {
    const { shape, omitZero } = EXTRA[name] as Member<unknown>;
    return queue[name] !== undefined && !(omitZero && shape.isZero(queue[name]));
  });
}

/** Writes it. */
export function writeQueueExtra(json: JsonWriter, queue: StoredQueue): Pieces {
  return EXTRA_DOCUMENT.pieces!(json, queue);
}
