/** Queues and messages for users of the library. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { appendName } from "../../keyspace/base64_names.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import { parseSqsKey } from "../../keyspace/sqs_keys.ts";
import { prefixRange } from "../../mvcc/key_range.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { writeAll } from "../../tree/pieces.ts";
import type { AdapterContext } from "../context.ts";
import { appendMessageOrder } from "./documents.ts";
import { messageAt } from "./message_rows.ts";
import { readMessageDocument, type SqsMessage, writeMessageDocument } from "./message_value.ts";
import { queueMetaOf } from "./queue_value.ts";
import {
  PER_QUEUE_LIMIT,
  type QueueReach,
  readQueues,
  type SqsQueue,
  whyHidden,
} from "./queues.ts";

export type { QueueMeta, QueueThrottle } from "./queue_value.ts";
export type { SqsMessage, SqsQueue };

/** The wanted queues that exist, in the order of the base64 of their names. */
export async function* sqsQueues(context: AdapterContext): AsyncGenerator<SqsQueue> {
  const queues = await readQueues(context);
  for (const state of queues.known) {
    const { name, queue } = await queues.rowOf(state);
    yield { name, meta: queueMetaOf(queue), generation: state.generation };
  }
}

/**
 * The messages that clients of a queue could receive, now or later: by the time at which they were
 * sent, then by sequence number, then by id. They are sorted through scratch; a message that is
 * malformed is reported to the context and left out.
 */
export async function* queueMessages(
  context: AdapterContext,
  queue: SqsQueue,
): AsyncGenerator<SqsMessage> {
  const sorter = new SpillSorter(context.scratch);
  try {
    const reach = reachOf(queue);
    const order = new ByteBuilder();
    const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
    for await (const batch of context.scanRanges([prefixRange(messagePrefix(queue))])) {
      const { bytes, ranges } = batch;
      for (let i = 0; i < batch.count; i++) {
        const key = parseSqsKey(FAMILY["sqs-message"], bytes, ranges[i * 4], ranges[i * 4 + 1]);
        if (typeof key === "string") context.refuse(batch, i, "malformed-key", key);
        else if (whyHidden(reach, key) === undefined) {
          const message = messageAt(context, batch, i, key);
          if (!message) continue;
          appendMessageOrder(order.clear(), message);
          json.out.clear();
          writeAll(writeMessageDocument(json, message));
          await sorter.add(order.view(), json.out.view());
        }
      }
    }
    const sorted = await sorter.sorted();
    for (;;) {
      const record = await sorted.next();
      if (!record) return;
      yield readMessageDocument(record.value.slice());
    }
  } finally {
    sorter.close();
  }
}

function reachOf({ meta, generation }: SqsQueue): QueueReach {
  const perQueue = meta.fifo_throughput_limit === PER_QUEUE_LIMIT;
  return { generation, partitions: meta.partition_count ?? 0, perQueue };
}

/** What the keys of the messages that clients see begin with, as far as it is one thing. */
function messagePrefix({ name, meta, generation }: SqsQueue): Uint8Array {
  const out = new ByteBuilder().append(FAMILY["sqs-message"].bytes);
  if ((meta.partition_count ?? 0) > 1) {
    appendName(out.ascii("p|"), name);
    return out.ascii("|").take();
  }
  appendName(out, name);
  // Generations begin with 00, so that no longer name begins like this.
  return generation === undefined ? out.byte(0).take() : appendU64(out, generation).take();
}
