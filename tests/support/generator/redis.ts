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

/** Collections whose elements are rows and whose length is a base row and changes to it. */
type Collection = "hash" | "set" | "zset" | "list";

const EMPTY = new Uint8Array(0);
const SCORES = [0, -0, 1, -1, 0.1, 1e21, -2.5e22, 5e-324, Infinity, -Infinity, 9007199254740992];

function magic(letters: string): Uint8Array {
  return concat(0, "R", letters, 1);
}

/** About `size` writes to keys of all types. */
export function redis(history: History, size: number): void {
  const { random } = history;
  const types = Object.keys(WRITERS) as (keyof typeof WRITERS)[];
  const client = new Client(history);
  // A key keeps its type: what happens when it changes is for tests of the adapter to say.
  const typeOf = new Map<string, keyof typeof WRITERS>();
  let last: Uint8Array = EMPTY;
  for (let i = 0; i < size; i++) {
    history.tick();
    last = random.chance(0.3) ? extended(random, last) : anyName(random);
    const id = latin1(last);
    if (!typeOf.has(id)) typeOf.set(id, random.pick(types));
    WRITERS[typeOf.get(id)!](client, last);
  }
}

/** Knows what it has written, so that lengths are right. */
class Client {
  readonly history: History;
  /** Type and name → the elements' tails. */
  readonly #elements = new Map<string, Set<string>>();
  /** The same → rows of changes that have not been folded into the base row. */
  readonly #changes = new Map<string, Uint8Array[]>();
  /** Name and member → score. */
  readonly scores = new Map<string, number>();
  /** Name → positions of the first item of a list and behind the last. */
  readonly lists = new Map<string, { head: number; tail: number }>();

  constructor(history: History) {
    this.history = history;
  }

