import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import { classify, FAMILIES, FAMILY, type Family } from "../../src/keyspace/families.ts";
import {
  deltaStamp,
  parseRedisKey,
  type RedisFamily,
  RedisKey,
  redisKey,
  type RedisKeyParts,
  scoreBitsAt,
  sequence,
  sequenceAt,
  sortableScore,
  streamId,
} from "../../src/keyspace/redis_keys.ts";
import { byteStrings, check, hex, inside, join, raw, u64s } from "./support.ts";

/** The parts of a key as hex, or what is wrong with it. */
function parse(family: Family, key: Uint8Array): string[] | string {
  const [bytes, start, end] = inside(key);
  const at = new RedisKey();
  return parseRedisKey(family, bytes, start, end, at) ?? [
    toHex(bytes.subarray(at.nameStart, at.nameEnd)),
    toHex(bytes.subarray(at.nameEnd, at.tailStart)),
    toHex(bytes.subarray(at.tailStart, end)),
  ];
}

const EXAMPLES: [key: string, family: RedisFamily, name: string, parts?: RedisKeyParts][] = [
  ["2172656469737c7374727c6772656574696e67", "redis-string", "greeting"],
  ["2172656469737c686c6c7c756e6971", "redis-hll", "uniq"],
  ["2172656469737c74746c7c73657373696f6e3a616263", "redis-ttl", "session:abc"],
  ["2172656469737c7a7365747c6f6c64", "redis-zset-blob", "old"],
  ["2172656469737c686173687c68", "redis-hash-blob", "h"],
  ["2172656469737c7365747c68", "redis-set-blob", "h"],
  ["2172656469737c74786e2d776964652d6c6973747c71", "redis-fence-list", "q"],
  ["2168737c6d6574617c00000006757365723a31", "hash-meta", "user:1"],
  ["2168737c666c647c00000006757365723a31", "hash-field", "user:1", { tail: raw("") }],
  ["2168737c666c647c00000006757365723a31ff", "hash-field", "user:1", { tail: raw("\xff") }],
  ["2168737c666c647c000000016866", "hash-field", "h", { tail: raw("f") }],
  [
    "2168737c6d6574617c647c00000006757365723a31019000000000000000000000",
    "hash-meta-delta",
    "user:1",
    { fixed: deltaStamp(0x0190000000000000n, 0) },
  ],
  ["216c73747c6d6574617c6c", "list-meta", "l"],
  [
    "216c73747c6d6574617c647c0000000171019000000000000200000000",
    "list-meta-delta",
    "q",
    { fixed: deltaStamp(0x0190000000000002n, 0) },
  ],
  ["216c73747c69746d7c717ffffffffffffffe", "list-item", "q", { fixed: sequence(-2n) }],
  ["216c73747c69746d7c6c8000000000000001", "list-item", "l", { fixed: sequence(1n) }],
  ["216c73747c69746d7c647c718000000000000000", "list-item", "d|q", { fixed: sequence(0n) }],
  ["216c73747c636c61696d7c00000001717ffffffffffffffd", "list-claim", "q", { fixed: sequence(-3n) }],
  ["2173747c6d6574617c0000000165", "set-meta", "e"],
  ["2173747c6d656d7c00000006636f6c6f7273c328", "set-member", "colors", { tail: hex("c328") }],
  ["217a737c6d6574617c000000017a", "zset-meta", "z"],
  ["217a737c6d656d7c000000017a6d", "zset-member", "z", { tail: raw("m") }],
  [
    "217a737c7363727c000000017a4007ffffffffffff6d",
    "zset-score",
    "z",
    { fixed: sortableScore(0xbff8000000000000n), tail: raw("m") },
  ],
  [
    "217a737c7363727c000000017a80000000000000006f",
    "zset-score",
    "z",
    { fixed: sortableScore(0x8000000000000000n), tail: raw("o") },
  ],
  [
    "217a737c7363727c000000017afff00000000000006e",
    "zset-score",
    "z",
    { fixed: sortableScore(0x7ff0000000000000n), tail: raw("n") },
  ],
  ["2173747265616d7c6d6574617c0000000173", "stream-meta", "s"],
  [
    "2173747265616d7c656e7472797c00000001730000018f2a33f801ffffffffffffffff",
    "stream-entry",
    "s",
    { fixed: streamId(0x18f2a33f801n, 0xffffffffffffffffn) },
  ],
];

Deno.test("keys have the server's bytes", () => {
  for (const [key, id, name, parts] of EXAMPLES) {
    strictEqual(toHex(redisKey(id, raw(name), parts)), key, id);
    strictEqual(classify(hex(key), 0, hex(key).length).id, id);
    deepStrictEqual(parse(FAMILY[id], hex(key)), [
      toHex(raw(name)),
      toHex(parts?.fixed ?? raw("")),
      toHex(parts?.tail ?? raw("")),
    ]);
  }
});

