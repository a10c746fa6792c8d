/** Random rows of all families against a second, naive reading of the rules. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../../src/bytes/hex.ts";
import type { TestEntry } from "../../support/stream.ts";
import { FakeRedis } from "./fake_redis.ts";
import { type Model, model } from "./naive.ts";
import { type Dump, dump } from "./support.ts";
import { type Collection, keyOf, type Row, valueOf } from "./test_rows.ts";

/** Names that begin like others, that look like keys, that need a hash. */
const NAMES = [
  "",
  "a",
  "ab",
  "a\xfe\x70",
  "a\xff",
  "d|q",
  "d|\x00\x00\x00\x01a\x01\x9e\x70\x44\x88\x00\x00\x00\x00\x00\x00\x07",
  "b64.x",
  "0123456789abcdef0123456789ABCDEF__x",
  "\xc3\xa9/..",
  "K".repeat(241),
  "a\x80\x00\x00\x00\x00\x00\x00\x00",
];
const name = fc.constantFrom(...NAMES);
/** UTF-8, as bytes. */
const text = fc.constantFrom("", "v", "x<y>&", "\xe2\x80\xa8", "\xc3\xa9", "line", '\x00\x1f"\\');
const bytes = fc.oneof(text, fc.constantFrom("\xff", "\xc3", "\xff\x01", "!x", "\xed\xa0\x80"));
const tail = fc.constantFrom("", "f", "fx", "f\xfe", "f\xff\xff", "\x00", "\xc3\xa9", "g");
const small = fc.bigInt(-3n, 3n);
const ms = fc.constantFrom(0n, 1n, 1788998400000n, (1n << 63n) - 1n, (1n << 64n) - 1n);
const time = fc.constantFrom(5n, 6n, 7n);
const half = fc.constantFrom(0n, 1n, 2n, (1n << 64n) - 1n);
const id = fc.tuple(half, half);
const score = fc.oneof(
  fc.constantFrom(0, -0, 1.5, NaN, Infinity, -Infinity, 1e21, 1e-7, 5e-324),
  fc.double(),
);
const collection = fc.constantFrom<Collection>("list", "hash", "set", "zset", "stream");
const none = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const meta = (type: fc.Arbitrary<Collection>) =>
  fc.record({
    is: fc.constant("meta" as const),
    type,
    name,
    length: fc.bigInt(0n, 4n),
    head: small,
    last: id,
    expire: none(ms),
    trimmed: none(id),
  });
const entry = fc.record({
  is: fc.constant("entry" as const),
  name,
  id,
  fields: fc.array(fc.tuple(text, text), { maxLength: 3 }).map((pairs) => pairs.flat()),
});
const streamRow: fc.Arbitrary<Row> = fc.oneof(meta(fc.constant("stream")), entry, entry);

