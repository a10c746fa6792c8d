/** What users should know about a queue: stable event names and their values. @module */

import type { AdapterContext } from "../context.ts";
import { HIDDEN, type QueueState } from "./scopes.ts";

/** Names that the server accepts today; white space around them was once stored with them. */
const CONFORMING = /^[a-zA-Z0-9_-]{1,80}(\.fifo)?$/;
const MAX_NAME = 80;

/** Warns of a queue whose rows have all been read. */
export function warnOf(context: AdapterContext, queue: QueueState): void {
  const { text, facts, counter } = queue;
  if (facts) {
    if (!CONFORMING.test(text) || text.length > MAX_NAME) {
      context.warn("sqs_nonconforming_queue_name", { queue: text });
    }
    if (facts.otherName !== undefined) {
      context.warn("sqs_queue_name_mismatch", { queue: text, value_name: facts.otherName });
    }
    if (facts.generation && counter !== undefined && facts.generation !== counter) {
      context.warn("sqs_generation_mismatch", {
        queue: text,
        meta_generation: facts.generation,
        gen_counter: counter,
      });
    }
  }
  for (const reason of HIDDEN) {
    const count = queue.hidden.get(reason);
    if (count === undefined) continue;
    if (reason === "stale-generation") {
      context.warn("sqs_stale_generation_messages_dropped", {
        queue: text,
        active_gen: queue.generation!,
        dropped: count,
        hint: "clients see messages of the queue's own generation only",
      });
    } else context.warn("sqs_unreachable_messages", { queue: text, reason, count });
  }
  if (!facts && queue.orphans + queue.sideRecords > 0) {
    context.warn("sqs_orphan_messages", {
      encoded_queue: queue.segment,
      buffered_messages: queue.orphans,
      buffered_side_records: queue.sideRecords,
      hint: "the queue's own row is not in the snapshot; it may be in another group's",
    });
  }
}
