/**
 * Texts: JSON strings, base64 and file names. The rules are told by src/text/json_string.ts,
 * src/bytes/base64.ts and src/tree/segment.ts.
 *
 * Sixteen bytes are loaded and stored at once, also at the end of a text: up to fifteen bytes behind it
 * are loaded, which are never looked at, and up to fifteen behind what is written are overwritten. The
 * caller has that much memory of its own behind both.
 */

/** Bytes that may be touched behind a text. */
export const SLACK: usize = 16;
/** No text becomes longer than this many times its bytes when it is escaped for JSON. */
export const JSON_GROWTH: usize = 6;

const HEX_LOWER = memory.data<u8>([
  0x30,
  0x31,
  0x32,
  0x33,
  0x34,
  0x35,
  0x36,
  0x37,
  0x38,
  0x39,
  0x61,
  0x62,
  0x63,
  0x64,
  0x65,
  0x66,
]);
const HEX_UPPER = memory.data<u8>([
  0x30,
  0x31,
  0x32,
  0x33,
  0x34,
  0x35,
  0x36,
  0x37,
  0x38,
  0x39,
  0x41,
  0x42,
  0x43,
  0x44,
  0x45,
  0x46,
]);

/** The letters of the short escapes of 08 to 0D; 0B has none. */
const LETTERS: u64 = 0x7266_006e_7462; // "btn", none, "fr"

/**
 * Writes what stands between the quotes of a JSON string. Returns the end of what was written, or 0 if
 * the text is not UTF-8.
 */
export function writeJson(at: usize, end: usize, to: usize, html: bool): usize {
  while (at < end) {
    const chunk = v128.load(at);
    v128.store(to, chunk);
    // As signed numbers, controls and all that is not ASCII are below 0x20.
    let special = v128.or(
      i8x16.lt_s(chunk, i8x16.splat(0x20)),
      v128.or(i8x16.eq(chunk, i8x16.splat(0x22)), i8x16.eq(chunk, i8x16.splat(0x5c))),
    );
    if (html) {
      special = v128.or(
        special,
        v128.or(
          i8x16.eq(chunk, i8x16.splat(0x26)),
          i8x16.eq(v128.or(chunk, i8x16.splat(2)), i8x16.splat(0x3e)),
        ),
      );
    }
    const plain = min<usize>(ctz<u32>(<u32> i8x16.bitmask(special) | 0x1_0000), end - at);
    at += plain;
    to += plain;
    if (plain == 16 || at == end) continue;
    if (load<u8>(at) < 0x80) {
      to = writeEscape(load<u8>(at), to);
      at++;
      continue;
    }
    do {
      const width = characterWidth(at, end);
      if (width == 0) return 0;
      const c = load<u32>(at);
      // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
      if ((c & 0xfe_ffff) == 0xa8_80e2) {
        store<u64>(to, 0x3832_3032_755c | (<u64> (c & 0x1_0000) << 24));
        to += 6;
      } else {
        store<u32>(to, c);
        to += width;
      }
      at += width;
    } while (at < end && load<u8>(at) >= 0x80);
  }
  return to;
}

function writeEscape(c: u32, to: usize): usize {
  if (c == 0x22 || c == 0x5c) {
    store<u16>(to, 0x5c | (c << 8));
    return to + 2;
  }
  if (c - 8 < 6 && c != 0x0b) {
    store<u16>(to, 0x5c | ((<u32> (LETTERS >> (8 * (c - 8))) & 0xff) << 8));
    return to + 2;
  }
  store<u32>(to, 0x3030_755c); // \u00
  store<u8>(to, load<u8>(HEX_LOWER + (c >> 4)), 4);
  store<u8>(to, load<u8>(HEX_LOWER + (c & 15)), 5);
  return to + 6;
}

/** Bytes of the character that is not ASCII and begins at `at`; 0 if it is none. */
export function characterWidth(at: usize, end: usize): usize {
  const c = load<u32>(at);
  const lead = c & 0xff;
  const second = (c >> 8) & 0xff;
  const left = end - at;
  if (lead < 0xe0) return left >= 2 && lead >= 0xc2 && (second & 0xc0) == 0x80 ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || (c & 0xc0_c000) != 0x80_8000) return 0;
    // E0 80… would be over-long, ED A0… a surrogate.
    if (lead == 0xe0 ? second < 0xa0 : lead == 0xed && second > 0x9f) return 0;
    return 3;
  }
  if (lead > 0xf4 || left < 4 || (c & 0xc0c0_c000) != 0x8080_8000) return 0;
  if (lead == 0xf0 ? second < 0x90 : lead == 0xf4 && second > 0x8f) return 0;
  return 4;
}

