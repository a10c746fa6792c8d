/**
 * Snappy's block format, decoding only.
 *
 * ```text
 * block   := uncompressed length uvarint ‖ element*
 * literal := (n−1) << 2 | 0 ‖ n bytes                            n up to 60
 *          | (59+k) << 2 | 0 ‖ n−1 in k bytes LE ‖ n bytes       k = 1 to 4
 * copy    := offset >> 8 << 5 | (n−4) << 2 | 1 ‖ offset & FF     n = 4 to 11
 *          | (n−1) << 2 | 2 ‖ offset u16LE                       n up to 64
 *          | (n−1) << 2 | 3 ‖ offset u32LE                       n up to 64
 * ```
 *
 * A copy repeats n bytes of the output from `offset` back, and may reach into what it writes.
 *
 * The npm package snappyjs is not used for it: it does not compare the output with the length, and
 * a literal with a length above 2^31 sends it backwards, for ever.
 *
 * @module
 */

import { Varints } from "./varints.ts";

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
  const out = new Uint8Array(length);
  const varints = new Varints(block);
  varints.next();
  let from = varints.at;
  let to = 0;
  while (from < block.length) {
    const tag = block[from++];
    const kind = tag & 3;
    if (kind === 0) {
      let n = tag >> 2;
      if (n >= 60) {
        const width = n - 59;
        if (from + width > block.length) return undefined;
        n = littleEndian(block, from, width);
        from += width;
      }
      n++;
      if (n > block.length - from || n > length - to) return undefined;
      if (n > 32) out.set(block.subarray(from, from + n), to);
      else for (let i = 0; i < n; i++) out[to + i] = block[from + i];
      from += n;
      to += n;
    } else {
      const width = kind === 3 ? 4 : kind;
      if (from + width > block.length) return undefined;
      let n = (tag >> 2) + 1;
      let offset = littleEndian(block, from, width);
      from += width;
      if (kind === 1) {
        n = ((tag >> 2) & 7) + 4;
        offset |= (tag >> 5) << 8;
      }
      if (offset === 0 || offset > to || n > length - to) return undefined;
      for (let i = 0; i < n; i++) out[to + i] = out[to + i - offset];
      to += n;
    }
  }
  return to === length ? out : undefined;
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let n = 0;
  for (let i = width - 1; i >= 0; i--) n = (n << 8) | bytes[at + i];
  return n >>> 0;
}
