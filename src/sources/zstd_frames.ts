/**
 * Where the frames of a Zstandard file lie (RFC 8878). The decompressors at hand stop in silence at the
 * end of the first frame, and at the end of a file that was cut; so the frames are found first.
 *
 * ```text
 * file  := frame*
 * frame := 28 B5 2F FD ‖ descriptor u8 ‖ window u8? ‖ dictionary 0–4 ‖ size 0–8 ‖ block+ ‖ checksum 4?
 *        | 5x 2A 4D 18 ‖ length u32LE ‖ bytes that mean nothing
 * block := u24LE: bit 0 last, bits 1–2 type, the rest its length ‖ contents (one byte in type 1)
 * ```
 *
 * @module
 */

import { u32le } from "../bytes/integers.ts";
import { UnsoundError } from "../errors.ts";
import { readAt, type Source } from "./source.ts";

/** A part of a source: offsets of its first byte and behind its last. */
export interface FrameRange {
  start: number;
  end: number;
}

const MAGIC = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
const MAX_HEADER_LENGTH = 18;
const REPEATED_BYTE = 1;

/** Whether a file that begins with these bytes, at least four, is made of such frames. */
export function isZstd(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  const magic = u32le(start, 0);
  return magic === MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xffff_fff0) === SKIPPABLE;
}

/**
 * The frames that hold data, one after the other.
 *
 * @throws {UnsoundError} `truncated` where the file ends inside of a frame or something else follows.
 */
export async function* zstdFrames(source: Source): AsyncGenerator<FrameRange> {
  for (let start = 0; start < source.size;) {
    const header = await readAt(source, start, MAX_HEADER_LENGTH);
    const magic = header.length < 8 ? 0 : u32le(header, 0);
    if (magic === MAGIC) {
      const end = await frameEnd(source, start, header);
      yield { start, end };
      start = end;
    } else if (isSkippable(magic)) {
      start = within(source, start + 8 + u32le(header, 4), start);
    } else throw damaged(source, start);
  }
}

async function frameEnd(source: Source, start: number, header: Uint8Array): Promise<number> {
  const descriptor = header[4];
  const isSingle = (descriptor & 0x20) !== 0;
  const window = isSingle ? 0 : 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3];
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const checksum = (descriptor & 4) !== 0 ? 4 : 0;
  let at = start + 5 + window + dictionary + size;
  for (;;) {
    const block = await readAt(source, at, 3);
    if (block.length < 3) throw damaged(source, start);
    const bits = block[0] | (block[1] << 8) | (block[2] << 16);
    const type = (bits >> 1) & 3;
    at = within(source, at + 3 + (type === REPEATED_BYTE ? 1 : bits >> 3), start);
    if ((bits & 1) !== 0) return within(source, at + checksum, start);
  }
}

function within(source: Source, end: number, start: number): number {
  if (end > source.size) throw damaged(source, start);
  return end;
}

function damaged({ name }: Source, offset: number): UnsoundError {
  return new UnsoundError("truncated", "the compressed data is damaged or cut short", {
    file: name,
    offset,
    hint: "copy the file again",
  });
}
