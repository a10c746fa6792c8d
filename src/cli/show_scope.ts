/** Names of tables, buckets, databases and queues on a terminal: no two of them look the same. @module */

import { digestOf, sha256 } from "../bytes/digest.ts";
import { toHex } from "../bytes/hex.ts";
import { encodedName, nameBytes } from "../text/name_text.ts";
import { printable } from "../text/printable.ts";

/** Longer than any name that a server takes. */
const MAX_NAME = 255;
/** Characters of a longer one that are shown. */
const MAX_CUT = 60;

/**
 * A name as `--scope` takes it. One that a terminal should not show as it is, is in base64; one that
 * is too long is cut, and its SHA-256 tells it from others.
 *
 * @param name As reports write it.
 */
export function scopeText(name: string): string {
  const bytes = nameBytes(name);
  const shown = printable(name, Infinity) === name ? name : encodedName(bytes);
  const characters = [...shown];
  if (characters.length <= MAX_NAME) return shown;
  const digest = toHex(digestOf(sha256, bytes)).slice(0, 8);
  return `${characters.slice(0, MAX_CUT).join("")}… (${bytes.length} bytes, SHA-256 ${digest}…)`;
}