const value = {
  name,
  form: fc.oneof(fc.constantFrom("legacy" as const, "plain" as const), ms),
  body: fc.oneof(text, fc.constantFrom("m\nn", "k")),
};
const row: fc.Arbitrary<Row> = fc.oneof(
  fc.record({ is: fc.constant("string" as const), ...value }),
  fc.record({ is: fc.constant("hll" as const), ...value }),
  fc.record({ is: fc.constant("index" as const), name, ms, ts: time }),
  meta(collection),
  fc.record({
    is: fc.constant("delta" as const),
    type: collection.filter((type) => type !== "stream"),
    name,
    length: small,
    head: small,
    ts: time,
  }) as fc.Arbitrary<Row>,
  ...[0, 1].flatMap(() => [
    fc.record({ is: fc.constant("item" as const), name, place: small, value: bytes }),
    fc.record({ is: fc.constant("field" as const), name, field: tail, value: bytes }),
    fc.record({ is: fc.constant("member" as const), name, member: tail }),
    fc.record({ is: fc.constant("scored" as const), name, member: tail, score }),
    entry,
  ]),
  fc.record({
    is: fc.constant("hash-blob" as const),
    name,
    fields: fc.array(fc.tuple(text, text), { maxLength: 4 }),
  }),
  fc.record({
    is: fc.constant("set-blob" as const),
    name,
    members: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({
    is: fc.constant("zset-blob" as const),
    name,
    members: fc.array(fc.tuple(text, score), { maxLength: 4 }),
  }),
  fc.record({ is: fc.constant("stream-blob" as const), name, entries: fc.nat(3) }),
  fc.record({ is: fc.constant("bare" as const), name, body: bytes }),
  fc.record({
    is: fc.constant("noise" as const),
    key: fc.constantFrom("!redis|txn-wide-set|a", "!lst|claim|x", "!zs|scr|x", "!redis|other|a"),
  }),
);
const broken: fc.Arbitrary<Row> = fc.constantFrom<Row>(
  ...([
    ["!hs|fld|\0\0\0\x09a", "v", "malformed-key"],
    ["!st|mem|\0\0", "", "malformed-key"],
    ["!lst|itm|short", "v", "malformed-key"],
    ["!stream|entry|\0\0\0\x01z123", "", "malformed-key"],
    ["!zs|meta|\0\0\0\x01zz", "\0\0\0\0\0\0\0\0", "malformed-key"],
    ["!zs|mem|\0\0\0\x01zm", "1234567", "malformed-value"],
    ["!hs|meta|\0\0\0\x01z", "1234567", "malformed-value"],
    ["!redis|ttl|z", "1234567", "malformed-value"],
    ["!redis|str|z", "\xff\x01", "malformed-value"],
    ["!redis|hll|z", "\xff\x02\x01123", "malformed-value"],
    ["!redis|hash|z", "\0RH\x02", "malformed-value"],
    ["!redis|set|z", "\0RS\x01\x0a\x01\xff", "malformed-value"],
    ["!stream|entry|\0\0\0\x01z12345678abcdefgh", "\0RXE\x01\x12\x00", "malformed-value"],
  ] as const).map(([key, value, code]): Row => ({ is: "broken", key, value, code })),
);

/** Few names, so that many rows meet, or several, so that some do not; keys are unique. */
const rowset = fc.tuple(
  fc.oneof(
    fc.subarray(NAMES, { minLength: 1, maxLength: 2 }),
    fc.subarray(NAMES, { minLength: 6 }),
  ),
  fc.oneof(
    fc.array(fc.oneof({ weight: 60, arbitrary: row }, { weight: 1, arbitrary: broken }), {
      minLength: 1,
      maxLength: 60,
    }),
    // A stream is live only where nothing else is.
    fc.array(streamRow, { minLength: 2, maxLength: 20 }),
  ),
).map(([names, rows]) => {
  const renamed = rows.map((row) =>
    "name" in row ? { ...row, name: names[NAMES.indexOf(row.name) % names.length] } : row
  );
  return [...new Map(renamed.map((row) => [toHex(keyOf(row)), row])).values()];
});

const SEED = 20261125;

Deno.test("random rows become what a naive reading of the rules says", async () => {
  console.log(`seed ${SEED}`);
  await fc.assert(
    fc.asyncProperty(rowset, fc.boolean(), async (rows, bare) => {
      const dumped = await dump(rows.map(entryOf), { redisBareStrings: bare });
      compare(dumped, model(rows, bare));
    }),
    { seed: SEED, numRuns: 600 },
  );
});

function entryOf(row: Row): TestEntry {
  return { key: keyOf(row), value: valueOf(row), ts: row.is === "index" ? row.ts : 1n };
}

function compare(dumped: Dump, { tree, records, noted, fates, wrong, loaded, last }: Model): void {
  deepStrictEqual(sorted(dumped.tree), sorted(tree));
  deepStrictEqual(dumped.records.slice(1).sort(), records.sort());
  deepStrictEqual(dumped.noted.map(String).sort(), noted.map(String).sort());
  deepStrictEqual(sorted(dumped.fates), sorted(fates));
  deepStrictEqual(dumped.wrong.toSorted(), wrong.toSorted());
  const server = new FakeRedis(dumped.commands);
  deepStrictEqual(server.keys, loaded);
  deepStrictEqual(server.last, last);
  strictEqual(sum(dumped.respFates), sum(dumped.fates));
}

function sorted<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1);
}

function sum(fates: Record<string, number>): number {
  return Object.values(fates).reduce((a, b) => a + b, 0);
}
