/**
 * Reads JSON without losing anything: a number stays the text that it is in the file, and a value
 * knows where it stands.
 *
 * {@link parseJson} checks the whole text once and keeps nothing. The other functions walk the
 * checked bytes: an object or array is read when somebody asks for its members, one at a time, so
 * that an array of millions of numbers costs no memory. Text is decoded when asked for.
 *
 * @module
 */

import { MAX_U64 } from "../bytes/integers.ts";
import { checkJson, isDigit, isSpace, type JsonOptions } from "./json_check.ts";
import { textBytes, textOf } from "./json_text.ts";

export { JsonError, type JsonOptions, MAX_JSON_BYTES, MAX_JSON_DEPTH } from "./json_check.ts";

/** What a value is. */
export type JsonKind = "object" | "array" | "string" | "number" | "bool" | "null";

/** A value and where it stands. */
export interface JsonNode {
  /** What it is. */
  readonly kind: JsonKind;
  /** The bytes in which it stands. */
  readonly bytes: Uint8Array;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset behind its last byte; no space belongs to it. */
  readonly end: number;
}

/** A member of an object. */
export interface JsonMember {
  /** Its name, a string. */
  readonly name: JsonNode;
  /** Its value. */
  readonly value: JsonNode;
}

/**
 * The value that `bytes[start, end)` is, with nothing but space around it.
 *
 * @throws {JsonError}
 */
export function parseJson(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  options: JsonOptions = {},
): JsonNode {
  return node(bytes, ...checkJson(bytes, start, end, options));
}

/** The elements of an array, in order. */
export function* items(array: JsonNode): Generator<JsonNode, void> {
  const { bytes } = array;
  let at = skipSpace(bytes, array.start + 1);
  while (bytes[at] !== 0x5d) {
    const end = skipValue(bytes, at);
    yield node(bytes, at, end);
    at = skipComma(bytes, end);
  }
}

/** Whether an object or array has nothing in it. */
export function isEmpty({ bytes, start, end }: JsonNode): boolean {
  return skipSpace(bytes, start + 1) === end - 1;
}

/** The members of an object, in order; a name that occurs twice is given twice. */
export function* members(object: JsonNode): Generator<JsonMember, void> {
  const { bytes } = object;
  let at = skipSpace(bytes, object.start + 1);
  while (bytes[at] !== 0x7d) {
    const member = memberAt(bytes, at);
    yield member;
    at = skipComma(bytes, member.value.end);
  }
}

/** The member whose name begins at `at`. */
export function memberAt(bytes: Uint8Array, at: number): JsonMember {
  const nameEnd = skipString(bytes, at);
  const start = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
  return { name: node(bytes, at, nameEnd), value: node(bytes, start, skipValue(bytes, start)) };
}

/**
 * The values of the members called `names`, in one walk. Names are compared exactly, letter case
 * included; of several members of one name the last counts, and `null` counts as absent.
 */
export function fields<Name extends string>(
  object: JsonNode,
  names: readonly Name[],
): { [name in Name]?: JsonNode } {
  const found: { [name in Name]?: JsonNode } = {};
  let expected = 0; // members mostly come in the order of the list
  for (const { name, value } of members(object)) {
    for (let k = 0; k < names.length; k++) {
      const index = (expected + k) % names.length;
      if (!isNamed(name, names[index])) continue;
      found[names[index]] = value.kind === "null" ? undefined : value;
      expected = index + 1;
      break;
    }
  }
  return found;
}

/** The bytes of a string: a view of the source where nothing had to be unescaped or replaced. */
export function asStringBytes(value: JsonNode): Uint8Array | undefined {
  return value.kind === "string" ? textBytes(value.bytes, value.start, value.end) : undefined;
}

/** The text of a string. */
export function asString(value: JsonNode): string | undefined {
  return value.kind === "string" ? textOf(value.bytes, value.start, value.end) : undefined;
}

/** The value of `true` or `false`. */
export function asBool(value: JsonNode): boolean | undefined {
  return value.kind === "bool" ? value.bytes[value.start] === 0x74 : undefined;
}

/** The value of an integer from 0 to 2^64 − 1 that is written in digits alone. */
export function asUint64(value: JsonNode): bigint | undefined {
  if (value.kind !== "number") return undefined;
  const n = natural(value.bytes, value.start, value.end);
  return n !== undefined && n <= MAX_U64 ? n : undefined;
}

/** The value of an integer from −2^63 to 2^63 − 1 that is written in digits and a minus; `-0` is 0. */
export function asInt64(value: JsonNode): bigint | undefined {
  if (value.kind !== "number") return undefined;
  const negative = value.bytes[value.start] === 0x2d;
  const magnitude = natural(value.bytes, value.start + (negative ? 1 : 0), value.end);
  if (magnitude === undefined) return undefined;
  const n = negative ? -magnitude : magnitude;
  return BigInt.asIntN(64, n) === n ? n : undefined;
}

/** The number that at most twenty digits make. */
function natural(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (end - start > 20) return undefined;
  let high = 0; // the first digits, at most 10
  let low = 0; // the last ten
  for (let i = start; i < end; i++) {
    if (!isDigit(bytes[i])) return undefined;
    if (end - i > 10) high = high * 10 + bytes[i] - 0x30;
    else low = low * 10 + bytes[i] - 0x30;
  }
  return high === 0 ? BigInt(low) : BigInt(high) * 10_000_000_000n + BigInt(low);
}

function node(bytes: Uint8Array, start: number, end: number): JsonNode {
  return { kind: kindOf(bytes[start]), bytes, start, end };
}

function kindOf(first: number): JsonKind {
  switch (first) {
    case 0x22:
      return "string";
    case 0x7b:
      return "object";
    case 0x5b:
      return "array";
    case 0x74:
    case 0x66:
      return "bool";
    case 0x6e:
      return "null";
    default:
      return "number";
  }
}

// What follows walks bytes that have been checked: every string and bracket is known to be closed.

function skipSpace(bytes: Uint8Array, at: number): number {
  while (isSpace(bytes[at])) at++;
  return at;
}

function skipComma(bytes: Uint8Array, at: number): number {
  at = skipSpace(bytes, at);
  return bytes[at] === 0x2c ? skipSpace(bytes, at + 1) : at;
}

function skipString(bytes: Uint8Array, at: number): number {
  at++;
  while (bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at + 1;
}

function skipValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === 0x22) return skipString(bytes, at);
  if (first !== 0x7b && first !== 0x5b) {
    while (ENDS_VALUE[bytes[at]] === 0) at++;
    return at;
  }
  for (let open = 0;;) {
    const c = bytes[at];
    if (c === 0x22) {
      at = skipString(bytes, at);
      continue;
    }
    at++;
    if (c === 0x7b || c === 0x5b) open++;
    else if ((c === 0x7d || c === 0x5d) && --open === 0) return at;
  }
}

function isNamed({ bytes, start, end }: JsonNode, name: string): boolean {
  for (let i = start + 1; i < end - 1; i++) {
    const c = bytes[i];
    if (c === 0x5c || c >= 0x80) return textOf(bytes, start, end) === name;
    if (c !== name.charCodeAt(i - start - 1)) return false;
  }
  return end - start - 2 === name.length;
}

/** 1 for what may follow a number or word. */
const ENDS_VALUE = new Uint8Array(256);
for (const c of ",]} \n\r\t") ENDS_VALUE[c.charCodeAt(0)] = 1;
