/**
 * What the inside of a JSON string means: escapes are resolved, and what is no character becomes
 * U+FFFD. The bytes must have been checked: no escape is unknown or incomplete.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { characterLength, decodeUtf8, isUtf8 } from "./utf8.ts";

const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);

/** What the letter after a backslash stands for; 0 for none. */
export const SHORT_ESCAPES: Uint8Array = new Uint8Array(256);
for (const [letter, c] of Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13 })) {
  SHORT_ESCAPES[letter.charCodeAt(0)] = c;
}
for (const c of '"\\/') SHORT_ESCAPES[c.charCodeAt(0)] = c.charCodeAt(0);

/** The value of a hex digit; −1, which spoils any sum of digits, for others. */
const HEX = new Int8Array(256).fill(-1);
for (let v = 0; v < 16; v++) {
  HEX[v.toString(16).charCodeAt(0)] = v;
  HEX[v.toString(16).toUpperCase().charCodeAt(0)] = v;
}

/** The text of the string `bytes[quote, end)`, quotes included. */
export function textOf(bytes: Uint8Array, quote: number, end: number): string {
  const text = textBytes(bytes, quote, end);
  return decodeUtf8(text) as string;
}

/** The bytes of that text: a view where nothing had to be resolved or replaced. */
export function textBytes(bytes: Uint8Array, quote: number, end: number): Uint8Array {
  const text = bytes.subarray(quote + 1, end - 1);
  return text.indexOf(0x5c) < 0 && isUtf8(text) ? text : unescaped(text);
}

/** The inside of a string with escapes resolved and everything that is no character replaced. */
function unescaped(text: Uint8Array): Uint8Array {
  const out = new ByteBuilder(text.length + 2);
  const end = text.length;
  let at = 0;
  while (at < end) {
    if (text[at] === 0x5c) {
      if (text[at + 1] === 0x75) {
        at = appendUnit(out, text, at);
      } else {
        out.byte(SHORT_ESCAPES[text[at + 1]]);
        at += 2;
      }
      continue;
    }
    const width = characterLength(text, at, end);
    if (width === 0) out.append(REPLACEMENT);
    else out.append(text, at, at + width);
    at += width || 1;
  }
  return out.view();
}

/** Appends the character of the `\uXXXX` at `at`, or of the pair of them that stands there. */
function appendUnit(out: ByteBuilder, text: Uint8Array, at: number): number {
  const unit = hex4(text, at + 2);
  if ((unit & 0xfc00) === 0xd800 && text[at + 6] === 0x5c && text[at + 7] === 0x75) {
    const low = hex4(text, at + 8);
    if ((low & 0xfc00) === 0xdc00) {
      out.text(String.fromCharCode(unit, low));
      return at + 12;
    }
  }
  out.text(String.fromCharCode(unit)); // half a pair becomes U+FFFD here
  return at + 6;
}

/** The value of four hex digits at `at`; negative if they are anything else. */
export function hex4(bytes: Uint8Array, at: number): number {
  let n = 0;
  for (let i = at; i < at + 4; i++) n = n << 4 | HEX[bytes[i]];
  return n;
}
