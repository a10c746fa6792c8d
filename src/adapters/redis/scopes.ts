/** The one database, and the rows that are its. @module */

import type { FamilyId } from "../../keyspace/families.ts";
import type { AdapterContext, AdapterOptions } from "../context.ts";
import { COLLECTION_TYPES, COLLECTIONS } from "./types.ts";

/** The name of the database, and of the scope of all rows. */
export const DATABASE: Uint8Array = Uint8Array.of(0x30);

/** The families whose rows have a fate when all records were gone through. */
export function booked({ redisBareStrings }: AdapterOptions): ReadonlySet<FamilyId> {
  return new Set([
    ...VALUE_FAMILIES,
    ...COLLECTION_FAMILIES,
    ...DELTA_FAMILIES,
    ...(redisBareStrings ? ["bare"] as const : []),
  ]);
}

/** Whether the database is wanted. Where it is not, its rows that are in no scope are booked here. */
export function isDatabaseWanted(context: AdapterContext): boolean {
  if (context.wanted.has("redis", DATABASE)) return true;
  const bare = context.options.redisBareStrings ? context.countOf("bare") : 0;
  context.ledger.add("system", undefined, "not-selected", bare);
  return false;
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
