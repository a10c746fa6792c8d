/**
 * Escape-terminated segments, the way in which keys hold free byte strings: 00 is written as
 * `00 FF`, every other byte as itself, and `00 01` ends the segment. Segments sort like their
 * contents, and none is a prefix of another.
 *
 * @module
 */

import type { ByteBuilder } from "./builder.ts";

/** Appends the segment that holds `raw`. */
export function appendSegment(out: ByteBuilder, raw: Uint8Array): void {
  let from = 0;
  for (let at = raw.indexOf(0); at >= 0; at = raw.indexOf(0, from)) {
    out.append(raw, from, from = at + 1).byte(0xff);
  }
  out.append(raw, from, raw.length).byte(0).byte(1);
}

/** How long the segment that holds `raw` is. */
export function segmentLength(raw: Uint8Array): number {
  let length = raw.length + 2;
  for (let at = raw.indexOf(0); at >= 0; at = raw.indexOf(0, at + 1)) length++;
  return length;
}

/**
 * The offset behind the segment that starts at `start`, or −1 if it has a bad escape or no end
 * before `end`.
 */
export function segmentEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i + 1 < end; i++) {
    if (bytes[i] !== 0) continue;
    if (bytes[i + 1] === 1) return i + 2;
    if (bytes[i + 1] !== 0xff) return -1;
    i++;
  }
  return -1;
}

/** The contents of the segment `bytes[start, end)`, whose end {@link segmentEnd} has found. */
export function segmentContents(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const raw = bytes.slice(start, end - 2);
  if (!raw.includes(0)) return raw;
  let at = 0;
  for (let i = start; i < end - 2; i++) {
    raw[at++] = bytes[i];
    if (bytes[i] === 0) i++;
  }
  return raw.subarray(0, at);
}
