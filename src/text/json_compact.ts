/** JSON values copied from a source as they are, without the white space between their parts. @module */

import type { ByteBuilder } from "../bytes/builder.ts";
import { isSpace } from "./json_check.ts";
import type { JsonNode } from "./json_reader.ts";

/**
 * Appends a value's own text: numbers, escapes and the order of members stay what they are, and only
 * white space outside strings is left out.
 */
export function appendCompact(out: ByteBuilder, value: JsonNode): void {
  const { bytes, start, end } = value;
  let inString = false;
  for (let i = start; i < end; i++) {
    const c = bytes[i];
    if (inString) {
      if (c === 0x5c) out.byte(bytes[i++]);
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) {
      inString = true;
    } else if (isSpace(c)) {
      continue;
    }
    out.byte(bytes[i]);
  }
}
