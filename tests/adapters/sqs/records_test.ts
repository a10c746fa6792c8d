import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { AdapterContext } from "../../../src/adapters/context.ts";
import {
  queueMessages,
  type SqsMessage,
  type SqsQueue,
  sqsQueues,
} from "../../../src/adapters/sqs/records.ts";
import { bytesOf, type TestEntry } from "../../support/stream.ts";
import {
  counterRow,
  type Dump,
  dump,
  key,
  messageRow,
  type Options,
  queueRow,
  value,
} from "./support.ts";

async function all<T>(records: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const record of records) list.push(record);
  return list;
}

async function opened(rows: TestEntry[], options: Options = {}): Promise<Dump> {
  const dumped = await dump(rows, options);
  dumped.problems.length = 0;
  return dumped;
}

async function messagesOf(context: AdapterContext, name: string): Promise<SqsMessage[]> {
  const queues = await all(sqsQueues(context));
  const queue = queues.find((queue) => new TextDecoder().decode(queue.name) === name);
  return await all(queueMessages(context, queue as SqsQueue));
}

Deno.test("queues have all that their rows say, also what no file holds", async () => {
  const json =
    `{"name":"q","generation":9007199254740993,"tags":{"b":"2","a":"<1>"},"throttle":{"send_capacity":1.5},"created_at_millis":7}`;
  const { context } = await opened([
    { key: key("sqs-queue", "q"), value: value("Q", json) },
    queueRow("a"),
    counterRow("gone"),
    messageRow("lost", "m"),
  ]);
  const queues = await all(sqsQueues(context));
  deepStrictEqual(queues.map(({ name, generation }) => [name, generation]), [
    [bytesOf("a"), 1n],
    [bytesOf("q"), 9007199254740993n],
  ]);
  deepStrictEqual(queues[1].meta, {
    name: "q",
    generation: 9007199254740993n,
    tags: { b: "2", a: "<1>" },
    throttle: { send_capacity: 1.5 },
    created_at_millis: 7n,
  });
});

Deno.test("messages come in the order of the file, with their bytes as they were sent", async () => {
  const json = `,"body":"gP8B","message_attributes":{"z":1,"a":{ "b" : [1.50] }},` +
    `"send_timestamp_millis":-1,"sequence_number":18446744073709551615`;
  const { context } = await opened([
    queueRow("q"),
    messageRow("q", "b"),
    messageRow("q", "a", { json: `,"body":"PGE+JiJcCAwBfwrigKjDqQ=="` }),
    messageRow("q", "first", { json }),
    messageRow("q", "stale", { generation: 0n }),
    messageRow("q", "unreachable", { partition: 0 }),
    messageRow("qa", "of another queue"),
  ]);
  const messages = await messagesOf(context, "q");
  deepStrictEqual(messages.map(({ message_id }) => message_id), ["first", "a", "b"]);
  const [first, second] = messages;
  deepStrictEqual([...first.body], [0x80, 0xff, 1]);
  strictEqual(first.send_timestamp_millis, -1n);
  strictEqual(first.sequence_number, 18446744073709551615n);
  const text = new TextDecoder();
  deepStrictEqual(
    [...first.message_attributes!].map(([name, json]) => [name, text.decode(json)]),
    [["a", `{"b":[1.50]}`], ["z", "1"]],
  );
  deepStrictEqual(second.body, bytesOf(`<a>&"\\\b\f\x01\x7f\n\u2028é`));
});

Deno.test("messages of all partitions come as one queue", async () => {
  const { context } = await opened([
    queueRow("p.fifo", { partition_count: 2 }),
    messageRow("p.fifo", "m2", { partition: 0, json: `,"sequence_number":2` }),
    messageRow("p.fifo", "m1", { partition: 1, json: `,"sequence_number":1` }),
    messageRow("p.fifo", "classic"),
  ]);
  const messages = await messagesOf(context, "p.fifo");
  deepStrictEqual(messages.map(({ message_id, partition }) => [message_id, partition]), [
    ["m1", 1],
    ["m2", 0],
  ]);
});

Deno.test("a malformed message is reported and left out", async () => {
  const decoded = await opened([
    queueRow("q"),
    messageRow("q", "a", { json: `,"body":7` }),
    messageRow("q", "b"),
  ]);
  const messages = await messagesOf(decoded.context, "q");
  deepStrictEqual(messages.map(({ message_id }) => message_id), ["b"]);
  deepStrictEqual(decoded.problems.map(({ error }) => error.code), ["malformed-value"]);
});

Deno.test("visibility is there for those who asked for it", async () => {
  const json =
    `,"visible_at_millis":5,"receive_count":2,"first_receive_millis":4,"current_receipt_token":"AQI="`;
  const rows = [queueRow("q"), messageRow("q", "m", { json })];
  const [plain] = await messagesOf((await opened(rows)).context, "q");
  deepStrictEqual(
    [plain.visible_at_millis, plain.receive_count, plain.current_receipt_token],
    [0n, 0n, undefined],
  );
  const kept = (await opened(rows, { preserveSqsVisibility: true })).context;
  const [message] = await messagesOf(kept, "q");
  deepStrictEqual(
    [message.visible_at_millis, message.receive_count, message.first_receive_millis],
    [5n, 2n, 4n],
  );
  deepStrictEqual([...message.current_receipt_token!], [1, 2]);
});
