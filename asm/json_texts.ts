/** Strings of JSON that mean what they are, and objects of strings: read, never changed. */

import { characterWidth } from "./text";

/**
 * The quote that ends a string, of which the contents begin at `at`: they are UTF-8, without escapes,
 * and nothing in them would be escaped. 0 for any other string.
 */
export function plainEnd(at: usize, end: usize): usize {
  while (at < end) {
    const found = specialIn(at, end);
    at += found;
    if (found == 16 || at == end) continue;
    const c: u32 = load<u8>(at);
    if (c == 0x22) return at;
    if (c < 0x80) return 0;
    const width = characterWidth(at, end);
    if (width == 0 || (load<u32>(at) & 0xfe_ffff) == 0xa8_80e2) return 0;
    at += width;
  }
  return 0;
}

/** The same, but escapes may be in it; none of half a pair. */
function stringEnd(at: usize, end: usize): usize {
  while (at < end) {
    const found = specialIn(at, end);
    at += found;
    if (found == 16 || at == end) continue;
    const c: u32 = load<u8>(at);
    if (c == 0x22) return at;
    if (c == 0x5c) {
      const width = escapeWidth(at, end);
      if (width == 0) return 0;
      at += width;
    } else if (c < 0x80) {
      return 0;
    } else {
      const width = characterWidth(at, end);
      if (width == 0) return 0;
      at += width;
    }
  }
  return 0;
}

/** How many bytes from `at` on, at most 16, are neither controls, quotes, backslashes nor above 7F. */

function specialIn(at: usize, end: usize): usize {
  const chunk = v128.load(at);
  const special = v128.or(
    i8x16.lt_s(chunk, i8x16.splat(0x20)),
    v128.or(i8x16.eq(chunk, i8x16.splat(0x22)), i8x16.eq(chunk, i8x16.splat(0x5c))),
  );
  return min<usize>(ctz<u32>(<u32> i8x16.bitmask(special) | 0x1_0000), end - at);
}

function escapeWidth(at: usize, end: usize): usize {
  if (end - at < 2) return 0;
  switch (load<u8>(at, 1)) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2;
    case 0x75: {
      if (end - at < 6) return 0;
      for (let i: usize = 2; i < 6; i++) {
        const c: u32 = load<u8>(at + i);
        if (c - 0x30 > 9 && (c | 0x20) - 0x61 > 5) return 0;
      }
      // D8 to DF begin halves of pairs.
      return (load<u8>(at, 2) | 0x20) == 0x64 && load<u8>(at, 3) >= 0x38 ? 0 : 6;
    }
  }
  return 0;
}

/**
 * The end of `{"name":{"DataType":"…"},…}`: at least one name, names are plain and ascend, and members
 * are any strings. 0 for anything else.
 */
export function attributesEnd(at: usize, end: usize): usize {
  let last: usize = 0;
  let lastEnd: usize = 0;
  let separator: u32 = 0x7b;
  while (true) {
    if (end - at < 2 || load<u8>(at) != separator || load<u8>(at, 1) != 0x22) return 0;
    const name = at + 2;
    const nameEnd = plainEnd(name, end);
    if (nameEnd == 0 || (last != 0 && !isLess(last, lastEnd, name, nameEnd))) return 0;
    last = name;
    lastEnd = nameEnd;
    at = nameEnd + 1;
    if (at == end || load<u8>(at) != 0x3a) return 0;
    at = stringsEnd(at + 1, end);
    if (at == 0 || at == end) return 0;
    if (load<u8>(at) == 0x7d) return at + 1;
    separator = 0x2c;
  }
}

/** The end of `{"name":"text",…}`, with at least one member. */
function stringsEnd(at: usize, end: usize): usize {
  let separator: u32 = 0x7b;
  while (true) {
    if (end - at < 2 || load<u8>(at) != separator || load<u8>(at, 1) != 0x22) return 0;
    at = stringEnd(at + 2, end) + 1;
    if (at == 1 || end - at < 2 || load<u8>(at) != 0x3a || load<u8>(at, 1) != 0x22) return 0;
    at = stringEnd(at + 2, end) + 1;
    if (at == 1 || at == end) return 0;
    if (load<u8>(at) == 0x7d) return at + 1;
    separator = 0x2c;
  }
}

/** Whether the first text comes before the second. */
export function isLess(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  const aLength = aEnd - a;
  const bLength = bEnd - b;
  const common = min(aLength, bLength);
  for (let i: usize = 0; i < common; i++) {
    const x = load<u8>(a + i);
    const y = load<u8>(b + i);
    if (x != y) return x < y;
  }
  return aLength < bLength;
}
