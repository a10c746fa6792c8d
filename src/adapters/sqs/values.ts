/**
 * The values of SQS rows, where they lie in their batch.
 *
 * ```text
 * a queue, a message   00 'S' letter 01 ‖ JSON object      letter: 'Q' for a queue, 'M' for a message
 * a counter            decimal digits                      at most 2^64 − 1; zeros may stand in front
 * ```
 *
 * @module
 */

import { MAX_U64 } from "../../bytes/integers.ts";
import { isDigit } from "../../text/json_check.ts";

const MAGIC_LENGTH = 4;
const MINUS = 0x2d;
/** Digits that a 64-bit integer has at most, its sign included. */
const MOST_DIGITS = 20;

/** Where the JSON of a value begins, or −1 if the value does not begin like that. */
export function jsonStart(
  what: "queue" | "message",
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const letter = what === "queue" ? 0x51 : 0x4d;
  const isMagic = end - start >= MAGIC_LENGTH && bytes[start] === 0 && bytes[start + 1] === 0x53 &&
    bytes[start + 2] === letter && bytes[start + 3] === 1;
  return isMagic ? start + MAGIC_LENGTH : -1;
}

/** The number that the value `bytes[start, end)` of a counter holds, or `undefined` if it is none. */
export function readCounter(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (start === end) return undefined;
  for (let i = start; i < end; i++) if (!isDigit(bytes[i])) return undefined;
  while (start < end - 1 && bytes[start] === 0x30) start++;
  const n = end - start > MOST_DIGITS ? MAX_U64 + 1n : integer(bytes, start, end);
  return n <= MAX_U64 ? n : undefined;
}

/** Whether the JSON value is an integer of 64 bits that is written in digits alone, and perhaps a minus. */
export function isInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
  signed: boolean,
): boolean {
  let at = start;
  if (signed && bytes[at] === MINUS) at++;
  if (end - start > MOST_DIGITS) return false;
  for (let i = at; i < end; i++) if (!isDigit(bytes[i])) return false;
  if (end - at < MOST_DIGITS - 1) return true;
  const n = integer(bytes, start, end);
  return signed ? BigInt.asIntN(64, n) === n : n <= MAX_U64;
}

/** The integer that at most twenty digits make, and perhaps a minus. */
export function integer(bytes: Uint8Array, start: number, end: number): bigint {
  return BigInt(String.fromCharCode(...bytes.subarray(start, end)));
}
