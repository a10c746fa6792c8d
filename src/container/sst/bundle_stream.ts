/** The plain entry stream that a bundle stands for, decoded block by block. @module */

import { equalBytes } from "../../bytes/compare.ts";
import { sha256 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import { putU64le } from "../../bytes/integers.ts";
import { UnsoundError } from "../../errors.ts";
import type { BlockCache } from "../../sources/block_cache.ts";
import { readAt, type Source } from "../../sources/source.ts";
import { type Block, BLOCK_TRAILER_LENGTH, readBlock } from "./block.ts";
import { BlockTable } from "./block_table.ts";
import { frameBlock, type FramedBlock } from "./frame_block.ts";
import type { FileList } from "./file_list.ts";
import { dataBlocks } from "./table.ts";
import { badTable, DAMAGED } from "./table_file.ts";

const MAGIC = new TextEncoder().encode("EKVPBBL1");
const HEAD_LENGTH = 16;
/** Bytes of the two lengths before each key and value. */
const ENTRY_OVERHEAD = 16n;
const READ_LENGTH = 1 << 20;
/** Bytes of decoded blocks: a node closes one at 1 MiB, and an adapter walks over some ranges at once. */
const KEPT_LENGTH = 12 << 20;

/**
 * A source whose bytes are made when they are asked for.
 *
 * How long a block is as entries is known only when it has been decoded. So blocks are first seen one
 * after the other, up to `#frontier`, and checked; a read beyond it decodes up to there. What has
 * been seen can be read again in any order. One sequential pass decodes each block once.
 *
 * What grows is the table of blocks: 20 bytes for each, and a node closes a block at 0.5 to 1 MiB.
 */
export class BundleStream implements Source {
  readonly name: string;
  readonly size: number;
  readonly #source: Source;
  readonly #head = new Uint8Array(HEAD_LENGTH);
  readonly #unseen: AsyncGenerator<[Block, FramedBlock]>;
  readonly #blocks = new BlockTable();
  /** Offset in the stream behind the last block that has been seen. */
  #frontier = HEAD_LENGTH;
  /** Why nothing can be seen beyond the frontier. */
  #failure: unknown;
  /** Decoded blocks. */
  readonly #cache: BlockCache;
  /** Number of this stream in the cache. */
  readonly #number: number;
  /** Settles when all reads asked for so far are done: each one waits for those before it. */
  #busy: Promise<unknown> = Promise.resolve();

  /**
   * Nothing is read yet.
   *
   * @param tablesStart Offset in `source` of the first table.
   * @param cache Shared with other sources.
   * @throws {UnsoundError} `too-large`.
   */
  constructor(source: Source, tablesStart: number, list: FileList, cache: BlockCache) {
    const { lastCommitTs, entryCount, uncompressedBytes } = list;
    const size = BigInt(HEAD_LENGTH) + entryCount * ENTRY_OVERHEAD + uncompressedBytes;
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new UnsoundError("too-large", `the bundle claims to hold ${size} bytes`, {
        file: source.name,
        hint: DAMAGED,
      });
    }
    this.name = source.name;
    this.size = Number(size);
    this.#source = source;
    this.#cache = cache;
    this.#number = cache.add(KEPT_LENGTH);
    this.#head.set(MAGIC);
    putU64le(this.#head, 8, lastCommitTs);
    this.#unseen = decodeInOrder(source, tablesStart, list);
  }

  read(offset: number, into: Uint8Array): Promise<number> {
    const read = this.#busy.then(() => this.#read(offset, into));
    this.#busy = read.catch(() => {});
    return read;
  }

  close(): void {}

  async #read(offset: number, into: Uint8Array): Promise<number> {
    const end = Math.min(offset + into.length, this.size);
    for (let at = offset; at < end;) {
      while (at >= this.#frontier) await this.#see();
      const number = this.#blocks.find(at);
      const start = number < 0 ? 0 : this.#blocks.start(number);
      let bytes = number < 0 ? this.#head : this.#cache.get(this.#number, number);
      if (!bytes) {
        bytes = await this.#frames(number);
        this.#cache.set(this.#number, number, bytes);
      }
      const part = bytes.subarray(at - start, end - start);
      into.set(part, at - offset);
      at += part.length;
    }
    return Math.max(0, end - offset);
  }

  /** Moves the frontier by one block, and to the very end when there is no other. */
  async #see(): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      const { value } = await this.#unseen.next();
      if (!value) throw this.#differs("fewer", this.#source.size);
      const [{ offset, stored }, { frames }] = value;
      if (this.#frontier + frames.length > this.size) throw this.#differs("more", offset);
      const handle = { offset, length: stored.length - BLOCK_TRAILER_LENGTH };
      this.#cache.set(this.#number, this.#blocks.add(this.#frontier, handle), frames);
      this.#frontier += frames.length;
      if (this.#frontier === this.size && !(await this.#unseen.next()).done) {
        throw this.#differs("more", offset + stored.length);
      }
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #differs(how: string, offset: number): UnsoundError {
    return badTable(this.name, offset, `the tables hold ${how} bytes than the file list says`);
  }

  async #frames(number: number): Promise<Uint8Array> {
    const whole = { source: this.#source, start: 0, size: this.#source.size };
    return frameBlock(await readBlock(whole, this.#blocks.handle(number))).frames;
  }
}

/**
 * All data blocks of all tables in order. Behind the last block of a table its SHA-256 is compared,
 * behind the last table the number of entries.
 */
async function* decodeInOrder(
  source: Source,
  tablesStart: number,
  list: FileList,
): AsyncGenerator<[Block, FramedBlock], undefined> {
  let start = tablesStart;
  let entries = 0;
  for (const { name, size, smallest, largest, sha256: expected } of list.files) {
    const digest = sha256();
    let last: Uint8Array | undefined;
    let end = start;
    for await (const block of dataBlocks({ source, start, size })) {
      const framed = frameBlock(block);
      if (!last && !equalBytes(framed.first, smallest)) {
        throw badTable(source.name, block.offset, `${name} does not begin with its smallest key`);
      }
      digest.update(block.stored);
      last = framed.last;
      end += block.stored.length;
      entries += framed.count;
      yield [block, framed];
    }
    if (!last || !equalBytes(last, largest)) {
      throw badTable(source.name, end, `${name} does not end with its largest key`);
    }
    while (end < start + size) {
      const rest = await readAt(source, end, Math.min(READ_LENGTH, start + size - end));
      if (rest.length === 0) throw badTable(source.name, end, `${name} is cut off`);
      digest.update(rest);
      end += rest.length;
    }
    if (toHex(digest.digest()) !== expected) {
      throw new UnsoundError("checksum-mismatch", `the SHA-256 of ${name} does not match`, {
        file: source.name,
        offset: start,
        hint: DAMAGED,
      });
    }
    start += size;
  }
  if (BigInt(entries) !== list.entryCount) {
    throw badTable(
      source.name,
      start,
      `the tables hold ${entries} entries and not as many as the file list says`,
    );
  }
}