  elements(type: Collection, name: Uint8Array): Set<string> {
    const id = type + latin1(name);
    if (!this.#elements.has(id)) this.#elements.set(id, new Set());
    return this.#elements.get(id)!;
  }

  /** Milliseconds at which a key expires: passed, soon or never again. */
  expiry(): number {
    return this.history.milliseconds + this.history.random.pick([-1000, 60_000, 1e12]);
  }

  /**
   * Says how long a collection now is: by a change, or by a base row into which the earlier changes
   * are folded. Also the row on which concurrent writers collide.
   */
  length(type: Collection, name: Uint8Array, change: Uint8Array, base: Uint8Array): void {
    const { history } = this;
    const { random } = history;
    const id = type + latin1(name);
    const changes = this.#changes.get(id) ?? [];
    history.put(redisKey(`redis-fence-${type}`, name), EMPTY);
    if (random.chance(0.7)) {
      const family: RedisFamily = `${type}-meta-delta`;
      changes.push(redisKey(family, name, { fixed: deltaStamp(history.now, 0) }));
      history.put(changes[changes.length - 1], change);
    } else {
      const expiry = random.pick([EMPTY, u64be(0), u64be(this.expiry())]);
      history.put(redisKey(`${type}-meta`, name), concat(base, expiry));
      for (const key of changes.splice(0)) history.delete(key);
    }
    this.#changes.set(id, changes);
  }
}

/** Adds and removes elements of a hash, set or sorted set. */
function changeElements(
  client: Client,
  type: "hash" | "set" | "zset",
  name: Uint8Array,
  put: (tail: Uint8Array) => void,
  remove: (tail: Uint8Array) => void,
): void {
  const { random } = client.history;
  const elements = client.elements(type, name);
  const before = elements.size;
  let last: Uint8Array = EMPTY;
  for (let i = random.between(1, 4); i > 0; i--) {
    last = random.chance(0.3) ? extended(random, last) : anyName(random);
    if (elements.has(latin1(last)) && random.chance(0.4)) {
      remove(last);
      elements.delete(latin1(last));
    } else {
      put(last);
      elements.add(latin1(last));
    }
  }
  client.length(type, name, u64be(elements.size - before), u64be(elements.size));
}

const WRITERS = {
  string(client: Client, name: Uint8Array): void {
    const { history } = client;
    const { random } = history;
    const ttl = redisKey("redis-ttl", name);
    if (random.chance(0.15)) {
      history.delete(redisKey("redis-string", name));
      return history.delete(ttl);
    }
    const at = random.chance(0.3) ? u64be(client.expiry()) : undefined;
    history.put(
      redisKey("redis-string", name),
      concat(0xff, 1, at ? 1 : 0, at ?? EMPTY, random.bytes(random.below(30))),
    );
    if (at) history.put(ttl, at);
    else history.delete(ttl);
  },

  oldString(client: Client, name: Uint8Array): void {
    const { history } = client;
    history.put(redisKey("redis-string", name), concat("old ", anyName(history.random)));
    if (history.random.chance(0.3)) {
      history.put(redisKey("redis-ttl", name), u64be(client.expiry()));
    }
  },

  hyperLogLog({ history }: Client, name: Uint8Array): void {
    const members = Array.from({ length: history.random.below(5) }, (_, i) => `member-${i}`);
    const payload = concat(magic("S"), ...members.map((member) => bytesField(1, member)));
    history.put(redisKey("redis-hll", name), concat(0xff, 2, 0, payload));
    history.delete(redisKey("redis-ttl", name));
  },

  hash(client: Client, name: Uint8Array): void {
    const { history } = client;
    const key = (tail: Uint8Array) => redisKey("hash-field", name, { tail });
    changeElements(
      client,
      "hash",
      name,
      (tail) => history.put(key(tail), history.random.bytes(history.random.below(20))),
      (tail) => history.delete(key(tail)),
    );
  },

  set(client: Client, name: Uint8Array): void {
    const { history } = client;
    const key = (tail: Uint8Array) => redisKey("set-member", name, { tail });
    changeElements(
      client,
      "set",
      name,
      (tail) => history.put(key(tail), EMPTY),
      (tail) => history.delete(key(tail)),
    );
  },

  zset(client: Client, name: Uint8Array): void {
    const { history } = client;
    const { scores } = client;
    const id = (tail: Uint8Array) => `${latin1(name)} ${latin1(tail)}`;
    const member = (tail: Uint8Array) => redisKey("zset-member", name, { tail });
    const index = (tail: Uint8Array, score: number) =>
      redisKey("zset-score", name, { fixed: sortableScore(f64bits(score)), tail });
    changeElements(
      client,
      "zset",
      name,
      (tail) => {
        const old = scores.get(id(tail));
        if (old !== undefined) history.delete(index(tail, old));
        const score = history.random.pick(SCORES);
        scores.set(id(tail), score);
        history.put(member(tail), f64be(score));
        history.put(index(tail, score), EMPTY);
      },
      (tail) => {
        history.delete(member(tail));
        history.delete(index(tail, scores.get(id(tail))!));
      },
    );
  },

  list(client: Client, name: Uint8Array): void {
    const { history } = client;
    const { random } = history;
    const place = client.lists.get(latin1(name)) ?? { head: 0, tail: 0 };
    const { head, tail } = place;
    const item = (at: number) => redisKey("list-item", name, { fixed: sequence(BigInt(at)) });
    const claim = (at: number) => redisKey("list-claim", name, { fixed: sequence(BigInt(at)) });
    const pop = (at: number): void => {
      history.delete(item(at));
      history.put(claim(at), EMPTY);
    };
    const n = random.between(1, 3);
    switch (random.below(4)) {
      case 0:
        for (let i = 0; i < n; i++) history.put(item(--place.head), anyName(random));
        break;
      case 1:
        if (tail - head > 1) pop(place.head++);
        else history.put(item(place.tail++), anyName(random));
        break;
      case 2:
        if (tail - head > 1) pop(--place.tail);
        else history.put(item(place.tail++), anyName(random));
        break;
      default:
        for (let i = 0; i < n; i++) history.put(item(place.tail++), anyName(random));
    }
    client.lists.set(latin1(name), place);
    const length = place.tail - place.head;
    client.length(
      "list",
      name,
      concat(u64be(place.head - head), u64be(length - (tail - head))),
      concat(u64be(place.head), u64be(place.tail), u64be(length)),
    );
  },

  stream({ history }: Client, name: Uint8Array): void {
    const { random } = history;
    const ms = BigInt(history.milliseconds);
    // A later write of the same name replaces what there was.
    const length = random.below(4);
    for (let i = 0; i < 4; i++) {
      const key = redisKey("stream-entry", name, { fixed: streamId(BigInt(i), 1n) });
      if (i >= length) {
        history.delete(key);
        continue;
      }
      const fields = Array.from(
        { length: random.below(3) * 2 },
        (_, j) => bytesField(2, j % 2 === 0 ? niceName(random, "field") : "value"),
      );
      history.put(key, concat(0, "RXE", 1, bytesField(1, `${i}-1`), ...fields));
    }
    const meta = concat(u64be(length), u64be(ms), u64be(0));
    history.put(
      redisKey("stream-meta", name),
      random.pick([meta, concat(meta, u64be(0)), concat(meta, u64be(0), u64be(0), u64be(0))]),
    );
  },

  /** A whole collection in one row: the oldest layout. */
  blob({ history }: Client, name: Uint8Array): void {
    const { random } = history;
    const all = Array.from({ length: random.below(5) }, () => niceName(random, "m"));
    const members = [...new Set(all)];
    // The type must not change from one write of a name to the next.
    switch (name.length % 4) {
      case 0:
        return history.put(
          redisKey("redis-hash-blob", name),
          concat(magic("H"), mapFields(1, members.map((m) => [m, text("value")]))),
        );
      case 1:
        return history.put(
          redisKey("redis-set-blob", name),
          concat(magic("S"), ...members.map(text).sort(compare).map((m) => bytesField(1, m))),
        );
      case 2:
        return history.put(
          redisKey("redis-zset-blob", name),
          concat(
            magic("Z"),
            ...members.map((m) =>
              bytesField(1, concat(textField(1, m), doubleField(2, random.pick(SCORES))))
            ),
          ),
        );
      default:
        return history.put(redisKey("redis-stream-blob", name), magic("X"));
    }
  },
};
