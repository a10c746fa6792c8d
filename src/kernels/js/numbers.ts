/**
 * Numbers in lowest terms: `1.50` → `3/2`, `1e3` → `1000`, `0x10` → `16`.
 *
 * The names of item files carry numbers in this form, which is what Go's `big.Rat` writes
 * (`RatString`). White space around a literal is no part of it.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { NUMBER_CANONICAL, NUMBER_OUT_OF_BOUNDS, NUMBER_VERBATIM } from "../codes.ts";
import { type Literal, readLiteral, valueOf } from "./number_literals.ts";
import { dropWhiteSpace, skipWhiteSpace } from "./white_space.ts";

/** We give up beyond these: some milliseconds of arithmetic, where Go may take seconds. */
const MAX_TWO = 65_536;
const MAX_FIVE = 20_000;
const MAX_DIGITS = 32_768;
const MAX_FRACTION_DIGITS = 4_096;

/** Appends the text for the literal `bytes[start, end)` and returns its status. */
export function appendCanonicalNumber(
  out: ByteBuilder,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const from = skipWhiteSpace(bytes, start, end);
  const to = dropWhiteSpace(bytes, from, end);
  const literal = readLiteral(bytes, from, to);
  if (literal !== undefined && isWithinBounds(literal)) {
    out.ascii(lowestTerms(bytes, literal));
    return NUMBER_CANONICAL;
  }
  out.append(bytes, from, to);
  return literal === undefined ? NUMBER_VERBATIM : NUMBER_OUT_OF_BOUNDS;
}

function isWithinBounds({ over, under, two, five }: Literal): boolean {
  if (over.significant === 0) return true;
  const most = under === undefined ? MAX_DIGITS : MAX_FRACTION_DIGITS;
  return over.significant <= most && (under?.significant ?? 1) <= most &&
    Math.abs(two) <= MAX_TWO && Math.abs(five) <= MAX_FIVE;
}

function lowestTerms(bytes: Uint8Array, literal: Literal): string {
  if (literal.over.significant === 0) return "0";
  let over = valueOf(bytes, literal.over);
  let under = literal.under === undefined ? 1n : valueOf(bytes, literal.under);
  const divisor = greatestCommonDivisor(over, under);
  over /= divisor;
  under /= divisor;

  // From here on the two have no factor in common, and each step keeps it so.
  for (const [prime, power] of [[2n, literal.two], [5n, literal.five]] as const) {
    if (power > 0) {
      const [rest, cancelled] = cancel(under, prime, power);
      under = rest;
      over *= prime ** BigInt(power - cancelled);
    } else if (power < 0) {
      const [rest, cancelled] = cancel(over, prime, -power);
      over = rest;
      under *= prime ** BigInt(-power - cancelled);
    }
  }
  const sign = literal.negative ? "-" : "";
  return under === 1n ? `${sign}${over}` : `${sign}${over}/${under}`;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/**
 * Divides `n` by `prime` as often as it goes, but at most `most` times: what is left, and how often.
 * It goes by prime^(2^i) first, then by prime^(2^(i−1)), …, so a long number takes few divisions.
 */
function cancel(n: bigint, prime: bigint, most: number): [rest: bigint, times: number] {
  const powers = [prime];
  while (2 ** powers.length <= most && powers[powers.length - 1] <= n) {
    powers.push(powers[powers.length - 1] ** 2n);
  }
  let times = 0;
  for (let i = powers.length - 1; i >= 0; i--) {
    if (times + 2 ** i > most || n % powers[i] !== 0n) continue;
    n /= powers[i];
    times += 2 ** i;
  }
  return [n, times];
}
