/**
 * The literals of DynamoDB numbers, read without any arithmetic.
 *
 * What is a number is exactly what Go's `big.Rat` takes for one (`SetString`), since the server's own
 * tools use that:
 *
 * ```
 * literal  = fraction | float               ; a "/" anywhere makes it a fraction
 * fraction = [ sign ] natural "/" natural   ; the divisor is not 0
 * natural  = [ "0b" | "0o" | "0" | "0x" ] digits       ; a leading 0 means octal
 * float    = [ sign ] [ "0b" | "0o" | "0x" ] mantissa [ exponent ]
 * mantissa = digits [ "." [ digits ] ] | "." digits    ; a leading 0 means nothing
 * exponent = ( "e" [ sign ] digits )        ; times a power of 10; in base 16, e is a digit
 *          | ( "p" [ sign ] digits )        ; times a power of 2, in any base
 * digits   = digit { [ "_" ] digit }        ; a "_" may also stand between 0b, 0o, 0x and digits
 * ```
 *
 * Letters may have either case.
 *
 * @module
 */

/** The digits of a mantissa, a natural or an exponent, from the first to the last that is not 0. */
export interface Digits {
  /** What they are digits of. */
  readonly base: 2 | 8 | 10 | 16;
  /** Offset of the first. Among them may be `_` and one `.`. */
  readonly first: number;
  /** Offset behind the last. */
  readonly last: number;
  /** How many there are; 0 for the number 0. */
  readonly significant: number;
  /** How many zeros follow them. */
  readonly zeros: number;
  /** How many digits, these and others, stand behind the point. */
  readonly places: number;
}

/** ± over / under × 2^two × 5^five, with the significant digits alone of over and under. */
export interface Literal {
  /** Whether a minus comes first. */
  readonly negative: boolean;
  /** The mantissa, or what stands before the slash. */
  readonly over: Digits;
  /** What stands behind the slash; never 0. A float has none: 1. */
  readonly under?: Digits;
  /** The power of 2; 0 for a float that is 0. */
  readonly two: number;
  /** The power of 5; 0 for a float that is 0. */
  readonly five: number;
}

/** Go gives up beyond these exponents: such a literal is not a number. */
const GO_MAX_TWO = 10_000_000n;
const GO_MAX_FIVE = 1_000_000n;

/** A digit of base b is worth 2^TWOS[b] × 5^FIVES[b] of the digit behind it. */
const TWOS = { 2: 1, 8: 3, 10: 1, 16: 4 } as const;
const FIVES = { 2: 0, 8: 0, 10: 1, 16: 0 } as const;

/** The literal that `bytes[start, end)` is, as a whole, or `undefined`. */
export function readLiteral(bytes: Uint8Array, start: number, end: number): Literal | undefined {
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0x2f) return readFraction(bytes, start, i, end);
  }
  return readFloat(bytes, start, end);
}

function readFraction(
  bytes: Uint8Array,
  start: number,
  slash: number,
  end: number,
): Literal | undefined {
  const left = new Scanner(bytes, start, slash);
  const negative = left.sign();
  const over = left.natural();
  const right = new Scanner(bytes, slash + 1, end);
  const under = right.natural();
  if (over === undefined || under === undefined || !left.atEnd || !right.atEnd) return undefined;
  if (under.significant === 0) return undefined;
  return {
    negative,
    over,
    under,
    two: over.zeros * TWOS[over.base] - under.zeros * TWOS[under.base],
    five: over.zeros * FIVES[over.base] - under.zeros * FIVES[under.base],
  };
}

function readFloat(bytes: Uint8Array, start: number, end: number): Literal | undefined {
  const scanner = new Scanner(bytes, start, end);
  const negative = scanner.sign();
  const over = scanner.mantissa();
  if (over === undefined) return undefined;
  const exponent = scanner.exponent();
  if (exponent === undefined || !scanner.atEnd) return undefined;
  if (over.significant === 0) return { negative, over, two: 0, five: 0 };

  // Go counts the trailing zeros of the mantissa to its digits: its limits come first.
  const { base, zeros, places } = over;
  const two = exponent.two - BigInt(places * TWOS[base]);
  const five = exponent.five - BigInt(places * FIVES[base]);
  if (two > GO_MAX_TWO || two < -GO_MAX_TWO) return undefined;
  if (five > GO_MAX_FIVE || five < -GO_MAX_FIVE) return undefined;
  return {
    negative,
    over,
    two: Number(two) + zeros * TWOS[base],
    five: Number(five) + zeros * FIVES[base],
  };
}