Deno.test("a list whose name begins with d| has its meta among the deltas", () => {
  const key = hex("216c73747c6d6574617c647c71");
  strictEqual(classify(key, 0, key.length).id, "list-meta-delta");
  strictEqual(parse(FAMILY["list-meta-delta"], key), "the length of the name is cut off");
  deepStrictEqual(parse(FAMILY["list-meta"], key), [toHex(raw("d|q")), "", ""]);
});

Deno.test("malformed keys say what is wrong", () => {
  const id16 = "00000000000000010000000000000000";
  for (
    const [id, rest, reason] of [
      ["hash-field", "", "the length of the name is cut off"],
      ["hash-field", "0000", "the length of the name is cut off"],
      ["hash-field", "000000ff61", "the name is longer than the key"],
      ["hash-field", "ffffffff61", "the name is longer than the key"],
      ["hash-field", "7fffffff", "the name is longer than the key"],
      ["hash-meta", "0000000268", "the name is longer than the key"],
      ["hash-meta", "0000000968", "the name is longer than the key"],
      ["hash-meta", "00000001 68 67617262616765", "unexpected bytes at the end: 7"],
      ["set-meta", "00000001 68 00", "unexpected bytes at the end: 1"],
      ["stream-meta", "00000001 68 00", "unexpected bytes at the end: 1"],
      [
        "hash-meta-delta",
        "00000001 68 0000000000000000000000",
        "fewer than 12 bytes follow the name",
      ],
      [
        "set-meta-delta",
        "00000001 68 00000000000000000000000000",
        "unexpected bytes at the end: 1",
      ],
      ["zset-score", "00000001 7a 40000000000000", "fewer than 8 bytes follow the name"],
      ["list-item", "31323334353637", "fewer than 8 bytes follow the name"],
      ["list-claim", "00000001 71 00000000000000", "fewer than 8 bytes follow the name"],
      ["stream-entry", "00000001 73" + id16.slice(2), "fewer than 16 bytes follow the name"],
      ["stream-entry", "00000001 73" + id16 + "7a", "unexpected bytes at the end: 1"],
    ] as const
  ) strictEqual(parse(FAMILY[id], join(FAMILY[id].bytes, hex(rest))), reason, `${id} ${rest}`);
});

Deno.test("families without a layout have no keys to parse", () => {
  for (const family of FAMILIES) {
    if (family.adapter === "redis" && family.kind !== "unknown") continue;
    strictEqual(parse(family, family.bytes), "keys of this family have no known layout");
  }
});

Deno.test("a key cannot be built from the parts of another family", () => {
  throws(() => redisKey("hash-meta", raw("h"), { tail: raw("f") }), RangeError);
  throws(() => redisKey("list-item", raw("l")), RangeError);
  throws(() => redisKey("stream-entry", raw("s"), { fixed: sequence(0n) }), RangeError);
});

Deno.test("parsing gives back what keys were built from", () => {
  const families = fc.constantFrom(...new Set(EXAMPLES.map(([, id]) => id)));
  check(
    fc.property(
      families,
      byteStrings(),
      byteStrings(),
      byteStrings(16, 16),
      (id, name, tail, fill) => {
        const [, , , like] = EXAMPLES.find(([, other]) => other === id)!;
        const fixed = like?.fixed && fill.slice(0, like.fixed.length);
        const parts = { fixed, tail: like?.tail && tail };
        deepStrictEqual(parse(FAMILY[id], redisKey(id, name, parts)), [
          toHex(name),
          toHex(parts.fixed ?? raw("")),
          toHex(parts.tail ?? raw("")),
        ]);
      },
    ),
    5000,
  );
});

Deno.test("the place of a list item is signed", () => {
  strictEqual(toHex(sequence(-(1n << 63n))), "0000000000000000");
  strictEqual(toHex(sequence((1n << 63n) - 1n)), "ffffffffffffffff");
  check(fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (place) => {
    strictEqual(sequenceAt(join(raw("x"), sequence(place)), 1), place);
  }));
});

Deno.test("the bits of a score come back, but for the sign of zero", () => {
  strictEqual(scoreBitsAt(sortableScore(1n << 63n), 0), 0n);
  strictEqual(toHex(sortableScore(0x7ff8000000000001n)), "fff8000000000001");
  check(fc.property(u64s, (bits) => {
    if (bits !== 1n << 63n) strictEqual(scoreBitsAt(join(raw("x"), sortableScore(bits)), 1), bits);
  }));
});

Deno.test("stored scores sort as numbers", () => {
  const score = fc.double({ noNaN: true });
  const bits = (n: number) => new DataView(new Float64Array([n]).buffer).getBigUint64(0, true);
  check(fc.property(score, score, (a, b) => {
    const [x, y] = [a, b].map((n) => toHex(sortableScore(bits(n))));
    strictEqual(x < y, a < b);
    strictEqual(x === y, a === b);
  }));
});
