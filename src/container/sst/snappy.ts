/** Snappy's block format: an uncompressed length as a varint, then elements. @module */

import { snappyUncompressor } from "hysnappy";
import { uncompressPlainly } from "./plain_snappy.ts";
import { Varints } from "./varints.ts";

/** From three bytes at most 64 come out. */
const LARGEST_RATIO = 64 / 3;
/** Memory of WebAssembly grows to the largest block and does not shrink: larger ones stay outside. */
const LARGE = 8 << 20;

type Uncompress = (block: Uint8Array, length: number) => Uint8Array;

/** In WebAssembly, two to five times as fast; `null` where that cannot be had. Made when first needed. */
let compiled: Uncompress | null | undefined;

/** The length that the block says it has uncompressed, or −1 if so few bytes cannot hold as much. */
export function snappyLength(block: Uint8Array): number {
  return readLength(new Varints(block), block);
}

/**
 * The uncompressed bytes, or `undefined` when the block is malformed. It allocates
 * {@link snappyLength} bytes: check that first.
 */
export function unsnappy(block: Uint8Array): Uint8Array | undefined {
  const start = new Varints(block);
  const length = readLength(start, block);
  if (length < 0) return undefined;
  if (compiled === undefined) compiled = compile();
  if (!compiled || block.length + length > LARGE) {
    return uncompressPlainly(block, start.at, length);
  }
  try {
    return compiled(block, length);
  } catch {
    return undefined;
  }
}

function readLength(start: Varints, block: Uint8Array): number {
  const length = start.next();
  return length <= block.length * LARGEST_RATIO ? length : -1;
}

function compile(): Uncompress | null {
  try {
    return snappyUncompressor();
  } catch {
    return null;
  }
}
