/** JSON values copied from a source as they are, without the white space between their parts. @module */

import { isSpace } from "./json_check.ts";
import type { JsonNode } from "./json_reader.ts";
import type { JsonWriter, Pieces } from "./json_writer.ts";

const NOTHING = new Uint8Array(0);

/**
 * Writes a value's own text: numbers, escapes and the order of members stay what they are, and only
 * white space outside strings is left out.
 */
export function* compact(json: JsonWriter, value: JsonNode): Pieces {
  const { bytes, start, end } = value;
  const out = json.raw(NOTHING).out;
  let inString = false;
  let run = start; // bytes[run, i) can be copied as they are
  for (let i = start; i < end; i++) {
    const c = bytes[i];
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (isSpace(c)) {
      out.append(bytes, run, i);
      run = i + 1;
    }
    if (i - run >= STEP) {
      out.append(bytes, run, i + 1);
      run = i + 1;
      if (json.isFull) yield;
    }
  }
  out.append(bytes, run, end);
}

/** Bytes that are copied at once. */
const STEP = 1 << 14;
