/**
 * Makes names and messages fit to be shown. They come from files that anybody may have written, and
 * a terminal obeys control characters; characters that change the direction of text, or that cannot
 * be seen, make one name look like another.
 *
 * @module
 */

import { characterLength, decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Characters after which {@link printable} cuts, if nothing else is asked for. */
const PRINTABLE_LENGTH = 200;

/** What is shown as it is, as nearly all names are. */
const PLAIN = /^[ -~]*$/;

/** Controls, formats (direction marks and overrides, zero-width characters, tags), line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * The text of a value with every character that should not be shown as an escape: `\xNN` for an
 * ASCII control or a byte that is not UTF-8, `\u{…}` for others. A backslash is left alone, so that
 * what has been through here does not change any more. What would be longer than `limit` characters
 * is cut and says how many bytes it had.
 *
 * @param length Bytes of the whole value, where `value` is only its beginning and longer than `limit`.
 */
export function printable(
  value: Uint8Array | string,
  limit: number = PRINTABLE_LENGTH,
  length?: number,
): string {
  if (typeof value === "string" && value.length <= limit && PLAIN.test(value)) return value;
  const bytes = typeof value === "string" ? encodeUtf8(value) : value;
  const end = bytes.length;
  const note = `… (${length ?? end} bytes)`;
  let shown = "";
  let cut = 0; // this much of `shown` leaves room for the note
  for (let i = 0; i < end;) {
    const width = characterLength(bytes, i, end);
    const next = i + (width || 1);
    shown += width === 0 ? hex(bytes[i]) : visible(decodeUtf8(bytes, i, next) as string);
    if (shown.length > limit) return shown.slice(0, cut) + note;
    if (shown.length + note.length <= limit) cut = shown.length;
    i = next;
  }
  return shown;
}

function visible(character: string): string {
  if (!HIDDEN.test(character)) return character;
  const code = character.codePointAt(0) as number;
  return code < 0x80 ? hex(code) : `\\u{${code.toString(16)}}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
