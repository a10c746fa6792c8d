/**
 * AES-256-GCM over parts of a buffer, without copies of what is only authenticated.
 *
 * ```text
 * H    := E(key, 0)
 * tag  := GHASH(H, aad ‖ 0* ‖ ciphertext ‖ 0* ‖ bits of both) XOR E(key, nonce ‖ 1)
 * text := ciphertext XOR E(key, nonce ‖ 2) ‖ E(key, nonce ‖ 3) ‖ …
 * ```
 *
 * GHASH multiplies by H once a block. The product of every byte at every place with H comes from a
 * table, so that a block takes 16 look-ups; the tag is known without decrypting. Look-ups take longer
 * or shorter with the data, which nobody can measure who only gave a file.
 *
 * @module
 */

import { unsafe as aes } from "@noble/ciphers/aes.js";
import { putU32be, u32be } from "../bytes/integers.ts";

/** Bytes of a nonce. */
export const NONCE_LENGTH = 12;
/** Bytes of a tag. */
export const TAG_LENGTH = 16;

const BLOCK = 16;
/** What the field's polynomial takes back when a product grows beyond 128 bits. */
const REDUCTION = 0xe100_0000;

/** A key, ready for use: 64 KiB of tables. */
export class Gcm {
  readonly #roundKeys: Uint32Array;
  /** Four words for each byte at each of 16 places: the product with H. */
  readonly #products: Int32Array;
  readonly #block = new Uint8Array(BLOCK);
  /** The running GHASH. */
  readonly #hash = new Uint8Array(BLOCK);

  /** @param key 32 bytes. */
  constructor(key: Uint8Array) {
    this.#roundKeys = aes.expandKeyLE(key);
    aes.encryptBlock(this.#roundKeys, this.#block);
    this.#products = productsWith(this.#block);
  }

  /**
   * Whether `bytes[start, end)` is what was sealed together with the additional data: nonce (12) ‖
   * ciphertext ‖ tag (16).
   */
  authenticates(
    aad: Uint8Array,
    aadLength: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const ciphertext = start + NONCE_LENGTH;
    const tag = end - TAG_LENGTH;
    const block = this.#block;
    const hash = this.#hash.fill(0);
    this.#absorb(aad, 0, aadLength);
    this.#absorb(bytes, ciphertext, tag);
    putBits(block, 0, aadLength);
    putBits(block, 8, tag - ciphertext);
    this.#absorb(block, 0, BLOCK);

    for (let i = 0; i < NONCE_LENGTH; i++) block[i] = bytes[start + i];
    putU32be(block, NONCE_LENGTH, 1);
    aes.encryptBlock(this.#roundKeys, block);
    let difference = 0;
    for (let i = 0; i < TAG_LENGTH; i++) difference |= hash[i] ^ block[i] ^ bytes[tag + i];
    return difference === 0;
  }

  /** The plaintext in such bytes, whatever their tag is. */
  decrypt(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const ciphertext = start + NONCE_LENGTH;
    const counter = new Uint8Array(BLOCK);
    counter.set(bytes.subarray(start, ciphertext));
    putU32be(counter, NONCE_LENGTH, 2);
    // A copy of its own is aligned.
    const text = bytes.slice(ciphertext, end - TAG_LENGTH);
    return aes.ctr32(this.#roundKeys, false, counter, text, text);
  }

  /** Takes bytes into the hash, filled up with zeros to whole blocks. */
  #absorb(bytes: Uint8Array, start: number, end: number): void {
    const whole = end - ((end - start) % BLOCK);
    this.#absorbBlocks(bytes, start, whole);
    if (whole === end) return;
    const block = this.#block.fill(0);
    block.set(bytes.subarray(whole, end));
    this.#absorbBlocks(block, 0, BLOCK);
  }

  #absorbBlocks(bytes: Uint8Array, start: number, end: number): void {
    const products = this.#products;
    const hash = this.#hash;
    for (let at = start; at < end; at += BLOCK) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let place = 0; place < BLOCK; place++) {
        const p = ((place << 8) | (hash[place] ^ bytes[at + place])) << 2;
        a ^= products[p];
        b ^= products[p + 1];
        c ^= products[p + 2];
        d ^= products[p + 3];
      }
      putU32be(hash, 0, a);
      putU32be(hash, 4, b);
      putU32be(hash, 8, c);
      putU32be(hash, 12, d);
    }
  }
}

/** The products of every byte at every place of a block with `h`, four words each. */
function productsWith(h: Uint8Array): Int32Array {
  const products = new Int32Array(BLOCK * 256 * 4);
  // A block's first bit stands for 1, the next for x, and so on: go through h · 1, h · x, h · x², …
  const power = Int32Array.from({ length: 4 }, (_, i) => u32be(h, 4 * i));
  for (let place = 0; place < BLOCK; place++) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      products.set(power, (place * 256 + bit) * 4);
      const reduction = power[3] & 1 ? REDUCTION : 0;
      for (let i = 3; i > 0; i--) power[i] = (power[i] >>> 1) | (power[i - 1] << 31);
      power[0] = (power[0] >>> 1) ^ reduction;
    }
    for (let byte = 1; byte < 256; byte++) {
      const lowest = byte & -byte;
      const rest = byte ^ lowest;
      if (rest === 0) continue;
      for (let i = 0; i < 4; i++) {
        const row = place * 256;
        products[(row + byte) * 4 + i] = products[(row + lowest) * 4 + i] ^
          products[(row + rest) * 4 + i];
      }
    }
  }
  return products;
}

/** Writes a number of bytes as a number of bits, u64 big-endian. */
function putBits(block: Uint8Array, at: number, bytes: number): void {
  putU32be(block, at, Math.floor(bytes / 2 ** 29));
  putU32be(block, at + 4, (bytes * 8) % 2 ** 32);
}
