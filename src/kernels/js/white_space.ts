/**
 * Unicode White_Space at the ends of UTF-8 text. `String.prototype.trim` has another set: it strips
 * U+FEFF and keeps U+0085.
 *
 * ```
 * 09–0D, 20        U+0009–000D, U+0020        E2 80 80–8A        U+2000–200A
 * C2 85, C2 A0     U+0085, U+00A0             E2 80 A8, A9, AF   U+2028, U+2029, U+202F
 * E1 9A 80         U+1680                     E2 81 9F           U+205F
 *                                             E3 80 80           U+3000
 * ```
 *
 * @module
 */

/** The first offset in `[start, end]` at which no white space character begins. */
export function skipWhiteSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const n = widthAt(bytes, at, end);
    if (n === 0) break;
    at += n;
  }
  return at;
}

/** The last offset in `[start, end]` at which no white space character ends. */
export function dropWhiteSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    let n = 1;
    while (n <= 3 && at - n >= start && widthAt(bytes, at - n, at) !== n) n++;
    if (n > 3 || at - n < start) break;
    at -= n;
  }
  return at;
}

/** Bytes of the white space character at `at`, or 0 if there is none before `end`. */
function widthAt(bytes: Uint8Array, at: number, end: number): number {
  const a = bytes[at];
  if (a < 0x80) return a === 0x20 || (a >= 0x09 && a <= 0x0d) ? 1 : 0;
  if (at + 1 >= end) return 0;
  const b = bytes[at + 1];
  if (a === 0xc2) return b === 0x85 || b === 0xa0 ? 2 : 0;
  if (at + 2 >= end) return 0;
  const c = bytes[at + 2];
  switch ((a << 8) | b) {
    case 0xe19a:
    case 0xe380:
      return c === 0x80 ? 3 : 0;
    case 0xe280:
      return (c >= 0x80 && c <= 0x8a) || c === 0xa8 || c === 0xa9 || c === 0xaf ? 3 : 0;
    case 0xe281:
      return c === 0x9f ? 3 : 0;
    default:
      return 0;
  }
}
