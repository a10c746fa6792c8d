/**
 * Numbers in lowest terms; see src/kernels/js/ for the whole rule: number_literals.ts and numbers.ts.
 *
 * This kernel knows `[sign] digits [. digits] [e [sign] digits]` with up to 63 significant digits and
 * exponents up to 512: all that AWS allows (38 digits, 10^±130) and more. The twin does the others.
 */

const MAX_LITERAL: usize = 256;
const MAX_EXPONENT_DIGITS: u32 = 5;
const MAX_DIGITS: u32 = 63;
const MAX_EXPONENT: i32 = 512;
/** No text that is written is longer. */
export const LONGEST_NUMBER: usize = 1024;

/** The significant digits of the literal, as text. */
const DIGITS: usize = memory.data(64);

// Long integers are limbs of nine decimal digits, the lowest first: 7 hold 63 digits. A number below
// 10^63 is divided by 2 at most 209 times, and 5^209 has 147 digits: 17 limbs.
const LIMB: u64 = 1_000_000_000;
const OVER: usize = memory.data(7 * 4, 4);
const UNDER: usize = memory.data(17 * 4, 4);

/** Writes the text at `to` and returns its end, or 0: the literal is one for the twin. */
export function canonicalNumber(at: usize, end: usize, to: usize): usize {
  if (end - at > MAX_LITERAL) return 0;
  const negative = at < end && load<u8>(at) == 0x2d;
  at = skipSign(at, end);

  // The mantissa. Zeros are digits only once another digit follows; until then they wait.
  let any = false;
  let point = false;
  let significant: u32 = 0;
  let zeros: i32 = 0;
  let places: i32 = 0;
  for (; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (c == 0x2e && !point) {
      point = true;
      continue;
    }
    if (c - 0x30 > 9) break;
    any = true;
    if (point) places++;
    if (c != 0x30) {
      if (significant + zeros >= MAX_DIGITS) return 0;
      memory.fill(DIGITS + significant, 0x30, zeros);
      significant += zeros;
      store<u8>(DIGITS + significant, c);
      significant++;
      zeros = 0;
    } else if (significant > 0) {
      zeros++;
    }
  }
  if (!any) return 0;

  let exponent = zeros - places;
  if (at < end) {
    if ((load<u8>(at) | 0x20) != 0x65) return 0;
    at++;
    const minus = at < end && load<u8>(at) == 0x2d;
    at = skipSign(at, end);
    if (at == end || end - at > MAX_EXPONENT_DIGITS) return 0;
    let n: i32 = 0;
    for (; at < end; at++) {
      const digit: u32 = <u32> load<u8>(at) - 0x30;
      if (digit > 9) return 0;
      n = 10 * n + digit;
    }
    exponent += minus ? -n : n;
  }

  if (significant == 0) {
    store<u8>(to, 0x30);
    return to + 1;
  }
  if (exponent > MAX_EXPONENT || exponent < -MAX_EXPONENT) return 0;
  if (negative) store<u8>(to++, 0x2d);
  if (exponent < 0) return writeFraction(to, significant, -exponent);
  to = writeDigits(to, significant);
  memory.fill(to, 0x30, exponent);
  return to + exponent;
}

function skipSign(at: usize, end: usize): usize {
  if (at == end) return at;
  const c = load<u8>(at);
  return c == 0x2b || c == 0x2d ? at + 1 : at;
}

function writeDigits(to: usize, significant: u32): usize {
  for (let i: u32 = 0; i < significant; i++) store<u8>(to + i, load<u8>(DIGITS + i));
  return to + significant;
}

/**
 * DIGITS / 10^places in lowest terms. The digits do not end in 0, so 2 or 5 divides them, or neither,
 * but never both. With p that one of the two, q the other, and c the times it can be cancelled:
 *
 *   D / 10^places  =  (D / p^c) / (q^c × 10^(places − c))
 *
 * The divisor is never 1, for 10 does not divide D.
 */
function writeFraction(to: usize, significant: u32, places: u32): usize {
  const last = load<u8>(DIGITS + significant - 1);
  const p: u32 = last == 0x35 ? 5 : (last & 1) == 0 ? 2 : 0;
  let cancelled: u32 = 0;
  let underLimbs: u32 = 1;
  store<u32>(UNDER, 1);
  if (p == 0) {
    to = writeDigits(to, significant);
  } else {
    let overLimbs = readLimbs(significant);
    while (cancelled < places && load<u32>(OVER) % p == 0) {
      overLimbs = divide(OVER, overLimbs, p);
      underLimbs = multiply(UNDER, underLimbs, 10 / p);
      cancelled++;
    }
    to = writeLimbs(to, OVER, overLimbs);
  }
  store<u8>(to++, 0x2f);
  to = writeLimbs(to, UNDER, underLimbs);
  memory.fill(to, 0x30, places - cancelled);
  return to + (places - cancelled);
}

/** Makes limbs in OVER of DIGITS; how many. */
function readLimbs(significant: u32): u32 {
  let limbs: u32 = 0;
  for (let end = <i32> significant; end > 0; end -= 9) {
    let limb: u32 = 0;
    for (let i = max(end - 9, 0); i < end; i++) {
      limb = 10 * limb + (<u32> load<u8>(DIGITS + i) - 0x30);
    }
    store<u32>(OVER + 4 * limbs, limb);
    limbs++;
  }
  return limbs;
}

/** Divides limbs in place by a divisor of them; how many are left. */
function divide(limbs: usize, count: u32, by: u32): u32 {
  let rest: u64 = 0;
  for (let i = <i32> count - 1; i >= 0; i--) {
    const n = rest * LIMB + load<u32>(limbs + 4 * i);
    store<u32>(limbs + 4 * i, <u32> (n / by));
    rest = n % by;
  }
  return count > 1 && load<u32>(limbs + 4 * (count - 1)) == 0 ? count - 1 : count;
}

/** Multiplies limbs in place; how many they are now. */
function multiply(limbs: usize, count: u32, by: u32): u32 {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const n = <u64> load<u32>(limbs + 4 * i) * by + carry;
    store<u32>(limbs + 4 * i, <u32> (n % LIMB));
    carry = n / LIMB;
  }
  if (carry == 0) return count;
  store<u32>(limbs + 4 * count, <u32> carry);
  return count + 1;
}

/** The highest limb as it is, the others with all nine digits. */
function writeLimbs(to: usize, limbs: usize, count: u32): usize {
  for (let i = <i32> count - 1; i >= 0; i--) {
    let limb = load<u32>(limbs + 4 * i);
    const width = i == <i32> count - 1 ? decimalWidth(limb) : 9;
    for (let at = to + width; at > to;) {
      store<u8>(--at, 0x30 + limb % 10);
      limb /= 10;
    }
    to += width;
  }
  return to;
}

function decimalWidth(n: u32): u32 {
  let width: u32 = 1;
  for (; n > 9; n /= 10) width++;
  return width;
}
