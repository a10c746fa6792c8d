/** Where the rows lie that a record is made of: those by which it changes. @module */

import { type ItemKey, itemKeyOf, storedKeys } from "../adapters/dynamodb/keys.ts";
import { readTable } from "../adapters/dynamodb/scopes.ts";
import { Buckets } from "../adapters/s3/scopes.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { tableKey } from "../keyspace/dynamodb_keys.ts";
import { FAMILIES } from "../keyspace/families.ts";
import { appendU32 } from "../keyspace/fields.ts";
import { hasSizedName, parseRedisKey, RedisKey } from "../keyspace/redis_keys.ts";
import { bucketKey, objectKey } from "../keyspace/s3_keys.ts";
import { sqsKey } from "../keyspace/sqs_keys.ts";
import { classify } from "../keyspace/families.ts";
import { equalBytes } from "../bytes/compare.ts";
import { type KeyRange, keyRange, prefixRange } from "../mvcc/key_range.ts";
import type { Address } from "./address.ts";
import { type Look, lookContext } from "./look.ts";

/** Rows of a record. */
export interface RecordRows {
  /** Ranges of user keys. */
  ranges: KeyRange[];
  /** Whether a user key in these ranges is the record's. */
  has(bytes: Uint8Array, start: number, end: number): boolean;
}

const ALL = (): boolean => true;

/**
 * The rows of a record. Of an object it is its head, of a queue its own row, of a key of Redis all rows.
 *
 * @returns `undefined` where there is no such table or bucket.
 */
export async function recordRows(parts: Look, address: Address): Promise<RecordRows | undefined> {
  switch (address.kind) {
    case "table":
      return rowsOf([tableKey("ddb-table", address.table)]);
    case "item": {
      const stored = await readTable(await lookContext(parts, () => {}), address.table);
      if (!stored) return undefined;
      const { key } = address;
      const whole = Array.isArray(key) ? itemKeyOf(stored.table, key) : key as ItemKey;
      return rowsOf(storedKeys(stored.table, address.table, whole));
    }
    case "object": {
      const { bucket, key } = address;
      const context = (await lookContext(parts, () => {})).silent();
      const { active } = await (await Buckets.read(context)).of(bucket);
      if (active === undefined) return undefined;
      return rowsOf([objectKey({ bucket, generation: active, object: key })]);
    }
    case "bucket":
      return rowsOf([bucketKey("s3-bucket", address.bucket)]);
    case "queue":
      return rowsOf([sqsKey("sqs-queue", { queue: address.queue })]);
    case "redis":
      return redisRows(address.key);
    case "path":
      return undefined;
  }
}

function rowsOf(keys: readonly Uint8Array[]): RecordRows {
  return { ranges: keys.map(keyRange), has: ALL };
}

/** Names of other keys can begin like this one, and some of their rows lie among these. */
function redisRows(name: Uint8Array): RecordRows {
  const ranges = FAMILIES.filter(({ adapter, kind }) => adapter === "redis" && kind === "user").map(
    (family): KeyRange => {
      const start = new ByteBuilder().append(family.bytes);
      if (hasSizedName(family)) appendU32(start, name.length);
      return prefixRange(start.append(name).take());
    },
  );
  const key = new RedisKey();
  return {
    ranges,
    has(bytes, start, end) {
      if (parseRedisKey(classify(bytes, start, end), bytes, start, end, key) !== undefined) {
        return false;
      }
      return equalBytes(bytes.subarray(key.nameStart, key.nameEnd), name);
    },
  };
}
