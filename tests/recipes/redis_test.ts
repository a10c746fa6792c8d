/** A real Redis server that was loaded by the recipe answers as the node did, for every key. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { hasProgram, isMissing } from "../support/programs.ts";
import { Kitchen } from "./recipe.ts";
import { latin1, RedisServer, type Reply } from "./redis_server.ts";
import { captured, truthOf } from "./snapshots.ts";

interface TrueKey {
  key_b64: string;
  type: string;
  /** The earliest and the latest that it can be, in Unix ms. */
  expire_at_ms: [number, number] | null;
  stored_as_bare_key?: true;
  value_b64?: string;
  fields_b64?: [string, string][];
  items_b64?: string[];
  members_b64?: (string | [string, string | null])[];
  entries?: [id: string, fields: [string, string][]][];
  pfcount?: number;
  len?: number;
}

const noRedis = isMissing(hasProgram("redis-server") && hasProgram("redis-cli"));
const YEARS = 20 * 365 * 86_400_000;

for (const name of ["redis-all", "mixed", "interleaved"]) {
  const snapshot = captured(`${name}/snapshot.fsm`)!;
  const ignore = noRedis || snapshot === undefined;
  const truth = snapshot && truthOf(name);

  Deno.test({
    name: `redis.md loads real/${name} as clients saw it, without the strings that are bare rows`,
    ignore,
    async fn() {
      await using server = await RedisServer.start();
      using kitchen = new Kitchen("redis", { SNAPSHOT: snapshot, REDIS_URL: server.url });
      const { code, stdout } = await kitchen.run("load");
      match(stdout, /errors: 0, /);
      strictEqual(code, 8, "clients could read bare rows, too");
      await compare(server, truth, { bare: false });
    },
  });

  Deno.test({
    name: `redis.md loads real/${name} as clients saw it, with the strings that are bare rows`,
    ignore,
    async fn() {
      await using server = await RedisServer.start();
      using kitchen = new Kitchen("redis", { SNAPSHOT: snapshot, REDIS_URL: server.url });
      const { code, stdout } = await kitchen.run("load-bare");
      match(stdout, /errors: 0, /);
      strictEqual(code, 0);
      await compare(server, truth, { bare: true });
    },
  });

  Deno.test({
    name: `a Redis server keeps the expiries of real/${name}, moved to the future`,
    ignore,
    async fn() {
      await using server = await RedisServer.start();
      using kitchen = new Kitchen("redis", { SNAPSHOT: snapshot });
      const stream = ["--format", "resp", "--redis-bare-strings", "-q", "-o", "commands"];
      strictEqual((await kitchen.command("decant", ["decode", snapshot, ...stream])).code, 0);
      const path = `${kitchen.folder}/commands`;
      const moved = latin1(Deno.readFileSync(path)).replace(
        /(\*3\r\n\$9\r\nPEXPIREAT\r\n\$\d+\r\n[^]*?\r\n\$13\r\n)(\d{13})\r\n/g,
        (_, head, ms) => `${head}${Number(ms) + YEARS}\r\n`,
      );
      Deno.writeFileSync(path, Uint8Array.from(moved, (c) => c.charCodeAt(0)));
      const load = `redis-cli -u ${server.url} --pipe < commands`;
      match((await kitchen.command("bash", ["-c", load])).stdout, /errors: 0, /);
      await compare(server, truth, { bare: true, moved: true });
    },
  });
}

Deno.test({
  name: "redis.md loads a file of commands, and streams go on after their last id",
  ignore: noRedis,
  async fn() {
    await using server = await RedisServer.start();
    const snapshot = captured("redis-all/snapshot.fsm")!;
    using kitchen = new Kitchen("redis", { SNAPSHOT: snapshot, REDIS_URL: server.url });
    match((await kitchen.run("file")).stdout, /errors: 0, /);
    const dump = ["decode", snapshot, "--format", "records", "-q", "-o", "records"];
    await kitchen.command("decant", dump);
    let beyond = 0;
    for (const line of Deno.readTextFileSync(`${kitchen.folder}/records`).trim().split("\n")) {
      const { type, key, value, last_ms, last_seq, expire_at_ms } = JSON.parse(line);
      if (type !== "stream" || expire_at_ms !== null) continue;
      const state = await server.command("XINFO", "STREAM", key) as Reply[];
      strictEqual(state[state.indexOf("last-generated-id") + 1], `${last_ms}-${last_seq}`, key);
      if (value.at(-1)?.id !== `${last_ms}-${last_seq}`) beyond++;
    }
    ok(beyond > 0, "an id was given to an entry that is gone");
  },
});

