/** How names are given in warnings and messages. @module */

import { toBase64, URL_SAFE } from "../../bytes/base64.ts";
import { decodeUtf8 } from "../../text/utf8.ts";

/** The text of a name, or the URL-safe base64 of one that is not UTF-8. */
export function shown(name: Uint8Array): string {
  return decodeUtf8(name) ?? toBase64(URL_SAFE, name);
}
