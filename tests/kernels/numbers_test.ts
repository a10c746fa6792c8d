import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  loadKernels,
  NUMBER_CANONICAL,
  NUMBER_OUT_OF_BOUNDS,
  NUMBER_VERBATIM,
  NUMBERS_OUTPUT_LIMIT,
} from "../../src/kernels/kernels.ts";
import { allTexts, literals, SEED, texts } from "./batches.ts";

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

for (const kernels of [js, wasm]) {
  const numbers = (...list: (string | Uint8Array)[]) =>
    texts(kernels.canonicalNumbers(...literals(list)));

  Deno.test(`${kernels.name}: a number comes out in lowest terms`, () => {
    for (const [expected, list] of Object.entries(CANONICAL)) {
      for (const literal of list.split(" ")) {
        deepStrictEqual(numbers(literal), [[NUMBER_CANONICAL, expected]], literal);
      }
    }
  });

  Deno.test(`${kernels.name}: what is not a number comes out as it is`, () => {
    for (const literal of [...VERBATIM, "1e 5", "1 e5", "- 1", "1 000", ""]) {
      deepStrictEqual(numbers(literal), [[NUMBER_VERBATIM, literal]], literal);
    }
    deepStrictEqual(numbers(Uint8Array.of(0xe3, 0x80)), [[NUMBER_VERBATIM, "e380"]]);
  });

  Deno.test(`${kernels.name}: Unicode white space around a literal is no part of it`, () => {
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

  Deno.test(`${kernels.name}: numbers beyond the bounds come out as they are, and are told`, () => {
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

  Deno.test(`${kernels.name}: numbers at the bounds are exact`, () => {
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

  Deno.test(`${kernels.name}: an empty batch has no numbers`, () => {
    deepStrictEqual(numbers(), []);
    strictEqual(kernels.canonicalNumbers(new Uint8Array(0), new Uint32Array(0)).count, 0);
  });

  Deno.test(`${kernels.name}: a batch may be larger than the batches before it`, () => {
    const garbage = "x".repeat(300_000);
    deepStrictEqual(numbers("1.5", garbage, "2.50"), [
      [NUMBER_CANONICAL, "3/2"],
      [NUMBER_VERBATIM, garbage],
      [NUMBER_CANONICAL, "5/2"],
    ]);
    deepStrictEqual(numbers("7"), [[NUMBER_CANONICAL, "7"]]);
  });

  Deno.test(`${kernels.name}: output beyond the limit waits for the next call`, () => {
    const list = Array.from({ length: 40_000 }, (_, i) => `${i}e-130`);
    const [bytes, ranges] = literals(list);
    const first = kernels.canonicalNumbers(bytes, ranges);
    const end = first.bytes.length;
    strictEqual(end, first.ranges[2 * first.count - 1]);
    ok(end >= NUMBERS_OUTPUT_LIMIT && end < NUMBERS_OUTPUT_LIMIT + 200);
    deepStrictEqual(
      allTexts(kernels, bytes, ranges),
      list.map((_, i) => [NUMBER_CANONICAL, naive(false, `${i}`, "", -130)]),
    );
  });

  Deno.test(`${kernels.name}: a text longer than the limit is still done, alone`, () => {
    const long = "x".repeat(NUMBERS_OUTPUT_LIMIT + 1);
    const [bytes, ranges] = literals([long, "1", long]);
    strictEqual(kernels.canonicalNumbers(bytes, ranges).count, 1);
    deepStrictEqual(allTexts(kernels, bytes, ranges).map(([, text]) => text), [long, "1", long]);
  });

  Deno.test(`${kernels.name}: decimals are what a naive fraction says (seed ${SEED})`, () => {
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

  Deno.test(`${kernels.name}: powers of 2 and 5 cancel`, () => {
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
}

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
      const [bytes, ranges] = literals(list);
      const expected = js.canonicalNumbers(bytes, ranges);
      deepStrictEqual(wasm.canonicalNumbers(bytes, ranges), expected);
      expected.status.forEach((status) => seen[status]++);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
  ok(seen.every((count) => count > 300), `the literals were too much alike: ${seen}`);
});
