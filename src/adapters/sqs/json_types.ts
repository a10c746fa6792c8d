/** Types of JSON values that the server has in queues: integers of 64 bits with a sign, and doubles. @module */

import { asInt64, JsonError, type JsonNode } from "../../text/json_reader.ts";
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

/** Stops the reading of a value. */
export function wrong(node: JsonNode, path: string, what: string): never {
  throw new JsonError(`${path} must be ${what}`, node.start);
}
