import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { appendCanonicalNumber } from "../../src/kernels/js/numbers.ts";
import {
  ITEM_COLUMNS,
  ITEM_LEFT,
  ITEM_NAME_OUT_OF_BOUNDS,
  ITEM_NAME_RESPELLED,
  type Kernels,
  loadKernels,
  NUMBER_CANONICAL,
  NUMBER_OUT_OF_BOUNDS,
  NUMBER_VERBATIM,
} from "../../src/kernels/kernels.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";
import { encodeSegment, escapeDotSegment } from "../../src/tree/segment.ts";
import { bytesField, concat } from "../support/generator/encoding.ts";

/** The seed of all random tests here. */
const SEED = 20_260_721;

const js = await loadKernels("js");
const wasm = await loadKernels("wasm");
const nines = (n: number) => "9".repeat(n);
const zeros = (n: number) => "0".repeat(n);

/** Lowest terms → literals, separated by spaces. From Go's big.Rat. */
const CANONICAL: Record<string, string> = {
  "0":
    "0 -0 +0 0.0 0e5 -0.00E+10 0.000 0e9223372036854775807 0e-9223372036854775808 0/5 -0/5 0x0 0p9",
  "1": "1 1.0 001 0_1 0x_1 7/7",
  "5": "+5 5. 0b101 10/2",
  "-5": "-5 -5.000 -50e-1",
  "3/2": "1.50 1.5_0 0b1.1 0o1.4",
  "1/2": "0.5 .5 5e-1 00.50e+00 0x.8 1p-1 1/2 2/4 +1/2",
  "-1/2": "-.5 -1/2",
  "1/10": "0.1",
  "1000": "1e3 1E+3 1e03 1_000 0b1e3",
  "100": "100",
  "125": "12.5e1",
  "-25/2": "-12.5",
  "-12": "-12",
  "1/1000": "1e-3",
  "1/100000": "0.00001",
  "10000000000": "1e1_0",
  "16": "0x10 0x1p4",
  "31": "0X1F",
  "485": "0x1e5",
  "1/16": "0x1P-4",
  "3": "0x1.8p1 1.5p1",
  "15": "0o17",
  "17": "017",
  "8": "08 1p3 010/1 0x10/0b10",
  "1/8": "1/010",
  "6172839450617283945061728394506172839/50000000": "123456789012345678901234567890.12345678",
  [`6172839450617283945061728394506172839/5${zeros(166)}`]:
    "1.2345678901234567890123456789012345678E-130",
  [`1/1${zeros(130)}`]: "1E-130",
  [nines(38) + zeros(88)]: `9.${nines(37)}E+125`,
  [`-${nines(38)}${zeros(88)}`]: `-9.${nines(37)}E+125`,
  [nines(39)]: nines(39),
  [`1${zeros(400)}`]: "1e400",
  [`1/1${zeros(400)}`]: "1e-400",
};

/** Separated by spaces; all of these stay as they are. */
const VERBATIM = `1e1000001 0.1e-1000000 0e99999999999999999999 1e9223372036854775807
  1e9223372036854775808 0e9223372036854775808 0e-9223372036854775809 0x1p10000001
  1__000 _1 1_ 1_.5 1._5 1e_10 1_e5 0x 0xg 0b102 0o8 0_ 0x_ 0x_.8
  1/0 1/-2 1/+2 1/2/3 /2 1/ / 1/08 1.5/2 1e2/2 1/2e1 1/0x0 1/0.5
  --1 +-1 1e 1e+ e5 - + . -. abc 1,5 1.2.3 Inf NaN １ .. \uFEFF7 7\u200B`.split(/[ \n]+/);

/** Status and text of each number; bytes that are not UTF-8 come out as hex. */
function numbers(...list: (string | Uint8Array)[]): [status: number, text: string][] {
  return list.map((literal) => {
    const bytes = typeof literal === "string" ? encodeUtf8(literal) : literal;
    const out = new ByteBuilder();
    // What lies around it is no part of it.
    const around = concat("7", bytes, "7");
    const status = appendCanonicalNumber(out, around, 1, around.length - 1);
    return [status, decodeUtf8(out.view()) ?? toHex(out.view())];
  });
}

Deno.test("a number comes out in lowest terms", () => {
  for (const [expected, list] of Object.entries(CANONICAL)) {
    for (const literal of list.split(" ")) {
      deepStrictEqual(numbers(literal), [[NUMBER_CANONICAL, expected]], literal);
    }
  }
});

