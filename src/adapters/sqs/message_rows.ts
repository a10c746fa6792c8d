/** Walks the rows of messages and gives each of them its fate. @module */

import { FAMILY } from "../../keyspace/families.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { contradictsGeneration, readMessage, type StoredMessage } from "./message_value.ts";
import type { Queues, QueueState } from "./queues.ts";

/** Where a row is; valid until the next one. */
export interface SqsRow {
  batch: RowBatch;
  /** Its number there. */
  i: number;
}

/**
 * Reads the messages of all queues, in stored order.
 *
 * @param take Takes a message that is to be written; it is valid until the next one.
 */
export async function readMessages(
  context: AdapterContext,
  queues: Queues,
  take: (queue: QueueState, row: SqsRow, message: StoredMessage) => MaybePromise<void>,
): Promise<void> {
  const written = new Map<QueueState, number>();
  for await (const batch of context.scan("sqs-message")) {
    for (let i = 0; i < batch.count; i++) {
      const done = row(batch, i);
      if (isPromise(done)) await done;
    }
  }
  for (const [queue, count] of written) context.ledger.add("sqs", queue.label, "written", count);

  function row(batch: RowBatch, i: number): MaybePromise<void> {
    const { bytes, ranges } = batch;
    const key = parseSqsKey(FAMILY["sqs-message"], bytes, ranges[i * 4], ranges[i * 4 + 1]);
    if (typeof key === "string") return context.refuse(batch, i, "malformed-key", key);
    const queue = queues.of(key.queue, batch, i);
    if (queue.deleted) return context.leave(batch, i, "deleted");
    const hidden = queue.hides(key);
    if (
      hidden === "stale-generation" &&
      contradictsGeneration(key, bytes, ranges[i * 4 + 2], ranges[i * 4 + 3])
    ) {
      const message = "message.queue_generation is another than the key's";
      return context.refuse(batch, i, "malformed-value", message);
    }
    if (hidden !== undefined) {
      queue.hidden.set(hidden, (queue.hidden.get(hidden) ?? 0) + 1);
      const reason = hidden === "stale-generation" ? hidden : "unreachable";
      return context.leave(batch, i, reason);
    }
    // Orphans are read, whether or not they are wanted: where the rest of the cluster is, they are
    // messages like any other, and a malformed one is a defect.
    const message = messageAt(context, batch, i, key);
    if (message === undefined) return;
    if (!queue.facts) {
      queue.orphans++;
      if (!context.options.includeOrphans) return context.leave(batch, i, "orphan");
    }
    written.set(queue, (written.get(queue) ?? 0) + 1);
    return take(queue, { batch, i }, message);
  }
}

/** The message of a row; `undefined` for a malformed one, which is reported. */
export function messageAt(
  context: AdapterContext,
  batch: RowBatch,
  i: number,
  key: SqsKey,
): StoredMessage | undefined {
  const start = batch.ranges[i * 4 + 2];
  const end = batch.ranges[i * 4 + 3];
  const preserve = context.options.preserveSqsVisibility ?? false;
  const message = readMessage(key, batch.bytes, start, end, preserve);
  if (typeof message !== "string") return message;
  context.refuse(batch, i, "malformed-value", message);
  return undefined;
}
