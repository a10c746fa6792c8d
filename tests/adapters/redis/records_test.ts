/** Keys as a program reads them. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { redisKeys, type RedisRecord } from "../../../src/adapters/redis/records.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { stream } from "../../support/stream.ts";
import { latin1 } from "./support.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

async function contextOf(rows: Row[]): Promise<AdapterContext> {
  const entries = rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));
  const source = new BytesSource(stream(entries), "a.fsm");
  const snapshot = await openSnapshotInputs([{ source }]);
  return new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch: new MemoryScratch(),
    ledger: new Ledger(snapshot.info.totals),
    options: {},
    handlers: {
      onProblem: ({ error }) => {
        throw error;
      },
      onWarning: () => {},
    },
  });
}

const ROWS: Row[] = [
  { is: "string", name: "k", form: 5n, body: "v" },
  { is: "hll", name: "p", form: "plain", body: "a" },
  { is: "field", name: "h", field: "f", value: "1" },
  { is: "field", name: "h", field: "g", value: "2" },
  { is: "item", name: "l", place: 7n, value: "i" },
  { is: "member", name: "s", member: "m" },
  { is: "scored", name: "z", member: "m", score: -0 },
  {
    is: "meta",
    type: "stream",
    name: "x",
    length: 1n,
    head: 0n,
    last: [5n, (1n << 64n) - 1n],
    expire: 9n,
  },
  { is: "entry", name: "x", id: [5n, 1n], fields: ["a", "b", "a", "c"] },
  { is: "set-blob", name: "old", members: ["y", "x", "y"] },
];

Deno.test("every type has its record", async () => {
  const found: unknown[] = [];
  for await (const record of redisKeys(await contextOf(ROWS))) {
    const elements: unknown[] = [];
    switch (record.type) {
      case "string":
      case "hll":
        elements.push(latin1(record.value));
        break;
      case "list":
      case "set":
        for await (const element of record.elements) elements.push(latin1(element));
        break;
      case "hash":
        for await (const { name, value } of record.elements) {
          elements.push([latin1(name), latin1(value)]);
        }
        break;
      case "zset":
        for await (const { member, score } of record.elements) {
          elements.push([latin1(member), Object.is(score, -0)]);
        }
        break;
      case "stream":
        for await (const { ms, seq, fields } of record.elements) {
          elements.push([ms, seq, ...fields.map(latin1)]);
        }
        elements.push(record.length, record.lastMs, record.lastSeq);
    }
    found.push([record.type, latin1(record.key), record.expireAtMs, record.live, ...elements]);
  }
  deepStrictEqual(found, [
    ["string", "k", 5n, true, "v"],
    ["hash", "h", undefined, true, ["f", "1"], ["g", "2"]],
    ["list", "l", undefined, true, "i"],
    ["hll", "p", undefined, true, "\x00RS\x01\x0a\x01a"],
    ["set", "s", undefined, true, "m"],
    ["stream", "x", 9n, true, [5n, 1n, "a", "b", "a", "c"], 1n, 5n, (1n << 64n) - 1n],
    ["zset", "z", undefined, true, ["m", true]],
    ["set", "old", undefined, true, "x", "y"],
  ]);
});

Deno.test("elements have bytes of their own when they are iterated", async () => {
  for await (const record of redisKeys(await contextOf(ROWS))) {
    if (record.type !== "hash") continue;
    const kept: { name: Uint8Array; value: Uint8Array }[] = [];
    for await (const field of record.elements) kept.push(field);
    strictEqual(kept[0].name.buffer === kept[1].name.buffer, false);
    deepStrictEqual(kept.map(({ name, value }) => latin1(name) + latin1(value)), ["f1", "g2"]);
    strictEqual(await record.elements.next(), undefined);
  }
});

Deno.test("elements that nobody asks for are passed by, and are accounted for", async () => {
  const context = await contextOf(ROWS);
  const keys: string[] = [];
  for await (const record of redisKeys(context)) {
    keys.push(latin1(record.key));
    // One field of two.
    if (record.type === "hash") await record.elements.next();
  }
  deepStrictEqual(keys, ["k", "h", "l", "p", "s", "x", "z", "old"]);
  strictEqual(context.ledger.count("written"), ROWS.length);
});

Deno.test("whoever has seen enough can stop", async () => {
  for (const last of ["k", "h", "old"]) {
    let record: RedisRecord | undefined;
    for await (record of redisKeys(await contextOf(ROWS))) {
      if (latin1(record.key) === last) break;
    }
    strictEqual(latin1(record!.key), last);
  }
});
