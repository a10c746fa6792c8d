/** Redis keys of every type, in the layout of today and in the older ones. @module */

import {
  deltaStamp,
  type RedisFamily,
  redisKey,
  sequence,
  sortableScore,
  streamId,
} from "../../../src/keyspace/redis_keys.ts";
import {
  bytesField,
  compare,
  concat,
  doubleField,
  f64be,
  f64bits,
  mapFields,
  text,
  textField,
  u64be,
} from "./encoding.ts";
import { type History, latin1 } from "./history.ts";
import { anyName, extended, niceName } from "./names.ts";

type Writer = (history: History, name: Uint8Array) => void;

const EMPTY = new Uint8Array(0);
const MAGIC = (letter: string): Uint8Array => concat(0, "R", letter, 1);
const SCORES = [0, -0, 1, -1, 0.1, 1e21, -2.5e22, 5e-324, Infinity, -Infinity, 9007199254740992];

/** About `size` writes to keys of all types. */
export function redis(history: History, size: number): void {
  const { random } = history;
  const writers = [str, legacyString, hyperLogLog, hash, set, zset, list, stream, blob];
  // A key keeps its type: what happens when it changes is for tests of the adapter to say.
  const types = new Map<string, Writer>();
  let last: Uint8Array = EMPTY;
  for (let i = 0; i < size; i++) {
    history.tick();
    const name = random.chance(0.3) ? extended(random, last) : anyName(random);
    last = name;
    const id = latin1(name);
    if (!types.has(id)) types.set(id, random.pick(writers));
    types.get(id)!(history, name);
  }
}

/** Milliseconds at which a key expires: passed, soon or never again. */
function expiry(history: History): number {
  return history.milliseconds + history.random.pick([-1000, 60_000, 1e12]);
}

function str(history: History, name: Uint8Array): void {
  const { random } = history;
  const ttl = redisKey("redis-ttl", name);
  if (random.chance(0.15)) {
    history.delete(redisKey("redis-string", name));
    return history.delete(ttl);
  }
  const at = random.chance(0.3) ? u64be(expiry(history)) : undefined;
  history.put(
    redisKey("redis-string", name),
    concat(0xff, 1, at ? 1 : 0, at ?? EMPTY, random.bytes(random.below(30))),
  );
  if (at) history.put(ttl, at);
  else history.delete(ttl);
}

function legacyString(history: History, name: Uint8Array): void {
  history.put(redisKey("redis-string", name), concat("old ", anyName(history.random)));
  if (history.random.chance(0.3)) {
    history.put(redisKey("redis-ttl", name), u64be(expiry(history)));
  }
}

function hyperLogLog(history: History, name: Uint8Array): void {
  const members = Array.from({ length: history.random.below(5) }, (_, i) => `member-${i}`);
  const payload = concat(MAGIC("S"), ...members.map((member) => bytesField(1, member)));
  history.put(redisKey("redis-hll", name), concat(0xff, 2, 0, payload));
  history.delete(redisKey("redis-ttl", name));
}

/** The row on which concurrent writers collide, and the change of the length. */
function fence(history: History, type: "hash" | "set" | "zset" | "list", name: Uint8Array): void {
  history.put(redisKey(`redis-fence-${type}`, name), EMPTY);
}

function delta(history: History, family: RedisFamily, name: Uint8Array, value: Uint8Array): void {
  const fixed = deltaStamp(history.now, history.random.below(2));
  history.put(redisKey(family, name, { fixed }), value);
}

function hash(history: History, name: Uint8Array): void {
  const { random } = history;
  fence(history, "hash", name);
  let added = 0;
  let last: Uint8Array = EMPTY;
  for (let i = random.between(1, 4); i > 0; i--) {
    const tail = random.chance(0.3) ? extended(random, last) : anyName(random);
    last = tail;
    const key = redisKey("hash-field", name, { tail });
    if (random.chance(0.2)) {
      history.delete(key);
      added--;
    } else {
      history.put(key, random.bytes(random.below(20)));
      added++;
    }
  }
  if (random.chance(0.7)) delta(history, "hash-meta-delta", name, u64be(added));
  else history.put(redisKey("hash-meta", name), metaOfLength(history, 3));
}

/** `length [‖ expiry]` */
function metaOfLength(history: History, length: number): Uint8Array {
  const { random } = history;
  if (random.chance(0.3)) return u64be(length);
  return concat(u64be(length), u64be(random.chance(0.5) ? 0 : expiry(history)));
}

