/** Whatever bytes come, a parser of keys gives a result or a reason. */

import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import { ITEM_KEY_OK, parseItemKeys } from "../../src/keyspace/item_keys.ts";
import { readName } from "../../src/keyspace/base64_names.ts";
import * as dist from "../../src/keyspace/dist_keys.ts";
import * as ddb from "../../src/keyspace/dynamodb_keys.ts";
import { classify, FAMILIES, type Family } from "../../src/keyspace/families.ts";
import * as redis from "../../src/keyspace/redis_keys.ts";
import * as s3 from "../../src/keyspace/s3_keys.ts";
import { scopeOf } from "../../src/keyspace/scopes.ts";
import * as sqs from "../../src/keyspace/sqs_keys.ts";
import * as txn from "../../src/keyspace/txn_keys.ts";
import { byteStrings, check, inside, join, mutated, raw, u64s } from "./support.ts";

/** Parses a key and builds it again; a reason if it cannot be parsed. */
function rebuilt(
  family: Family,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | string | undefined {
  const built = <T>(parsed: T | string, build: (parsed: T) => Uint8Array) =>
    typeof parsed === "string" ? parsed : build(parsed);
  const { id } = family;
  switch (id) {
    case "ddb-table":
    case "ddb-generation":
      return built(ddb.parseTableKey(id, bytes, start, end), (table) => ddb.tableKey(id, table));
    case "ddb-item": {
      const rows = { bytes, ranges: Uint32Array.of(start, end, end, end), count: 1 };
      const [status, nameStart, nameEnd, high, low, payload] = parseItemKeys(rows);
      if (status !== ITEM_KEY_OK) return `status ${status}`;
      return ddb.itemKey(
        readName(bytes, nameStart, nameEnd)!,
        (BigInt(high) << 32n) | BigInt(low),
        bytes.subarray(payload, end),
      );
    }
    case "s3-bucket":
    case "s3-generation":
      return built(s3.parseBucketKey(id, bytes, start, end), (name) => s3.bucketKey(id, name));
    case "s3-object":
      return built(s3.parseObjectKey(bytes, start, end), s3.objectKey);
    case "s3-upload":
    case "s3-upload-gc":
      return built(s3.parseUploadKey(id, bytes, start, end), (key) => s3.uploadKey(id, key));
    case "s3-part":
      return built(s3.parsePartKey(bytes, start, end), s3.partKey);
    case "s3-blob":
    case "s3-chunkref":
      return built(s3.parseChunkKey(id, bytes, start, end), (key) => s3.chunkKey(id, key));
    case "s3-chunkblob":
      return built(s3.parseChunkBlobKey(bytes, start, end), s3.chunkBlobKey);
    case "txn-lock":
    case "txn-intent":
      return txn.lockKey(id, txn.lockedKey(id, bytes, start, end));
    case "txn-commit":
    case "txn-rollback":
      return built(txn.parseOutcomeKey(id, bytes, start, end), (key) => txn.outcomeKey(id, key));
    case "dist-route":
      return built(dist.parseRouteRowKey(bytes, start, end), dist.routeRowKey);
  }
  if (family.kind === "unknown") return undefined;
  if (family.adapter === "sqs") {
    return built(
      sqs.parseSqsKey(family, bytes, start, end),
      (key) => sqs.sqsKey(id as sqs.SqsFamily, key),
    );
  }
  if (family.adapter === "redis") {
    const at = new redis.RedisKey();
    return redis.parseRedisKey(family, bytes, start, end, at) ?? redis.redisKey(
      id as redis.RedisFamily,
      bytes.subarray(at.nameStart, at.nameEnd),
      {
        fixed: at.tailStart > at.nameEnd ? bytes.subarray(at.nameEnd, at.tailStart) : undefined,
        tail: at.tailStart < end ? bytes.subarray(at.tailStart, end) : undefined,
      },
    );
  }
  return undefined;
}

const object = fc.record({
  bucket: byteStrings(),
  generation: u64s,
  object: byteStrings(),
  upload: byteStrings(),
  part: u64s,
  chunk: u64s,
  version: u64s,
});
const generation = u64s.map((n) => n % (1n << 56n));
const queue = fc.constantFrom("q", "orders", "p.fifo").map(raw);
const fixed = (width: number) => byteStrings(width, width);

/** Keys of every grammar. */
const valid: fc.Arbitrary<Uint8Array> = fc.oneof(
  byteStrings(1).map((table) => ddb.tableKey("ddb-table", table)),
  fc.tuple(byteStrings(1), u64s, byteStrings(1)).map((parts) => ddb.itemKey(...parts)),
  byteStrings().map((bucket) => s3.bucketKey("s3-bucket", bucket)),
  object.map(s3.objectKey),
  object.map((key) => s3.uploadKey("s3-upload", key)),
  object.map(s3.partKey),
  object.map((key) => s3.chunkKey("s3-blob", key)),
  fixed(32).map(s3.chunkBlobKey),
  byteStrings().map((name) => redis.redisKey("hash-meta", name)),
  fc.tuple(byteStrings(), byteStrings()).map(([name, tail]) =>
    redis.redisKey("set-member", name, { tail })
  ),
  fc.tuple(byteStrings(), fixed(8)).map(([name, fixed]) =>
    redis.redisKey("list-item", name, { fixed })
  ),
  fc.tuple(byteStrings(), fixed(12)).map(([name, fixed]) =>
    redis.redisKey("list-meta-delta", name, { fixed })
  ),
  fc.tuple(byteStrings(), fixed(8), byteStrings()).map(([name, fixed, tail]) =>
    redis.redisKey("zset-score", name, { fixed, tail })
  ),
  fc.tuple(byteStrings(), fixed(16)).map(([name, fixed]) =>
    redis.redisKey("stream-entry", name, { fixed })
  ),
  queue.map((queue) => sqs.sqsKey("sqs-queue", { queue })),
  fc.record({ queue, generation, time: u64s, id: byteStrings(1) }).map((key) =>
    sqs.sqsKey("sqs-age", key)
  ),
  fc.record({ queue, partition: fc.nat(31), generation, group: byteStrings(1), id: byteStrings(1) })
    .map((key) => sqs.sqsKey("sqs-dedup", key)),
  fc.record({ primaryKey: byteStrings(), startTime: u64s }).map((key) =>
    txn.outcomeKey("txn-commit", key)
  ),
  u64s.map(dist.routeRowKey),
);

const anything = fc.oneof(
  byteStrings(0, 40),
  fc.tuple(fc.constantFrom(...FAMILIES), byteStrings(0, 40)).map(([{ bytes }, rest]) =>
    join(bytes, rest)
  ),
  mutated(valid),
);

Deno.test("every valid key is parsed and built again", () => {
  check(
    fc.property(valid, (key) => {
      const again = rebuilt(classify(key, 0, key.length), ...inside(key));
      ok(again instanceof Uint8Array, String(again));
      strictEqual(toHex(again), toHex(key));
    }),
    5000,
  );
});

Deno.test("no key makes a parser throw, and what is accepted means one thing", () => {
  let accepted = 0;
  let refused = 0;
  check(
    fc.property(anything, (key) => {
      const family = classify(...inside(key));
      scopeOf(family, ...inside(key));
      const again = rebuilt(family, ...inside(key));
      if (typeof again === "string") refused++;
      if (!(again instanceof Uint8Array)) return;
      accepted++;
      // What differs in spelling only (leading zeros, hex in capitals) is the same key once built.
      strictEqual(classify(again, 0, again.length), family);
      strictEqual(toHex(rebuilt(family, ...inside(again)) as Uint8Array), toHex(again));
    }),
    20_000,
  );
  ok(accepted > 2000 && refused > 2000, `${accepted} accepted, ${refused} refused`);
});

Deno.test("no key makes the search for its route throw", () => {
  check(
    fc.property(anything, fc.constantFrom("", "!txn|lock|", "!txn|cmt|!txn|rb|"), (key, before) => {
      ok(dist.routeKey(join(raw(before), key)) instanceof Uint8Array);
    }),
    5000,
  );
});

Deno.test("no value makes a parser of the store's own rows throw", () => {
  const head = fc.constantFrom(
    txn.buildLock({ startTime: 1n, expiry: 2n, primary: true, primaryKey: raw("p") }),
    txn.buildIntent({ startTime: 1n, value: raw("v") }),
    txn.buildCommit(3n),
    dist.buildRoute({
      id: 1n,
      group: 1n,
      state: 0,
      parent: 0n,
      start: raw("a"),
      end: raw("b"),
      splitTime: 0n,
    }),
  );
  check(
    fc.property(fc.oneof(byteStrings(0, 60), mutated(head)), (value) => {
      for (
        const parse of [
          txn.parseLock,
          txn.parseIntent,
          txn.parseCommit,
          txn.checkRollback,
          dist.parseRoute,
        ]
      ) parse(...inside(value));
    }),
    5000,
  );
});
