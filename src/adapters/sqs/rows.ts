/**
 * Walks the rows of messages and the server's own rows about them, and books those that are no part of a
 * record. What is left comes as runs: rows of one batch whose keys differ in their last part.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, startsWith } from "../../bytes/compare.ts";
import { FAMILY, type Family, type FamilyId } from "../../keyspace/families.ts";
import { nameEnd } from "../../keyspace/base64_names.ts";
import { scopeRanges } from "../../keyspace/scopes.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { type MessageKeys, MessageValue } from "./message_value.ts";
import type { Hidden, Queues, QueueState } from "./scopes.ts";
import { readCounter } from "./values.ts";

/** Rows of one queue that lie in one batch; valid until the next run is asked for. */
export interface Run {
  readonly queue: QueueState;
  readonly batch: RowBatch;
  /** Their places in the batch, ascending. */
  readonly rows: Uint32Array;
}

/** Messages of one queue, generation and partition. */
export interface MessageRun extends Run {
  readonly keys: MessageKeys;
}

/** Rows of one family. */
export interface SideRun extends Run {
  readonly family: Family;
}

/** The families of the server's own rows about messages, in stored order. */
export const SIDE_FAMILIES = [
  "sqs-age",
  "sqs-dedup",
  "sqs-group",
  "sqs-visibility",
  "sqs-sequence",
  "sqs-tombstone",
] as const satisfies readonly FamilyId[];

/** Where messages are whose keys begin alike, and what becomes of them. */
interface Place {
  readonly queue: QueueState;
  readonly keys: MessageKeys;
  readonly hidden: Hidden | undefined;
}

/**
 * The messages that clients see, and those without a queue, in stored order. Their keys are sound; of
 * their values nobody has looked at anything.
 */
export async function* messageRuns(
  context: AdapterContext,
  queues: Queues,
  selection: RecordSelection,
): AsyncGenerator<MessageRun> {
  const family = FAMILY["sqs-message"];
  const message = new MessageValue();
  const mayBeWritten = ({ queue, hidden }: Place): boolean =>
    !queue.deleted && hidden === undefined &&
    (queue.facts !== undefined || context.options.includeOrphans === true);
  let prefix = new Uint8Array(0);
  let place: Place | undefined;
  for await (const batch of scan(context, "sqs-message", selection)) {
    const { bytes, ranges, count } = batch;
    const rows = new Uint32Array(count);
    let length = 0;
    for (let i = 0; i < count; i++) {
      const start = ranges[i * 4];
      const end = ranges[i * 4 + 1];
      const isNext = place && startsWith(bytes, prefix, start, end) &&
        nameEnd(bytes, start + prefix.length, end) === end;
      if (!isNext) {
        if (length > 0) yield { ...place!, batch, rows: rows.subarray(0, length) };
        length = 0;
        place = undefined;
        const key = parseSqsKey(family, bytes, start, end);
        if (typeof key === "string") {
          context.refuse(batch, i, "malformed-key", key);
          continue;
        }
        place = placeOf(queues.of(key.queue, batch, i), key, end - start);
        prefix = bytes.slice(start, start + place.keys.idAt);
      }
      if (mayBeWritten(place!)) rows[length++] = i;
      else {
        const left = leave(context, place!, batch, i, message);
        if (isPromise(left)) await left;
      }
    }
    if (length > 0) yield { ...place!, batch, rows: rows.subarray(0, length) };
  }
}

function placeOf(queue: QueueState, key: SqsKey, length: number): Place {
  return { queue, keys: messageKeys(key, length), hidden: queue.hides(key) };
}

/**
 * What the key of a message has in common with its neighbours'.
 *
 * @param length Bytes of the key.
 */
export function messageKeys({ generation, partition, id }: SqsKey, length: number): MessageKeys {
  const idAt = length - Math.ceil(id!.length * 4 / 3);
  return { idAt, generation: generation!, partition };
}

