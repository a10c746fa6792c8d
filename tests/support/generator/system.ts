/** Rows that no adapter owns: bare keys, the file system, the catalog, and keys nobody knows. @module */

import { buildRoute, type Route, routeRowKey } from "../../../src/keyspace/dist_keys.ts";
import { redisKey } from "../../../src/keyspace/redis_keys.ts";
import { concat, text, u64be } from "./encoding.ts";
import { type History, latin1 } from "./history.ts";
import { anyName, extended } from "./names.ts";

/** About `size` writes. */
export function system(history: History, size: number): void {
  const { random } = history;
  for (let i = 0; i < size; i++) {
    history.tick();
    if (random.chance(0.3)) fileSystem(history);
    else if (random.chance(0.2)) unknown(history);
    else bare(history);
  }
}

function bare(history: History): void {
  const key = anyName(history.random);
  if (key[0] === 0x21) return;
  if (history.random.chance(0.2)) history.delete(key);
  else history.put(key, history.random.bytes(history.random.below(30)));
}

function unknown(history: History): void {
  const prefix = history.random.pick(["!", "!ddb|x|", "!s3|x|", "!redis|x|", "!sqs|x|", "!admin|"]);
  history.put(concat(prefix, "key"), text("value"));
}

/** Names in the file system's own escaping: 00 is `00 FF`, and `00 00` ends them. */
function fileSystem(history: History): void {
  const { random } = history;
  const inode = u64be(random.below(10));
  const home = u64be(random.below(3));
  const name = concat("file-", String(random.below(10)), 0, 0);
  const [key, value] = random.pick<[Uint8Array, Uint8Array]>([
    [concat("!fs|ino|", inode), text('{"size":1}')],
    [concat("!fs|dir|", inode, name), text('{"inode":1}')],
    [concat("!fs|chk|", home, inode, u64be(random.below(4))), random.bytes(20)],
    [concat("!fs|home|", inode), home],
    [concat("!fs|dirv|", inode), u64be(1)],
    [text("!fs|usage"), text("{}")],
    [concat("!fs|usage|route|", name), text("{}")],
    [concat("!fs|ref|", inode), text("{}")],
    [concat("!fs|reffence|", inode), text("{}")],
    [concat("!fs|intent|", inode), text("{}")],
    [concat("!fs|job|move|", inode), text("{}")],
  ]);
  if (random.chance(0.2)) history.delete(key);
  else history.put(key, value);
}

/** Pairs of keys of which one extends the other by what the other's timestamps begin with. */
export function interleaved(history: History, size: number): void {
  const { random } = history;
  const prefixed = random.pick([
    (name: Uint8Array) => concat("il:", name),
    (name: Uint8Array) => redisKey("redis-string", name),
    (name: Uint8Array) => redisKey("hash-field", text("h"), { tail: name }),
    (name: Uint8Array) => redisKey("zset-member", text("z"), { tail: name }),
  ]);
  const family = latin1(prefixed(text("")));
  const value = (): Uint8Array => {
    if (family === latin1(redisKey("redis-string", text("")))) return concat(0xff, 1, 0, "value");
    return new Uint8Array(8).fill(random.below(256));
  };
  const names = [text("k")];
  for (let i = 0; i < size; i++) {
    const ts = history.tick();
    const base = random.pick(names);
    // The longer key sorts just before, at or just behind this or an older version of the shorter.
    const near = u64be(~(ts + BigInt(random.between(-4, 1))));
    const longer = concat(base, near.subarray(0, random.pick([1, 7, 8, 8])));
    if (names.length < 6) names.push(longer);
    const key = prefixed(random.pick(names));
    if (random.chance(0.25)) history.delete(key);
    else history.put(key, value());
  }
}

/** Rows that expire on the store's own clock, which no server writes and every server honours. */
export function expiring(history: History, size: number): void {
  const { random } = history;
  let name = text("expiring");
  for (let i = 0; i < size; i++) {
    const ts = history.tick();
    if (random.chance(0.3)) name = extended(random, name);
    const late = BigInt.asUintN(
      64,
      ts + BigInt(random.between(-3, 40)) * random.pick([1n, 1000n << 16n]),
    );
    const expireAt = random.pick([0n, 1n, late, 0xffff_ffff_ffff_ffffn]);
    history.put(redisKey("redis-string", name), concat(0xff, 1, 0, "soon gone"), expireAt);
  }
}

/** The rows of the catalog: every node writes the first ones itself, at time 1. */
export function catalog(routes: readonly Route[]): { key: Uint8Array; value: Uint8Array }[] {
  return [
    { key: concat("!dist|delta|", u64be(1)), value: text("delta") },
    { key: text("!dist|meta|next_job_id"), value: u64be(1) },
    { key: text("!dist|meta|next_route_id"), value: u64be(routes.length + 1) },
    { key: text("!dist|meta|version"), value: u64be(1) },
    ...routes.map((route) => ({ key: routeRowKey(route.id), value: buildRoute(route) })),
  ];
}
