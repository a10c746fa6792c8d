/**
 * The elements of a Snappy block, decoded in plain TypeScript. The two low bits of the first byte, the
 * tag, are the kind:
 *
 * ```text
 * 00  literal  tag >> 2 is the length − 1; 60 to 63: it is in the next 1 to 4 bytes; then the bytes
 * 01  copy     (tag >> 2 & 7) + 4 bytes from offset (tag >> 5) << 8 | next byte
 * 10  copy     (tag >> 2) + 1 bytes from the offset in the next two bytes
 * 11  copy     (tag >> 2) + 1 bytes from the offset in the next four bytes
 * ```
 *
 * Numbers are little-endian. An offset counts back from the end of what has been written; a copy may
 * reach into the bytes that it writes itself.
 *
 * @module
 */

/** From here on one call that copies is faster than a loop. */
const LONG = 16;

/**
 * Decodes `block[from, …)`, which must become `length` bytes; allocates as much. `undefined` when it is
 * malformed.
 */
export function uncompressPlainly(
  block: Uint8Array,
  from: number,
  length: number,
): Uint8Array | undefined {
  const end = block.length;
  const out = new Uint8Array(length);
  let to = 0;
  while (from < end) {
    const tag = block[from++];
    const kind = tag & 3;
    let size = (tag >>> 2) + 1;
    let more = kind === 3 ? 4 : kind; // bytes behind the tag that are a number
    if (kind === 0 && size > 60) more = size - 60;
    if (more > end - from) return undefined;
    let number = 0;
    for (let i = 0, scale = 1; i < more; i++, scale *= 256) number += block[from++] * scale;

    if (kind === 0) {
      if (more > 0) size = number + 1;
      if (size > end - from || size > length - to) return undefined;
      if (size < LONG) { for (const stop = to + size; to < stop;) out[to++] = block[from++]; }
      else {
        out.set(block.subarray(from, from + size), to);
        from += size;
        to += size;
      }
      continue;
    }
    let offset = number;
    if (kind === 1) {
      size = (tag >>> 2 & 7) + 4;
      offset += tag >>> 5 << 8;
    }
    if (offset === 0 || offset > to || size > length - to) return undefined;
    let source = to - offset;
    if (size < LONG || offset < size) {
      for (const stop = to + size; to < stop;) out[to++] = out[source++];
    } else {
      out.copyWithin(to, source, source + size);
      to += size;
    }
  }
  return to === length ? out : undefined;
}
