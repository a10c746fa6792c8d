/** All queues of a snapshot: their rows, and what is known about names without a row. @module */

import { toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { classify, FAMILY } from "../../keyspace/families.ts";
import { isCutLabel, nameKey, scopeLabel } from "../../keyspace/scope_labels.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import { type RowBatch, type RowHandle, rowHandle } from "../../mvcc/row_batch.ts";
import type { Rows } from "../../mvcc/rows.ts";
import { decodeUtf8, encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { keepRow, type KeptRow, keptRow } from "../kept_rows.ts";
import { readQueue, type StoredQueue } from "./queue_value.ts";
import { readCounter } from "./values.ts";

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

/** What limits the throughput of a queue of which only the first partition is used. */
const PER_QUEUE = encodeUtf8("perQueue");

/** What is kept of a queue's row while messages are read. */
export interface QueueFacts {
  /** The row. */
  readonly row: KeptRow;
  /** The generation whose messages clients see, as far as the row says. */
  readonly generation?: bigint;
  /** Up to 1 it is not partitioned. */
  readonly partitions: number;
  /** Whether only the first partition is used. */
  readonly perQueue: boolean;
  /** Another name than the key's that the row names, for messages. */
  readonly otherName?: string;
}

/** What is known about one name. */
export class QueueState {
  /** Label of the name. */
  readonly label: Uint8Array;
  /** The same as text. */
  readonly text: string;
  /** The same as it stands in keys; of a long name something that has its place in the order of them. */
  readonly segment: string;
  /** Where a row is whose key has the whole name: the queue's own, if there is one. */
  readonly row: RowHandle;
  /** Whether there is a row of the queue, sound or not. */
  exists = false;
  /** What that row says, when it is sound. */
  facts?: QueueFacts;
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

  /** Nothing is known yet but the name, which the grammar of keys has accepted, and a row that has it. */
  constructor(name: Uint8Array, row: RowHandle) {
    this.label = scopeLabel(name);
    this.text = decodeUtf8(this.label) as string;
    this.segment = toBase64(URL_SAFE, this.label) + (this.label === name ? "" : "~");
    this.row = row;
  }

  /** The generation whose messages clients see: the queue's row decides, the counter stands in. */
  get generation(): bigint | undefined {
    return this.facts?.generation || this.counter || undefined;
  }

  /** Whether the queue was deleted: then its messages wait for the server to remove them. */
  get deleted(): boolean {
    return this.counted && !this.exists;
  }

  /** Why clients cannot see the message with this key; `undefined` when they can, or nobody knows. */
  hides({ generation, partition }: SqsKey): Hidden | undefined {
    if (!this.facts) return undefined;
    if (this.generation !== undefined && generation !== this.generation) return "stale-generation";
    const { partitions, perQueue } = this.facts;
    if (partitions <= 1) return partition === undefined ? undefined : "queue-is-not-partitioned";
    if (partition === undefined) return "queue-is-partitioned";
    if (partition >= partitions) return "partition-out-of-range";
    return perQueue && partition !== 0 ? "partition-not-used" : undefined;
  }
}

/** What the row of a queue says; valid until the next one. */
export interface QueueRow {
  /** Raw name. */
  name: Uint8Array;
  value: StoredQueue;
}

/** What the row of a queue says that can be read. */
export async function rowOf({ facts }: QueueState, rows: Rows): Promise<QueueRow> {
  const { key, value } = await keptRow(rows, facts!.row);
  const { queue: name } = parseSqsKey(FAMILY["sqs-queue"], key, 0, key.length) as SqsKey;
  return { name, value: readQueue(value, 0, value.length) as StoredQueue };
}

/** The whole name of a queue; a long one is read again. */
export async function nameOf({ label, row }: QueueState, rows: Rows): Promise<Uint8Array> {
  if (!isCutLabel(label)) return label;
  const { key } = await rows.read(row);
  return (parseSqsKey(classify(key, 0, key.length), key, 0, key.length) as SqsKey).queue;
}

/** Names by what is known about them. 1 to 6 KB of memory a name. */
export class Queues {
  readonly #byName = new Map<string, QueueState>();
  #last: QueueState | undefined;
  #lastName: Uint8Array = new Uint8Array(0);

  /** What is known about the name in the key of row `i`; rows of one name come one after the other. */
  of(name: Uint8Array, batch: RowBatch, i: number): QueueState {
    if (this.#last && equalBytes(this.#lastName, name)) return this.#last;
    const key = nameKey(name);
    let found = this.#byName.get(key);
    if (!found) this.#byName.set(key, found = new QueueState(name, rowHandle(batch, i)));
    this.#lastName = name;
    return this.#last = found;
  }

  /** All names, in the order of the base64 of their labels. */
  get all(): QueueState[] {
    return [...this.#byName.values()].sort((a, b) => a.segment < b.segment ? -1 : 1);
  }

  /** The queues that can be read, in the same order. */
  get known(): QueueState[] {
    return this.all.filter(({ facts }) => facts !== undefined);
  }
}

/**
 * Reads the rows of the wanted queues and their generation counters. All get their fates but the sound
 * rows of queues, which are records.
 */
export async function readQueues(context: AdapterContext): Promise<Queues> {
  const queues = new Queues();
  await markExisting(context, queues);
  await readRows(context, queues, "sqs-queue", (state, batch, i, name) => {
    const queue = readQueue(batch.bytes, batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
    if (typeof queue === "string") return queue;
    state.facts = factsOf(queue, name, keepRow(batch, i));
    return undefined;
  });
  await readRows(context, queues, "sqs-generation", (queue, batch, i) => {
    queue.counted = true;
    const { bytes, ranges } = batch;
    queue.counter = readCounter(bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
    if (queue.counter === undefined) return "the value is not an integer of 64 bits";
    context.ledger.add("sqs", queue.label, "operational", 1);
    return undefined;
  });
  return queues;
}

/** What is kept of a queue's row. */
function factsOf(queue: StoredQueue, name: Uint8Array, row: KeptRow): QueueFacts {
  const isOther = queue.name?.length && !equalBytes(queue.name, name);
  return {
    row,
    generation: queue.generation,
    partitions: queue.partition_count ?? 0,
    perQueue: queue.fifo_throughput_limit !== undefined &&
      equalBytes(queue.fifo_throughput_limit, PER_QUEUE),
    otherName: isOther ? decodeUtf8(scopeLabel(queue.name!)) : undefined,
  };
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
      if (typeof key !== "string") queues.of(key.queue, batch, i).exists = true;
    }
  }
}

/** @param read Takes a row, or says what is wrong with its value. */
async function readRows(
  context: AdapterContext,
  queues: Queues,
  family: "sqs-queue" | "sqs-generation",
  read: (queue: QueueState, batch: RowBatch, i: number, name: Uint8Array) => string | undefined,
): Promise<void> {
  for await (const batch of context.scan(family)) {
    const { bytes, ranges } = batch;
    for (let i = 0; i < batch.count; i++) {
      const key = parseSqsKey(FAMILY[family], bytes, ranges[i * 4], ranges[i * 4 + 1]);
      if (typeof key === "string") {
        context.refuse(batch, i, "malformed-key", key);
        continue;
      }
      const queue = queues.of(key.queue, batch, i);
      const wrong = read(queue, batch, i, key.queue);
      if (wrong !== undefined) context.refuse(batch, i, "malformed-value", wrong);
    }
  }
}
