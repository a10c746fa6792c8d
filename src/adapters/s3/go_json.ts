/**
 * JSON read the way in which the server's own library (Go's `encoding/json`) fills a struct:
 *
 * - members that the struct does not have are passed over; names match without regard to case;
 * - of a member that occurs twice, the later one counts;
 * - `null` leaves a text, number or bool as it is and empties a list or map;
 * - unsigned integers are digits alone, signed ones may have a minus; both fit in 64 bits.
 *
 * Integers stay exact: timestamps here are above 2^53.
 *
 * @module
 */

import { JsonObjects } from "../../text/json_objects.ts";
import {
  asBool,
  asInt64,
  asString,
  asStringBytes,
  asUint64,
  isEmpty,
  JsonError,
  type JsonNode,
  members,
  parseJson,
} from "../../text/json_reader.ts";

/**
 * Reads a value of one type.
 *
 * @param was What the member held before.
 * @param name What errors call the member.
 */
export type Reader<T> = (node: JsonNode, was: T, name: string) => T;

/** The members of a struct: their names in JSON, and how each is read. */
export type Fields<T> = { readonly [K in keyof T]: readonly [name: string, read: Reader<T[K]>] };

/** A text, as its bytes: possibly a view of the source. */
export const textBytes: Reader<Uint8Array> = scalar(asStringBytes, "text");
/** An integer below 2^64. */
export const uint64: Reader<bigint> = scalar(asUint64, "an unsigned integer of 64 bits");
/** An integer from −2^63 to 2^63 − 1. */
export const int64: Reader<bigint> = scalar(asInt64, "an integer of 64 bits");
/** `true` or `false`. */
export const bool: Reader<boolean> = scalar(asBool, "true or false");

/**
 * Objects with any names and texts, as they stand in the source: together they are one map. `null` as a
 * value is "".
 */
export const textMaps: Reader<JsonObjects> = (node, was, name) => {
  if (node.kind === "null") return new JsonObjects();
  if (node.kind !== "object") throw wrong(node, name, "an object");
  for (const { value } of members(node)) {
    if (value.kind !== "string" && value.kind !== "null") throw wrong(value, name, "text");
  }
  if (!isEmpty(node)) was.push(node);
  return was;
};

/** A struct. `zero` makes one in which nothing has been set. */
export function struct<T extends object>(zero: () => T, fields: Fields<T>): Reader<T> {
  const setters = new Map<string, (into: T, node: JsonNode, name: string) => void>();
  for (const member in fields) {
    const [name, read] = fields[member];
    setters.set(name, (into, node, written) => {
      into[member] = read(node, into[member], written);
    });
  }
  return (node, _was, name): T => {
    const into = zero();
    if (node.kind === "null") return into;
    if (node.kind !== "object") throw wrong(node, name, "an object");
    for (const member of members(node)) {
      const written = asString(member.name) as string;
      const set = setters.get(written) ?? setters.get(folded(written));
      set?.(into, member.value, written);
    }
    return into;
  };
}

/** The struct that `bytes[start, end)` holds, or what is wrong with the text. */
export function readValue<T extends object>(
  read: Reader<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
): T | string {
  try {
    return read(parseJson(bytes, start, end), undefined as never, "the value");
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}

/** Says that a value has another type. */
export function wrong(node: JsonNode, name: string, what: string): JsonError {
  return new JsonError(`${name} must be ${what}`, node.start);
}

function scalar<T>(as: (node: JsonNode) => T | undefined, what: string): Reader<T> {
  return (node, was, name) => {
    if (node.kind === "null") return was;
    const value = as(node);
    if (value === undefined) throw wrong(node, name, what);
    return value;
  };
}

/** The name with all letters small. Upper case first: a long s (U+017F) has no other way to `s`. */
function folded(name: string): string {
  const small = name.toUpperCase().toLowerCase();
  return small.length === name.length ? small : name;
}
