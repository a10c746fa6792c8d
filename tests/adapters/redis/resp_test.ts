/** The commands for another Redis server, byte for byte. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { redis, writeResp } from "../../../src/adapters/redis/mod.ts";
import { decodeWith } from "../../support/decode.ts";
import { stream, type TestEntry } from "../../support/stream.ts";
import { dump, fromLatin1, itemKey, latin1, sized } from "./support.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

const MAX = (1n << 64n) - 1n;

function entries(rows: Row[]): TestEntry[] {
  return rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));
}

function meta(type: "hash" | "set" | "list" | "stream", name: string, expire?: bigint): Row {
  return { is: "meta", type, name, length: 1n, head: 0n, last: [5n, 7n], expire };
}

Deno.test("a command is an array of counted strings, whatever their bytes", async () => {
  const rows: Row[] = [{ is: "string", name: "k\r\n\xff", form: 12n, body: "\x00\r\n" }];
  const parts: Uint8Array[] = [];
  const commander = { ...redis, writeRecords: writeResp };
  const { lines } = await decodeWith(commander, stream(entries(rows)), { records: true });
  parts.push(lines);
  strictEqual(
    latin1(parts[0]),
    "*3\r\n$3\r\nSET\r\n$4\r\nk\r\n\xff\r\n$3\r\n\x00\r\n\r\n" +
      "*3\r\n$9\r\nPEXPIREAT\r\n$4\r\nk\r\n\xff\r\n$2\r\n12\r\n",
  );
});

Deno.test("every type has its command, and an expiry follows the elements", async () => {
  const { commands, respNoted } = await dump(entries([
    meta("hash", "h", MAX),
    { is: "field", name: "h", field: "f", value: "v" },
    meta("list", "l"),
    { is: "item", name: "l", place: 0n, value: "i" },
    meta("set", "s"),
    { is: "member", name: "s", member: "" },
    { is: "scored", name: "z", member: "m", score: -0 },
    { is: "scored", name: "z", member: "n", score: Infinity },
    { is: "scored", name: "z", member: "o", score: 1e21 },
    { is: "scored", name: "z", member: "p", score: 0.1 },
    { is: "hll", name: "p", form: 9n, body: "a\nb" },
    { is: "hll", name: "q", form: "plain", body: "" },
    meta("stream", "x"),
    { is: "entry", name: "x", id: [5n, 6n], fields: ["a", "1", "a", "2"] },
  ]));
  deepStrictEqual(commands, [
    ["HSET", "h", "f", "v"],
    // No later time exists for Redis.
    ["PEXPIREAT", "h", "9223372036854775807"],
    ["RPUSH", "l", "i"],
    ["PFADD", "p", "a", "b"],
    ["PEXPIREAT", "p", "9"],
    ["PFADD", "q"],
    ["SADD", "s", ""],
    ["XADD", "x", "5-6", "a", "1", "a", "2"],
    ["XSETID", "x", "5-7"],
    ["ZADD", "z", "-0", "m", "inf", "n", "1e+21", "o", "0.1", "p"],
  ]);
  deepStrictEqual(respNoted, []);
});

Deno.test("an empty stream is made by an entry that is trimmed at once", async () => {
  const empty = (name: string, last: [bigint, bigint]): Row => ({
    is: "meta",
    type: "stream",
    name,
    length: 0n,
    head: 0n,
    last,
  });
  const { commands } = await dump(entries([empty("a", [7n, 8n]), empty("b", [0n, 0n])]));
  deepStrictEqual(commands, [
    ["XADD", "a", "MAXLEN", "0", "7-8", "", ""],
    ["XADD", "b", "MAXLEN", "0", "0-1", "", ""],
    ["XSETID", "b", "0-0"],
  ]);
});

Deno.test("only the live type of a key is loaded", async () => {
  const { commands, fates, respFates } = await dump(entries([
    { is: "string", name: "k", form: "plain", body: "v" },
    { is: "hll", name: "k", form: "plain", body: "m" },
    meta("set", "k", 5n),
    { is: "member", name: "k", member: "m" },
    meta("hash", "e"),
  ]));
  deepStrictEqual(commands, [["SET", "k", "v"]]);
  deepStrictEqual(fates, { "redis written": 5 });
  // An empty hash cannot be, and its row says nothing else.
  deepStrictEqual(respFates, { "redis written": 1, "redis hidden": 3, "redis operational": 1 });
});

Deno.test("what Redis has no place for is left out, counted and warned of", async () => {
  const { commands, respFates, respNoted } = await dump(
    entries([
      { is: "scored", name: "z", member: "m", score: NaN },
      { is: "scored", name: "z", member: "n", score: 1 },
      { is: "scored", name: "nan", member: "m", score: NaN },
      { is: "index", name: "nan", ms: 5n, ts: 1n },
      meta("stream", "x"),
      { is: "entry", name: "x", id: [0n, 0n], fields: ["a", "b"] },
      { is: "entry", name: "x", id: [1n, 0n], fields: [] },
      { is: "entry", name: "x", id: [5n, 7n], fields: ["a", "b"] },
      { is: "string", name: "s", form: "plain", body: "" },
    ]).concat([{ key: "!redis|hll|h", value: fromLatin1("not a message") }]),
  );
  deepStrictEqual(commands, [
    ["SET", "s", ""],
    ["XADD", "x", "5-7", "a", "b"],
    ["ZADD", "z", "1", "n"],
  ]);
  deepStrictEqual(respNoted, [
    ["redis_not_loadable", 1, 1],
    ["redis_stream_length_mismatch", 1, 1n, 3],
    ["redis_not_loadable", 1, 2],
    ["redis_zset_nan_score", 1, 1],
    ["redis_not_loadable", 1, 1],
    ["redis_zset_nan_score", 3, 1],
    ["redis_not_loadable", 3, 1],
  ]);
  deepStrictEqual(respFates, {
    "redis written": 4,
    "redis not-loadable": 5,
    "redis operational": 1,
  });
});

Deno.test("a command has at most 512 elements", async () => {
  const rows: TestEntry[] = [];
  for (let i = 0; i < 1025; i++) rows.push({ key: itemKey("l", BigInt(i)), value: `${i}` });
  const { commands } = await dump(rows);
  deepStrictEqual(commands.map((command) => command.length - 2), [512, 512, 1]);
  deepStrictEqual(
    commands.flatMap(([name, key, ...items]) => {
      deepStrictEqual([name, key], ["RPUSH", "l"]);
      return items;
    }),
    Array.from({ length: 1025 }, (_, i) => `${i}`),
  );
});

Deno.test("a command ends soon after 1 MiB", async () => {
  const value = new Uint8Array(300_000).fill(0x61);
  const rows: TestEntry[] = [];
  for (let i = 0; i < 9; i++) rows.push({ key: sized("!hs|fld|", "h", `${i}`), value });
  rows.push({ key: "!redis|str|k", value: fromLatin1("\xff\x01\x00" + "b".repeat(3_000_000)) });
  const { commands } = await dump(rows);
  deepStrictEqual(commands.map((command) => [command[0], command.length]), [
    ["SET", 3],
    ["HSET", 10],
    ["HSET", 10],
    ["HSET", 4],
  ]);
  strictEqual(commands[0][2].length, 3_000_000);
  strictEqual(commands[1].slice(2).every((part, i) => part.length === (i % 2 ? 300_000 : 1)), true);
});
