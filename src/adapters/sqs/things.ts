/** How many messages queues have. @module */

import { nameKey } from "../../keyspace/scope_labels.ts";
import type { AdapterContext } from "../context.ts";
import { known, ScopeCounts, type ScopeThings } from "../things.ts";
import { readQueues } from "./scopes.ts";

/** Messages by queue. */
export async function things(context: AdapterContext): Promise<ScopeThings[]> {
  const queues = new Map((await readQueues(context)).all.map((one) => [nameKey(one.label), one]));
  return ScopeCounts.of("sqs", context.totals).map((counts) => {
    const { scope } = counts;
    const queue = queues.get(nameKey(scope));
    const messages = counts.ofGenerations(
      "sqs-message",
      ({ generation, partition }) =>
        !queue || queue.hides({ queue: scope, generation, partition }) === undefined,
    );
    const state = queue?.exists ? "live" : queue?.counted ? "deleted" : "orphan";
    return { scope, state, things: known({ messages }) };
  });
}
