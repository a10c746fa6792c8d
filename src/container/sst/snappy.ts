/** Snappy's block format: an uncompressed length as a varint, then elements. @module */

import { snappyUncompressor } from "hysnappy";
import { Varints } from "./varints.ts";

const uncompress = snappyUncompressor();

/** From three bytes at most 64 come out. */
const LARGEST_RATIO = 64 / 3;

/** The length that the block says it has uncompressed, or −1 if so few bytes cannot hold as much. */
export function snappyLength(block: Uint8Array): number {
  const length = new Varints(block).next();
  return length <= block.length * LARGEST_RATIO ? length : -1;
}

/**
 * The uncompressed bytes, or `undefined` when the block is malformed. It allocates
 * {@link snappyLength} bytes: check that first.
 */
export function unsnappy(block: Uint8Array): Uint8Array | undefined {
  const length = snappyLength(block);
  if (length < 0) return undefined;
  try {
    return uncompress(block, length);
  } catch {
    return undefined;
  }
}
