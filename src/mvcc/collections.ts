/**
 * How many Redis collections there are, without their names: one exists as long as it has an element,
 * and its elements lie together.
 *
 * @module
 */

import { startsWith, successor } from "../bytes/compare.ts";
import { nextBatch } from "../container/entry_batch.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { type Family, type FamilyId, matches } from "../keyspace/families.ts";
import { parseRedisKey, RedisKey } from "../keyspace/redis_keys.ts";
import { type Resolver, TIMESTAMP_LENGTH, Verdict } from "./resolver.ts";

/** A live key of these is an element. Not those of streams, which are there without entries, too. */
const ELEMENTS: ReadonlySet<FamilyId> = new Set([
  "hash-field",
  "set-member",
  "zset-member",
  "list-item",
]);

/** Whether the keys of a family are elements of collections. */
export function isElement(family: Family): boolean {
  return ELEMENTS.has(family.id);
}

/** Tells one collection from the next while live elements go by in stored order. */
export class CollectionNames {
  readonly #key = new RedisKey();
  #last: Uint8Array | undefined;

  /** Whether the element with the user key `bytes[start, end)` is the first of its collection. */
  isNext(family: Family, bytes: Uint8Array, start: number, end: number): boolean {
    const key = this.#key;
    if (parseRedisKey(family, bytes, start, end, key) !== undefined) return false;
    const last = this.#last;
    if (last?.length === key.nameEnd - start && startsWith(bytes, last, start)) return false;
    this.#last = bytes.slice(start, key.nameEnd);
    return true;
  }
}

/** Counts the collections whose elements are of a family. */
export async function countCollections(
  table: EntryTable,
  family: Family,
  resolver: Resolver,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { verdicts } = resolver;
  const names = new CollectionNames();
  const entries = table.walk({ from: family.bytes, to: successor(family.bytes) });
  let count = 0;
  for (
    let batch = await nextBatch(entries, signal);
    batch;
    batch = await nextBatch(entries, signal)
  ) {
    resolver.resolve(batch);
    const { bytes, ranges } = batch;
    for (let i = 0; i < batch.count; i++) {
      const start = ranges[i * 4];
      const end = ranges[i * 4 + 1] - TIMESTAMP_LENGTH;
      const isLive = verdicts[i] === Verdict.LIVE || verdicts[i] === Verdict.UNDECIDED;
      if (isLive && matches(family, bytes, start, end) && names.isNext(family, bytes, start, end)) {
        count++;
      }
    }
  }
  return count;
}
