/** A source that is read again: its bytes must be those of the first time. @module */

import { SourceChangedError } from "../errors.ts";
import { BlockCache } from "./block_cache.ts";
import type { BlockDigests } from "./block_digests.ts";
import { isPromise, type MaybePromise, type Source } from "./source.ts";

/**
 * Gives only bytes whose digest is that of the reading in which the digests were taken.
 *
 * Whole blocks are read straight into the caller's buffer. A block of which a part is wanted stays in
 * the cache: the next read often begins where the last one ended, and look-ups lie near each other.
 *
 * `read` throws a `SourceChangedError`.
 */
export class VerifiedSource implements Source {
  readonly name: string;
  /** Bytes that the digests cover. */
  readonly size: number;
  readonly #source: Source;
  readonly #digests: BlockDigests;
  readonly #cache: BlockCache;
  /** Number of this source in the cache. */
  readonly #number: number;

  /**
   * Over a source that has been read from end to end. Closing this closes it.
   *
   * @param cache Shared with other sources; one of its own unless given.
   */
  constructor(source: Source, digests: BlockDigests, cache: BlockCache = new BlockCache()) {
    this.name = source.name;
    this.size = digests.size;
    this.#source = source;
    this.#digests = digests;
    this.#cache = cache;
    this.#number = cache.add(digests.blockLength);
  }

  read(offset: number, into: Uint8Array): MaybePromise<number> {
    const end = Math.min(offset + into.length, this.size);
    for (let at = offset; at < end;) {
      const read = this.#part(at, into.subarray(at - offset, end - offset));
      if (isPromise(read)) return this.#later(read, at - offset, offset, into);
      at += read;
    }
    return Math.max(0, end - offset);
  }

  close(): void {
    this.#source.close();
  }

  /** @param done Bytes that were there before the part that is waited for. */
  async #later(
    part: Promise<number>,
    done: number,
    offset: number,
    into: Uint8Array,
  ): Promise<number> {
    const n = done + await part;
    return n + await this.read(offset + n, into.subarray(n));
  }

  /** Reads as much as can be read at once: from the cache, some whole blocks, or one block. */
  #part(at: number, into: Uint8Array): MaybePromise<number> {
    const { blockLength } = this.#digests;
    const block = Math.floor(at / blockLength);
    const inBlock = at % blockLength;
    const kept = this.#cache.get(this.#number, block);
    if (kept) return copy(kept, inBlock, into);
    const whole = inBlock > 0
      ? 0
      : at + into.length === this.size
      ? into.length
      : into.length - into.length % blockLength;
    if (whole > 0) return this.#checked(block, into.subarray(0, whole), () => whole);
    const length = Math.min(blockLength, this.size - block * blockLength);
    const bytes = this.#cache.take(length);
    return this.#checked(block, bytes, () => {
      this.#cache.set(this.#number, block, bytes);
      return copy(bytes, inBlock, into);
    });
  }

  /** Fills `bytes` from the start of a block on and checks every block in it. */
  #checked(first: number, bytes: Uint8Array, then: () => number): MaybePromise<number> {
    const { blockLength } = this.#digests;
    const offset = first * blockLength;
    const check = (n: number): number => {
      if (n < bytes.length) throw sourceChanged(this.name, offset + n, "cut off");
      for (let at = 0; at < n; at += blockLength) {
        if (this.#digests.match(first + at / blockLength, bytes.subarray(at, at + blockLength))) {
          continue;
        }
        throw sourceChanged(this.name, offset + at, "changed");
      }
      return then();
    };
    const read = this.#source.read(offset, bytes);
    return isPromise(read) ? read.then(check) : check(read);
  }
}

/** Copies as much as there is of a block from `start` on. */
function copy(block: Uint8Array, start: number, into: Uint8Array): number {
  const part = block.subarray(start, start + into.length);
  into.set(part);
  return part.length;
}

/**
 * The error of a source that does not give what it has said or given before.
 *
 * @param offset Of the first byte that is not there, or of the block that differs.
 */
export function sourceChanged(
  file: string,
  offset: number,
  how: "changed" | "cut off",
): SourceChangedError {
  return new SourceChangedError(`the file was ${how} while it was read`, {
    file,
    offset,
    hint: "copy the file to where nobody writes to it, and start again with the copy",
  });
}
