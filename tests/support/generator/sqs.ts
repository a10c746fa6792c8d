/** Queues and their messages. @module */

import { type SqsKey, sqsKey } from "../../../src/keyspace/sqs_keys.ts";
import { base64, concat, hexOf, json, md5Hex, text, u64be } from "./encoding.ts";
import type { History } from "./history.ts";
import { anyName, niceName } from "./names.ts";

interface Queue {
  name: string;
  generation: number;
  fifo: boolean;
  partitions: number;
}

/** About `size` messages in one to three queues. */
export function sqs(history: History, size: number): void {
  const { random } = history;
  const queues = random.between(1, 3);
  const taken = new Set<string>();
  for (let i = 0; i < queues; i++) {
    // Names of which one begins with the other: their base64 does so too.
    const name = random.pick(["orders", "orders-dlq", "orders-dlq-old", niceName(random, "queue")]);
    const fifo = random.chance(0.4);
    const full = fifo ? `${name}.fifo` : name;
    if (taken.has(full)) continue;
    taken.add(full);
    writeQueue(history, full, fifo, Math.ceil(size / queues));
  }
}

function writeQueue(history: History, name: string, fifo: boolean, size: number): void {
  const { random } = history;
  const partitions = fifo && random.chance(0.4) ? 4 : 0;
  let queue: Queue = { name, generation: 1, fifo, partitions };
  putQueue(history, queue);
  for (let i = 1; i <= size; i++) {
    if (random.chance(0.05)) {
      history.tick();
      history.put(
        sqsKey("sqs-tombstone", { ...queueOf(queue), ...generationOf(queue) }),
        tombstone(queue),
      );
      queue = { ...queue, generation: queue.generation + 1 };
      putQueue(history, queue);
    }
    putMessage(history, queue, i);
  }
  if (random.chance(0.1)) {
    history.tick();
    history.delete(sqsKey("sqs-queue", queueOf(queue)));
    history.put(sqsKey("sqs-generation", queueOf(queue)), text(String(queue.generation + 1)));
    history.put(
      sqsKey("sqs-tombstone", { ...queueOf(queue), ...generationOf(queue) }),
      tombstone(queue),
    );
  }
}

function tombstone({ partitions }: Queue): Uint8Array {
  return partitions > 1 ? u64be(partitions) : Uint8Array.of(1);
}

function queueOf({ name }: Queue): { queue: Uint8Array } {
  return { queue: text(name) };
}

function generationOf({ generation }: Queue): { generation: bigint } {
  return { generation: BigInt(generation) };
}

function putQueue(history: History, queue: Queue): void {
  const { random } = history;
  history.tick();
  const meta = json({
    name: queue.name,
    generation: queue.generation,
    incarnation: queue.generation,
    created_at_hlc: history.now,
    is_fifo: queue.fifo || undefined,
    content_based_dedup: queue.fifo && random.chance(0.5) || undefined,
    visibility_timeout_seconds: 30,
    message_retention_seconds: 345600,
    delay_seconds: 0,
    receive_message_wait_seconds: 0,
    maximum_message_size: 262144,
    tags: random.pick([undefined, { team: "a<b>", "ü": "" }]),
    created_at_millis: history.milliseconds,
    throttle: random.pick([undefined, { send_capacity: 10.5 }]),
    partition_count: queue.partitions || undefined,
  });
  history.put(sqsKey("sqs-queue", queueOf(queue)), concat(0, "SQ", 1, meta));
  history.put(sqsKey("sqs-generation", queueOf(queue)), text(String(queue.generation)));
}

function putMessage(history: History, queue: Queue, number: number): void {
  const { random } = history;
  history.tick();
  const id = hexOf(random.bytes(16));
  const group = queue.fifo ? random.pick(["g1", "g 2", niceName(random, "group")]) : undefined;
  const partition = queue.partitions > 1 ? fnv(text(group!)) % queue.partitions : undefined;
  const place: SqsKey = { ...queueOf(queue), ...generationOf(queue), partition };
  const sent = history.milliseconds;
  const body = random.chance(0.2) ? anyName(random) : text(`{"n":${number},"s":"<ü>"}`);
  const message = (visible: number, receives: number): Uint8Array =>
    concat(
      0,
      "SM",
      1,
      json({
        message_id: id,
        body: base64(body),
        md5_of_body: md5Hex(body),
        message_attributes: random.pick([undefined, {
          kind: { DataType: "String", StringValue: "x" },
        }]),
        send_timestamp_millis: sent,
        available_at_millis: sent,
        visible_at_millis: visible,
        receive_count: receives,
        first_receive_millis: receives > 0 ? sent + 5 : undefined,
        current_receipt_token: base64(random.bytes(16)),
        queue_generation: queue.generation,
        message_group_id: group,
        message_deduplication_id: group && random.chance(0.5) ? `d-${number}` : undefined,
        sequence_number: queue.fifo ? number : undefined,
      }),
    );
  const row = { ...place, id: text(id) };
  const data = sqsKey("sqs-message", row);
  const age = sqsKey("sqs-age", { ...row, time: BigInt(sent) });
  const visibility = (time: number): Uint8Array =>
    sqsKey("sqs-visibility", { ...row, time: BigInt(time) });
  history.put(data, message(sent, 0));
  history.put(age, text(id));
  history.put(visibility(sent), text(id));
  if (queue.fifo) {
    history.put(sqsKey("sqs-sequence", queueOf(queue)), text(String(number)));
    const dedup = partition === undefined ? {} : { group: text(group!) };
    history.put(
      sqsKey("sqs-dedup", { ...place, ...dedup, id: text(`d-${number}`) }),
      text(json({
        message_id: id,
        send_timestamp_ms: sent,
        expires_at_millis: sent + 300_000,
        original_sequence: number,
      })),
    );
  }
  if (random.chance(0.6)) return;
  // Received, and then perhaps deleted.
  history.tick();
  history.put(data, message(sent + 30_000, 1));
  history.delete(visibility(sent));
  history.put(visibility(sent + 30_000), text(id));
  if (group) {
    history.put(
      sqsKey("sqs-group", { ...place, id: text(group) }),
      text(json({ message_id: id, acquired_at_ms: sent, visible_at_ms: sent + 30_000 })),
    );
  }
  if (random.chance(0.5)) return;
  history.tick();
  for (const key of [data, age, visibility(sent + 30_000)]) history.delete(key);
  if (group) history.delete(sqsKey("sqs-group", { ...place, id: text(group) }));
}

/** FNV-1a of 32 bits: how a group finds its partition. */
function fnv(bytes: Uint8Array): number {
  let h = 2166136261;
  for (const b of bytes) h = Math.imul(h ^ b, 16777619) >>> 0;
  return h;
}
