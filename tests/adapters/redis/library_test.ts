/** Keys as a program reads them. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { openSnapshot, type RedisKey } from "../../../mod.ts";
import { AbortedError, UnsoundError } from "../../../src/errors.ts";
import type { RedisKeys, RedisKeysOptions } from "../../../src/adapters/redis/library.ts";
import { stream } from "../../support/stream.ts";
import { fromLatin1, latin1 } from "./support.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

async function keysOf(rows: Row[], signal?: AbortSignal): Promise<RedisKeys> {
  const file = stream(rows.map((row) => ({ key: keyOf(row), value: valueOf(row) })));
  return (await openSnapshot(file, { signal })).redis;
}

/** A key with its elements, as text. */
async function shown(key: RedisKey): Promise<unknown[]> {
  const info = [key.type, key.name, key.expireAtMs];
  switch (key.type) {
    case "string":
      return [...info, latin1(key.value)];
    case "hll":
      return [...info, key.elements && await listed(key.elements, latin1)];
    case "list":
    case "set":
      return [...info, await listed(key.elements, latin1)];
    case "hash":
      return [
        ...info,
        await listed(key.elements, ({ field, value }) => [field, value].map(latin1)),
      ];
    case "zset":
      return [...info, await listed(key.elements, ({ member, score }) => [latin1(member), score])];
    case "stream": {
      const entries = await listed(
        key.elements,
        ({ id, fields }) => [id, ...fields.map((field) => field.map(latin1))],
      );
      return [...info, entries, key.length, key.lastId];
    }
  }
}

async function listed<T, U>(elements: AsyncIterable<T>, of: (element: T) => U): Promise<U[]> {
  const all: T[] = [];
  for await (const element of elements) all.push(element);
  // Only now: each has bytes of its own.
  return all.map(of);
}

const ROWS: Row[] = [
  { is: "string", name: "k", form: 5n, body: "v" },
  { is: "string", name: "\xff", form: "plain", body: "no text" },
  { is: "string", name: "old", form: "legacy", body: "w" },
  { is: "index", name: "old", ms: 7n, ts: 1n },
  { is: "hll", name: "p", form: "plain", body: "a\nb" },
  { is: "hll", name: "hll2", form: "plain", body: "a" },
  { is: "field", name: "h", field: "f", value: "1" },
  { is: "field", name: "h", field: "g", value: "2" },
  { is: "item", name: "l", place: -7n, value: "first" },
  { is: "item", name: "l", place: 7n, value: "last" },
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
  { is: "set-blob", name: "blob", members: ["y", "x", "y"] },
  // Left over from what the key was before.
  { is: "scored", name: "k", member: "m", score: 1 },
  { is: "scored", name: "h", member: "m", score: 1 },
  { is: "entry", name: "orphan", id: [5n, 1n], fields: [] },
];

const KEYS: unknown[][] = [
  ["string", "k", 5n, "v"],
  ["string", "b64:_w", undefined, "no text"],
  ["hash", "h", undefined, [["f", "1"], ["g", "2"]]],
  ["list", "l", undefined, ["first", "last"]],
  ["hll", "p", undefined, ["a", "b"]],
  ["set", "s", undefined, ["m"]],
  ["stream", "x", 9n, [["5-1", ["a", "b"], ["a", "c"]]], 1n, `5-${(1n << 64n) - 1n}`],
  ["zset", "z", undefined, [["m", -0]]],
  ["string", "old", 7n, "w"],
  ["set", "blob", undefined, ["x", "y"]],
  ["hll", "hll2", undefined, ["a"]],
];

Deno.test("every key is given as clients see it", async () => {
  const found: unknown[][] = [];
  for await (const key of (await keysOf(ROWS)).keys()) found.push(await shown(key));
  deepStrictEqual(found, KEYS);
});

Deno.test("one key is given by its name, or none", async () => {
  const redis = await keysOf(ROWS);
  for (const wanted of KEYS) {
    const name = wanted[1] as string;
    const key = await redis.get(name === "b64:_w" ? Uint8Array.of(0xff) : name);
    deepStrictEqual(await shown(key!), wanted);
  }
  for (const name of ["", "K", "kk", "orphan"]) strictEqual(await redis.get(name), undefined);
});

Deno.test("elements that have gone by are refused, not given as none", async () => {
  const redis = await keysOf(ROWS);
  const key = await redis.get("l");
  ok(key?.type === "list");
  for await (const item of key.elements) {
    strictEqual(latin1(item), "first");
    break;
  }
  await rejects(listed(key.elements, latin1), /these elements have gone by/);
  const passed: RedisKey[] = [];
  for await (const key of redis.keys()) passed.push(key);
  for (const key of passed) {
    if (key.type === "hash") await rejects(listed(key.elements, () => 0), /have gone by/);
  }
});

Deno.test("keys are given from one on and below another, however many rows there are", async () => {
  const redis = await keysOf(ROWS);
  const names: string[] = [];
  for await (const { name } of redis.keys({ from: fromLatin1("h"), to: fromLatin1("p") })) {
    names.push(name);
  }
  deepStrictEqual(names, ["k", "h", "l", "old", "hll2"]);
});

Deno.test("ranges of keys are given as text, too, and by what keys begin with", async () => {
  const redis = await keysOf(ROWS);
  const names = async (options: RedisKeysOptions): Promise<string[]> =>
    (await Array.fromAsync(redis.keys(options))).map(({ name }) => name).sort();
  deepStrictEqual(await names({ from: "h", to: "p" }), ["h", "hll2", "k", "l", "old"]);
  deepStrictEqual(await names({ prefix: "h" }), ["h", "hll2"]);
  deepStrictEqual(await names({ prefix: Uint8Array.of(0xff) }), ["b64:_w"]);
  deepStrictEqual(await names({ prefix: "h", from: "hl" }), ["hll2"]);
  deepStrictEqual(await names({ prefix: "h", to: "h" }), []);
});

Deno.test("a walk tells how far it is, and stops when it is told to", async () => {
  const stop = new AbortController();
  const redis = await keysOf(ROWS, new AbortController().signal);
  const seen: number[] = [];
  const walk = redis.keys({ signal: stop.signal, onProgress: (rows) => void seen.push(rows) });
  await walk.next();
  stop.abort();
  await rejects(async () => {
    for await (const _ of walk);
  }, AbortedError);
  for await (const _ of redis.keys({ onProgress: (rows) => void seen.push(rows) }));
  strictEqual(seen.at(-1)! >= ROWS.length, true);
});

Deno.test("a value that is malformed is an error where it is, and not elsewhere", async () => {
  const broken: Row = {
    is: "broken",
    key: "!redis|str|bad",
    value: "\xff\x01",
    code: "malformed-value",
  };
  const redis = await keysOf([...ROWS, broken]);
  await rejects(redis.get("bad"), (error) => {
    ok(error instanceof UnsoundError);
    deepStrictEqual([error.code, latin1(error.key!)], ["malformed-value", "!redis|str|bad"]);
    return true;
  });
  deepStrictEqual(await shown((await redis.get("h"))!), KEYS[2]);
  await rejects(async () => {
    for await (const _ of redis.keys());
  }, UnsoundError);
});

Deno.test("a HyperLogLog whose members cannot be read has its value alone", async () => {
  const file = stream([{ key: "!redis|hll|h", value: fromLatin1("\xff\x02\0torn") }]);
  const key = await (await openSnapshot(file)).redis.get("h");
  ok(key?.type === "hll");
  deepStrictEqual([latin1(key.value), key.elements], ["torn", undefined]);
});
