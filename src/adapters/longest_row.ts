/** How long the rows can be that elastickv's encoder makes of a tree. @module */

import { MAX_KEY_LENGTH, MAX_VALUE_LENGTH } from "../container/frames.ts";

/** Bytes of the longest key: a version comes behind it. */
export const LONGEST_KEY = MAX_KEY_LENGTH - 8;
/** Bytes of the longest value: what is known of its version stands before it. */
export const LONGEST_VALUE = MAX_VALUE_LENGTH - 9;

/** Bytes that the encoder makes of `<`, `>` and `&` in JSON, and of some characters that begin with E2. */
const ESCAPED = 6;
const GROWS = new Uint8Array(256);
for (const b of [0x26, 0x3c, 0x3e, 0xe2]) GROWS[b] = 1;

/** Some bytes. */
interface Part {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Whether JSON that has these parts, and little more, fits in a row when the encoder has escaped it. */
export function fitsEscaped(...lists: Iterable<Part>[]): boolean {
  let length = 0;
  for (const parts of lists) for (const { start, end } of parts) length += end - start;
  if (length * ESCAPED <= LONGEST_VALUE - AROUND) return true;
  for (const parts of lists) {
    for (const { bytes, start, end } of parts) {
      for (let at = start; at < end; at++) if (GROWS[bytes[at]] === 1) length += ESCAPED - 1;
    }
  }
  return length <= LONGEST_VALUE - AROUND;
}

/** Bytes for the members of the JSON that are not among the parts. */
const AROUND = 1 << 16;
