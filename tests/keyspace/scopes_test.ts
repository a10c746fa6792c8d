import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { indexKey, itemKey, tableKey } from "../../src/keyspace/dynamodb_keys.ts";
import { classify, FAMILIES } from "../../src/keyspace/families.ts";
import { redisKey } from "../../src/keyspace/redis_keys.ts";
import { bucketKey, objectKey, uploadKey } from "../../src/keyspace/s3_keys.ts";
import { scopeKey, scopeLabel } from "../../src/keyspace/scope_labels.ts";
import { scopeEnd, scopeOf, scopeRanges } from "../../src/keyspace/scopes.ts";
import { sqsKey } from "../../src/keyspace/sqs_keys.ts";
import { encodeUtf8, isUtf8 } from "../../src/text/utf8.ts";
import { byteStrings, check, inside, join, mutated, raw } from "./support.ts";

/** The scope of a key of whatever family. */
function scope(key: Uint8Array): Uint8Array | undefined {
  const [bytes, start, end] = inside(key);
  return scopeOf(classify(bytes, start, end), bytes, start, end);
}

const s3 = (bucket: Uint8Array) => ({ bucket, generation: 1n, object: raw("k"), upload: raw("u") });

/** Keys of one scope in several families. */
const KEYS: { [scope: string]: (name: Uint8Array) => Uint8Array[] } = {
  table: (name) => [
    tableKey("ddb-table", name),
    tableKey("ddb-generation", name),
    itemKey(name, 1n, raw("k\0\x01")),
    indexKey(name, 1n, raw("i"), raw("k\0\x01")),
  ],
  bucket: (name) => [
    bucketKey("s3-bucket", name),
    bucketKey("s3-generation", name),
    objectKey(s3(name)),
    uploadKey("s3-upload-gc", s3(name)),
  ],
  queue: (name) => [
    sqsKey("sqs-queue", { queue: name }),
    sqsKey("sqs-tombstone", { queue: name, generation: 7n }),
    sqsKey("sqs-message", { queue: name, generation: 7n, id: raw("m") }),
    sqsKey("sqs-message", { queue: name, partition: 3, generation: 7n, id: raw("m") }),
  ],
};

Deno.test("keys say which table, bucket or queue they belong to", () => {
  for (const keys of Object.values(KEYS)) {
    for (const name of ["t", "orders", "a/b", "caf\xc3\xa9", "with\0nul"]) {
      for (const key of keys(raw(name))) deepStrictEqual(scope(key), raw(name));
    }
  }
});

Deno.test("all Redis keys belong to database 0", () => {
  for (
    const key of [
      redisKey("redis-string", raw("")),
      redisKey("hash-field", raw("h"), { tail: raw("f") }),
      raw("!redis|txn-wide-set|k"),
    ]
  ) deepStrictEqual(scope(key), raw("0"));
});

Deno.test("the part that decides the scope ends with the name", () => {
  for (
    const [decides, rest] of [
      ["!ddb|meta|table|dA", ""],
      ["!ddb|item|dA", "|1|k\0\x01"],
      ["!s3|obj|head|b\0\x01", "\0\0\0\0\0\0\0\x01k\0\x01"],
      ["!sqs|queue|gen|cQ", ""],
      ["!sqs|msg|data|cQ", "\0\0\0\0\0\0\0\x01bQ"],
      ["!sqs|msg|data|p|cQ", "|\0\0\0\x01\0\0\0\0\0\0\0\x01bQ"],
      ["!hs|fld|", "\0\0\0\x01hf"],
    ]
  ) {
    const key = raw(decides + rest);
    strictEqual(scopeEnd(classify(key, 0, key.length), key, 0, key.length), decides.length);
  }
});

Deno.test("other keys belong to none", () => {
  for (
    const key of [
      "",
      "bare",
      "!unknown|x",
      "!ddb|other|dA",
      "!redis|other|k",
      "!sqs|other|cQ",
      "!txn|lock|!ddb|item|dA|1|x",
      "!dist|meta|version",
      "!fs|ino|1",
      "!s3|chunkblob|00",
    ]
  ) strictEqual(scope(raw(key)), undefined, key);
});

Deno.test("a key whose scope is malformed belongs to none", () => {
  for (
    const key of [
      "!ddb|item|",
      "!ddb|item||1|x",
      "!ddb|item|dB|1|x",
      "!s3|obj|head|b",
      "!s3|obj|head|b\0\x02",
      "!sqs|queue|meta|c",
      "!sqs|queue|meta|Li4",
      "!sqs|msg|data|p|",
      "!ddb|meta|table|dA|",
      "!ddb|item|dA",
      "!ddb|item|dA~1|x",
      "!ddb|gsi|dA\0",
      "!sqs|queue|meta|cQ\0",
      "!sqs|queue|tombstone|cQ",
      "!sqs|msg|data|cQ|",
      "!sqs|msg|data|cQ\x01\0\0\0\0\0\0\x01bQ",
      "!sqs|msg|data|p|cQ\0",
    ]
  ) strictEqual(scope(raw(key)), undefined, key);
});

