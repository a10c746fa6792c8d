import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toBase64, URL_SAFE } from "../../src/bytes/base64.ts";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import {
  ITEM_KEY_BAD_GENERATION,
  ITEM_KEY_BAD_TABLE,
  ITEM_KEY_COLUMNS,
  ITEM_KEY_NO_GENERATION,
  ITEM_KEY_NO_PAYLOAD,
  ITEM_KEY_NO_TABLE,
  ITEM_KEY_OK,
  ITEM_KEY_PREFIX,
  parseItemKeys,
} from "../../src/keyspace/item_keys.ts";
import { encodeUtf8 } from "../../src/text/utf8.ts";

const SEED = 20_260_721;

/** Rows with the given keys, each followed by eight bytes of timestamp and a short value. */
function rows(keys: (string | Uint8Array)[]) {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(4 * keys.length);
  keys.forEach((key, i) => {
    ranges[4 * i] = out.length;
    out.append(typeof key === "string" ? encodeUtf8(key) : key);
    ranges[4 * i + 1] = out.length;
    out.ascii("|1|||||||");
    ranges[4 * i + 2] = out.length;
    out.ascii("value|7|x");
    ranges[4 * i + 3] = out.length;
  });
  return { bytes: out.take(), ranges, count: keys.length };
}

/** What one key says: its status, or its parts. */
type Parsed = number | { segment: string; generation: bigint; payload: string };

function parse(keys: (string | Uint8Array)[]): Parsed[] {
  const batch = rows(keys);
  const table = parseItemKeys(batch);
  strictEqual(table.length, keys.length * ITEM_KEY_COLUMNS);
  const text = (start: number, end: number) =>
    String.fromCharCode(...batch.bytes.subarray(start, end));
  return keys.map((_, i) => {
    const [status, segmentStart, segmentEnd, high, low, payloadStart] = table.subarray(
      i * ITEM_KEY_COLUMNS,
    );
    if (status !== ITEM_KEY_OK) {
      deepStrictEqual([segmentStart, segmentEnd, high, low, payloadStart], [0, 0, 0, 0, 0]);
      return status;
    }
    return {
      segment: text(segmentStart, segmentEnd),
      generation: (BigInt(high) << 32n) | BigInt(low),
      payload: text(payloadStart, batch.ranges[4 * i + 1]),
    };
  });
}

/** Status → keys, separated by spaces; `_` stands for the prefix. */
const MALFORMED: [status: number, keys: string][] = [
  [ITEM_KEY_PREFIX, "!ddb|item !ddb|gsi|dA|1|x !ddb|iten|dA|1|x !ddb|item!dA|1|x x"],
  [ITEM_KEY_NO_TABLE, "_ _dA _|1|x _| _d! _||"],
  [ITEM_KEY_BAD_TABLE, "_d!|1|x _d|1|y _dA==|1|y _dB|1|x _YWJ|1|x _d/AA|1|x _dA+A|1|x _\xff|1|x"],
  [ITEM_KEY_BAD_TABLE, "_dAAAA|1|x _d\n|1|x _dA\r\n|1|x _d!| _A|"],
  [ITEM_KEY_NO_GENERATION, "_dA| _dA|1 _dA||x _dA|| _dA|x _dA|18446744073709551616"],
  [ITEM_KEY_BAD_GENERATION, "_dA|x|y _dA|+1|y _dA|-1|y _dA|1_0|y _dA|18446744073709551616|y"],
  [ITEM_KEY_BAD_GENERATION, "_dA|18446744073709551620|y _dA|99999999999999999999|y _dA|x| _dA|:|y"],
  [ITEM_KEY_BAD_GENERATION, "_dA|184467440737095516150|y _dA|100000000000000000000000|y _dA|/|y"],
  [ITEM_KEY_NO_PAYLOAD, "_dA|1| _dA|18446744073709551615|"],
];

Deno.test("a malformed item key has its reason", () => {
  for (const [status, list] of MALFORMED) {
    for (const short of list.split(" ")) {
      const key = short.replace(/^_/, "!ddb|item|");
      deepStrictEqual(parse([key]), [status], key);
    }
  }
  deepStrictEqual(parse(["", "!ddb|item|dA| 1|x"]), [
    ITEM_KEY_PREFIX,
    ITEM_KEY_BAD_GENERATION,
  ]);
});

Deno.test("an item key is taken apart", () => {
  const keys: [key: string, segment: string, generation: bigint, payload: string][] = [
    ["!ddb|item|dA|7|YQ|", "dA", 7n, "YQ|"],
    ["!ddb|item|dA|7||", "dA", 7n, "|"],
    ["!ddb|item|Yw|1|cA|MTA", "Yw", 1n, "cA|MTA"],
    ["!ddb|item|dA|01|x", "dA", 1n, "x"],
    ["!ddb|item|dA|0|x", "dA", 0n, "x"],
    [`!ddb|item|dA|${"0".repeat(30)}5|x`, "dA", 5n, "x"],
    ["!ddb|item|dA|4294967295|x", "dA", 0xffff_ffffn, "x"],
    ["!ddb|item|dA|4294967296|x", "dA", 0x1_0000_0000n, "x"],
    ["!ddb|item|dA|18446744073709551615|x", "dA", 0xffff_ffff_ffff_ffffn, "x"],
    ["!ddb|item|AZaz09-_|1|\0", "AZaz09-_", 1n, "\0"],
  ];
  deepStrictEqual(
    parse(keys.map(([key]) => key)),
    keys.map(([, segment, generation, payload]) => ({ segment, generation, payload })),
  );
});

