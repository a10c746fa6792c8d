/** What a program reads that goes through all tables, buckets or queues: each of them once. */

import { ok, strictEqual } from "node:assert/strict";
import type { OpenSnapshot } from "../../mod.ts";
import { counterRow as tableCounter, itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { counterRow as queueCounter, messageRow, queueRow } from "../adapters/sqs/support.ts";
import { checkGrowth, costOf } from "../support/cost.ts";
import type { TestEntry } from "../support/stream.ts";

const list = (n: number, make: (name: string) => TestEntry[]): TestEntry[] =>
  Array.from({ length: n }, (_, i) => make(`name-${i}`)).flat();

interface Loop {
  /** How often each row is given, at the most. */
  times: number;
  rows: (name: string) => TestEntry[];
  /** Returns how many things there are in all scopes. */
  use: (snapshot: OpenSnapshot) => Promise<number>;
}

const LOOPS: { [what: string]: Loop } = {
  tables: {
    times: 2.5,
    rows: (name) => [
      tableRow(name),
      tableCounter(name),
      itemRow(name, { id: { S: "a" } }),
      itemRow(name, { id: { S: "b" } }),
    ],
    async use({ dynamodb }) {
      let n = 0;
      for await (const table of dynamodb.tables()) for await (const _ of table.items()) n++;
      return n;
    },
  },
  buckets: {
    times: 1.3,
    rows: (bucket) => [
      ...bucketRows(bucket),
      ...objectRows("a", "body", { bucket }),
      ...objectRows("b", "body", { bucket }),
    ],
    async use({ s3 }) {
      let n = 0;
      for await (const bucket of s3.buckets()) for await (const _ of bucket.objects()) n++;
      return n;
    },
  },
  queues: {
    times: 2.7,
    rows: (name) => [
      queueRow(name),
      queueCounter(name),
      messageRow(name, "a"),
      messageRow(name, "b"),
    ],
    async use({ sqs }) {
      let n = 0;
      for await (const queue of sqs.queues()) for await (const _ of queue.messages()) n++;
      return n;
    },
  },
};

for (const [what, { times, rows, use }] of Object.entries(LOOPS)) {
  Deno.test(`a loop over all ${what} reads each row a few times, however many there are`, async () => {
    let expected = 50;
    await checkGrowth(50, times, (n) => list(n, rows), async (_, library) => {
      expected *= 2;
      strictEqual(await use(library), expected);
    });
  });
}

Deno.test("one object of a bucket costs the same, however many there are", async () => {
  const body = "x".repeat(1000);
  for (const n of [500, 1000, 2000]) {
    const rows = [
      ...bucketRows("b"),
      ...bucketRows("other"),
      ...list(n, (name) => [
        ...objectRows(name, body),
        ...objectRows(name, body, { bucket: "other" }),
      ]),
    ];
    const { bytes, result } = await costOf(
      rows,
      (_, { s3 }) => s3.bucket("b").get("name-7"),
    );
    strictEqual(result?.body.size, 1000);
    ok(bytes < 512 << 10, `${bytes} bytes read`);
  }
});
