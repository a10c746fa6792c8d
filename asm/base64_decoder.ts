/**
 * Base64 with the standard alphabet and padding, as it stands in JSON strings. Only what an encoder
 * writes is decoded: bits that are left over are 0.
 */

/** Where the quote is that ended the last text. */
export let quote: usize = 0;

/**
 * Decodes the text from `at` up to its closing quote. Returns the end of the bytes, or 0 if it is not
 * base64. `to` can be where the text is: then it is overwritten, up to four bytes behind what is read.
 */
export function decodeBase64(at: usize, end: usize, to: usize): usize {
  for (; at + 16 <= end; at += 16, to += 12) {
    const text = v128.load(at);
    if (!isBase64(text)) break;
    v128.store(to, twelve(text));
  }
  while (end - at >= 4) {
    const a = sextet(load<u8>(at));
    const b = sextet(load<u8>(at, 1));
    const c = sextet(load<u8>(at, 2));
    const d = sextet(load<u8>(at, 3));
    if ((a | b) > 63) break;
    at += 4;
    if ((c | d) > 63) {
      // Padding: of the last byte, or of the last two.
      if (load<u8>(at - 1) != 0x3d) return 0;
      store<u8>(to++, (a << 2) | (b >> 4));
      if (c > 63) {
        if (load<u8>(at - 2) != 0x3d || (b & 15) != 0) return 0;
      } else {
        if ((c & 3) != 0) return 0;
        store<u8>(to++, (b << 4) | (c >> 2));
      }
      break;
    }
    store<u8>(to, (a << 2) | (b >> 4));
    store<u8>(to, (b << 4) | (c >> 2), 1);
    store<u8>(to, (c << 6) | d, 2);
    to += 3;
  }
  quote = at;
  return at < end && load<u8>(at) == 0x22 ? to : 0;
}

/** What a digit stands for; 64 for any other byte. */
function sextet(c: u32): u32 {
  const letter = (c | 0x20) - 0x61;
  if (letter < 26) return c < 0x61 ? letter : letter + 26;
  if (c - 0x30 < 10) return c - 0x30 + 52;
  return c == 0x2b ? 62 : c == 0x2f ? 63 : 64;
}

/**
 * Whether all sixteen are digits. Each half of a byte stands for a set of classes to which no digit
 * belongs; a byte that has a class in common in both halves is no digit.
 */

function isBase64(text: v128): bool {
  const low = i8x16.swizzle(
    i8x16(
      0x15,
      0x11,
      0x11,
      0x11,
      0x11,
      0x11,
      0x11,
      0x11,
      0x11,
      0x11,
      0x13,
      0x1a,
      0x1b,
      0x1b,
      0x1b,
      0x1a,
    ),
    v128.and(text, i8x16.splat(15)),
  );
  const high = i8x16.swizzle(
    i8x16(
      0x10,
      0x10,
      0x01,
      0x02,
      0x04,
      0x08,
      0x04,
      0x08,
      0x10,
      0x10,
      0x10,
      0x10,
      0x10,
      0x10,
      0x10,
      0x10,
    ),
    i8x16.shr_u(text, 4),
  );
  return !v128.any_true(v128.and(low, high));
}

/** The twelve bytes that sixteen digits stand for, and four zeros. */

function twelve(text: v128): v128 {
  // How far a digit is from its number depends on its upper half; "/" has one of its own.
  const range = i8x16.add(i8x16.eq(text, i8x16.splat(0x2f)), i8x16.shr_u(text, 4));
  const six = i8x16.add(
    text,
    i8x16.swizzle(i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0), range),
  );
  const three = v128.or(
    v128.or(
      i32x4.shl(v128.and(six, i32x4.splat(0x3f)), 18),
      i32x4.shl(v128.and(six, i32x4.splat(0x3f00)), 4),
    ),
    v128.or(
      i32x4.shr_u(v128.and(six, i32x4.splat(0x3f_0000)), 10),
      i32x4.shr_u(six, 24),
    ),
  );
  return i8x16.swizzle(
    three,
    i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 16, 16, 16, 16),
  );
}
