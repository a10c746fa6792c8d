/**
 * The keys of the database as typed records.
 *
 * @module
 */

import { FAMILY, type FamilyId } from "../../keyspace/families.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext, AdapterOptions } from "../context.ts";
import type { ElementOf, Elements } from "./elements.ts";
import { FactSorter } from "./facts.ts";
import { gatherFacts } from "./gather.ts";
import { KeyWalk } from "./key_walk.ts";
import { RedisRow } from "./rows.ts";
import { COLLECTION_TYPES, COLLECTIONS, type CollectionType, DATABASE } from "./types.ts";
import { readEnvelope } from "./values.ts";

/** What all keys have. */
export interface RedisKeyInfo {
  /** The key as a client knows it: any bytes. */
  key: Uint8Array;
  /** Unix ms; absent = never. Keys that have expired since are given like others. */
  expireAtMs?: bigint;
  /** `false`: left over under a key that is of another type now, so no client can see it. */
  live: boolean;
}

/** A string. */
export interface RedisString extends RedisKeyInfo {
  /** Tells strings from the others. */
  type: "string";
  /** Any bytes, possibly none. */
  value: Uint8Array;
}

/** A HyperLogLog. */
export interface RedisHll extends RedisKeyInfo {
  /** Tells HyperLogLogs from the others. */
  type: "hll";
  /** Its exact members, as a message: see {@link hllMembers}. */
  value: Uint8Array;
}

/** A collection. Its elements must be gone through before the next key is asked for, or not at all. */
export interface RedisCollection<Type extends CollectionType> extends RedisKeyInfo {
  /** Tells what the elements are. */
  type: Type;
  /** The elements, once. */
  elements: Elements<ElementOf[Type]>;
}

/** A stream. */
export interface RedisStream extends RedisCollection<"stream"> {
  /** Entries that the server counts. */
  length: bigint;
  /** First half of the greatest id that was ever given. */
  lastMs: bigint;
  /** Second half. */
  lastSeq: bigint;
}

/** A key as one type. */
export type RedisRecord =
  | RedisString
  | RedisHll
  | RedisCollection<"list">
  | RedisCollection<"hash">
  | RedisCollection<"set">
  | RedisCollection<"zset">
  | RedisStream;

/** What is wanted of the keys. */
export interface RedisKeyOptions {
  /**
   * Only what a Redis server can be given: no types that are not live, no scores that are not
   * numbers, no stream entries without a field. What that leaves out is booked and warned of.
   */
  loadable?: boolean;
  /** Called for a stream of which only entries are left: it is not given. */
  onOrphanStream?: () => MaybePromise<void>;
}

/**
 * Every key, once for each type that there is something of. First the strings that say themselves
 * when they expire (which are nearly all), in stored order; then all other keys, shorter ones first
 * and those of one length by their bytes.
 *
 * All live rows of the adapter's families have a fate in the ledger when the last key was given.
 */
export async function* redisKeys(
  context: AdapterContext,
  options: RedisKeyOptions = {},
): AsyncGenerator<RedisRecord, void> {
  if (!context.wanted.has("redis", DATABASE)) {
    // Rows without a family belong to no scope: nobody else gives them this fate.
    const bare = context.options.redisBareStrings ? context.countOf("bare") : 0;
    return context.ledger.add("system", undefined, "not-selected", bare);
  }
  const facts = new FactSorter(context.scratch);
  let walk: KeyWalk | undefined;
  try {
    yield* currentStrings(context, facts);
    await gatherFacts(context, facts);
    walk = new KeyWalk(context, await facts.sorted(), options);
    yield* walk.records();
  } finally {
    walk?.close();
    facts.close();
  }
}

/** The strings that say themselves when they expire; they need not wait for anything. */
async function* currentStrings(
  context: AdapterContext,
  facts: FactSorter,
): AsyncGenerator<RedisString, void> {
  const family = FAMILY["redis-string"];
  const row = new RedisRow();
  for await (const batch of context.scan("redis-string")) {
    let written = 0;
    for (let i = 0; i < batch.count; i++) {
      if (!row.read(context, family, batch, i)) continue;
      const envelope = readEnvelope("string", row.bytes, row.start, row.end);
      const sound = typeof envelope !== "string";
      const added = facts.string(row, sound && !envelope.present);
      if (isPromise(added)) await added;
      if (!sound) context.refuse(batch, i, "malformed-value", envelope);
      else if (envelope.present) {
        const key = row.name();
        if (envelope.expireAtMs === 0n) {
          context.warn("redis_zero_ttl", { user_key_len: key.length });
        }
        yield {
          type: "string",
          key,
          value: row.bytes.slice(envelope.start, row.end),
          expireAtMs: envelope.expireAtMs || undefined,
          live: true,
        };
        written++;
      }
    }
    context.ledger.add("redis", DATABASE, "written", written);
  }
}

/** The families whose rows have a fate when all keys were gone through. */
export function booked({ redisBareStrings }: AdapterOptions): ReadonlySet<FamilyId> {
  return new Set([
    ...VALUE_FAMILIES,
    ...COLLECTION_FAMILIES,
    ...DELTA_FAMILIES,
    ...(redisBareStrings ? ["bare"] as const : []),
  ]);
}

const VALUE_FAMILIES = [
  "redis-string",
  "redis-hll",
  "redis-ttl",
  "redis-hash-blob",
  "redis-set-blob",
  "redis-zset-blob",
  "redis-stream-blob",
] as const;

const COLLECTION_FAMILIES: FamilyId[] = COLLECTION_TYPES.flatMap((type) => [
  COLLECTIONS[type].meta,
  COLLECTIONS[type].element,
]);

/** They lie under the prefix of metas. */
const DELTA_FAMILIES: FamilyId[] = COLLECTION_TYPES.flatMap((type) =>
  COLLECTIONS[type].delta ?? []
);