function set(history: History, name: Uint8Array): void {
  const { random } = history;
  fence(history, "set", name);
  for (let i = random.between(1, 4); i > 0; i--) {
    const key = redisKey("set-member", name, { tail: anyName(random) });
    if (random.chance(0.2)) history.delete(key);
    else history.put(key, EMPTY);
  }
  if (random.chance(0.7)) delta(history, "set-meta-delta", name, u64be(1));
  else history.put(redisKey("set-meta", name), metaOfLength(history, 3));
}

function zset(history: History, name: Uint8Array): void {
  const { random } = history;
  fence(history, "zset", name);
  for (let i = random.between(1, 4); i > 0; i--) {
    const tail = anyName(random);
    const score = random.pick(SCORES);
    const member = redisKey("zset-member", name, { tail });
    const fixed = sortableScore(f64bits(score));
    const index = redisKey("zset-score", name, { fixed, tail });
    if (random.chance(0.2)) {
      history.delete(member);
      history.delete(index);
    } else {
      history.put(member, f64be(score));
      history.put(index, EMPTY);
    }
  }
  if (random.chance(0.7)) delta(history, "zset-meta-delta", name, u64be(1));
  else history.put(redisKey("zset-meta", name), metaOfLength(history, 3));
}

/** A new list of a few items; a second write of the same name replaces it. */
function list(history: History, name: Uint8Array): void {
  const { random } = history;
  fence(history, "list", name);
  const head = random.pick([0, -2, 5]);
  const length = random.between(1, 4);
  for (let i = head; i < head + length; i++) {
    const fixed = sequence(BigInt(i));
    history.put(redisKey("list-item", name, { fixed }), anyName(random));
    if (random.chance(0.2)) {
      history.delete(redisKey("list-item", name, { fixed }));
      history.put(redisKey("list-claim", name, { fixed }), EMPTY);
    }
  }
  if (random.chance(0.5)) {
    delta(history, "list-meta-delta", name, concat(u64be(0), u64be(length)));
  } else {
    const meta = concat(u64be(head), u64be(head + length), u64be(length));
    history.put(
      redisKey("list-meta", name),
      random.chance(0.5) ? meta : concat(meta, u64be(random.chance(0.5) ? 0 : expiry(history))),
    );
  }
}

function stream(history: History, name: Uint8Array): void {
  const { random } = history;
  const ms = BigInt(history.milliseconds);
  const length = random.below(4);
  for (let i = 0; i < length; i++) {
    const fields = Array.from(
      { length: random.below(3) * 2 },
      (_, j) => bytesField(2, j % 2 === 0 ? niceName(random, "field") : "value"),
    );
    history.put(
      redisKey("stream-entry", name, { fixed: streamId(ms, BigInt(i)) }),
      concat(MAGIC("XE").subarray(0, 4), 1, bytesField(1, `${ms}-${i}`), ...fields),
    );
  }
  const meta = concat(u64be(length), u64be(ms), u64be(Math.max(0, length - 1)));
  history.put(
    redisKey("stream-meta", name),
    random.pick([meta, concat(meta, u64be(0)), concat(meta, u64be(0), u64be(0), u64be(0))]),
  );
}

/** A whole collection in one row: the oldest layout. */
function blob(history: History, name: Uint8Array): void {
  const { random } = history;
  const members = [
    ...new Set(Array.from({ length: random.below(5) }, () => niceName(random, "m"))),
  ];
  // The type must not change from one write of a name to the next.
  switch (name.length % 4) {
    case 0:
      return history.put(
        redisKey("redis-hash-blob", name),
        concat(MAGIC("H"), mapFields(1, members.map((m) => [m, text("value")]))),
      );
    case 1: {
      const sorted = members.map(text).sort(compare);
      return history.put(
        redisKey("redis-set-blob", name),
        concat(MAGIC("S"), ...sorted.map((m) => bytesField(1, m))),
      );
    }
    case 2:
      return history.put(
        redisKey("redis-zset-blob", name),
        concat(
          MAGIC("Z"),
          ...members.map((m) =>
            bytesField(1, concat(textField(1, m), doubleField(2, random.pick(SCORES))))
          ),
        ),
      );
    default:
      return history.put(redisKey("redis-stream-blob", name), MAGIC("X"));
  }
}
