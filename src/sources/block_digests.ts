/** One digest for each block of a source, taken while the source is read once. @module */

import { equalBytes } from "../bytes/compare.ts";
import { type Digest, xxh64, xxh64Stream } from "../bytes/digest.ts";
import { XXH64_LENGTH } from "../bytes/xxh64.ts";

/** Shortest block: what a lookup of a few bytes reads. */
export const BLOCK_LENGTH: number = 64 << 10;
/** Most blocks of all sources that are opened together: 32 MiB of digests. */
const MAX_BLOCKS = 1 << 22;

/** Bytes of the blocks of sources that have so many bytes together: longer ones above 256 GiB. */
export function sharedBlockLength(size: number): number {
  let length = BLOCK_LENGTH;
  while (size / length > MAX_BLOCKS) length *= 2;
  return length;
}

/** The digests of a source's blocks. The last block is as long as what is left. */
export class BlockDigests {
  /** Bytes of a block: a power of two. */
  readonly blockLength: number;
  /** Bytes that the digests cover. */
  size = 0;
  /** The XXH64 of one block after the other, 8 bytes each. */
  readonly bytes: Uint8Array;
  /** Of a block whose end has not come. */
  #begun: Digest | undefined;

  /** For a source of so many bytes. */
  constructor(size: number, blockLength: number = sharedBlockLength(size)) {
    this.blockLength = blockLength;
    this.bytes = new Uint8Array(Math.ceil(size / blockLength) * XXH64_LENGTH);
  }

  /** Takes the bytes behind those that it has. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const begun = this.size % this.blockLength;
      const n = Math.min(this.blockLength - begun, bytes.length - at);
      const part = bytes.subarray(at, at + n);
      if (n === this.blockLength) this.#set(xxh64(part));
      else {
        this.#begun ??= xxh64Stream();
        this.#begun.update(part);
        if (begun + n === this.blockLength) this.#setBegun();
      }
      at += n;
      this.size += n;
    }
  }

  /** Says that nothing follows. */
  finish(): void {
    this.#setBegun();
  }

  /** Whether the block with this number is still what it was. */
  match(block: number, bytes: Uint8Array): boolean {
    const at = block * XXH64_LENGTH;
    return equalBytes(xxh64(bytes), this.bytes.subarray(at, at + XXH64_LENGTH));
  }

  #setBegun(): void {
    if (this.#begun) this.#set(this.#begun.digest());
    this.#begun = undefined;
  }

  #set(digest: Uint8Array): void {
    this.bytes.set(digest, Math.floor(this.size / this.blockLength) * XXH64_LENGTH);
  }
}
