/** From the beginning of a segment to the beginning of the names that it may stand for. @module */

import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";
import { isHashedSegment } from "./segment.ts";

/**
 * What all names begin with whose segments, each with one of some endings behind it, begin alike. Nothing,
 * where these may be hashed or binary forms.
 */
export function namesAt(start: string, endings: readonly string[]): Uint8Array {
  const segment = withoutEnding(start, endings);
  // The beginnings of those forms, and what is longer than them.
  const mayBeHashed = /^[0-9a-fA-F]{0,32}$/.test(segment) || /^[0-9a-fA-F]{32}_$/.test(segment);
  if (mayBeHashed || isHashedSegment(segment)) return new Uint8Array(0);
  if ("b64.".startsWith(segment) || segment.startsWith("b64.")) return new Uint8Array(0);
  return encodeUnescaped(segment.replace(/%.?$/, ""));
}

/** Cuts off what may be an ending, or the beginning of one. */
function withoutEnding(start: string, endings: readonly string[]): string {
  for (let i = 0; i < start.length; i++) {
    const rest = start.slice(i);
    if (endings.some((ending) => ending.startsWith(rest) || rest.startsWith(ending))) {
      return start.slice(0, i);
    }
  }
  return start;
}

function encodeUnescaped(segment: string): Uint8Array {
  const bytes = encodeUtf8(segment);
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const digits = bytes[i] === 0x25 ? decodeUtf8(bytes, i + 1, i + 3) : undefined;
    if (digits !== undefined && /^[0-9A-F]{2}$/.test(digits)) {
      out.push(parseInt(digits, 16));
      i += 2;
    } else out.push(bytes[i]);
  }
  return Uint8Array.from(out);
}
