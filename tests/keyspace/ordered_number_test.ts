import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { orderedNumber } from "../../src/keyspace/ordered_number.ts";
import { check } from "./support.ts";

const NINES = "9".repeat(39);

const ACCEPTED: [literals: string[], hex: string][] = [
  [["0", "-0", "+0", "0.0", "0e5", "-0.00E+10", "0.000", "0e9223372036854775807"], "01"],
  [["1", "1.0", "001", " 1", "1 ", "0000001.000"], "020201010031"],
  [["+5", "5."], "020201010035"],
  [["-5"], "00fdfefeffca"],
  [["1.50"], "02020101003135"],
  [["0.5", ".5", "5e-1", "00.50e+00"], "02010035"],
  [["-.5"], "00feffca"],
  [["0.1"], "02010031"],
  [["1e3", "1E+3", "1e03"], "020201040031"],
  [["100"], "020201030031"],
  [["12.5e1"], "0202010300313235"],
  [["-12.5"], "00fdfefdffcecdca"],
  [["-12"], "00fdfefdffcecd"],
  [["1e-3"], "0200fefd0031"],
  [["0.00001"], "0200fefb0031"],
  [
    ["123456789012345678901234567890.12345678"],
    "0202011e00" + toHex(new TextEncoder().encode("12345678901234567890123456789012345678")),
  ],
  [["1E-130"], "0200fe7e0031"],
  [["9.9999999999999999999999999999999999999E+125"], "0202017e00" + "39".repeat(38)],
  [["-9.9999999999999999999999999999999999999E+125"], "00fdfe81ff" + "c6".repeat(38)],
  [
    ["1.2345678901234567890123456789012345678E-130"],
    "0200fe7e00" + toHex(new TextEncoder().encode("12345678901234567890123456789012345678")),
  ],
  [[NINES], "0202012700" + "39".repeat(39)],
  [["1e400"], "02020201910031"],
  [["1e-400"], "0200fdfe700031"],
  [["1e1000000", "0.1e1000001"], "0202030f42410031"],
  [["10e1000000", "1e1000001"], "0202030f42420031"],
  [["1e-1000000"], "0200fcf0bdc00031"],
  [["0.1e-1000000"], "0200fcf0bdbf0031"],
  // The exponent goes over the largest 64-bit number and comes back at the other end.
  [["1e9223372036854775807"], "0200f77fffffffffffffff0031"],
  [["017"], "02020102003137"],
  [["08"], "020201010038"],
  [["\t7\n", "\u00a07\u3000", "\u00857"], "020201010037"],
  [["1e 5", "1e\u20285 "], "020201060031"],
  [["7e0", "7e-0", "7E+00", "7e-000"], "020201010037"],
];

const REFUSED = [
  "0e99999999999999999999",
  "1e9223372036854775808",
  "1e-9223372036854775809",
  ..."1_000 1.5_0 1e1_0 0_1 1__000 _1 1_ 1_.5 1._5 1e_10 1_e5".split(" "),
  ..."0x10 0X1F 0x1e5 0x_1 0x1p4 0x1P-4 0x.8 0x1.8p1 0b101 0b1e3 0b1.1 0o17 0o1.4".split(" "),
  ..."0x 0xg 0b102 0o8 1p3 1p-1 1.5p1 0x1p10000000 0x1p10000001".split(" "),
  ..."1/2 2/4 +1/2 -1/2 0/5 -0/5 010/1 1/010 0x10/0b10 1_0/2".split(" "),
  ..."1/0 1/-2 1/+2 1/2/3 /2 1/ 1/08 1.5/2 1e2/2 1/2e1".split(" "),
  "\ufeff7",
  ..."--1 +-1 1e 1e+ e5 - + abc 1,5 1.2.3 Inf NaN １ . .. .e1 1e1e1 1e1.0 1e--1".split(" "),
  "1 e5",
  "- 1",
  "1 000",
  "",
  "   ",
];

Deno.test("numbers take the form that the server gives them", () => {
  for (const [literals, expected] of ACCEPTED) {
    for (const literal of literals) {
      const form = orderedNumber(literal);
      strictEqual(form && toHex(form), expected, literal);
    }
  }
});

Deno.test("what the server refuses as a key has no form", () => {
  for (const literal of REFUSED) strictEqual(orderedNumber(literal), undefined, literal);
});

Deno.test("a hostile literal is refused or formed in time proportional to its length", () => {
  const many = 1_000_000;
  strictEqual(orderedNumber("1e" + "0".repeat(many) + "x"), undefined);
  strictEqual(orderedNumber("1e" + "9".repeat(many)), undefined);
  strictEqual(orderedNumber("1" + " ".repeat(many) + "1"), undefined);
  strictEqual(toHex(orderedNumber("1e" + "0".repeat(many) + "3")!), "020201040031");
  strictEqual(orderedNumber("7".repeat(many))!.length, many + 7);
});

Deno.test("the form depends on the value, not on the spelling", () => {
  const digits = fc.stringMatching(/^[0-9]{1,6}$/);
  check(
    fc.property(digits, digits, fc.nat(9), fc.constantFrom("", "-"), (whole, part, shift, sign) => {
      const plain = orderedNumber(`${sign}${whole}.${part}`);
      const moved = orderedNumber(`${sign}0${whole}${part}0e-${part.length + 1}`);
      const shifted = orderedNumber(`${sign}${whole}.${part}E${shift}`);
      const padded = orderedNumber(
        `${sign}${whole}${part.padEnd(shift, "0").slice(0, shift)}.${part.slice(shift)}`,
      );
      strictEqual(toHex(plain!), toHex(moved!));
      strictEqual(toHex(shifted!), toHex(padded!));
    }),
  );
});

Deno.test("the forms of numbers that are not negative sort by value", () => {
  const value = fc.tuple(fc.nat(99_999), fc.integer({ min: -12, max: 12 }));
  check(fc.property(value, value, ([a, e], [b, f]) => {
    const exact = (digits: number, exponent: number) =>
      BigInt(digits) * 10n ** BigInt(exponent + 12);
    const order = compareBytes(orderedNumber(`${a}e${e}`)!, orderedNumber(`${b}e${f}`)!);
    const difference = exact(a, e) - exact(b, f);
    strictEqual(Math.sign(order), difference < 0n ? -1 : difference > 0n ? 1 : 0);
  }));
});
