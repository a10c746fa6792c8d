/**
 * CRC32C (Castagnoli) in plain TypeScript, eight bytes at a time: eight tables give what each of the
 * eight bytes does to the remainder, and the sum of it is the new remainder.
 *
 * @module
 */

import type { Digest } from "./digest.ts";
import { u32be } from "./integers.ts";

/** The polynomial, low bit first. */
const POLYNOMIAL = 0x82f63b78;

/** Table `k` (256 entries each) is for a byte that `k` more bytes follow. */
const TABLES = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  TABLES[byte] = crc;
}
for (let at = 256; at < TABLES.length; at++) {
  const before = TABLES[at - 256];
  TABLES[at] = (before >>> 8) ^ TABLES[before & 0xff];
}

/** A running CRC32C; its digest has 4 bytes, big-endian. */
export class PlainCrc32c implements Digest {
  #crc: number;

  /** @param before The digest of bytes that stand before those which will be added. */
  constructor(before: Uint8Array = new Uint8Array(4)) {
    this.#crc = ~u32be(before, 0);
  }

  /** See {@link Digest.update}. */
  update(bytes: Uint8Array): void {
    const T = TABLES;
    let crc = this.#crc;
    let i = 0;
    for (const end = bytes.length - 7; i < end; i += 8) {
      crc ^= bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24;
      crc = T[0x700 + (crc & 0xff)] ^ T[0x600 + (crc >>> 8 & 0xff)] ^
        T[0x500 + (crc >>> 16 & 0xff)] ^ T[0x400 + (crc >>> 24)] ^
        T[0x300 + bytes[i + 4]] ^ T[0x200 + bytes[i + 5]] ^
        T[0x100 + bytes[i + 6]] ^ T[bytes[i + 7]];
    }
    for (; i < bytes.length; i++) crc = (crc >>> 8) ^ T[(crc ^ bytes[i]) & 0xff];
    this.#crc = crc;
  }

  /** See {@link Digest.digest}. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, ~this.#crc);
    return bytes;
  }
}
