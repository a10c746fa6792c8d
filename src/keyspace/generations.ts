/**
 * Generations: rows of a table, bucket or queue that was deleted and made anew lie beside those of the
 * new one. Behind the scope, the keys of its records go on with
 *
 * ```text
 * !ddb|item|      |generation|           decimal digits
 * !s3|obj|head|   generation             u64 BE
 * !sqs|msg|data|  generation             u64 BE, or
 *                 |partition generation  u32 BE, u64 BE
 * ```
 *
 * @module
 */

import { u32be, u64be } from "../bytes/integers.ts";
import type { Family } from "./families.ts";

const BAR = 0x7c;

/** Which generation of its scope a row is of. */
export interface Generation {
  readonly generation: bigint;
  /** Of a queue that is partitioned. */
  readonly partition?: number;
}

/** Whether the keys of a family are those of records that have a generation. */
export function hasGenerations({ id }: Family): boolean {
  return id === "ddb-item" || id === "s3-object" || id === "sqs-message";
}

/**
 * The offset behind the generation of a record's key, or −1 where the family has none or the key is
 * malformed. All keys that have the same bytes before it lie together.
 *
 * @param behind The offset behind the scope.
 */
export function generationEnd(
  family: Family,
  bytes: Uint8Array,
  behind: number,
  end: number,
): number {
  let at = -1;
  if (family.id === "ddb-item") at = bytes.indexOf(BAR, behind + 1) + 1 || -1;
  else if (family.id === "s3-object") at = behind + 8;
  else if (family.id === "sqs-message") at = behind + (bytes[behind] === BAR ? 13 : 8);
  return at > end ? -1 : at;
}

/** Reads what lies between the scope and the offset that {@link generationEnd} gives; `undefined` if malformed. */
export function readGeneration(family: Family, bytes: Uint8Array): Generation | undefined {
  if (family.id === "ddb-item") {
    const digits = String.fromCharCode(...bytes.subarray(1, -1));
    return /^\d+$/.test(digits) ? { generation: BigInt(digits) } : undefined;
  }
  return bytes[0] === BAR && bytes.length === 13
    ? { partition: u32be(bytes, 1), generation: u64be(bytes, 5) }
    : { generation: u64be(bytes, 0) };
}
