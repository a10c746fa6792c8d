import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareBytes, startsWith } from "../../src/bytes/compare.ts";
import {
  classify,
  FAMILIES,
  FAMILY,
  type Family,
  type FamilyId,
  familyRanges,
  matches,
} from "../../src/keyspace/families.ts";
import { byteStrings, check, inside, join, mutated, raw } from "./support.ts";

const EXAMPLES: [key: string, id: FamilyId, kind: Family["kind"]][] = [
  ["!ddb|meta|table|dA", "ddb-table", "user"],
  ["!ddb|meta|gen|dA", "ddb-generation", "operational"],
  ["!ddb|item|dA|1|YQ|", "ddb-item", "user"],
  ["!ddb|gsi|Yw|1|YWI|AAE||cA|MTA", "ddb-gsi", "derivable"],
  ["!ddb|route|table|dA", "ddb-unknown", "unknown"],
  ["!s3|bucket|meta|b\0\x01", "s3-bucket", "user"],
  ["!s3|bucket|gen|b\0\x01", "s3-generation", "operational"],
  ["!s3|obj|head|b", "s3-object", "user"],
  ["!s3|blob|b", "s3-blob", "user"],
  ["!s3|chunkref|b", "s3-chunkref", "user"],
  ["!s3|chunkref-rc|b", "s3-chunkref-count", "operational"],
  ["!s3|chunkblob|2cf2", "s3-chunkblob", "user"],
  ["!s3|chunkblob-gc-queue|b", "s3-chunkblob-gc", "operational"],
  ["!s3|upload|meta|b", "s3-upload", "operational"],
  ["!s3|upload|part|b", "s3-part", "operational"],
  ["!s3|gc|upload|b", "s3-upload-gc", "operational"],
  ["!s3|gc|", "s3-unknown", "unknown"],
  ["!s3route|b", "s3-route", "operational"],
  ["!redis|str|k", "redis-string", "user"],
  ["!redis|hll|k", "redis-hll", "user"],
  ["!redis|ttl|k", "redis-ttl", "user"],
  ["!redis|hash|k", "redis-hash-blob", "user"],
  ["!redis|set|k", "redis-set-blob", "user"],
  ["!redis|zset|k", "redis-zset-blob", "user"],
  ["!redis|stream|k", "redis-stream-blob", "user"],
  ["!redis|txn-wide-hash|k", "redis-fence-hash", "operational"],
  ["!redis|txn-wide-set|k", "redis-fence-set", "operational"],
  ["!redis|txn-wide-list|k", "redis-fence-list", "operational"],
  ["!redis|txn-wide-zset|k", "redis-fence-zset", "operational"],
  ["!redis|txn-wide-", "redis-unknown", "unknown"],
  ["!redis|route|k", "redis-unknown", "unknown"],
  ["!hs|meta|\0\0\0\x01h", "hash-meta", "user"],
  ["!hs|meta|d|\0\0\0\x01h", "hash-meta-delta", "operational"],
  ["!hs|meta|d", "hash-meta", "user"],
  ["!hs|fld|\0\0\0\x01h", "hash-field", "user"],
  ["!st|meta|\0\0\0\x01s", "set-meta", "user"],
  ["!st|meta|d|\0\0\0\x01s", "set-meta-delta", "operational"],
  ["!st|mem|\0\0\0\x01s", "set-member", "user"],
  ["!zs|meta|\0\0\0\x01z", "zset-meta", "user"],
  ["!zs|meta|d|\0\0\0\x01z", "zset-meta-delta", "operational"],
  ["!zs|mem|\0\0\0\x01z", "zset-member", "user"],
  ["!zs|scr|\0\0\0\x01z", "zset-score", "derivable"],
  ["!lst|meta|l", "list-meta", "user"],
  ["!lst|meta|d|q", "list-meta-delta", "user"],
  ["!lst|itm|l", "list-item", "user"],
  ["!lst|claim|l", "list-claim", "operational"],
  ["!stream|meta|s", "stream-meta", "user"],
  ["!stream|entry|s", "stream-entry", "user"],
  ["!stream|other|s", "unknown", "unknown"],
  ["!sqs|queue|meta|cQ", "sqs-queue", "user"],
  ["!sqs|queue|gen|cQ", "sqs-generation", "operational"],
  ["!sqs|queue|seq|cQ", "sqs-sequence", "operational"],
  ["!sqs|queue|tombstone|cQ", "sqs-tombstone", "operational"],
  ["!sqs|msg|data|cQ", "sqs-message", "user"],
  ["!sqs|msg|data|p|cQ", "sqs-message", "user"],
  ["!sqs|msg|vis|cQ", "sqs-visibility", "derivable"],
  ["!sqs|msg|byage|p|cQ", "sqs-age", "derivable"],
  ["!sqs|msg|dedup|cQ", "sqs-dedup", "operational"],
  ["!sqs|msg|group|cQ", "sqs-group", "operational"],
  ["!sqs|route|global", "sqs-unknown", "unknown"],
  ["!txn|lock|k", "txn-lock", "transaction"],
  ["!txn|int|k", "txn-intent", "transaction"],
  ["!txn|cmt|k", "txn-commit", "transaction"],
  ["!txn|rb|k", "txn-rollback", "transaction"],
  ["!txn|meta|k", "unknown", "unknown"],
  ["!dist|route|\0\0\0\0\0\0\0\x01", "dist-route", "operational"],
  ["!dist|meta|version", "dist", "operational"],
  ["!dist|jobhist|", "dist", "operational"],
  ["!encryption|writers|", "encryption", "operational"],
  ["!fs|ino|1", "fs-inode", "unknown"],
  ["!fs|dir|1", "fs-entry", "unknown"],
  ["!fs|chk|1", "fs-chunk", "unknown"],
  ["!fs|home|1", "fs-home", "unknown"],
  ["!fs|dirv|1", "fs-entry-version", "derivable"],
  ["!fs|usage", "fs-usage", "derivable"],
  ["!fs|usage|route|x", "fs-usage-route", "derivable"],
  ["!fs|ref|1", "fs-reference", "operational"],
  ["!fs|reffence|1", "fs-fence", "operational"],
  ["!fs|intent|1", "fs-intent", "operational"],
  ["!fs|job|move|1", "fs-job", "operational"],
  ["!fs|job|copy|1", "fs", "unknown"],
  ["!admin|x", "unknown", "unknown"],
  ["!", "unknown", "unknown"],
  ["", "bare", "unknown"],
  ["user:1", "bare", "unknown"],
  ["_meta_other", "bare", "unknown"],
  ["\xff", "bare", "unknown"],
];

