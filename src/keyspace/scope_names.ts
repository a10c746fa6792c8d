/**
 * Names of tables, buckets, databases and queues as text: what reports, messages and options call
 * them. No two names have one text, and every text that names something can be read back.
 *
 * ```text
 * name  := the name itself, where it is UTF-8, is not empty and does not begin with "b64:"
 *        | "b64:" ‖ its bytes in base64, URL alphabet, no padding
 * ```
 *
 * @module
 */

import { fromBase64, toBase64, URL_SAFE } from "../bytes/base64.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";

/** What stands before a name that is written in base64. */
const ENCODED = "b64:";

/** The text of a name. */
export function scopeName(name: Uint8Array): string {
  const text = decodeUtf8(name);
  const isPlain = text !== undefined && text !== "" && !text.startsWith(ENCODED);
  return isPlain ? text : ENCODED + toBase64(URL_SAFE, name);
}

/** The name that a text stands for, or `undefined` where it stands for none. */
export function scopeOfName(text: string): Uint8Array | undefined {
  if (!text.startsWith(ENCODED)) return text === "" ? undefined : encodeUtf8(text);
  return fromBase64(URL_SAFE, encodeUtf8(text.slice(ENCODED.length)));
}
