/**
 * The adapter against a model that knows the rules and not the code: it has all rows in memory as
 * plain objects, sorts them with `Array.sort`, and puts the lines together from strings.
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TestEntry } from "../../support/stream.ts";
import { counterRow, dump, key, messageRow, queueRow, seg } from "./support.ts";

const SEED = 20260906;

interface ModelQueue {
  name: string;
  /** Absent: there is no row of the queue. */
  generation?: bigint;
  partitions: number;
  perQueue: boolean;
  counter?: bigint;
}

interface ModelMessage {
  queue: string;
  id: string;
  generation: bigint;
  partition?: number;
  sent: bigint;
  sequence: bigint;
  body: Uint8Array;
  group: string;
}

interface Model {
  queues: ModelQueue[];
  messages: ModelMessage[];
  orphans: boolean;
}

// "ab" and "abc" have base64 of which one begins the other; "p" looks a little like the mark `p|`.
const NAMES = ["ab", "abc", "abcdef", "p", "pp", "q.fifo", "日本", "é"];
const name = fc.constantFrom(...NAMES);

const generation = fc.constantFrom(0n, 1n, 2n, 3n, (1n << 53n) + 1n, (1n << 56n) - 1n);
const i64 = fc.oneof(
  fc.constantFrom(-(1n << 63n), -1n, 0n, 1n, 1n << 53n, (1n << 53n) + 1n, (1n << 63n) - 1n),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
);
const u64 = fc.oneof(
  fc.constantFrom(0n, 1n, 1n << 53n, (1n << 53n) + 1n, 1n << 63n, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

const queue: fc.Arbitrary<ModelQueue> = fc.record({
  name,
  generation: fc.option(generation, { nil: undefined }),
  partitions: fc.constantFrom(0, 1, 2, 4),
  perQueue: fc.boolean(),
  counter: fc.option(generation, { nil: undefined }),
});

const message: fc.Arbitrary<ModelMessage> = fc.record({
  queue: name,
  id: fc.oneof(
    fc.constantFrom("a", "aa", "aaa", "aaaa", "b", "\uffff", "\u{10000}"),
    fc.stringMatching(/^[0-9a-f]{1,8}$/),
  ),
  generation,
  partition: fc.option(fc.constantFrom(0, 1, 3, 4, 0xffff_ffff), { nil: undefined }),
  // Few values, so that ties are common.
  sent: fc.oneof(fc.constantFrom(5n, 6n), i64),
  sequence: fc.oneof(fc.constantFrom(0n, 7n), u64),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 8 }).map((s) => new TextEncoder().encode(s)),
    fc.constantFrom(
      ...["<&>", "\u2028", '"\\\n\b', "\x7f"].map((s) => new TextEncoder().encode(s)),
    ),
  ),
  group: fc.string({ unit: "binary", maxLength: 6 }).map((s) => s.toWellFormed()),
});

const models: fc.Arbitrary<Model> = fc.record({
  queues: fc.uniqueArray(queue, { maxLength: 5, selector: ({ name }) => name }),
  messages: fc.uniqueArray(message, {
    maxLength: 30,
    selector: (m) => [m.queue, m.id, m.generation, m.partition].join("|"),
  }),
  orphans: fc.boolean(),
});

function rowsOf({ queues, messages }: Model): TestEntry[] {
  const rows: TestEntry[] = [];
  for (const { name, generation, partitions, perQueue, counter } of queues) {
    if (generation !== undefined) {
      const limit = perQueue ? { fifo_throughput_limit: "perQueue" } : {};
      const row = queueRow(name, { partition_count: partitions, ...limit });
      // JSON.stringify has no integers of 64 bits.
      const text = new TextDecoder().decode(row.value as Uint8Array).slice(4)
        .replace(`"generation":1`, `"generation":${generation}`);
      const head = (row.value as Uint8Array).slice(0, 4);
      rows.push({ ...row, value: Uint8Array.of(...head, ...new TextEncoder().encode(text)) });
    }
    if (counter !== undefined) rows.push(counterRow(name, counter));
  }
  for (const { queue, id, generation, partition, sent, sequence, body, group } of messages) {
    const json = `,"body":"${btoa(String.fromCharCode(...body))}"` +
      `,"send_timestamp_millis":${sent},"sequence_number":${sequence}` +
      `,"message_group_id":${JSON.stringify(group)}`;
    rows.push(messageRow(queue, id, { generation, partition, json }));
  }
  return rows;
}