/** What the table says, without any cleverness. */
function longestPrefix(key: Uint8Array): Family {
  let found = FAMILY.bare;
  for (const family of FAMILIES) {
    if (startsWith(key, family.bytes) && family.bytes.length > found.bytes.length) found = family;
  }
  return found;
}

const keys = fc.oneof(
  byteStrings(),
  fc.tuple(fc.constantFrom(...FAMILIES), byteStrings()).map(([{ bytes }, rest]) =>
    join(bytes, rest)
  ),
  mutated(fc.constantFrom(...FAMILIES).map((family) => family.bytes)),
  fc.tuple(fc.constantFrom(...FAMILIES), fc.nat(24)).map(([{ bytes }, n]) => bytes.slice(0, n)),
);

Deno.test("ids and prefixes are unique, and a family knows its place", () => {
  strictEqual(new Set(FAMILIES.map((family) => family.id)).size, FAMILIES.length);
  strictEqual(new Set(FAMILIES.map((family) => family.prefix)).size, FAMILIES.length);
  for (const family of FAMILIES) {
    strictEqual(FAMILIES[family.index], family);
    strictEqual(FAMILY[family.id], family);
  }
});

Deno.test("keys of every family are recognised", () => {
  for (const [key, id, kind] of EXAMPLES) {
    const family = classify(...inside(raw(key)));
    strictEqual(family.id, id, key);
    strictEqual(family.kind, kind, key);
  }
  const shown = new Set(EXAMPLES.map(([, id]) => id));
  for (const family of FAMILIES) strictEqual(shown.has(family.id), true, family.id);
});

Deno.test("classify finds the longest prefix of the table", () => {
  check(
    fc.property(keys, (key) => {
      strictEqual(classify(...inside(key)).id, longestPrefix(key).id);
    }),
    20_000,
  );
});

Deno.test("matches says whether classify would return the family", () => {
  check(
    fc.property(keys, (key) => {
      const found = classify(key, 0, key.length);
      for (const family of FAMILIES) {
        strictEqual(matches(family, ...inside(key)), family === found, family.id);
      }
    }),
    2000,
  );
});

Deno.test("the ranges of a family have its keys, and no others", () => {
  const all = FAMILIES.map((family) => ({ family, ranges: familyRanges(family) }));
  check(
    fc.property(keys, (key) => {
      const found = classify(key, 0, key.length);
      const owners = all.filter(({ ranges }) =>
        ranges.some(({ from, to }) =>
          compareBytes(key, from) >= 0 && (!to || compareBytes(key, to) < 0)
        )
      );
      deepStrictEqual(owners.map(({ family }) => family.id), [found.id]);
    }),
    5000,
  );
});
