/**
 * The table of key families, and how a key finds its row in it.
 *
 * Every user key belongs to exactly one family: the one with the longest prefix that the key begins
 * with. Two rows catch the rest: `unknown` for keys that begin with `!` and with no other prefix
 * here, and `bare`, whose prefix is empty.
 *
 * @module
 */

import { compareBytes, startsWith, successor } from "../bytes/compare.ts";

/** The names of the adapters, and of their folders, in the order of a dump. */
export const ADAPTER_NAMES: readonly AdapterName[] = ["dynamodb", "s3", "redis", "sqs"];

/** The name of an adapter. */
export type AdapterName = "dynamodb" | "s3" | "redis" | "sqs";

/** Which part of the server owns a family. `system` is the store itself and what Decant does not decode. */
export type Adapter = AdapterName | "system";

/** All parts of the server, in the order of reports. */
export const PARTS: readonly Adapter[] = [...ADAPTER_NAMES, "system"];

/**
 * What a family's rows are to somebody who wants their data back:
 * - `user`: they hold it, or are needed to read it;
 * - `derivable`: they repeat what `user` rows say, such as index entries;
 * - `operational`: the server's own bookkeeping, which no client can read;
 * - `transaction`: locks, intents and outcomes of transactions;
 * - `unknown`: Decant cannot tell what they hold, and a client may be able to read them.
 */
export type Kind = "user" | "derivable" | "operational" | "transaction" | "unknown";

/** What the rows of a family are grouped by. Redis has one database, named `0`. */
export type Scope = "table" | "bucket" | "database" | "queue";

/** One row of the table. */
export interface Family {
  /** Short and stable: it is printed in reports. */
  readonly id: FamilyId;
  /** What the keys begin with, as text (ASCII). */
  readonly prefix: string;
  /** The same as bytes. */
  readonly bytes: Uint8Array;
  /** Whose rows they are. */
  readonly adapter: Adapter;
  /** What they are worth. */
  readonly kind: Kind;
  /** Absent where keys name no scope, or none that can be found without knowing their grammar. */
  readonly scope?: Scope;
  /** The place in {@link FAMILIES}, for counters in arrays. */
  readonly index: number;
  /** Whether another prefix of the table begins with this one. */
  readonly extended: boolean;
}

type Row = readonly [id: string, prefix: string, adapter: Adapter, kind: Kind, scope?: Scope];

