/** XXH64 with seed 0, in plain TypeScript. @module */

import type { Digest } from "./digest.ts";
import { putU64be } from "./integers.ts";

/** Bytes of a digest. */
export const XXH64_LENGTH = 8;

const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;
const PRIME_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME_5 = 0x27d4_eb2f_1656_67c5n;
/** Bytes that the four lanes take together. */
const STRIPE = 32;

/** The digest of one piece of bytes: 8 bytes, big-endian. */
export function plainXxh64(bytes: Uint8Array): Uint8Array {
  const digest = new PlainXxh64();
  digest.update(bytes);
  return digest.digest();
}

/** A running XXH64; its digest has 8 bytes, big-endian. */
export class PlainXxh64 implements Digest {
  #length = 0;
  #lanes = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1];
  /** What has come since the last whole stripe. */
  readonly #rest = new Uint8Array(STRIPE);

  /** See {@link Digest.update}. */
  update(bytes: Uint8Array): void {
    const kept = this.#length % STRIPE;
    this.#length += bytes.length;
    const missing = kept === 0 ? 0 : STRIPE - kept;
    this.#rest.set(bytes.subarray(0, missing), kept);
    if (bytes.length < missing) return;
    if (missing > 0) this.#addStripes(this.#rest, 1);
    const stripes = Math.floor((bytes.length - missing) / STRIPE);
    this.#addStripes(bytes.subarray(missing), stripes);
    this.#rest.set(bytes.subarray(missing + stripes * STRIPE));
  }

  #addStripes(bytes: Uint8Array, stripes: number): void {
    if (stripes === 0) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lanes = this.#lanes.map((start, i) => lane(view, 8 * i, stripes, start));
  }

  /** See {@link Digest.digest}. */
  digest(): Uint8Array {
    let hash = PRIME_5;
    if (this.#length >= STRIPE) {
      hash = wrap(this.#lanes.reduce((sum, v, i) => sum + rotate(v, [1n, 7n, 12n, 18n][i]), 0n));
      for (const v of this.#lanes) hash = wrap((hash ^ round(v)) * PRIME_1 + PRIME_4);
    }
    hash = wrap(hash + BigInt(this.#length));
    const end = this.#length % STRIPE;
    const view = new DataView(this.#rest.buffer);
    let at = 0;
    for (; at + 8 <= end; at += 8) {
      hash ^= round(view.getBigUint64(at, true));
      hash = wrap(rotate(hash, 27n) * PRIME_1 + PRIME_4);
    }
    if (at + 4 <= end) {
      hash ^= wrap(BigInt(view.getUint32(at, true)) * PRIME_1);
      hash = wrap(rotate(hash, 23n) * PRIME_2 + PRIME_3);
      at += 4;
    }
    for (; at < end; at++) {
      hash ^= wrap(BigInt(view.getUint8(at)) * PRIME_5);
      hash = wrap(rotate(hash, 11n) * PRIME_1);
    }
    hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
    hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
    const digest = new Uint8Array(XXH64_LENGTH);
    putU64be(digest, 0, hash ^ (hash >> 32n));
    return digest;
  }
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate(value: bigint, by: bigint): bigint {
  return wrap(value << by) | (value >> (64n - by));
}

function round(input: bigint): bigint {
  return wrap(rotate(wrap(input * PRIME_2), 31n) * PRIME_1);
}

const PRIME_1_HIGH = 0x9e37_79b1;
const PRIME_1_LOW = 0x85eb_ca87;
const PRIME_2_HIGH = 0xc2b2_ae3d;
const PRIME_2_LOW = 0x27d4_eb4f;

/**
 * Every fourth 64-bit word from `at` on. Not every engine is fast with bigints, so words are two
 * halves here, and where a product needs all 64 bits, four quarters.
 */
function lane(view: DataView, at: number, stripes: number, start: bigint): bigint {
  let high = Number(BigInt.asIntN(32, start >> 32n));
  let low = Number(BigInt.asIntN(32, start));
  for (let i = 0; i < stripes; i++, at += STRIPE) {
    const wordLow = view.getInt32(at, true);
    const wordHigh = view.getInt32(at + 4, true);
    // accumulator += word × PRIME_2
    let a = wordLow & 0xffff;
    let b = wordLow >>> 16;
    let product = a * (PRIME_2_LOW & 0xffff);
    let middle = a * (PRIME_2_LOW >>> 16) + (product >>> 16);
    let carried = b * (PRIME_2_LOW & 0xffff) + (middle & 0xffff);
    const productHigh = b * (PRIME_2_LOW >>> 16) + (middle >>> 16) + (carried >>> 16) +
      Math.imul(wordLow, PRIME_2_HIGH) + Math.imul(wordHigh, PRIME_2_LOW);
    const sum = (low >>> 0) + (((carried << 16) | (product & 0xffff)) >>> 0);
    high = (high + productHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    low = sum | 0;
    // accumulator = (accumulator rotated by 31) × PRIME_1
    const rotatedHigh = (high << 31) | (low >>> 1);
    const rotatedLow = (low << 31) | (high >>> 1);
    a = rotatedLow & 0xffff;
    b = rotatedLow >>> 16;
    product = a * (PRIME_1_LOW & 0xffff);
    middle = a * (PRIME_1_LOW >>> 16) + (product >>> 16);
    carried = b * (PRIME_1_LOW & 0xffff) + (middle & 0xffff);
    high = (b * (PRIME_1_LOW >>> 16) + (middle >>> 16) + (carried >>> 16) +
      Math.imul(rotatedLow, PRIME_1_HIGH) + Math.imul(rotatedHigh, PRIME_1_LOW)) | 0;
    low = (carried << 16) | (product & 0xffff);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
