import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type OpenSnapshot, openSnapshot } from "../../../src/commands/open_snapshot.ts";
import type { SqsMessage } from "../../../src/adapters/sqs/messages.ts";
import { costOf } from "../../support/cost.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { counterRow, key, messageRow, queueRow, value } from "./support.ts";

async function all<T>(records: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const record of records) list.push(record);
  return list;
}

function opened(rows: TestEntry[]): Promise<OpenSnapshot> {
  return openSnapshot(stream(rows));
}

async function messagesOf({ sqs }: OpenSnapshot, name: string): Promise<SqsMessage[]> {
  return await all(sqs.queue(name).messages());
}

Deno.test("queues have all that their rows say, also what no file holds", async () => {
  const json =
    `{"name":"q","generation":9007199254740993,"tags":{"b":"2","a":"<1>"},"throttle":{"send_capacity":1.5},"created_at_millis":7}`;
  const { sqs } = await opened([
    { key: key("sqs-queue", "q"), value: value("Q", json) },
    queueRow("a"),
    counterRow("gone"),
    messageRow("lost", "m"),
  ]);
  deepStrictEqual((await all(sqs.queues())).map(({ name }) => name), ["a", "q"]);
  deepStrictEqual(sqs.queue("b64:_w").rawName, Uint8Array.of(0xff));
  deepStrictEqual(await sqs.queue("q").attributes(), {
    name: "q",
    generation: 9007199254740993n,
    tags: { b: "2", a: "<1>" },
    throttle: { send_capacity: 1.5 },
    created_at_millis: 7n,
  });
  for (const name of ["gone", "lost"]) {
    await rejects(() => sqs.queue(name).attributes(), { code: "usage" });
    await rejects(() => messagesOf({ sqs } as OpenSnapshot, name), { code: "usage" });
  }
});

Deno.test("messages come in the order of the file, with their bytes as they were sent", async () => {
  const json = `,"body":"gP8B","message_attributes":{"z":1,"a":{ "b" : [1.50] }},` +
    `"send_timestamp_millis":-1,"sequence_number":18446744073709551615`;
  const snapshot = await opened([
    queueRow("q"),
    messageRow("q", "b"),
    messageRow("q", "a", { json: `,"body":"PGE+JiJcCAwBfwrigKjDqQ=="` }),
    messageRow("q", "first", { json }),
    messageRow("q", "stale", { generation: 0n }),
    messageRow("q", "unreachable", { partition: 0 }),
    messageRow("qa", "of another queue"),
  ]);
  const messages = await messagesOf(snapshot, "q");
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
  const snapshot = await opened([
    queueRow("p.fifo", { partition_count: 2 }),
    messageRow("p.fifo", "m2", { partition: 0, json: `,"sequence_number":2` }),
    messageRow("p.fifo", "m1", { partition: 1, json: `,"sequence_number":1` }),
    messageRow("p.fifo", "classic"),
  ]);
  const messages = await messagesOf(snapshot, "p.fifo");
  deepStrictEqual(messages.map(({ message_id, partition }) => [message_id, partition]), [
    ["m1", 1],
    ["m2", 0],
  ]);
});

Deno.test("a malformed message is thrown, with its place", async () => {
  const snapshot = await opened([
    queueRow("q"),
    messageRow("q", "a", { json: `,"body":7` }),
    messageRow("q", "b"),
  ]);
  await rejects(() => messagesOf(snapshot, "q"), {
    code: "malformed-value",
    key: key("sqs-message", "q", { generation: 1n, id: "a" }),
  });
});

Deno.test("messages say what receiving them has changed", async () => {
  const json =
    `,"visible_at_millis":5,"receive_count":2,"first_receive_millis":4,"current_receipt_token":"AQI="`;
  const snapshot = await opened([
    queueRow("q"),
    messageRow("q", "m", { json }),
    messageRow("q", "n"),
  ]);
  const [received, waiting] = await messagesOf(snapshot, "q");
  deepStrictEqual(
    [received.visible_at_millis, received.receive_count, received.first_receive_millis],
    [5n, 2n, 4n],
  );
  deepStrictEqual([...received.current_receipt_token!], [1, 2]);
  deepStrictEqual([waiting.receive_count, waiting.first_receive_millis], [0n, undefined]);
  strictEqual(waiting.current_receipt_token, undefined);
});

Deno.test("a long message is read again when its turn comes", async () => {
  const body = "x".repeat(100_000);
  const json = `,"body":"${btoa(body)}"`;
  const rows = [queueRow("q"), messageRow("q", "a", { json }), messageRow("q", "b")];
  const messages = await messagesOf(await opened(rows), "q");
  deepStrictEqual(messages.map(({ body }) => body.length), [100_000, 0]);
  deepStrictEqual(messages[0].body, bytesOf(body));
});

Deno.test("messages are stopped by a signal, and say how many rows have gone by", async () => {
  const rows = [queueRow("q"), ...["a", "b", "c"].map((id) => messageRow("q", id))];
  const { sqs } = await opened(rows);
  const gone: number[] = [];
  await all(sqs.queue("q").messages({ onProgress: (rows) => gone.push(rows) }));
  ok(gone.length > 0 && gone.at(-1)! >= 3, String(gone));
  const signal = AbortSignal.abort();
  await rejects(() => all(sqs.queue("q").messages({ signal })), { code: "aborted" });
});

Deno.test("one queue's attributes cost a few blocks, whatever else there is", async () => {
  const json = `,"body":"${btoa("x".repeat(30_000))}"`;
  const rows = [queueRow("q"), counterRow("q"), messageRow("q", "a")];
  for (let i = 0; i < 100; i++) rows.push(messageRow("other", `m${i}`, { json }));
  for (
    const use of [
      async ({ sqs }: OpenSnapshot): Promise<unknown> => await sqs.queue("q").attributes(),
      async (snapshot: OpenSnapshot): Promise<unknown> => await messagesOf(snapshot, "q"),
      ({ sqs }: OpenSnapshot): Promise<unknown> => all(sqs.queues()),
    ]
  ) {
    const { size, bytes } = await costOf(rows, (_, library) => use(library));
    ok(bytes * 10 < size, `${bytes} of ${size}`);
  }
});