/** The table: id, prefix, adapter, kind, scope. {@link FAMILIES} has the same for programs. */
export const FAMILY_TABLE = [
  ["ddb-table", "!ddb|meta|table|", "dynamodb", "user", "table"],
  ["ddb-generation", "!ddb|meta|gen|", "dynamodb", "operational", "table"],
  ["ddb-item", "!ddb|item|", "dynamodb", "user", "table"],
  ["ddb-gsi", "!ddb|gsi|", "dynamodb", "derivable", "table"],
  ["ddb-unknown", "!ddb|", "dynamodb", "unknown"],

  ["s3-bucket", "!s3|bucket|meta|", "s3", "user", "bucket"],
  ["s3-generation", "!s3|bucket|gen|", "s3", "operational", "bucket"],
  ["s3-object", "!s3|obj|head|", "s3", "user", "bucket"],
  ["s3-blob", "!s3|blob|", "s3", "user", "bucket"],
  ["s3-chunkref", "!s3|chunkref|", "s3", "user", "bucket"],
  // A chunk's key is its digest: any bucket may refer to it.
  ["s3-chunkblob", "!s3|chunkblob|", "s3", "user"],
  // Uploads that were never completed: no object, so nothing that a GET could return.
  ["s3-upload", "!s3|upload|meta|", "s3", "operational", "bucket"],
  ["s3-part", "!s3|upload|part|", "s3", "operational", "bucket"],
  ["s3-upload-gc", "!s3|gc|upload|", "s3", "operational", "bucket"],
  // Reserved by the server's authors for reference counts; the keys' layout is not settled.
  ["s3-chunkref-count", "!s3|chunkref-rc|", "s3", "operational"],
  ["s3-chunkblob-gc", "!s3|chunkblob-gc-queue|", "s3", "operational"],
  // Only ever computed to find a row's group. Nothing but a routing bug could store one.
  ["s3-route", "!s3route|", "s3", "operational", "bucket"],
  ["s3-unknown", "!s3|", "s3", "unknown"],

  ["redis-string", "!redis|str|", "redis", "user", "database"],
  ["redis-hll", "!redis|hll|", "redis", "user", "database"],
  ["redis-ttl", "!redis|ttl|", "redis", "user", "database"],
  // Whole collections in one value: the oldest layout, still read where no element row exists.
  ["redis-hash-blob", "!redis|hash|", "redis", "user", "database"],
  ["redis-set-blob", "!redis|set|", "redis", "user", "database"],
  ["redis-zset-blob", "!redis|zset|", "redis", "user", "database"],
  ["redis-stream-blob", "!redis|stream|", "redis", "user", "database"],
  // Empty rows on which concurrent writers of one key collide. Often the most numerous rows.
  ["redis-fence-hash", "!redis|txn-wide-hash|", "redis", "operational", "database"],
  ["redis-fence-set", "!redis|txn-wide-set|", "redis", "operational", "database"],
  ["redis-fence-list", "!redis|txn-wide-list|", "redis", "operational", "database"],
  ["redis-fence-zset", "!redis|txn-wide-zset|", "redis", "operational", "database"],
  ["redis-unknown", "!redis|", "redis", "unknown"],

  ["hash-meta", "!hs|meta|", "redis", "user", "database"],
  ["hash-meta-delta", "!hs|meta|d|", "redis", "operational", "database"],
  ["hash-field", "!hs|fld|", "redis", "user", "database"],
  ["set-meta", "!st|meta|", "redis", "user", "database"],
  ["set-meta-delta", "!st|meta|d|", "redis", "operational", "database"],
  ["set-member", "!st|mem|", "redis", "user", "database"],
  ["zset-meta", "!zs|meta|", "redis", "user", "database"],
  ["zset-meta-delta", "!zs|meta|d|", "redis", "operational", "database"],
  ["zset-member", "!zs|mem|", "redis", "user", "database"],
  ["zset-score", "!zs|scr|", "redis", "derivable", "database"],
  ["list-meta", "!lst|meta|", "redis", "user", "database"],
  // Also the meta of every list whose name begins with `d|`, since names are not length-prefixed
  // there. Only the size of the value tells: 16 bytes are a delta, 24 or 32 a meta. Hence `user`;
  // whoever reads the value decides.
  ["list-meta-delta", "!lst|meta|d|", "redis", "user", "database"],
  ["list-item", "!lst|itm|", "redis", "user", "database"],
  ["list-claim", "!lst|claim|", "redis", "operational", "database"],
  ["stream-meta", "!stream|meta|", "redis", "user", "database"],
  ["stream-entry", "!stream|entry|", "redis", "user", "database"],

  ["sqs-queue", "!sqs|queue|meta|", "sqs", "user", "queue"],
  ["sqs-generation", "!sqs|queue|gen|", "sqs", "operational", "queue"],
  ["sqs-sequence", "!sqs|queue|seq|", "sqs", "operational", "queue"],
  ["sqs-tombstone", "!sqs|queue|tombstone|", "sqs", "operational", "queue"],
  // The five below have a second layout for partitioned queues, which goes on with `p|`.
  ["sqs-message", "!sqs|msg|data|", "sqs", "user", "queue"],
  ["sqs-visibility", "!sqs|msg|vis|", "sqs", "derivable", "queue"],
  ["sqs-age", "!sqs|msg|byage|", "sqs", "derivable", "queue"],
  ["sqs-dedup", "!sqs|msg|dedup|", "sqs", "operational", "queue"],
  ["sqs-group", "!sqs|msg|group|", "sqs", "operational", "queue"],
  ["sqs-unknown", "!sqs|", "sqs", "unknown"],

  ["txn-lock", "!txn|lock|", "system", "transaction"],
  ["txn-intent", "!txn|int|", "system", "transaction"],
  ["txn-commit", "!txn|cmt|", "system", "transaction"],
  ["txn-rollback", "!txn|rb|", "system", "transaction"],

  ["dist-route", "!dist|route|", "system", "operational"],
  ["dist", "!dist|", "system", "operational"],
  ["encryption", "!encryption|", "system", "operational"],

  // The file system that some nodes serve is not decoded: what a client of it could read is unknown.
  ["fs-inode", "!fs|ino|", "system", "unknown"],
  ["fs-entry", "!fs|dir|", "system", "unknown"],
  ["fs-chunk", "!fs|chk|", "system", "unknown"],
  ["fs-home", "!fs|home|", "system", "unknown"],
  ["fs-entry-version", "!fs|dirv|", "system", "derivable"],
  ["fs-usage", "!fs|usage", "system", "derivable"],
  ["fs-usage-route", "!fs|usage|route|", "system", "derivable"],
  ["fs-reference", "!fs|ref|", "system", "operational"],
  ["fs-fence", "!fs|reffence|", "system", "operational"],
  ["fs-intent", "!fs|intent|", "system", "operational"],
  ["fs-job", "!fs|job|move|", "system", "operational"],
  ["fs", "!fs|", "system", "unknown"],

  ["unknown", "!", "system", "unknown"],
  // Redis strings from before strings had a prefix, or rows of the raw key-value API.
  ["bare", "", "system", "unknown"],
] as const satisfies readonly Row[];

