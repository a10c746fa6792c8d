/** Recently read blocks of sources, so that lookups which lie near each other read a block once. @module */

import { isPromise, type MaybePromise, type Source } from "./source.ts";

/** Bytes of a block. */
export const CACHED_BLOCK_LENGTH: number = 64 << 10;
/** Bytes that are kept: 4 MiB. */
const CACHE_LENGTH = 4 << 20;
/** More blocks than a source can have. */
const BLOCKS = 2 ** 32;

/** A bounded number of blocks; the least recently used leave first. */
export class BlockCache {
  readonly #limit: number;
  /** Number of the source and of the block → bytes, the latest used last. */
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #sources = new Map<Source, number>();

  /** Keeps so many bytes. */
  constructor(length: number = CACHE_LENGTH) {
    this.#limit = Math.max(1, Math.floor(length / CACHED_BLOCK_LENGTH));
  }

  /** The source, read through the cache; what is longer than a block is not kept. */
  through(source: Source): Source {
    return {
      name: source.name,
      size: source.size,
      read: (offset, into) =>
        into.length > CACHED_BLOCK_LENGTH
          ? source.read(offset, into)
          : this.#read(source, offset, into),
      close: () => source.close(),
    };
  }

  #read(source: Source, offset: number, into: Uint8Array): MaybePromise<number> {
    if (into.length === 0) return 0;
    const block = this.#block(source, Math.floor(offset / CACHED_BLOCK_LENGTH));
    return isPromise(block)
      ? block.then((bytes) => this.#copy(bytes, source, offset, into))
      : this.#copy(block, source, offset, into);
  }

  /** Copies what the block has, and reads on in the next one. */
  #copy(
    block: Uint8Array,
    source: Source,
    offset: number,
    into: Uint8Array,
  ): MaybePromise<number> {
    const start = offset % CACHED_BLOCK_LENGTH;
    const part = block.subarray(start, start + into.length);
    into.set(part);
    const n = part.length;
    if (block.length < CACHED_BLOCK_LENGTH) return n;
    const rest = this.#read(source, offset + n, into.subarray(n));
    return isPromise(rest) ? rest.then((more) => n + more) : n + rest;
  }

  #block(source: Source, number: number): MaybePromise<Uint8Array> {
    const key = this.#numberOf(source) * BLOCKS + number;
    const known = this.#blocks.get(key);
    if (known) {
      this.#blocks.delete(key);
      this.#blocks.set(key, known);
      return known;
    }
    const bytes = new Uint8Array(CACHED_BLOCK_LENGTH);
    const read = source.read(number * CACHED_BLOCK_LENGTH, bytes);
    const keep = (n: number): Uint8Array => {
      const block = bytes.subarray(0, n);
      this.#blocks.set(key, block);
      if (this.#blocks.size > this.#limit) {
        this.#blocks.delete(this.#blocks.keys().next().value!);
      }
      return block;
    };
    return isPromise(read) ? read.then(keep) : keep(read);
  }

  #numberOf(source: Source): number {
    let number = this.#sources.get(source);
    if (number === undefined) this.#sources.set(source, number = this.#sources.size);
    return number;
  }
}
