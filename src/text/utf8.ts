/**
 * UTF-8 by RFC 3629: no surrogates, no over-long forms, nothing above U+10FFFF. Bytes are text only
 * when all of them are; a byte order mark is an ordinary character and is kept.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this many ASCII bytes are decoded faster here than by a call to the decoder. */
const SHORT = 32;

/** The length of the character that starts at `bytes[at]`, 1 to 4, or 0 if there is no valid one. */
export function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  // The second byte alone shows over-long forms (E0 80…, F0 80…), surrogates (ED A0…) and F4 90….
  if (lead < 0xc2 || lead > 0xf4 || at + 1 >= end) return 0;
  const second = bytes[at + 1];
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || (bytes[at + 2] & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) return 3;
  return at + 3 < end && (bytes[at + 3] & 0xc0) === 0x80 ? 4 : 0;
}

/** The greatest offset up to `at`, and at most three bytes before it, that does not cut a character. */
export function cutBefore(bytes: Uint8Array, at: number): number {
  for (let cut = at; cut > at - 4 && cut >= 0; cut--) {
    if ((bytes[cut] & 0xc0) !== 0x80) return cut;
  }
  return at; // no character has so many continuation bytes
}

/** Whether `bytes[start, end)` is UTF-8. */
export function isUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  let i = start;
  while (i < end) {
    while (
      i + 8 <= end &&
      (bytes[i] | bytes[i + 1] | bytes[i + 2] | bytes[i + 3] |
          bytes[i + 4] | bytes[i + 5] | bytes[i + 6] | bytes[i + 7]) < 0x80
    ) i += 8;
    if (i === end) break;
    const n = characterLength(bytes, i, end);
    if (n === 0) return false;
    i += n;
  }
  return true;
}

/** The text of `bytes[start, end)`, or `undefined` if it is not UTF-8. */
export function decodeUtf8(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): string | undefined {
  if (end - start <= SHORT) {
    let s = "";
    let i = start;
    while (i < end && bytes[i] < 0x80) s += String.fromCharCode(bytes[i++]);
    if (i === end) return s;
  }
  return isUtf8(bytes, start, end) ? decoder.decode(bytes.subarray(start, end)) : undefined;
}

/** The bytes of a string. Lone surrogates, which UTF-8 cannot express, become U+FFFD. */
export function encodeUtf8(s: string): Uint8Array {
  return encoder.encode(s);
}

/**
 * Compares two strings by the bytes of their UTF-8, which is the order of their code points. The
 * `<` of strings is another one: it puts U+FFFF behind U+10000.
 */
export function compareUtf8(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // Surrogates (D800–DFFF) stand for what is above FFFF: lift them over E000–FFFF.
    if (x !== y) return lifted(x) - lifted(y);
  }
  return a.length - b.length;
}

function lifted(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
