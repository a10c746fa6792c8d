/**
 * Numbers as the tests understand them: slowly, with whole fractions, and for plain decimals only.
 *
 * @module
 */

/** `value = digits × 10^exponent`, or `undefined` for what is no plain decimal. */
function decimal(literal: string): { digits: bigint; exponent: number } | undefined {
  const found = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(literal.trim());
  if (!found || (found[2] + found[3]) === "") return undefined;
  const [, sign, whole, fraction, exponent = "0"] = found;
  const digits = BigInt(whole + fraction);
  return {
    digits: sign === "-" ? -digits : digits,
    exponent: Number(exponent) - fraction.length,
  };
}

/** A fraction in lowest terms, as file names have it; what is no number stays what it is. */
export function lowestTerms(literal: string): string {
  const number = decimal(literal);
  if (!number) return literal.trim();
  const { digits, exponent } = number;
  const over = exponent > 0 ? digits * 10n ** BigInt(exponent) : digits;
  const under = exponent < 0 ? 10n ** BigInt(-exponent) : 1n;
  let [a, b] = [over < 0n ? -over : over, under];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === under ? String(over / a) : `${over / a}/${under / a}`;
}

/** The bytes that a number is in an ordered key, or `undefined` if the server refuses it. */
export function orderedNumber(literal: string): number[] | undefined {
  const number = decimal(literal);
  if (!number) return undefined;
  const written = String(number.digits).replace("-", "");
  const digits = written.replace(/0+$/, "");
  if (digits === "") return [1];
  const point = written.length + number.exponent;
  const body = [...exponentBytes(point), 0, ...Array.from(digits, (c) => c.charCodeAt(0))];
  return number.digits > 0n ? [2, ...body] : [0, ...body.map((b) => 255 - b)];
}

function exponentBytes(point: number): number[] {
  if (point === 0) return [1];
  const magnitude = Math.abs(point);
  const bytes = magnitude < 256 ? [1, magnitude] : [2, magnitude >> 8, magnitude & 255];
  return point > 0 ? [2, ...bytes] : [0, ...bytes.map((b) => 255 - b)];
}
