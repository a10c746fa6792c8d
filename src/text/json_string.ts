/**
 * JSON strings as the dump writes them: the rules of Go's `encoding/json`, so that trees can be
 * compared byte for byte.
 *
 * - `"` and `\` and the controls with a short name: `\" \\ \b \f \n \r \t`;
 * - other bytes below 20: `\u00xx` with lower-case digits; 7F and `/` as they are;
 * - U+2028 and U+2029, which end a line in JavaScript: `\u2028`, `\u2029`;
 * - a byte that belongs to no valid UTF-8 character: `\ufffd`, one for each such byte;
 * - with HTML escaping also `<`, `>`, `&`: `\u003c`, `\u003e`, `\u0026`;
 * - everything else as it is.
 *
 * @module
 */

import type { ByteBuilder } from "../bytes/builder.ts";
import { characterLength, encodeUtf8 } from "./utf8.ts";

const QUOTE = 0x22;
const REPLACEMENT = encodeUtf8("\\ufffd");
const LINE_SEPARATOR = encodeUtf8("\\u2028");
const PARAGRAPH_SEPARATOR = encodeUtf8("\\u2029");

/** What one kind of string escapes. */
interface Escapes {
  /** 1 for ASCII that is copied as it is. */
  plain: Uint8Array;
  /** The escapes of the other ASCII characters. */
  escapes: (Uint8Array | undefined)[];
}

function table(html: boolean): Escapes {
  const plain = new Uint8Array(256).fill(1, 0, 0x80);
  const escapes: (Uint8Array | undefined)[] = [];
  const set = (c: number, text: string) => {
    plain[c] = 0;
    escapes[c] = encodeUtf8(text);
  };
  const unicode = (c: number) => "\\u00" + c.toString(16).padStart(2, "0");
  for (let c = 0; c < 0x20; c++) set(c, unicode(c));
  for (const [letter, c] of Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13 })) {
    set(c, "\\" + letter);
  }
  for (const c of '"\\') set(c.charCodeAt(0), "\\" + c);
  if (html) { for (const c of "<>&") set(c.charCodeAt(0), unicode(c.charCodeAt(0))); }
  return { plain, escapes };
}

const TEXT = table(false);
const HTML = table(true);

/** Appends the quoted string whose text is `bytes[start, end)`. */
export function appendJsonString(
  out: ByteBuilder,
  bytes: Uint8Array,
  start: number,
  end: number,
  html: boolean,
): void {
  out.byte(QUOTE);
  appendJsonContents(out, bytes, start, end, html);
  out.byte(QUOTE);
}

/**
 * Appends what stands between the quotes of that string. A text can be written in pieces: no character
 * may be cut, see {@link cutBefore}.
 *
 * @returns Whether all of it was UTF-8.
 */
export function appendJsonContents(
  out: ByteBuilder,
  bytes: Uint8Array,
  start: number,
  end: number,
  html: boolean,
): boolean {
  const { plain, escapes } = html ? HTML : TEXT;
  let isText = true;
  let run = start; // bytes[run, i) can be copied as they are
  let i = start;
  while (true) {
    while (i < end && plain[bytes[i]] === 1) i++;
    if (i >= end) break;
    const width = characterLength(bytes, i, end);
    if (width === 0) isText = false;
    const escape = width === 0
      ? REPLACEMENT
      : width === 1
      ? escapes[bytes[i]]
      : separator(bytes, i);
    const next = i + (width || 1);
    if (escape !== undefined) {
      out.append(bytes, run, i).append(escape);
      run = next;
    }
    i = next;
  }
  out.append(bytes, run, end);
  return isText;
}

/** The escape of U+2028 (E2 80 A8) and U+2029 (E2 80 A9). */
function separator(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (bytes[at] !== 0xe2 || bytes[at + 1] !== 0x80) return undefined;
  const last = bytes[at + 2];
  return last === 0xa8 ? LINE_SEPARATOR : last === 0xa9 ? PARAGRAPH_SEPARATOR : undefined;
}

/** Up to this many characters are looked at here: a call to the encoder costs more. */
const SHORT = 64;

/** Appends the quoted string whose text is `s`. */
export function appendJsonText(out: ByteBuilder, s: string, html: boolean): void {
  const { plain } = html ? HTML : TEXT;
  let i = s.length <= SHORT ? 0 : s.length + 1;
  while (i < s.length && plain[s.charCodeAt(i)] === 1) i++;
  if (i === s.length) {
    out.byte(QUOTE).ascii(s).byte(QUOTE);
    return;
  }
  const bytes = encodeUtf8(s);
  appendJsonString(out, bytes, 0, bytes.length, html);
}
