/**
 * A block of a table: how it is stored, and the entries of a row block.
 *
 * ```text
 * stored  := data ‖ compression u8 ‖ masked CRC32C of data and compression, u32LE
 * row     := { shared uvarint ‖ unshared uvarint ‖ valueLength uvarint ‖ key suffix ‖ value }*
 *              ‖ restart offset u32LE × n ‖ n u32LE
 * ```
 *
 * `shared` bytes of a key are those of the key before it. At a restart offset a key stands whole;
 * the top bit of a restart offset is a flag that says nothing about where it points.
 *
 * @module
 */

import { crc32c, digestOf } from "../../bytes/digest.ts";
import { u32be, u32le } from "../../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../../errors.ts";
import { readAt } from "../../sources/source.ts";
import { MAX_KEY_LENGTH, MAX_VALUE_LENGTH } from "../frames.ts";
import { snappyLength, unsnappy } from "./snappy.ts";
import { badTable, DAMAGED, type TableFile } from "./table_file.ts";
import { Varints } from "./varints.ts";

/** Where a block lies in its table. */
export interface Handle {
  /** Of the first byte, counted from the start of the table. */
  offset: number;
  /** Without the trailer. */
  length: number;
}

/** Bytes behind the data of a block: compression and checksum. */
export const BLOCK_TRAILER_LENGTH = 5;

/**
 * Most bytes of a block, compressed, uncompressed or as entries: one largest entry, and 16 MiB for
 * what lies before it (a node closes a block at 1 MiB).
 */
export const MAX_BLOCK_LENGTH: number = MAX_KEY_LENGTH + MAX_VALUE_LENGTH + (16 << 20);

const COMPRESSIONS = ["none", "Snappy", "zlib", "bzip2", "LZ4", "LZ4HC", "XPRESS", "zstd"];

/** A block that has been read, checked and uncompressed. */
export interface Block {
  /** Name of the file, for messages. */
  file: string;
  /** Of the first byte, counted from the start of the file. */
  offset: number;
  /** As it lies in the file, with its trailer. */
  stored: Uint8Array;
  /** Uncompressed. */
  contents: Uint8Array;
}

/**
 * Reads a block.
 *
 * @throws {UnsoundError} `bad-table`, `checksum-mismatch`, `too-large` or `truncated`.
 * @throws {UnsupportedError} `unsupported-format` for a compression that is not read.
 */
export async function readBlock(table: TableFile, handle: Handle): Promise<Block> {
  const file = table.source.name;
  const offset = table.start + handle.offset;
  const length = handle.length + BLOCK_TRAILER_LENGTH;
  if (handle.offset + length > table.size) {
    throw badTable(file, offset, "a block reaches beyond the end of its table");
  }
  checkLength(handle.length);
  const stored = await readAt(table.source, offset, length);
  if (stored.length < length) {
    throw new UnsoundError("truncated", "the file ends in the middle of a block", {
      file,
      offset,
      hint: DAMAGED,
    });
  }
  const covered = stored.subarray(0, handle.length + 1);
  if (maskedCrc(covered) !== u32le(stored, covered.length)) {
    throw new UnsoundError("checksum-mismatch", "the CRC32C of a block does not match", {
      file,
      offset,
      hint: DAMAGED,
    });
  }
  return { file, offset, stored, contents: uncompressed() };

  function uncompressed(): Uint8Array {
    const data = stored.subarray(0, handle.length);
    const compression = stored[handle.length];
    if (compression === 0) return data;
    if (compression !== 1) {
      const name = COMPRESSIONS[compression] ?? `type ${compression}`;
      throw new UnsupportedError("unsupported-format", `${name} compression is not read`, {
        file,
        offset: offset + handle.length,
        hint: "have the node write a snapshot without its SST-ingest option",
      });
    }
    checkLength(snappyLength(data));
    const contents = unsnappy(data);
    if (!contents) throw badTable(file, offset, "a block's Snappy data is malformed");
    return contents;
  }

  function checkLength(n: number): void {
    if (n > MAX_BLOCK_LENGTH) {
      throw new UnsoundError("too-large", `block length ${n} is above ${MAX_BLOCK_LENGTH}`, {
        file,
        offset,
        hint: DAMAGED,
      });
    }
  }
}

/** CRC32C rotated and shifted, so that a checksum of stored checksums is not degenerate. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = u32be(digestOf(crc32c, bytes), 0);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Walks the entries of a row block, checking all of its structure. */
export class BlockCursor {
  /** Bytes that the key shares with the one before. */
  shared = 0;
  /** Bytes of the whole key. */
  keyLength = 0;
  /** Where the key's other bytes begin. */
  suffixStart = 0;
  /** Where they end, and the value begins. */
  suffixEnd = 0;
  /** Where the value ends. */
  valueEnd = 0;

  readonly #block: Block;
  readonly #entries: Varints;
  /** Where the entries end and the restart offsets begin. */
  readonly #end: number;
  /** Restart offsets not yet met: `contents[#restart, #restartsEnd)`. */
  #restart: number;
  readonly #restartsEnd: number;

  /**
   * Stands before the first entry.
   *
   * @throws {UnsoundError} `bad-table`.
   */
  constructor(block: Block) {
    const { contents } = block;
    this.#block = block;
    this.#restartsEnd = contents.length - 4;
    const restarts = this.#restartsEnd < 0 ? 0 : u32le(contents, this.#restartsEnd);
    this.#end = this.#restart = this.#restartsEnd - restarts * 4;
    if (restarts === 0 || this.#end < 0) throw this.#bad("the restart offsets are malformed");
    this.#entries = new Varints(contents, 0, this.#end);
  }

  /**
   * Goes to the next entry; false at the end. There is at least one.
   *
   * @throws {UnsoundError} `bad-table`.
   */
  next(): boolean {
    const entries = this.#entries;
    if (entries.at === this.#end) {
      if (this.#restart < this.#restartsEnd) throw this.#bad("a restart offset hits no entry");
      return false;
    }
    const whole = this.#restart < this.#restartsEnd && entries.at === this.#nextRestart();
    if (whole) this.#restart += 4;
    const shared = entries.next();
    const unshared = entries.next();
    const valueLength = entries.next();
    this.suffixStart = entries.at;
    this.suffixEnd = entries.at + unshared;
    this.valueEnd = entries.at = this.suffixEnd + valueLength;
    if (Math.min(shared, unshared, valueLength) < 0 || this.valueEnd > this.#end) {
      throw this.#bad("an entry reaches beyond the end of its block");
    }
    if (shared > (whole ? 0 : this.keyLength)) {
      throw this.#bad("a key shares more bytes than there are");
    }
    this.shared = shared;
    this.keyLength = shared + unshared;
    return true;
  }

  #nextRestart(): number {
    return u32le(this.#block.contents, this.#restart) & 0x7fff_ffff;
  }

  #bad(message: string): UnsoundError {
    return badTable(this.#block.file, this.#block.offset, message);
  }
}