/** The id of a family. */
export type FamilyId = (typeof FAMILY_TABLE)[number][0];

/** All families; a family's place is its `index`. */
export const FAMILIES: readonly Family[] = FAMILY_TABLE.map((row: Row, index): Family => {
  const [id, prefix, adapter, kind, scope] = row;
  const bytes = new TextEncoder().encode(prefix);
  const extended = FAMILY_TABLE.some((other) => other[1] !== prefix && other[1].startsWith(prefix));
  return { id: id as FamilyId, prefix, bytes, adapter, kind, scope, index, extended };
});

/** The families by id. */
export const FAMILY: { readonly [id in FamilyId]: Family } = Object.fromEntries(
  FAMILIES.map((family) => [family.id, family]),
) as { [id in FamilyId]: Family };

// The prefixes as a trie in one table, a row for each node. A node is known by the offset of its
// row; a byte that no prefix has is column 0, which is always empty.
//   next[node + column[byte]]   the node behind that byte, or 0
//   deepest[node]               index of the longest prefix on the way to the node
const column = new Uint8Array(256);
let columns = 1;
let nodes = 1;
for (const { bytes } of FAMILIES) {
  for (const b of bytes) if (column[b] === 0) column[b] = columns++;
  nodes += bytes.length;
}
const next = new Uint16Array(nodes * columns);
const deepest = new Uint8Array(nodes * columns);
let free = columns;
for (const family of FAMILIES.toSorted((a, b) => a.bytes.length - b.bytes.length)) {
  let node = 0;
  for (const b of family.bytes) {
    const slot = node + column[b];
    if (next[slot] === 0) {
      deepest[free] = deepest[node];
      next[slot] = free;
      free += columns;
    }
    node = next[slot];
  }
  deepest[node] = family.index;
}

/** The family of the user key `bytes[start, end)`. */
export function classify(bytes: Uint8Array, start: number, end: number): Family {
  let node = 0;
  for (let i = start; i < end; i++) {
    const to = next[node + column[bytes[i]]];
    if (to === 0) break;
    node = to;
  }
  return FAMILIES[deepest[node]];
}

/** Where the keys of a family lie: ranges of user keys, ascending, in which there are no others. */
export function familyRanges(family: Family): { from: Uint8Array; to: Uint8Array | undefined }[] {
  const ranges: { from: Uint8Array; to: Uint8Array | undefined }[] = [];
  let from = family.bytes;
  const inner = FAMILIES.map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length > family.bytes.length && startsWith(bytes, family.bytes))
    .sort(compareBytes);
  for (const bytes of inner) {
    // A prefix can begin with another one that was passed over already.
    if (compareBytes(bytes, from) < 0) continue;
    if (compareBytes(bytes, from) > 0) ranges.push({ from, to: bytes });
    from = successor(bytes)!;
  }
  ranges.push({ from, to: successor(family.bytes) });
  return ranges;
}

/**
 * Whether {@link classify} would return `family`, for callers that go through sorted keys and keep
 * the family of the last one.
 */
export function matches(family: Family, bytes: Uint8Array, start: number, end: number): boolean {
  return family.extended
    ? classify(bytes, start, end) === family
    : startsWith(bytes, family.bytes, start, end);
}