/** Books a message that is in no record. */
function leave(
  context: AdapterContext,
  { queue, keys, hidden }: Place,
  batch: RowBatch,
  i: number,
  message: MessageValue,
): MaybePromise<void> {
  if (queue.deleted) return context.leave(batch, i, "deleted");
  if (hidden === undefined) {
    // Where the rest of the cluster is, an orphan is a message like any other: a malformed one is a defect.
    const wrong = message.read(batch, i, keys);
    if (wrong !== undefined) return context.refuse(batch, i, "malformed-value", wrong);
    queue.orphans++;
    return context.leave(batch, i, "orphan");
  }
  if (hidden === "stale-generation" && message.isOfAnotherGeneration(batch, i, keys)) {
    const wrong = "message.queue_generation is another than the key's";
    return context.refuse(batch, i, "malformed-value", wrong);
  }
  queue.hidden.set(hidden, (queue.hidden.get(hidden) ?? 0) + 1);
  return context.leave(batch, i, hidden === "stale-generation" ? hidden : "unreachable");
}

/** The server's own rows: indexes by time, deduplication ids, locks of groups, counters. */
export async function* sideRuns(
  context: AdapterContext,
  queues: Queues,
  selection: RecordSelection,
): AsyncGenerator<SideRun> {
  for (const id of SIDE_FAMILIES) {
    const family = FAMILY[id];
    for await (const batch of scan(context, id, selection)) {
      const rows = new Uint32Array(batch.count);
      let length = 0;
      let last: QueueState | undefined;
      for (let i = 0; i < batch.count; i++) {
        const key = sideKey(family, batch, i);
        const queue = "code" in key ? undefined : queues.of(key.queue, batch, i);
        if (last && queue !== last) {
          yield { queue: last, family, batch, rows: rows.subarray(0, length) };
        }
        if (queue !== last) length = 0;
        last = queue;
        if (queue) rows[length++] = i;
        if ("code" in key) context.refuse(batch, i, key.code, key.message);
      }
      if (last) yield { queue: last, family, batch, rows: rows.subarray(0, length) };
    }
  }
}

interface Wrong {
  code: "malformed-key" | "malformed-value";
  message: string;
}

/** The key of a row, or what is wrong with the row. */
function sideKey(family: Family, { bytes, ranges }: RowBatch, i: number): SqsKey | Wrong {
  const [start, end, value, valueEnd] = ranges.subarray(i * 4, i * 4 + 4);
  const key = parseSqsKey(family, bytes, start, end);
  if (typeof key === "string") return { code: "malformed-key", message: key };
  const isCounter = family === FAMILY["sqs-sequence"];
  if (!isCounter || readCounter(bytes, value, valueEnd) !== undefined) return key;
  return { code: "malformed-value", message: "the value is not an integer of 64 bits" };
}

/** The rows of a family, in the selected range of what stands behind the queue's name in their keys. */
function scan(
  context: AdapterContext,
  id: FamilyId,
  { scopes, from, to }: RecordSelection,
): AsyncGenerator<RowBatch> {
  if (!from && !to) return context.scan(id);
  if (!scopes) throw new RangeError("a range of keys is one of a queue that has a name");
  const ranges = scopes.flatMap((name) => scopeRanges(FAMILY[id], name));
  return context.scanRanges(ranges.flatMap((range) => {
    // A range of keys that are not partitioned begins with the first byte of every generation.
    const start = range.from.at(-1) === 0 ? range.from.subarray(0, -1) : range.from;
    const part = { from: behind(start, from), to: to ? behind(start, to) : range.to };
    if (compareBytes(part.from, range.from) < 0) part.from = range.from;
    if (part.to && range.to && compareBytes(part.to, range.to) > 0) part.to = range.to;
    return part.to && compareBytes(part.from, part.to) >= 0 ? [] : [part];
  }));
}

function behind(start: Uint8Array, key: Uint8Array = new Uint8Array(0)): Uint8Array {
  return new ByteBuilder().append(start).append(key).take();
}
