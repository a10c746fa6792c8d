/** Key attributes and the names of the files that their items get. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hexOf, sha256, text } from "../../support/generator/encoding.ts";
import { type AttributeValue, itemKey, itemValue, tableRow } from "./rows.ts";
import { dump } from "./support.ts";
import { lowestTerms } from "./naive_numbers.ts";

type Kind = "S" | "N" | "B";

/** The names that range keys get, one item a folder; and what was warned of. */
async function namesOf(
  kind: Kind,
  values: string[],
): Promise<{ names: string[]; warnings: unknown[][] }> {
  const { items, wrong, warnings } = await dump([
    tableRow("t", { hash: "h", range: "r", types: { h: "S", r: kind } }),
    ...values.map((value, i) => {
      const range = { [kind]: value } as AttributeValue;
      const number = String(i).padStart(3, "0");
      return {
        key: itemKey("t", 1, `${number}\0\x01`),
        value: itemValue({ h: { S: number }, r: range }),
      };
    }),
  ]);
  deepStrictEqual(wrong, []);
  const paths = Object.keys(items).sort();
  strictEqual(paths.length, values.length);
  return {
    names: paths.map((path, i) => {
      const folder = `t/items/${String(i).padStart(3, "0")}/`;
      strictEqual(path.startsWith(folder), true, path);
      return path.slice(folder.length).replace(/\.json$/, "");
    }),
    warnings,
  };
}

const STRINGS: [value: string, name: string][] = [
  ["A b", "A%20b"],
  ["é", "%C3%A9"],
  ["~", "%7E"],
  ["...", "..."],
  ["", ""],
  [".", "%2E"],
  ["..", "%2E%2E"],
  ["%2E", "%252E"],
  ["a/../b", "a%2F..%2Fb"],
  ["B64.x", "B64.x"],
  ["b64", "b64"],
  ["b64.", "0e3246de4838b88fa1b243cce26975b5__b64."],
  [
    "0123456789abcdef0123456789ABCDEF__x",
    "0a1ebe5eba653863220d4fc80ba87050__0123456789abcdef0123456789ABCDEF__x",
  ],
  ["a".repeat(240), "a".repeat(240)],
  ["a".repeat(241), "ec6e326ef29fe322b62111584194c54e__" + "a".repeat(64)],
  ["/".repeat(80), "%2F".repeat(80)],
  ["/".repeat(81), "2a5bc5b1b5314ecd2a310f8d021df0d1__" + "%2F".repeat(64)],
];

Deno.test("strings are percent-encoded, or hashed where that would be too long or mistaken", async () => {
  const { names, warnings } = await namesOf("S", STRINGS.map(([value]) => value));
  deepStrictEqual(names, STRINGS.map(([, name]) => name));
  deepStrictEqual(warnings, []);
});

const bytes = (count: number, value: number): string =>
  new Uint8Array(count).fill(value).toBase64();

const BINARIES: [value: string, name: string][] = [
  ["", "b64."],
  ["AAEC", "b64.AAEC"],
  ["//4=", "b64.__4"],
  [bytes(177, 0), "b64." + "A".repeat(236)],
  [bytes(178, 0), "68f31d7e2146e41ad6d99cb95f4a52a4__" + "%00".repeat(64)],
  [bytes(241, 0x61), "ec6e326ef29fe322b62111584194c54e__" + "a".repeat(64)],
];

Deno.test("binary keys are base64 behind b64., or hashed", async () => {
  const { names } = await namesOf("B", BINARIES.map(([value]) => value));
  deepStrictEqual(names, BINARIES.map(([, name]) => name));
});

/** Literals of one value, and its name. */
const NUMBERS: [literals: string[], name: string][] = [
  [["0", "-0", "+0", "0.0", "0e5", "-0.00E+10", "0.000", "0e9223372036854775807", "0/5"], "0"],
  [["1", "1.0", "001", " 1", "1 ", "0_1", "0x_1"], "1"],
  [["+5", "5.", "0b101"], "5"],
  [["-5"], "-5"],
  [["1.50", "1.5_0", "0b1.1", "0o1.4"], "3%2F2"],
  [["0.5", ".5", "5e-1", "00.50e+00", "0x.8", "1p-1", "1/2", "2/4", "+1/2"], "1%2F2"],
  [["-.5", "-1/2"], "-1%2F2"],
  [["0.1"], "1%2F10"],
  [["1e3", "1E+3", "1e03", "1_000", "0b1e3"], "1000"],
  [["100"], "100"],
  [["12.5e1"], "125"],
  [["-12.5"], "-25%2F2"],
  [["1e-3"], "1%2F1000"],
  [["0.00001"], "1%2F100000"],
  [
    ["123456789012345678901234567890.12345678"],
    "6172839450617283945061728394506172839%2F50000000",
  ],
  [["1E-130"], "1%2F1" + "0".repeat(130)],
  [["9.9999999999999999999999999999999999999E+125"], "9".repeat(38) + "0".repeat(88)],
  [["-9.9999999999999999999999999999999999999E+125"], "-" + "9".repeat(38) + "0".repeat(88)],
  [
    ["1.2345678901234567890123456789012345678E-130"],
    "6172839450617283945061728394506172839%2F5" + "0".repeat(166),
  ],
  [["9".repeat(39)], "9".repeat(39)],
  [["1e400"], "397fc6671f9e77a223078bf9d335b890__1" + "0".repeat(63)],
  [["1e-400"], "ac74f10f52d80e07cdc507d2e4d3b300__1%2F1" + "0".repeat(61)],
  [["1e1_0"], "10000000000"],
  [["0x10", "0x1p4"], "16"],
  [["0X1F"], "31"],
  [["0x1e5"], "485"],
  [["0x1P-4"], "1%2F16"],
  [["0x1.8p1", "1.5p1"], "3"],
  [["0o17"], "15"],
  [["017"], "17"],
  [["08", "1p3", "010/1", "0x10/0b10"], "8"],
  [["1/010"], "1%2F8"],
  [["\t7\n", "\u00a07\u3000"], "7"],
];