/** Where the text stops being UTF-8: `end` if it never does. */
export function utf8End(at: usize, end: usize): usize {
  while (at < end) {
    const high = <u32> i8x16.bitmask(v128.load(at));
    const plain = min<usize>(ctz<u32>(high | 0x1_0000), end - at);
    at += plain;
    if (plain == 16) continue;
    while (at < end && load<u8>(at) >= 0x80) {
      const width = characterWidth(at, end);
      if (width == 0) return at;
      at += width;
    }
  }
  return at;
}

/** The two alphabets, digits 62 and 63 last, as far from the numbers that they stand for. */
const STANDARD_SHIFTS = i8x16(
  71,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -19,
  -16,
  65,
  0,
  0,
);
const URL_SHIFTS = i8x16(
  71,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -4,
  -17,
  32,
  65,
  0,
  0,
);

/**
 * Writes base64: the standard alphabet with padding, or that of URLs without. Returns the end. As it
 * stores sixteen digits a time, SLACK bytes behind the digits are overwritten.
 */
export function writeBase64(at: usize, end: usize, to: usize, url: bool): usize {
  for (; at + 12 <= end; at += 12, to += 16) store12(v128.load(at), to, url);
  const left = end - at;
  if (left == 0) return to;
  // What is behind the end counts as zeros.
  store<u64>(LAST, 0);
  store<u32>(LAST, 0, 8);
  memory.copy(LAST, at, left);
  store12(v128.load(LAST), to, url);
  const digits: usize = (4 * left + 2) / 3;
  to += digits;
  if (!url) { for (let i = digits; (i & 3) != 0; i++) store<u8>(to++, 0x3d); }
  return to;
}

const LAST: usize = memory.data(16, 16);

/** Sixteen digits of twelve bytes. */

function store12(bytes: v128, to: usize, url: bool): void {
  // Each lane of 32 bits holds three bytes, the first of them highest; then four times six bits.
  const three = i8x16.swizzle(
    bytes,
    i8x16(2, 1, 0, 16, 5, 4, 3, 16, 8, 7, 6, 16, 11, 10, 9, 16),
  );
  const six = v128.or(
    v128.or(
      i32x4.shr_u(three, 18),
      v128.and(i32x4.shr_u(three, 4), i32x4.splat(0x3f00)),
    ),
    v128.or(
      v128.and(i32x4.shl(three, 10), i32x4.splat(0x3f_0000)),
      v128.and(i32x4.shl(three, 24), i32x4.splat(0x3f00_0000)),
    ),
  );
  // A–Z are 13, a–z 0, the ten digits 1 to 10, the last two 11 and 12.
  const range = v128.or(
    i8x16.sub_sat_u(six, i8x16.splat(51)),
    v128.and(i8x16.lt_s(six, i8x16.splat(26)), i8x16.splat(13)),
  );
  const shifts = url ? URL_SHIFTS : STANDARD_SHIFTS;
  v128.store(to, i8x16.add(six, i8x16.swizzle(shifts, range)));
}

/** Copies a text; its end. Shorter than a call of memory.copy for the texts that are usual. */

export function copyText(at: usize, end: usize, to: usize): usize {
  const written = to + (end - at);
  for (; at < end; at += 16, to += 16) v128.store(to, v128.load(at));
  return written;
}

/** A bit for each of the 128 bytes of ASCII that stand for themselves in file names: A-Z a-z 0-9 - . _ */
const UNRESERVED_LOW: u64 = 0x03ff_6000_0000_0000;
const UNRESERVED_HIGH: u64 = 0x07ff_fffe_87ff_fffe;

/** Writes a name with percent escapes. Returns the end, or 0 if it is longer than `most` bytes. */
export function writePercent(at: usize, end: usize, to: usize, most: usize): usize {
  const limit = to + most;
  for (; at < end; at++) {
    if (to >= limit) return 0;
    const c: u32 = load<u8>(at);
    const half = c < 0x40 ? UNRESERVED_LOW : UNRESERVED_HIGH;
    if (c < 0x80 && ((half >> (c & 63)) & 1) != 0) {
      store<u8>(to++, c);
    } else {
      store<u8>(to, 0x25);
      store<u8>(to, load<u8>(HEX_UPPER + (c >> 4)), 1);
      store<u8>(to, load<u8>(HEX_UPPER + (c & 15)), 2);
      to += 3;
    }
  }
  return to <= limit ? to : 0;
}
