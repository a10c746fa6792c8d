/**
 * The values of SQS rows.
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
import { JsonError, parseJson } from "../../text/json_reader.ts";
import type { Shape } from "../../text/json_shape.ts";

const MAGIC_LENGTH = 4;

/** The object that the value `bytes[start, end)` holds, or what is wrong with the value. */
export function readStored<T extends object>(
  shape: Shape<T>,
  what: "queue" | "message",
  bytes: Uint8Array,
  start: number,
  end: number,
): T | string {
  const letter = what === "queue" ? 0x51 : 0x4d;
  const isMagic = end - start >= MAGIC_LENGTH && bytes[start] === 0 && bytes[start + 1] === 0x53 &&
    bytes[start + 2] === letter && bytes[start + 3] === 1;
  if (!isMagic) return `the value does not begin like a ${what}`;
  try {
    return shape.read(parseJson(bytes, start + MAGIC_LENGTH, end), what);
  } catch (error) {
    if (error instanceof JsonError) return error.reason;
    throw error;
  }
}

/** The number that the value `bytes[start, end)` of a counter holds, or `undefined` if it is none. */
export function readCounter(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (start === end) return undefined;
  for (let i = start; i < end; i++) if (!isDigit(bytes[i])) return undefined;
  while (start < end - 1 && bytes[start] === 0x30) start++;
  if (end - start > 20) return undefined;
  const n = BigInt(String.fromCharCode(...bytes.subarray(start, end)));
  return n <= MAX_U64 ? n : undefined;
}
