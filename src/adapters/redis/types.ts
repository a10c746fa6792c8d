/** What a Redis key can be, and which rows that takes. @module */

import type { FamilyId } from "../../keyspace/families.ts";

/** A type with elements: many rows. */
export type CollectionType = "list" | "hash" | "set" | "zset" | "stream";

/** What a key is; a `hll` is a HyperLogLog. These two have one row. */
export type RedisType = "string" | "hll" | CollectionType;

/** The rows of a collection: a meta, elements, and deltas that say how the length changed. */
interface CollectionRows {
  readonly meta: FamilyId;
  readonly delta?: FamilyId;
  readonly element: "list-item" | "hash-field" | "set-member" | "zset-member" | "stream-entry";
}

/** The collections, in the order in which the server looks for them. */
export const COLLECTIONS: { readonly [type in CollectionType]: CollectionRows } = {
  list: { meta: "list-meta", delta: "list-meta-delta", element: "list-item" },
  hash: { meta: "hash-meta", delta: "hash-meta-delta", element: "hash-field" },
  set: { meta: "set-meta", delta: "set-meta-delta", element: "set-member" },
  zset: { meta: "zset-meta", delta: "zset-meta-delta", element: "zset-member" },
  stream: { meta: "stream-meta", element: "stream-entry" },
};

/** The types of {@link COLLECTIONS}, in its order. */
export const COLLECTION_TYPES = Object.keys(COLLECTIONS) as CollectionType[];