/** Reads the parts of a literal one after the other. A part that is malformed is `undefined`. */
class Scanner {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The byte `ahead` of the next one, or 0 behind the end. */
  #peek(ahead = 0): number {
    const at = this.#at + ahead;
    return at < this.#end ? this.#bytes[at] : 0;
  }

  /** Takes a sign if there is one; whether it is a minus. */
  sign(): boolean {
    const c = this.#peek();
    if (c === 0x2b || c === 0x2d) this.#at++;
    return c === 0x2d;
  }

  natural(): Digits | undefined {
    const base = this.#prefix();
    return this.#digits(base ?? (this.#peek() === 0x30 ? 8 : 10), base !== undefined, false);
  }

  mantissa(): Digits | undefined {
    const base = this.#prefix();
    return this.#digits(base ?? 10, base !== undefined, true);
  }

  /** The powers of 2 and 5 that an exponent stands for; none is as good as zero. */
  exponent(): { two: bigint; five: bigint } | undefined {
    const letter = this.#peek() | 0x20;
    if (letter !== 0x65 && letter !== 0x70) return { two: 0n, five: 0n };
    this.#at++;
    const negative = this.sign();
    const digits = this.#digits(10, false, false);
    if (digits === undefined || digits.significant + digits.zeros > 19) return undefined;
    const n = valueOf(this.#bytes, digits) * 10n ** BigInt(digits.zeros) * (negative ? -1n : 1n);
    if (BigInt.asIntN(64, n) !== n) return undefined;
    return { two: n, five: letter === 0x65 ? n : 0n };
  }

  /** Takes `0b`, `0o` or `0x`. */
  #prefix(): 2 | 8 | 16 | undefined {
    if (this.#peek() !== 0x30) return undefined;
    const letter = this.#peek(1) | 0x20;
    const base = letter === 0x62 ? 2 : letter === 0x6f ? 8 : letter === 0x78 ? 16 : undefined;
    if (base !== undefined) this.#at += 2;
    return base;
  }

  /** Takes digits as far as they go; `prefixed`: a `_` may come first; `point`: one `.` may come. */
  #digits(base: Digits["base"], prefixed: boolean, point: boolean): Digits | undefined {
    let first = this.#at;
    let last = this.#at;
    let significant = 0;
    let zeros = 0;
    let places = 0;
    let any = false;
    let beforePoint = true;
    let mayBreak = prefixed;
    for (; this.#at < this.#end; this.#at++) {
      const c = this.#bytes[this.#at];
      if (c === 0x5f) {
        if (!mayBreak || digitValue(this.#peek(1)) >= base) return undefined;
        mayBreak = false;
        continue;
      }
      if (c === 0x2e && point && beforePoint) {
        beforePoint = mayBreak = false;
        continue;
      }
      const value = digitValue(c);
      if (value >= base) break;
      any = mayBreak = true;
      if (!beforePoint) places++;
      if (value !== 0) {
        if (significant === 0) first = this.#at;
        last = this.#at + 1;
        significant += zeros + 1;
        zeros = 0;
      } else if (significant > 0) {
        zeros++;
      }
    }
    return any ? { base, first, last, significant, zeros, places } : undefined;
  }
}

/** 0–15 for a hexadecimal digit, 16 for anything else. */
function digitValue(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : 16;
}

const BIGINT_PREFIX = { 2: "0b", 8: "0o", 10: "", 16: "0x" } as const;

/** The number that the digits alone make, without the zeros behind them and without the point. */
export function valueOf(bytes: Uint8Array, digits: Digits): bigint {
  let s = "";
  for (let i = digits.first; i < digits.last; i++) {
    if (bytes[i] !== 0x5f && bytes[i] !== 0x2e) s += String.fromCharCode(bytes[i]);
  }
  return BigInt(BIGINT_PREFIX[digits.base] + (s || "0"));
}
