/**
 * Unpacks Zstandard (RFC 8878). The decompressors at hand stop in silence at the end of the first frame,
 * and at the end of a file that was cut; so the frames are taken apart first.
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

import { ByteBuilder } from "../bytes/builder.ts";
import { nativeModule } from "../bytes/digest.ts";
import { u32le, u64le } from "../bytes/integers.ts";
import { DecantError, UnsupportedError } from "../errors.ts";
import type { ChunkReader, Chunks } from "./chunk_reader.ts";
import { damagedPacking } from "./packing.ts";

/** Most bytes behind the one that is written which a frame may refer to: 128 MiB, as in `zstd`. */
export const WINDOW_LIMIT: number = 128 << 20;

const MAGIC = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
const REPEATED_BYTE = 1;
/** Frames are handed to the decompressor in pieces of about this many bytes. */
const PIECE_LENGTH = 1 << 20;

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
 * The bytes that all frames stand for.
 *
 * @throws {UnsoundError} `truncated` when a frame is cut or damaged, or something else follows.
 * @throws {UnsupportedError} where the runtime has no decompressor, and for frames that need a
 *   dictionary or a window above {@link WINDOW_LIMIT}.
 */
export async function* unzstd(packed: ChunkReader, file: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const start = packed.position;
    const magic = await packed.peek(4);
    if (magic.length === 0) return;
    if (!isZstd(magic)) throw damagedPacking(file, start);
    if (isSkippable(u32le(magic, 0))) await skipFrame(packed, file);
    else yield* unpacked(zstdFrame(packed, file), file, start);
  }
}

async function skipFrame(packed: ChunkReader, file: string): Promise<void> {
  const start = packed.position;
  const head = await packed.take(8);
  let left = head.length < 8 ? 1 : u32le(head, 4);
  while (left > 0) {
    const { length } = await packed.take(Math.min(left, PIECE_LENGTH));
    if (length === 0) throw damagedPacking(file, start);
    left -= length;
  }
}

/**
 * Takes one frame that holds data, and gives it in pieces.
 *
 * @throws {UnsoundError} `truncated` where it is cut.
 * @throws {UnsupportedError} when it cannot be unpacked here.
 */
export async function* zstdFrame(packed: ChunkReader, file: string): AsyncGenerator<Uint8Array> {
  const start = packed.position;
  const piece = new ByteBuilder();
  const take = async (length: number): Promise<Uint8Array> => {
    const bytes = await packed.take(length);
    if (bytes.length < length) throw damagedPacking(file, start);
    piece.append(bytes);
    return bytes;
  };
  const [descriptor] = (await take(5)).subarray(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const window = isSingle ? 0 : windowOf((await take(1))[0]);
  const dictionary = await take([0, 1, 2, 4][descriptor & 3]);
  if (dictionary.some((byte) => byte !== 0)) {
    throw unsupported(file, start, "the zstd data was packed with a dictionary", "-D DICTIONARY");
  }
  const size = await take([isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]);
  const needed = isSingle ? sizeOf(size) : window;
  if (needed > WINDOW_LIMIT) {
    const mib = Math.ceil(needed / (1 << 20));
    const message = `the zstd data needs a window of ${mib} MiB, more than 128`;
    throw unsupported(file, start, message, "--long=31");
  }
  for (let isLast = false; !isLast;) {
    const head = await take(3);
    const bits = head[0] | (head[1] << 8) | (head[2] << 16);
    isLast = (bits & 1) !== 0;
    await take(((bits >> 1) & 3) === REPEATED_BYTE ? 1 : bits >> 3);
    if (piece.length < PIECE_LENGTH) continue;
    yield piece.take();
    piece.clear();
  }
  if ((descriptor & 4) !== 0) await take(4);
  yield piece.take();
}

/** Bytes of a window from their descriptor: a power of two and some eighths of it. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

/** Length of the contents from the field that has it, 1 to 8 bytes. */
function sizeOf(field: Uint8Array): number {
  const bytes = new Uint8Array(8);
  bytes.set(field);
  return Number(u64le(bytes, 0)) + (field.length === 2 ? 256 : 0);
}

/** @param option What `zstd` needs to unpack it. */
function unsupported(
  file: string,
  offset: number,
  message: string,
  option: string,
): UnsupportedError {
  return new UnsupportedError("unsupported-format", message, {
    file,
    offset,
    hint: `unpack the file first: zstd -d ${option}`,
  });
}

/** What is used of the runtime's streams. */
interface Streams {
  pipeline(from: Chunks, through: Chunks, onEnd: (error?: unknown) => void): void;
}

/** What a frame holds. */
async function* unpacked(frame: Chunks, file: string, start: number): AsyncGenerator<Uint8Array> {
  const zlib = nativeModule("node:zlib") as { createZstdDecompress?(): Chunks } | undefined;
  const streams = nativeModule("node:stream") as Streams | undefined;
  if (!zlib?.createZstdDecompress || !streams) {
    throw new UnsupportedError("unsupported-format", "zstd cannot be unpacked in this runtime", {
      file,
      hint: "unpack the file with unzstd first",
    });
  }
  const contents = zlib.createZstdDecompress();
  // Whatever ends it, also an error of the frame, ends the contents with it.
  streams.pipeline(frame, contents, () => {});
  try {
    yield* contents;
  } catch (error) {
    throw error instanceof DecantError ? error : damagedPacking(file, start, error);
  }
}
