/**
 * Names as DynamoDB and SQS keys hold them: base64 with the URL alphabet, without padding. A name
 * has at least one byte. Only the text that encoding gives is accepted; otherwise two keys could
 * mean one table.
 *
 * @module
 */

import { appendBase64, fromBase64, URL_SAFE } from "../bytes/base64.ts";
import type { ByteBuilder } from "../bytes/builder.ts";

const { values } = URL_SAFE;

/**
 * The offset behind the base64 digits that begin at `start`, or −1 if they are no name. What follows
 * them is up to the caller. Nothing is allocated.
 */
export function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let last = 0;
  while (at < end) {
    const value = values[bytes[at]];
    if (value > 63) break;
    last = value;
    at++;
  }
  // One, two, three bytes take two, three, four digits; the bits that are left over must be zero.
  switch ((at - start) % 4) {
    case 0:
      return at > start ? at : -1;
    case 2:
      return (last & 15) === 0 ? at : -1;
    case 3:
      return (last & 3) === 0 ? at : -1;
    default:
      return -1;
  }
}

/** The name that `bytes[start, end)` stands for, or `undefined` if it is none. */
export function readName(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  return end > start ? fromBase64(URL_SAFE, bytes, start, end) : undefined;
}

/** Appends the text of a name. */
export function appendName(out: ByteBuilder, name: Uint8Array): void {
  appendBase64(out, URL_SAFE, name);
}
