/**
 * Base64 by the rules of the server's reader, which is laxer than the one for keys: line ends count for
 * nothing, and bits that are left over may be anything. Padding is needed.
 *
 * @module
 */

import { STANDARD } from "../../bytes/base64.ts";
import type { ByteBuilder } from "../../bytes/builder.ts";

/** Appends the bytes that `text[start, end)` stands for, and returns whether it is base64. */
export function appendFromBase64(
  out: ByteBuilder,
  text: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { values } = STANDARD;
  out.reserve(((end - start) >> 2) * 3);
  const to = out.bytes;
  let at = out.length;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const a = values[text[i]];
    const b = values[text[i + 1]];
    const c = values[text[i + 2]];
    const d = values[text[i + 3]];
    if ((a | b | c | d) > 63) break; // mostly the padding at the end
    to[at] = (a << 2) | (b >> 4);
    to[at + 1] = (b << 4) | (c >> 2);
    to[at + 2] = (c << 6) | d;
    at += 3;
  }

  let digits = 0;
  let padding = 0;
  let held = 0;
  for (; i < end; i++) {
    const c = text[i];
    if (c === 0x0a || c === 0x0d) continue;
    if (c === 0x3d) padding++;
    else if (values[c] > 63 || padding > 0) return false;
    held = (held << 6) | (c === 0x3d ? 0 : values[c]);
    if (++digits % 4 !== 0) continue;
    to[at++] = held >> 16;
    to[at++] = held >> 8;
    to[at++] = held;
  }
  out.length = at - padding;
  return digits % 4 === 0 && padding <= 2;
}