Deno.test("what is not a number comes out as it is", () => {
  for (const literal of [...VERBATIM, "1e 5", "1 e5", "- 1", "1 000", ""]) {
    deepStrictEqual(numbers(literal), [[NUMBER_VERBATIM, literal]], literal);
  }
  deepStrictEqual(numbers(Uint8Array.of(0xe3, 0x80)), [[NUMBER_VERBATIM, "e380"]]);
});

Deno.test("Unicode white space around a literal is no part of it", () => {
  const spaces = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006" +
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
  for (const space of spaces) {
    deepStrictEqual(numbers(`${space}7${space}${space}`), [[NUMBER_CANONICAL, "7"]]);
    deepStrictEqual(numbers(`${space}1 e5${space}`), [[NUMBER_VERBATIM, "1 e5"]]);
  }
  deepStrictEqual(numbers("   ", spaces), [[NUMBER_VERBATIM, ""], [NUMBER_VERBATIM, ""]]);
  for (const other of "\0\x1c\x7f\u180e\u200b\u2060\ufeff") {
    deepStrictEqual(numbers(`${other}7`), [[NUMBER_VERBATIM, `${other}7`]]);
  }
});

Deno.test("numbers beyond the bounds come out as they are, and are told", () => {
  const beyond = [
    ..."1e1000000 0.1e1000001 10e1000000 1e-1000000 0x1p10000000".split(" "),
    ..."1e20001 1e-20001 1p65537 1p-65537".split(" "),
    nines(32_769),
    `1${zeros(20_001)}`,
    `${nines(4_097)}/7`,
    `7/${nines(4_097)}`,
  ];
  for (const literal of beyond) {
    deepStrictEqual(numbers(`\t${literal}`), [[NUMBER_OUT_OF_BOUNDS, literal]], literal);
  }
});

Deno.test("numbers at the bounds are exact", () => {
  const at: [string, string][] = [
    ["1e20000", `1${zeros(20_000)}`],
    ["3e-20000", `3/1${zeros(20_000)}`],
    ["1p65536", `${1n << 65_536n}`],
    [nines(32_768), nines(32_768)],
    [`${zeros(40_000)}7.${zeros(999_999)}`, "7"],
    [`7${zeros(999_999)}e-999999`, "7"],
    [`${nines(4_096)}/${nines(4_096)}`, "1"],
    [`0/${nines(40_000)}`, "0"],
    [`7.${zeros(1_000_001)}`, `7.${zeros(1_000_001)}`], // too many places for Go: not a number
  ];
  for (const [literal, expected] of at) {
    strictEqual(numbers(literal)[0][1], expected, literal.slice(0, 40));
  }
});