/** Compares every key, and that there are no others. */
async function compare(
  server: RedisServer,
  // deno-lint-ignore no-explicit-any
  { redis, raw_kv }: any,
  { bare, moved = false }: { bare: boolean; moved?: boolean },
): Promise<void> {
  const now = Date.now();
  const others = new Set(await server.command("KEYS", "*") as string[]);
  const gone = (ms: number): boolean => !moved && ms <= now;
  for (const key of redis.keys as TrueKey[]) {
    const name = atob(key.key_b64);
    const label = `${key.type} ${name}`;
    const type = await server.command("TYPE", name);
    if ((key.stored_as_bare_key && !bare) || (key.expire_at_ms && gone(key.expire_at_ms[1]))) {
      strictEqual(type, "none", label);
      continue;
    }
    if (key.len === 0 && key.type !== "string" && key.type !== "stream") {
      strictEqual(type, "none", `${label} is empty, which nothing can be in Redis`);
      continue;
    }
    strictEqual(type, key.type === "hll" ? "string" : key.type, label);
    deepStrictEqual(await contentsIn(server, key), contentsOf(key), label);
    const ms = await server.command("PEXPIRETIME", name) as number;
    if (key.expire_at_ms === null) strictEqual(ms, -1, label);
    else {
      const [low, high] = key.expire_at_ms.map((at) => moved ? at + YEARS : at);
      ok(ms >= low && ms <= high, `${label} expires at ${ms}, not ${low}…${high}`);
    }
    others.delete(name);
  }
  if (moved) { for (const name of redis.expired_keys_b64.map(atob)) ok(others.delete(name), name); }
  // Rows of the raw API are taken for strings; the node's own lookup misses the "gap" keys; the
  // filler was written after the truth was read. No other key is there, expired or deleted.
  const raw = new Set((raw_kv ?? []).map(({ key_b64 }: TrueKey) => atob(key_b64)));
  const unknown = [...others].filter((name) => !raw.has(name) && !/^zz:filler$|gap/.test(name));
  deepStrictEqual(unknown, []);
}

/** What the server says, in the form of the truth: bytes as text with a character for each. */
async function contentsIn(server: RedisServer, { key_b64, type }: TrueKey): Promise<unknown> {
  const name = atob(key_b64);
  const ask = (command: string, ...args: string[]) => server.command(command, name, ...args);
  switch (type) {
    case "string":
      return await ask("GET");
    case "hll":
      return await ask("PFCOUNT");
    case "hash":
      return pairs(await ask("HGETALL")).sort(byName);
    case "list":
      return await ask("LRANGE", "0", "-1");
    case "set":
      return (await ask("SMEMBERS") as string[]).sort();
    case "zset":
      return pairs(await ask("ZRANGE", "0", "-1", "WITHSCORES"))
        .map(([member, score]) => [member, numberOf(score)]);
    case "stream":
      return (await ask("XRANGE", "-", "+") as [string, Reply][])
        .map(([id, fields]) => [id, pairs(fields)]);
    default:
      throw new Error(`${name} is a ${type}`);
  }
}

function contentsOf(key: TrueKey): unknown {
  const decoded = ([a, b]: [string, string]): [string, string] => [atob(a), atob(b)];
  switch (key.type) {
    case "string":
      return atob(key.value_b64!);
    case "hll":
      return key.pfcount;
    case "hash":
      return key.fields_b64!.map(decoded).sort(byName);
    case "list":
      return key.items_b64!.map(atob);
    case "set":
      return (key.members_b64 as string[]).map(atob).sort();
    case "zset":
      return (key.members_b64 as [string, string | null][])
        .map(([member, score]) => [atob(member), score === null ? 2 : numberOf(score)]);
    default:
      return key.entries!.map(([id, fields]) => [id, fields.map(decoded)]);
  }
}

function pairs(replies: Reply): [string, string][] {
  const all = replies as string[];
  return all.filter((_, i) => i % 2 === 0).map((name, i) => [name, all[2 * i + 1]]);
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function numberOf(score: string): number {
  const infinite = /^([+-]?)inf/i.exec(score);
  // Redis does not keep the sign of a zero.
  return infinite ? (infinite[1] === "-" ? -Infinity : Infinity) : Number(score) + 0;
}
