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

/**
 * Tells one collection from the next while live elements go by in stored order. Elements of a list can lie
 * among those of another whose name begins like its own: so the names that the last key began with are
 * known, each as its length.
 */
export class CollectionNames {
  readonly #key = new RedisKey();
  #lengths: number[] = [];
  /** The longest of these names, with what stands before it in keys. */
  #longest: Uint8Array = new Uint8Array(0);

  /** Whether the element with the user key `bytes[start, end)` is the first of its collection. */
  isNext(family: Family, bytes: Uint8Array, start: number, end: number): boolean {
    const key = this.#key;
    if (parseRedisKey(family, bytes, start, end, key) !== undefined) return false;
    const length = key.nameEnd - start;
    let longest = this.#longest;
    if (!startsWith(bytes, longest, start, end)) {
      const common = commonLength(longest, bytes, start, end);
      this.#lengths = this.#lengths.filter((one) => one <= common);
      longest = longest.subarray(0, Math.max(0, ...this.#lengths));
    }
    const isNext = !this.#lengths.includes(length);
    if (isNext) this.#lengths.push(length);
    this.#longest = length > longest.length ? bytes.slice(start, key.nameEnd) : longest;
    return isNext;
  }
}

function commonLength(name: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  const most = Math.min(name.length, end - start);
  let n = 0;
  while (n < most && name[n] === bytes[start + n]) n++;
  return n;
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