Deno.test("keys of a family have one scope if they agree up to its end", () => {
  const names = fc.constantFrom("a", "b", "aa", "a\0", "ab").map(raw);
  const built = fc.tuple(fc.constantFrom(...Object.values(KEYS)), names, byteStrings(0, 3)).chain(
    ([keys, name, more]) => fc.constantFrom(...keys(name).map((key) => join(key, more))),
  );
  const keys = fc.array(fc.oneof(built, mutated(built)), { minLength: 20, maxLength: 40 });
  let compared = 0;
  check(
    fc.property(keys, (keys) => {
      const scopes = new Map<string, Uint8Array | undefined>();
      for (const key of keys) {
        const [bytes, start, end] = inside(key);
        const family = classify(bytes, start, end);
        const behind = scopeEnd(family, bytes, start, end);
        ok(behind <= end);
        const name = scopeOf(family, bytes, start, end);
        if (behind < 0) {
          strictEqual(name, undefined);
          continue;
        }
        const text = `${family.id} ${toHex(bytes.subarray(start, behind))}`;
        if (scopes.has(text)) {
          deepStrictEqual(name, scopes.get(text));
          compared++;
        }
        scopes.set(text, name);
      }
    }),
  );
  ok(compared > 1000, `${compared} compared`);
});

Deno.test("the keys of a scope are those of its ranges", () => {
  const names = fc.constantFrom("a", "b", "aa", "a\0", "ab", "abc", "abcabc", "0").map(raw);
  const keysOf = Object.values(KEYS);
  const built = fc.tuple(fc.constantFrom(...keysOf), names, byteStrings(0, 3)).chain(
    ([keys, name, more]) => fc.constantFrom(...keys(name).map((key) => join(key, more))),
  );
  let found = 0;
  check(
    fc.property(fc.oneof(built, mutated(built)), names, (key, name) => {
      const family = classify(key, 0, key.length);
      const own = scopeOf(family, key, 0, key.length);
      const ranges = scopeRanges(family, name);
      const inRanges = ranges.filter(({ from, to }) =>
        compareBytes(key, from) >= 0 && (!to || compareBytes(key, to) < 0)
      );
      const isOwn = own !== undefined && toHex(own) === toHex(name);
      strictEqual(inRanges.length, isOwn ? 1 : 0);
      if (isOwn) found++;
      for (const [i, { from }] of ranges.entries()) {
        if (i > 0) ok(compareBytes(from, ranges[i - 1].to!) >= 0);
      }
    }),
    5000,
  );
  ok(found > 200, `${found} found`);
});

Deno.test("what no scope can be called has no ranges", () => {
  for (const family of FAMILIES) {
    const names = family.scope === "table"
      ? [""]
      : family.scope === "queue"
      ? ["", "..", "\xff"]
      : [];
    for (const name of names) deepStrictEqual(scopeRanges(family, raw(name)), []);
    if (family.scope === "database") {
      deepStrictEqual(scopeRanges(family, raw("1")), []);
      strictEqual(scopeRanges(family, raw("0")).length, 1);
    }
    if (!family.scope) deepStrictEqual(scopeRanges(family, raw("a")), []);
  }
});

Deno.test("only families with a known grammar have a scope", () => {
  for (const family of FAMILIES) {
    if (family.scope !== undefined) ok(family.kind !== "unknown", family.id);
  }
});

Deno.test("a name is its own label up to 1,024 bytes", () => {
  for (const length of [0, 1, 63, 255, 1024]) {
    const name = new Uint8Array(length).fill(0xff);
    strictEqual(scopeLabel(name), name);
  }
});

Deno.test("a longer name has a short label, which is its own and no other name's", () => {
  const text = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const names = [1025, 5000, 1 << 20].flatMap((length) =>
    [0x61, 0x62].map((last) => {
      const name = new Uint8Array(length).fill(0x61);
      name[length - 1] = last;
      return name;
    })
  );
  const labels = names.map(scopeLabel);
  strictEqual(new Set(labels.map(text)).size, names.length);
  labels.forEach((label, i) => {
    ok(label.length < 300);
    ok(text(label).startsWith(`${"a".repeat(128)}… (${names[i].length} bytes, SHA-256 `));
    strictEqual(scopeLabel(label), label);
    strictEqual(scopeKey(names[i]), scopeKey(label));
  });
});

Deno.test("a label is text if the name is, and bytes that are none stay in it", () => {
  const text = encodeUtf8("é".repeat(1000).slice(1));
  const odd = encodeUtf8("x" + "é".repeat(1000));
  for (const name of [text, odd]) ok(isUtf8(scopeLabel(name)));
  strictEqual(scopeLabel(new Uint8Array(2000).fill(0xff))[127], 0xff);
});

Deno.test("the scope of a key with a long name is the name's label", () => {
  const name = new Uint8Array(5000).fill(0x78);
  for (const keys of Object.values(KEYS)) {
    for (const key of keys(name)) {
      const [bytes, start, end] = inside(key);
      const family = classify(bytes, start, end);
      if (family.scope === undefined || family.scope === "database") continue;
      deepStrictEqual(scopeOf(family, bytes, start, end), scopeLabel(name));
    }
  }
});
