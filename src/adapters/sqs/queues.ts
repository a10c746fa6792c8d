/** All queues of a snapshot: their rows, and what is known about names without a row. @module */

import { toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { type QueueMeta, readQueueMeta } from "./queue_value.ts";
import { readCounter } from "./stored_value.ts";

/** A queue that can be read. */
export interface SqsQueue {
  /** Raw name, from the key; UTF-8. */
  readonly name: Uint8Array;
  /** What its row says. */
  readonly meta: QueueMeta;
  /** The generation whose messages clients see; all of them if there is none. */
  readonly generation?: bigint;
}

/**
 * Why clients cannot see a message of a queue that exists. The server looks only where the queue's
 * row sends it: to keys of its generation, and either to partitioned keys or to the others.
 */
export const HIDDEN = [
  "stale-generation",
  "queue-is-partitioned",
  "queue-is-not-partitioned",
  "partition-out-of-range",
  "partition-not-used",
] as const;

/** One of {@link HIDDEN}. */
export type Hidden = (typeof HIDDEN)[number];

/** Why clients cannot see the message with this key, or `undefined` when they can. */
export function whyHidden({ meta, generation }: SqsQueue, key: SqsKey): Hidden | undefined {
  if (generation !== undefined && key.generation !== generation) return "stale-generation";
  const { partition } = key;
  const count = meta.partition_count ?? 0;
  if (count <= 1) return partition === undefined ? undefined : "queue-is-not-partitioned";
  if (partition === undefined) return "queue-is-partitioned";
  if (partition >= count) return "partition-out-of-range";
  const unused = meta.fifo_throughput_limit === "perQueue" && partition !== 0;
  return unused ? "partition-not-used" : undefined;
}

/** What is known about one name. */
export class QueueState {
  /** Raw name. */
  readonly name: Uint8Array;
  /** The same as text. */
  readonly text: string;
  /** The same as it stands in keys. */
  readonly segment: string;
  /** Whether there is a row of the queue, sound or not. */
  exists = false;
  /** What that row says, when it is sound. */
  meta?: QueueMeta;
  /** Whether there is a generation counter. It outlives its queue. */
  counted = false;
  /** What the counter says, when it is sound. */
  counter?: bigint;
  /** Messages that clients cannot see. */
  readonly hidden: Map<Hidden, number> = new Map();
  /** Messages without a queue. */
  orphans = 0;
  /** Side records, when they are wanted. */
  sideRecords = 0;

  /** Nothing is known yet but the name, which the grammar of keys has accepted. */
  constructor(name: Uint8Array) {
    this.name = name;
    this.text = decodeUtf8(name) as string;
    this.segment = toBase64(URL_SAFE, name);
  }

  /** The generation whose messages clients see: the queue's row decides, the counter stands in. */
  get generation(): bigint | undefined {
    return this.meta?.generation || this.counter || undefined;
  }

  /** Whether the queue was deleted: then its messages wait for the server to remove them. */
  get deleted(): boolean {
    return this.counted && !this.exists;
  }
}

/** A queue of which the row is known. */
export type KnownQueue = QueueState & SqsQueue;

/** Names by what is known about them. About 2 KB of memory a name, and its policies and tags. */
export class Queues {
  readonly #byName = new Map<string, QueueState>();
  #last: QueueState | undefined;

  /** What is known about a name; rows of one name come one after the other. */
  of(name: Uint8Array): QueueState {
    if (this.#last && equalBytes(this.#last.name, name)) return this.#last;
    const fresh = new QueueState(name);
    const known = this.#byName.get(fresh.segment);
    if (!known) this.#byName.set(fresh.segment, fresh);
    return this.#last = known ?? fresh;
  }

  /** All names, in the order of their base64. */
  get all(): QueueState[] {
    return [...this.#byName.values()].sort((a, b) => a.segment < b.segment ? -1 : 1);
  }

  /** The queues that can be read, in the same order. */
  get known(): KnownQueue[] {
    return this.all.filter((queue): queue is KnownQueue => queue.meta !== undefined);
  }
}

/** Reads the rows of the wanted queues and their generation counters, and gives each row its fate. */
export async function readQueues(context: AdapterContext): Promise<Queues> {
  const queues = new Queues();
  await markExisting(context, queues);
  await readRows(context, queues, "sqs-queue", "written", (queue, bytes, start, end) => {
    const meta = readQueueMeta(bytes, start, end);
    if (typeof meta === "string") return meta;
    queue.meta = meta;
    return undefined;
  });
  await readRows(context, queues, "sqs-generation", "operational", (queue, bytes, start, end) => {
    queue.counted = true;
    queue.counter = readCounter(bytes, start, end);
    return queue.counter === undefined ? "the value is not an integer of 64 bits" : undefined;
  });
  return queues;
}

/** Looks at keys alone: a row that cannot be decrypted is in no other scan, and its queue exists. */
async function markExisting(context: AdapterContext, queues: Queues): Promise<void> {
  for await (const batch of context.scan("sqs-queue", false)) {
    for (let i = 0; i < batch.count; i++) {
      const key = parseSqsKey(
        FAMILY["sqs-queue"],
        batch.bytes,
        batch.ranges[i * 4],
        batch.ranges[i * 4 + 1],
      );
      if (typeof key !== "string") queues.of(key.queue).exists = true;
    }
  }
}

/** @param read Takes a value, or says what is wrong with it. */
async function readRows(
  context: AdapterContext,
  queues: Queues,
  family: "sqs-queue" | "sqs-generation",
  fate: "written" | "operational",
  read: (queue: QueueState, bytes: Uint8Array, start: number, end: number) => string | undefined,
): Promise<void> {
  for await (const batch of context.scan(family)) {
    const { bytes, ranges } = batch;
    for (let i = 0; i < batch.count; i++) {
      const key = parseSqsKey(FAMILY[family], bytes, ranges[i * 4], ranges[i * 4 + 1]);
      if (typeof key === "string") {
        context.refuse(batch, i, "malformed-key", key);
        continue;
      }
      const queue = queues.of(key.queue);
      const wrong = read(queue, bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
      if (wrong === undefined) context.ledger.add("sqs", queue.name, fate, 1);
      else context.refuse(batch, i, "malformed-value", wrong);
    }
  }
}