Deno.test(`decimals are what a naive fraction says (seed ${SEED})`, () => {
  const digits = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength });
  const decimal = fc.tuple(
    fc.boolean(),
    fc.oneof(digits(4), digits(40), digits(90)),
    fc.oneof(digits(4), digits(40), digits(90)),
    fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -600, max: 600 })),
  ).filter(([, whole, places]) => whole + places !== "");
  fc.assert(
    fc.property(fc.array(decimal, { maxLength: 20 }), (list) => {
      const written = list.map(([minus, whole, places, exponent]) =>
        `${minus ? "-" : ""}${whole}.${places}e${exponent}`
      );
      deepStrictEqual(
        numbers(...written),
        list.map((parts) => [NUMBER_CANONICAL, naive(...parts)]),
      );
    }),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("powers of 2 and 5 cancel", () => {
  for (let n = 0; n < 210; n += 7) {
    for (const prime of [2n, 5n]) {
      const digits = (3n * prime ** BigInt(n)).toString();
      for (const exponent of [-1, -n - 1, -300]) {
        const expected = naive(false, digits, "", exponent);
        deepStrictEqual(numbers(`${digits}e${exponent}`), [[NUMBER_CANONICAL, expected]]);
      }
    }
  }
});

/** A fraction by the book: the digits over a power of ten, divided by their common divisor. */
function naive(minus: boolean, whole: string, places: string, exponent: number): string {
  const shift = exponent - places.length;
  let over = BigInt(whole + places) * 10n ** BigInt(Math.max(shift, 0));
  let under = 10n ** BigInt(Math.max(-shift, 0));
  let [a, b] = [over, under];
  while (b > 0n) [a, b] = [b, a % b];
  over /= a;
  under /= a;
  return (minus && over > 0n ? "-" : "") + (under === 1n ? `${over}` : `${over}/${under}`);
}

Deno.test(`both kernels give the same bytes for any literals (seed ${SEED})`, () => {
  const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((p) => p.join(""));
  const digits = (unit: string) =>
    fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength: 12 });
  const decimal = fc.oneof(digits("0123456789"), digits("0000000005"), digits("0123456789_"));
  const natural = fc.oneof(
    { arbitrary: decimal, weight: 5 },
    joined(fc.constantFrom("0b", "0B"), digits("01_")),
    joined(fc.constantFrom("0o", "0O", "0"), digits("01234567_")),
    joined(fc.constantFrom("0x", "0X"), digits("0123456789abcdefABCDEF_")),
  );
  const sign = fc.constantFrom("", "", "-", "+");
  const power = fc.oneof(
    fc.nat(20).map(String),
    fc.integer({ min: 500, max: 530 }).map(String),
    fc.nat(2_000).map(String),
    fc.constantFrom("", "007", "00000007", "1_0", "20001", "65537", "1000001", "9".repeat(20)),
  );
  const exponent = joined(fc.constantFrom("e", "E", "p", "P"), sign, power);
  const space = fc.constantFrom("", "", "", "", " ", "\t\n", "\x85", "\xa0", "\u2003 ", "\ufeff");
  const nothing = fc.constant("");
  const literal = fc.oneof(
    joined(sign, natural),
    joined(sign, decimal, fc.constantFrom(".", "", "_"), decimal, fc.oneof(nothing, exponent)),
    joined(space, sign, natural, fc.constantFrom("", ".", ".1"), exponent, space),
    joined(space, sign, natural, fc.constant("/"), natural, space),
    fc.string({ unit: fc.constantFrom(..."0159.-+eEpPxXbo_/ "), maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.uint8Array({ maxLength: 8 }),
  );
  const seen = [0, 0, 0];
  fc.assert(
    fc.property(fc.array(literal, { minLength: 30, maxLength: 60 }), (list) => {
      const expected = numbers(...list);
      for (const kernels of [js, wasm]) {
        deepStrictEqual(
          names(kernels, list),
          list.map((literal, i) => nameOf(literal, expected[i])),
        );
      }
      for (const [status] of expected) seen[status]++;
    }),
    { seed: SEED, numRuns: 1_000 },
  );
  ok(seen.every((count) => count > 300), `the literals were too much alike: ${seen}`);
});

/** The flags and the name of items whose key attribute is such a number; nothing of what is no text. */
function names(kernels: Kernels, list: (string | Uint8Array)[]): ([number, string] | undefined)[] {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(4 * list.length);
  list.forEach((literal, i) => {
    ranges.fill(out.length, 4 * i, 4 * i + 3);
    const value = bytesField(2, literal);
    const entry = concat(bytesField(1, "id"), bytesField(2, value));
    out.append(concat(Uint8Array.of(0, 0x44, 0x49, 1), bytesField(1, entry)));
    ranges[4 * i + 3] = out.length;
  });
  const rows = { bytes: out.view(), ranges, count: list.length };
  const nothing = new Uint8Array(0);
  const form = {
    hash: encodeUtf8("id"),
    plain: false,
    indent: false,
    html: false,
    before: nothing,
    behind: nothing,
    name: { before: nothing, behind: nothing },
  };
  const { count, table, names } = kernels.transcodeItems(rows, list.map((_, i) => i), 0, form);
  strictEqual(count, list.length);
  return list.map((_, i) => {
    const columns = table.subarray(i * ITEM_COLUMNS);
    if (columns[0] === ITEM_LEFT) return undefined;
    return [columns[9], names.slice(columns[10], columns[11])];
  });
}

function nameOf(
  literal: string | Uint8Array,
  [status, text]: [status: number, text: string],
): [number, string] | undefined {
  const bytes = typeof literal === "string" ? encodeUtf8(literal) : literal;
  const before = decodeUtf8(bytes);
  if (before === undefined) return undefined;
  const flags = (status === NUMBER_OUT_OF_BOUNDS ? ITEM_NAME_OUT_OF_BOUNDS : 0) |
    (text === before ? 0 : ITEM_NAME_RESPELLED);
  return [flags, escapeDotSegment(encodeSegment(encodeUtf8(text)))];
}