/** Where a message goes, or why it goes nowhere. */
function placeOf(model: Model, message: ModelMessage): string {
  const queue = model.queues.find(({ name }) => name === message.queue);
  if (queue?.generation === undefined) {
    if (queue?.counter !== undefined) return "deleted";
    return model.orphans ? `sqs/${seg(message.queue)}.orphan` : "orphan";
  }
  const active = queue.generation || queue.counter || 0n;
  if (active !== 0n && active !== message.generation) return "stale-generation";
  const { partition } = message;
  const reachable = queue.partitions > 1
    ? partition !== undefined && partition < (queue.perQueue ? 1 : queue.partitions)
    : partition === undefined;
  return reachable ? `sqs/${encodeURIComponent(queue.name)}` : "unreachable";
}

function quoted(s: string, html: boolean): string {
  const plain = JSON.stringify(s).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  const code = (c: string): string => "\\u00" + c.charCodeAt(0).toString(16);
  return html ? plain.replace(/[<>&]/g, code) : plain;
}

function lineOf({ id, generation, partition, sent, sequence, body, group }: ModelMessage): string {
  let text: string;
  try {
    text = quoted(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body), true);
  } catch {
    const coded = btoa(String.fromCharCode(...body)).replaceAll("+", "-").replaceAll("/", "_");
    text = `{"base64":"${coded.replaceAll("=", "")}"}`;
  }
  return `{"message_id":${quoted(id, false)},"body":${text},"send_timestamp_millis":${sent},` +
    `"available_at_millis":0,"visible_at_millis":0,"receive_count":0,` +
    `"queue_generation":${generation}` +
    (group === "" ? "" : `,"message_group_id":${quoted(group, false)}`) +
    (sequence === 0n ? "" : `,"sequence_number":${sequence}`) +
    (partition === undefined ? "" : `,"partition":${partition}`) + "}\n";
}

function compareModel(a: ModelMessage, b: ModelMessage): number {
  if (a.sent !== b.sent) return a.sent < b.sent ? -1 : 1;
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1;
  const ids = [...new TextEncoder().encode(a.id)].map((byte, i) =>
    byte - (new TextEncoder().encode(b.id)[i] ?? -1)
  );
  const first = ids.find((difference) => difference !== 0) ??
    ids.length - new TextEncoder().encode(b.id).length;
  return first || (hexOf(a) < hexOf(b) ? -1 : 1);
}

/** The row's key, which decides where all else is equal. */
function hexOf({ queue, id, generation, partition }: ModelMessage): string {
  const parts = { generation, id, ...(partition === undefined ? {} : { partition }) };
  return [...key("sqs-message", queue, parts)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** Path → lines, and rows by what became of them. */
function expected(model: Model): [Record<string, string>, Record<string, number>] {
  const files: Record<string, string> = {};
  const fates: Record<string, number> = {};
  const book = (scope: string, fate: string): void => {
    fates[`${scope} ${fate}`] = (fates[`${scope} ${fate}`] ?? 0) + 1;
  };
  for (const message of model.messages.toSorted(compareModel)) {
    const place = placeOf(model, message);
    const isFile = place.startsWith("sqs/");
    if (isFile) {
      files[`${place}/messages.jsonl`] = (files[`${place}/messages.jsonl`] ?? "") + lineOf(message);
    }
    book(message.queue, isFile ? "written" : place);
  }
  for (const { name, generation, counter } of model.queues) {
    if (generation !== undefined) book(name, "written");
    if (counter !== undefined) book(name, "operational");
  }
  return [files, fates];
}

Deno.test(`the adapter agrees with a naive model (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(models, async (model) => {
      const dumped = await dump(rowsOf(model), { includeOrphans: model.orphans });
      const [files, fates] = expected(model);
      const messages = Object.entries(dumped.tree).filter(([path]) => path.endsWith(".jsonl"));
      deepStrictEqual(Object.fromEntries(messages), files);
      deepStrictEqual(dumped.fates, Object.fromEntries(Object.entries(fates).sort()));
      deepStrictEqual(dumped.wrong, []);
      const queues = model.queues.filter(({ generation }) => generation !== undefined);
      deepStrictEqual(
        Object.keys(dumped.tree).filter((path) => path.endsWith("_queue.json")).sort(),
        queues.map(({ name }) => `sqs/${encodeURIComponent(name)}/_queue.json`).sort(),
      );
    }),
    { seed: SEED, numRuns: 400 },
  );
});
