/**
 * Fixed-width integers in byte buffers. 64-bit values are `bigint`, or two 32-bit halves where no
 * allocation is wanted; never a double.
 *
 * @module
 */

/** Largest 64-bit value. */
export const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** Big-endian u32. */
export function u32be(b: Uint8Array, at: number): number {
  return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
}

/** Little-endian u32. */
export function u32le(b: Uint8Array, at: number): number {
  return ((b[at + 3] << 24) | (b[at + 2] << 16) | (b[at + 1] << 8) | b[at]) >>> 0;
}

/** Big-endian u64. */
export function u64be(b: Uint8Array, at: number): bigint {
  return joined(u32be(b, at), u32be(b, at + 4));
}

/** Little-endian u64. */
export function u64le(b: Uint8Array, at: number): bigint {
  return joined(u32le(b, at + 4), u32le(b, at));
}

/** Most are small: that saves three bigints. */
function joined(high: number, low: number): bigint {
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

/** Big-endian two's-complement i64. */
export function i64be(b: Uint8Array, at: number): bigint {
  return BigInt.asIntN(64, u64be(b, at));
}

/** Writes a big-endian u32. */
export function putU32be(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 24;
  b[at + 1] = v >>> 16;
  b[at + 2] = v >>> 8;
  b[at + 3] = v;
}

/** Writes a little-endian u32. */
export function putU32le(b: Uint8Array, at: number, v: number): void {
  b[at] = v;
  b[at + 1] = v >>> 8;
  b[at + 2] = v >>> 16;
  b[at + 3] = v >>> 24;
}

/** Writes a big-endian u64; negative values in two's complement. */
export function putU64be(b: Uint8Array, at: number, v: bigint): void {
  putU32be(b, at, Number(BigInt.asUintN(32, v >> 32n)));
  putU32be(b, at + 4, Number(BigInt.asUintN(32, v)));
}

/** Writes a little-endian u64; negative values in two's complement. */
export function putU64le(b: Uint8Array, at: number, v: bigint): void {
  putU32le(b, at, Number(BigInt.asUintN(32, v)));
  putU32le(b, at + 4, Number(BigInt.asUintN(32, v >> 32n)));
}