Deno.test("numbers are in lowest terms, however they are spelled", async () => {
  const literals = NUMBERS.flatMap(([literals]) => literals);
  const { names, warnings } = await namesOf("N", literals);
  deepStrictEqual(names, NUMBERS.flatMap(([literals, name]) => literals.map(() => name)));
  deepStrictEqual(warnings, []);
});

Deno.test("the numbers of the naive reader of these tests have the same names", () => {
  for (const [literals, name] of NUMBERS) {
    if (name.length > 240 || name.includes("__")) continue;
    for (const literal of literals) {
      if (/[_xbopXBOP/]|e\d{4}/.test(literal)) continue; // spellings that it does not know
      strictEqual(lowestTerms(literal).replace("/", "%2F"), name, literal);
    }
  }
});

/** What is no number is its own name. */
const GARBAGE: [literal: string, name: string][] = [
  ["1e1000001", "1e1000001"],
  ["0.1e-1000000", "0.1e-1000000"],
  ["0e99999999999999999999", "0e99999999999999999999"],
  ["1e9223372036854775807", "1e9223372036854775807"],
  ["1__000", "1__000"],
  ["_1", "_1"],
  ["1_.5", "1_.5"],
  ["0x", "0x"],
  ["0b102", "0b102"],
  ["0x1p10000001", "0x1p10000001"],
  ["1/0", "1%2F0"],
  ["1/-2", "1%2F-2"],
  ["1/+2", "1%2F%2B2"],
  ["1/2/3", "1%2F2%2F3"],
  ["1.5/2", "1.5%2F2"],
  ["1/08", "1%2F08"],
  ["\ufeff7", "%EF%BB%BF7"],
  ["1e 5", "1e%205"],
  ["- 1", "-%201"],
  ["--1", "--1"],
  ["abc", "abc"],
  ["1,5", "1%2C5"],
  ["Inf", "Inf"],
  ["NaN", "NaN"],
  ["１", "%EF%BC%91"],
  [".", "%2E"],
  ["..", "%2E%2E"],
  ["", ""],
  ["   ", ""],
];

Deno.test("number keys that are no numbers are named as they are spelled", async () => {
  const { names, warnings } = await namesOf("N", GARBAGE.map(([literal]) => literal));
  deepStrictEqual(names, GARBAGE.map(([, name]) => name));
  deepStrictEqual(warnings, []);
});

Deno.test("numbers too large to compute with are named as they are spelled, with a warning", async () => {
  const beyond = ["1e20001", "1e-20001", "0x1p65537", "1e1000000", "10e1000000", "0x1p10000000"];
  const { names, warnings } = await namesOf("N", beyond);
  deepStrictEqual(names, beyond);
  deepStrictEqual(warnings, [["ddb_number_key_out_of_bounds", "t", beyond.length]]);
});

/** The name of a number that is too long for one. */
function hashed(digits: string): string {
  const sum = hexOf(sha256(text(digits))).slice(0, 32);
  return `${sum}__${digits.slice(0, 64).replace("/", "%2F")}`;
}

/** Literals just within the bounds, and what they are in lowest terms. */
const WITHIN: [literal: string, digits: string][] = [
  ["1e20000", "1" + "0".repeat(20_000)],
  ["1e-20000", "1/1" + "0".repeat(20_000)],
  ["0x1p65536", String(2n ** 65_536n)],
  ["7".repeat(32_768), "7".repeat(32_768)],
  ["7".repeat(32_768) + "0".repeat(20_000), "7".repeat(32_768) + "0".repeat(20_000)],
  [`${"7".repeat(4_096)}/3`, `${"7".repeat(4_096)}/3`],
];

Deno.test("numbers up to the bounds are computed with", async () => {
  const { names, warnings } = await namesOf("N", WITHIN.map(([literal]) => literal));
  deepStrictEqual(names, WITHIN.map(([, digits]) => hashed(digits)));
  deepStrictEqual(warnings, []);
  const { warnings: beyond } = await namesOf("N", ["7".repeat(32_769), `${"7".repeat(4_097)}/3`]);
  deepStrictEqual(beyond, [["ddb_number_key_out_of_bounds", "t", 2]]);
});
