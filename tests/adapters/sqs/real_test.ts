/** The captured files: what is decoded must be what the server's own API said, no more and no less. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  casesOf,
  exists,
  keysOf,
  noteMissingCorpus,
  snapshotsOf,
} from "../../conformance/cases.ts";
import { dumpFiles } from "./support.ts";

interface TrueMessage {
  message_id: string;
  body: string;
  md5_of_body: string;
  md5_of_attributes: string | null;
  sequence_number: string | null;
  group_id: string | null;
  dedup_id: string | null;
  message_attributes: Record<string, unknown>;
}

interface TrueQueue {
  attributes: Record<string, string>;
  messages: TrueMessage[];
}

for (const { name, folder } of casesOf("real")) {
  if (!exists(`${folder}truth.json`)) continue;
  const truth = JSON.parse(Deno.readTextFileSync(`${folder}truth.json`));
  if (!truth.sqs) continue;
  Deno.test({
    name: `real/${name} has exactly the queues and messages that clients saw`,
    async fn() {
      const bytes = await snapshotsOf({ name, folder });
      const keys = keysOf({ name, folder });
      const queues: Record<string, TrueQueue> = truth.sqs.queues;
      for (const side of [false, true]) {
        const dumped = await dumpFiles(bytes, { includeSqsSideRecords: side, keys });
        deepStrictEqual(dumped.wrong, []);
        const written = Object.keys(dumped.tree).filter((path) => path.endsWith("_queue.json"));
        deepStrictEqual(
          written.sort(),
          Object.keys(queues).sort().map((name) => `sqs/${name}/_queue.json`),
        );
        for (const [name, queue] of Object.entries(queues)) {
          checkQueue(JSON.parse(dumped.tree[`sqs/${name}/_queue.json`]), name, queue);
          checkMessages(dumped.tree[`sqs/${name}/messages.jsonl`], queue);
        }
        strictEqual(dumped.fates["- unsound"], undefined);
        const kinds = new Set(Object.keys(dumped.fates).map((name) => name.split(" ")[1]));
        // A deleted or purged queue leaves rows; nothing else is left out.
        for (const kind of ["orphan", "unreachable", "unsound"]) {
          strictEqual(kinds.has(kind), false);
        }
      }
    },
  });
}

noteMissingCorpus("real SQS");

function checkQueue(document: Record<string, unknown>, name: string, queue: TrueQueue): void {
  const { attributes: truth } = queue;
  const number = (member: string): string => String(document[member] ?? 0);
  const flag = (member: string): string => String(document[member] ?? false);
  strictEqual(document.name, name);
  strictEqual(flag("fifo"), truth.FifoQueue);
  strictEqual(flag("content_based_deduplication"), truth.ContentBasedDeduplication);
  strictEqual(number("visibility_timeout_seconds"), truth.VisibilityTimeout);
  strictEqual(number("message_retention_seconds"), truth.MessageRetentionPeriod);
  strictEqual(number("delay_seconds"), truth.DelaySeconds);
  strictEqual(number("receive_message_wait_seconds"), truth.ReceiveMessageWaitTimeSeconds);
  strictEqual(number("maximum_message_size"), truth.MaximumMessageSize);
  strictEqual(document.redrive_policy, truth.RedrivePolicy);
  strictEqual(document.redrive_allow_policy, truth.RedriveAllowPolicy);
  strictEqual(number("partition_count"), truth.PartitionCount ?? "0");
  strictEqual(document.fifo_throughput_limit, truth.FifoThroughputLimit);
  strictEqual(document.deduplication_scope, truth.DeduplicationScope);
}

function checkMessages(file: string | undefined, queue: TrueQueue): void {
  const lines = file === undefined
    ? []
    : file.trimEnd().split("\n").map((line) => JSON.parse(line));
  const order = lines.map((m) => [m.send_timestamp_millis, m.sequence_number ?? 0, m.message_id]);
  deepStrictEqual(
    order,
    order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1)),
  );
  const ours = lines.map((message): TrueMessage => ({
    message_id: message.message_id,
    body: message.body,
    md5_of_body: message.md5_of_body,
    md5_of_attributes: message.md5_of_message_attributes ?? "",
    sequence_number: message.sequence_number === undefined ? null : `${message.sequence_number}`,
    group_id: message.message_group_id ?? null,
    dedup_id: message.message_deduplication_id ?? null,
    message_attributes: message.message_attributes ?? {},
  }));
  const theirs = queue.messages.map((message): TrueMessage => ({
    message_id: message.message_id,
    body: message.body,
    md5_of_body: message.md5_of_body,
    md5_of_attributes: message.md5_of_attributes ?? "",
    sequence_number: message.sequence_number,
    group_id: message.group_id,
    dedup_id: message.dedup_id,
    message_attributes: message.message_attributes,
  }));
  deepStrictEqual(ours.sort(byId), theirs.sort(byId));
}

function byId(a: TrueMessage, b: TrueMessage): number {
  return a.message_id < b.message_id ? -1 : 1;
}
