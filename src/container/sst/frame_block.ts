/**
 * A data block as the entries of a plain stream.
 *
 * ```text
 * in:  internal key = stored key ‖ trailer u64LE (sequence << 8 | kind)
 *      value = prefix byte ‖ stored value
 * out: { keyLength u64LE ‖ stored key ‖ valueLength u64LE ‖ stored value }*
 * ```
 *
 * Kind 1 is SET, the only one that a snapshot has; its bit 40 marks a row that a newer one in the
 * same table hides. Stored keys must ascend strictly, so there is no such newer row and the mark
 * decides nothing. The top two bits of the prefix byte are 00 when the value follows it; bit 20 may
 * be set.
 *
 * @module
 */

import { putU32le } from "../../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../../errors.ts";
import { MAX_KEY_LENGTH, MAX_VALUE_LENGTH } from "../frames.ts";
import { type Block, BlockCursor, MAX_BLOCK_LENGTH } from "./block.ts";
import { badTable, DAMAGED } from "./table_file.ts";

const TRAILER_LENGTH = 8;
const FRAME_OVERHEAD = 16;
const SET = 1;
const OBSOLETE = 0x40;
const OUT_OF_LINE = 0xc0;
const SAME_PREFIX = 0x20;

/** The entries of a data block. */
export interface FramedBlock {
  /** As the plain stream has them. */
  frames: Uint8Array;
  /** How many. */
  count: number;
  /** Stored key of the first entry. */
  first: Uint8Array;
  /** Stored key of the last entry. */
  last: Uint8Array;
}

/**
 * Frames the entries of a block.
 *
 * @throws {UnsoundError} `bad-table` or `too-large`, with the offset of the block.
 * @throws {UnsupportedError} `unsupported-format` for values that are kept elsewhere.
 */
export function frameBlock(block: Block): FramedBlock {
  const { contents } = block;
  const size = measure(block);
  const frames = new Uint8Array(size.frames);
  const key = new Uint8Array(size.longestKey);
  const cursor = new BlockCursor(block);
  let at = 0;
  let count = 0;
  while (cursor.next()) {
    const { shared, suffixStart, suffixEnd, valueEnd } = cursor;
    for (let i = suffixStart, to = shared; i < suffixEnd; i++) key[to++] = contents[i];
    const keyLength = cursor.keyLength - TRAILER_LENGTH;
    if ((key[keyLength] & ~OBSOLETE) !== SET) {
      throw badTable(block.file, block.offset, `an entry is of kind ${key[keyLength]}, not SET`);
    }
    putU32le(frames, at, keyLength);
    at += 8;
    for (let i = 0; i < keyLength; i++) frames[at++] = key[i];
    const valueStart = suffixEnd + 1;
    const valueLength = valueEnd - valueStart;
    putU32le(frames, at, valueLength);
    at += 8;
    if (valueLength > 32) frames.set(contents.subarray(valueStart, valueEnd), at);
    else for (let i = 0; i < valueLength; i++) frames[at + i] = contents[valueStart + i];
    at += valueLength;
    count++;
  }
  const first = frames.slice(8, 8 + size.firstKey);
  return { frames, count, first, last: key.slice(0, cursor.keyLength - TRAILER_LENGTH) };
}

/** Checks every length before anything is allocated for it. */
function measure(block: Block): { frames: number; longestKey: number; firstKey: number } {
  const { file, offset, contents } = block;
  const cursor = new BlockCursor(block);
  let frames = 0;
  let longestKey = 0;
  let firstKey = 0;
  while (cursor.next()) {
    const keyLength = cursor.keyLength - TRAILER_LENGTH;
    const valueLength = cursor.valueEnd - cursor.suffixEnd - 1;
    if (keyLength <= 0) throw badTable(file, offset, "a key is shorter than its trailer");
    if (valueLength < 0) throw badTable(file, offset, "a value has no prefix byte");
    checkPrefix(contents[cursor.suffixEnd], block);
    limit("key", keyLength, MAX_KEY_LENGTH);
    limit("value", valueLength, MAX_VALUE_LENGTH);
    frames += FRAME_OVERHEAD + keyLength + valueLength;
    limit("block", frames, MAX_BLOCK_LENGTH);
    longestKey = Math.max(longestKey, cursor.keyLength);
    if (firstKey === 0) firstKey = keyLength;
  }
  return { frames, longestKey, firstKey };

  function limit(what: string, length: number, most: number): void {
    if (length > most) {
      throw new UnsoundError("too-large", `${what} length ${length} is above ${most}`, {
        file,
        offset,
        hint: DAMAGED,
      });
    }
  }
}

function checkPrefix(prefix: number, block: Block): void {
  if (prefix & OUT_OF_LINE) {
    throw new UnsupportedError("unsupported-format", "values outside of data blocks are not read", {
      file: block.file,
      offset: block.offset,
      hint: "have the node write a snapshot without its SST-ingest option",
    });
  }
  if (prefix & ~SAME_PREFIX) {
    throw badTable(block.file, block.offset, `a value has the unknown prefix byte ${prefix}`);
  }
}