Deno.test("no rows make an empty table", () => {
  strictEqual(parseItemKeys(rows([])).length, 0);
});

Deno.test("rows behind the count are not read", () => {
  const two = rows(["!ddb|item|dA|1|x", "!ddb|item|dA|2|x"]);
  strictEqual(parseItemKeys({ ...two, count: 1 }).length, ITEM_KEY_COLUMNS);
});

Deno.test("a table larger than a page comes out whole, and nothing of it stays", () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `!ddb|item|dA|${i}|x`);
  deepStrictEqual(
    parse(many),
    many.map((_, i) => ({ segment: "dA", generation: BigInt(i), payload: "x" })),
  );
  deepStrictEqual(parse(["x", "y"]), [ITEM_KEY_PREFIX, ITEM_KEY_PREFIX]);
});

Deno.test("what lies before the first key and behind the last is not looked at", () => {
  const key = new TextEncoder().encode("!ddb|item|dA|1|x");
  for (const first of [1, 100_000, 8 << 20]) {
    const bytes = new Uint8Array(first + key.length + (8 << 20)).fill(0x7c);
    bytes.set(key, first);
    const end = first + key.length;
    const row = { bytes, ranges: Uint32Array.of(first, end, end + 17, bytes.length), count: 1 };
    deepStrictEqual(
      [...parseItemKeys(row)],
      [ITEM_KEY_OK, first + 10, first + 12, 0, 1, first + 15],
    );
  }
});

Deno.test("rows with megabytes between their keys are read like others", () => {
  const key = new TextEncoder().encode("!ddb|item|dA|1|x");
  const bytes = new Uint8Array(6 << 20);
  const ranges = new Uint32Array(8);
  [0, 5 << 20].forEach((at, row) => {
    bytes.set(key, at);
    ranges.set([at, at + key.length, at + key.length + 17, at + key.length + 17], 4 * row);
  });
  const table = parseItemKeys({ bytes, ranges, count: 2 });
  deepStrictEqual([...table.subarray(6)], [
    ITEM_KEY_OK,
    (5 << 20) + 10,
    (5 << 20) + 12,
    0,
    1,
    (5 << 20) + 15,
  ]);
});

Deno.test(`keys built from parts give the parts back (seed ${SEED})`, () => {
  const parts = fc.record({
    table: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    generation: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    payload: fc.string({ unit: fc.constantFrom(..."|a1\0\x7f"), minLength: 1, maxLength: 9 }),
  });
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (list) => {
      const expected = list.map(({ table, generation, payload }) => ({
        segment: toBase64(URL_SAFE, table),
        generation,
        payload,
      }));
      const keys = expected.map((e) => `!ddb|item|${e.segment}|${e.generation}|${e.payload}`);
      deepStrictEqual(parse(keys), expected);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

/** The status of a key, found in another way. */
function naiveStatus(key: Uint8Array): number {
  const text = String.fromCharCode(...key);
  if (!text.startsWith("!ddb|item|")) return ITEM_KEY_PREFIX;
  const [table, generation, ...payload] = text.slice(10).split("|");
  if (table === "" || generation === undefined) return ITEM_KEY_NO_TABLE;
  if (!isCanonical(table)) return ITEM_KEY_BAD_TABLE;
  if (generation === "" || payload.length === 0) return ITEM_KEY_NO_GENERATION;
  if (!/^[0-9]+$/.test(generation) || BigInt(generation) >> 64n > 0n) {
    return ITEM_KEY_BAD_GENERATION;
  }
  return payload.join("|") === "" ? ITEM_KEY_NO_PAYLOAD : ITEM_KEY_OK;
}

function isCanonical(segment: string): boolean {
  try {
    const bytes = Uint8Array.fromBase64(segment, { alphabet: "base64url" });
    return toBase64(URL_SAFE, bytes) === segment;
  } catch {
    return false;
  }
}

Deno.test(`any key has the status that a naive reader finds (seed ${SEED})`, () => {
  const part = (unit: string, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...unit), maxLength });
  const wellFormed = fc.tuple(
    fc.constant("!ddb|item|"),
    fc.oneof(fc.uint8Array({ maxLength: 9 }).map((b) => toBase64(URL_SAFE, b)), part("AQgwz_-", 9)),
    fc.constant("|"),
    fc.oneof(part("0123456789", 21), fc.bigInt(0xffff_ffff_ffff_fff0n, 1n << 64n).map(String)),
    fc.constant("|"),
    part("|x1", 3),
  ).map((parts) => new TextEncoder().encode(parts.join("")));
  const mutated = fc.tuple(wellFormed, fc.nat(40), fc.constantFrom(..."|=+/!9A\n\xff"), fc.nat(2))
    .map(([key, at, char, removed]) => {
      const bytes = [...key];
      bytes.splice(at % (bytes.length + 1), removed, char.charCodeAt(0));
      return Uint8Array.from(bytes);
    });
  const cut = fc.tuple(wellFormed, fc.nat(40)).map(([key, n]) => key.subarray(0, n));
  const anything = fc.uint8Array({ maxLength: 24 });
  const seen = new Array(7).fill(0);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(wellFormed, mutated, cut, anything), { minLength: 30, maxLength: 60 }),
      (keys) => {
        const batch = rows(keys);
        const statuses = parseItemKeys(batch).filter((_, i) => i % ITEM_KEY_COLUMNS === 0);
        deepStrictEqual([...statuses], keys.map(naiveStatus));
        for (const status of statuses) seen[status]++;
      },
    ),
    { seed: SEED, numRuns: 1_000 },
  );
  ok(seen.every((count) => count > 300), `the keys were too much alike: ${seen}`);
});
