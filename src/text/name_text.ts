/**
 * Names that may be any bytes, as text: of tables, buckets, databases and queues in reports, messages
 * and options, and of keys in warnings. No two names have one text, and it can be read back.
 *
 * ```text
 * text := the name itself, where it is UTF-8, is not empty and does not begin with "b64:"
 *       | "b64:" ‖ its bytes in base64, URL alphabet, no padding
 * ```
 *
 * @module
 */

import { fromBase64, toBase64, URL_SAFE } from "../bytes/base64.ts";
import { UsageError } from "../errors.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** What stands before a name that is written in base64. */
const ENCODED = "b64:";

/** The text of a name. */
export function nameText(name: Uint8Array): string {
  const text = decodeUtf8(name);
  const isPlain = text !== undefined && text !== "" && !text.startsWith(ENCODED);
  return isPlain ? text : encodedName(name);
}

/** The text of a name in base64, whatever the name. It can be read back as well. */
export function encodedName(name: Uint8Array): string {
  return ENCODED + toBase64(URL_SAFE, name);
}

/**
 * The bytes of a name that is given as text or as bytes.
 *
 * @throws {UsageError} for text that stands for no name.
 */
export function nameBytes(name: string | Uint8Array): Uint8Array {
  const bytes = typeof name === "string" ? nameOfText(name) : name;
  if (bytes) return bytes;
  throw new UsageError(`${JSON.stringify(name)} is no name`, {
    hint:
      `behind b64: stand the bytes of a name in base64 (URL alphabet, no padding); a name that ` +
      "begins like that is written so, too",
  });
}

/** The name that a text stands for, or `undefined` where it stands for none. */
export function nameOfText(text: string): Uint8Array | undefined {
  if (!text.startsWith(ENCODED)) return text === "" ? undefined : encodeUtf8(text);
  return fromBase64(URL_SAFE, encodeUtf8(text.slice(ENCODED.length)));
}
