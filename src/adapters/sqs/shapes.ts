/**
 * Types of JSON values as the server writes them: integers of 64 bits with a sign, and bytes as
 * standard base64.
 *
 * @module
 */

import { STANDARD } from "../../bytes/base64.ts";
import { asInt64, asStringBytes, JsonError, type JsonNode } from "../../text/json_reader.ts";
import type { Shape } from "../../text/json_shape.ts";
import { decodeUtf8 } from "../../text/utf8.ts";

/** An integer from −2^63 to 2^63 − 1. */
export const int64: Shape<bigint> = {
  write: (json, n) => json.integer(n),
  read: (node, path) => asInt64(node) ?? wrong(node, path, "an integer of 64 bits"),
  isZero: (n) => n === 0n,
};

/** A number of which a double is all that there is. */
export const float64: Shape<number> = {
  write: (json, n) => json.literal(String(n)),
  read(node, path) {
    const { kind, bytes, start, end } = node;
    const n = kind === "number" ? Number(decodeUtf8(bytes, start, end)) : NaN;
    return Number.isFinite(n) ? n : wrong(node, path, "a number");
  },
  isZero: (n) => n === 0,
};

/** Bytes as standard base64 with padding. */
export const base64: Shape<Uint8Array> = {
  write: (json, b) => json.base64(STANDARD, b),
  pieces: (json, b) => json.longBase64(STANDARD, b, 0, b.length),
  read(node, path) {
    const text = asStringBytes(node);
    return (text && decodeBase64(text)) ?? wrong(node, path, "base64");
  },
  isZero: (b) => b.length === 0,
};

/** Stops the reading of a value. */
export function wrong(node: JsonNode, path: string, what: string): never {
  throw new JsonError(`${path} must be ${what}`, node.start);
}

/**
 * The bytes of a base64 text by the rules of the server's reader, which is laxer than the one for
 * keys: line ends count for nothing, and bits that are left over may be anything.
 */
function decodeBase64(text: Uint8Array): Uint8Array | undefined {
  const { values } = STANDARD;
  const out = new Uint8Array((text.length >> 2) * 3);
  let at = 0;
  let i = 0;
  for (; i + 4 <= text.length; i += 4) {
    const a = values[text[i]];
    const b = values[text[i + 1]];
    const c = values[text[i + 2]];
    const d = values[text[i + 3]];
    if ((a | b | c | d) > 63) break; // mostly the padding at the end
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }

  let digits = 0;
  let padding = 0;
  let held = 0;
  for (; i < text.length; i++) {
    const c = text[i];
    if (c === 0x0a || c === 0x0d) continue;
    if (c === 0x3d) padding++;
    else if (values[c] > 63 || padding > 0) return undefined;
    held = (held << 6) | (c === 0x3d ? 0 : values[c]);
    if (++digits % 4 !== 0) continue;
    out[at++] = held >> 16;
    out[at++] = held >> 8;
    out[at++] = held;
  }
  return digits % 4 === 0 && padding <= 2 ? out.subarray(0, at - padding) : undefined;
}
