/** Recently used blocks of the sources that are open together. @module */

/** Bytes that are kept, whatever the sources are: 4 MiB. */
const BASE_LENGTH = 4 << 20;
/** Most bytes that are kept: 64 MiB. */
const MOST_LENGTH = 64 << 20;
/** More blocks than a source can have. */
const BLOCKS = 2 ** 32;

/**
 * Blocks in memory; the least recently used leave first. There is room for 4 MiB and what each source
 * asks for, so that those which are walked over side by side do not take each other's place, up to 64 MiB
 * in all. The latest block is kept whatever its size.
 */
export class BlockCache {
  #limit: number;
  #most: number;
  #sources = 0;
  #length = 0;
  /** Number of the source and of the block → bytes, the latest used last. */
  readonly #blocks = new Map<number, Uint8Array>();

  /**
   * Nothing is kept yet.
   *
   * @param base Bytes that are kept besides those of the sources; 4 MiB unless given.
   * @param most Bytes that are kept at most; 64 MiB unless given.
   */
  constructor(base: number = BASE_LENGTH, most: number = MOST_LENGTH) {
    this.#limit = base;
    this.#most = most;
  }

  /** Makes room for so many bytes of one more source; returns its number. */
  add(length: number): number {
    this.#limit = Math.min(this.#limit + length, this.#most);
    return this.#sources++;
  }

  /**
   * A block, if it is still there. It must be used before anything is waited for: its buffer may be given
   * to another block then.
   */
  get(source: number, block: number): Uint8Array | undefined {
    const key = source * BLOCKS + block;
    const bytes = this.#blocks.get(key);
    if (!bytes) return undefined;
    this.#blocks.delete(key);
    this.#blocks.set(key, bytes);
    return bytes;
  }

  /**
   * A buffer for a block that is read to be kept: that of the block which has to leave for it, if it is as
   * long.
   */
  take(length: number): Uint8Array {
    for (const [oldest, bytes] of this.#blocks) {
      if (this.#length + length <= this.#limit) break;
      this.#remove(oldest);
      if (bytes.length === length) return bytes;
    }
    return new Uint8Array(length);
  }

  /** Keeps a block and its buffer. */
  set(source: number, block: number, bytes: Uint8Array): void {
    const key = source * BLOCKS + block;
    this.#remove(key);
    this.#blocks.set(key, bytes);
    this.#length += bytes.length;
    for (const oldest of this.#blocks.keys()) {
      if (this.#length <= this.#limit || oldest === key) break;
      this.#remove(oldest);
    }
  }

  #remove(key: number): void {
    this.#length -= this.#blocks.get(key)?.length ?? 0;
    this.#blocks.delete(key);
  }
}
