/**
 * Unpacks Zstandard (RFC 8878). The decompressors at hand stop in silence at the end of the first frame
 * and at the end of a file that was cut, and some pass over a wrong checksum; so the frames are taken
 * apart first, and their checksums verified here.
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
import { loadDigests, xxh64Stream } from "../bytes/digest.ts";
import { u32be, u32le, u64le } from "../bytes/integers.ts";
import { nativeModule } from "../bytes/native_module.ts";
import { DecantError, UnsupportedError } from "../errors.ts";
import type { ChunkReader, Chunks } from "./chunk_reader.ts";
import { damagedPacking } from "./packing.ts";
import { readAt, type Source } from "./source.ts";

/** Most bytes behind the one that is written which a frame may refer to: 128 MiB, as in `zstd`. */
export const WINDOW_LIMIT: number = 128 << 20;

const MAGIC = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
const REPEATED_BYTE = 1;
const COMPRESSED = 2;
/** Most bytes that a block stands for, where the window is not smaller. */
const BLOCK_LIMIT = 128 << 10;
/** Blocks that are not compressed are given together, about so many bytes of them. */
const PIECE_LENGTH = 64 << 10;
/** Flag of a descriptor: a checksum follows the last block. */
const CHECKSUM = 4;
const CHECKSUM_LENGTH = 4;
/** Bytes that are passed over at once. */
const SKIPPED_LENGTH = 1 << 20;

/** Longest head of a frame. */
const HEAD_LENGTH = 18;
/** Bytes that a byte of a frame stands for at most: a block of four bytes repeats one. */
const MOST_PER_BYTE = BLOCK_LIMIT / 4;

/** Bytes that a file unpacks to at least, by what its first frame says; 0 where it says nothing. */
export async function zstdLength(source: Source): Promise<number> {
  const head = await readAt(source, 0, HEAD_LENGTH);
  if (head.length < HEAD_LENGTH || u32le(head, 0) !== MAGIC) return 0;
  const descriptor = head[4];
  const isSingle = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  const width = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const length = sizeOf(head.subarray(at, at + width));
  return length <= source.size * MOST_PER_BYTE ? length : 0;
}

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
    else yield* unpacked(packed, file, start);
  }
}

async function skipFrame(packed: ChunkReader, file: string): Promise<void> {
  const start = packed.position;
  const head = await packed.take(8);
  let left = head.length < 8 ? 1 : u32le(head, 4);
  while (left > 0) {
    const { length } = await packed.take(Math.min(left, SKIPPED_LENGTH));
    if (length === 0) throw damagedPacking(file, start);
    left -= length;
  }
}

/**
 * Takes one frame that holds data, and gives it in pieces, as one without a checksum.
 *
 * The decompressor reports an error that it meets before its buffer is full; one that it meets later
 * ends the program. So a
 * block that may be damaged is a piece of its own.
 *
 * @returns Its checksum, if it has one: the low half of the XXH64 of its contents, little-endian.
 * @throws {UnsoundError} `truncated` where it is cut.
 * @throws {UnsupportedError} when it cannot be unpacked here.
 */
export async function* zstdFrame(
  packed: ChunkReader,
  file: string,
): AsyncGenerator<Uint8Array, Uint8Array | undefined> {
  const start = packed.position;
  const piece = new ByteBuilder();
  const take = async (length: number): Promise<Uint8Array> => {
    const bytes = await packed.take(length);
    if (bytes.length < length) throw damagedPacking(file, start);
    return bytes;
  };
  const pass = async (length: number): Promise<Uint8Array> => {
    const bytes = await take(length);
    piece.append(bytes);
    return bytes;
  };
  await pass(4);
  const [descriptor] = await take(1);
  piece.byte(descriptor & ~CHECKSUM);
  const isSingle = (descriptor & 0x20) !== 0;
  const window = isSingle ? 0 : windowOf((await pass(1))[0]);
  const dictionary = await pass([0, 1, 2, 4][descriptor & 3]);
  if (dictionary.some((byte) => byte !== 0)) {
    throw unsupported(file, start, "the zstd data was packed with a dictionary", "-D DICTIONARY");
  }
  const size = await pass([isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]);
  const needed = isSingle ? sizeOf(size) : window;
  if (needed > WINDOW_LIMIT) {
    const mib = Math.ceil(needed / (1 << 20));
    const message = `the zstd data needs a window of ${mib} MiB, more than 128`;
    throw unsupported(file, start, message, "--long=31");
  }
  for (let isLast = false; !isLast;) {
    const head = await take(3);
    const bits = head[0] | (head[1] << 8) | (head[2] << 16);
    const [type, length] = [(bits >> 1) & 3, bits >> 3];
    isLast = (bits & 1) !== 0;
    const isAlone = type >= COMPRESSED || isLast;
    if (type > COMPRESSED || length > Math.min(needed, BLOCK_LIMIT)) {
      throw damagedPacking(file, start);
    }
    if (piece.length > (isAlone ? 0 : PIECE_LENGTH)) {
      yield piece.take();
      piece.clear();
    }
    piece.byte(bits & 0xff).byte(bits >> 8 & 0xff).byte(bits >> 16);
    await pass(type === REPEATED_BYTE ? 1 : length);
    if (!isAlone) continue;
    yield piece.take();
    piece.clear();
  }
  return (descriptor & CHECKSUM) !== 0 ? (await take(CHECKSUM_LENGTH)).slice() : undefined;
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
  pipeline(from: Chunks, through: Decompressor, onEnd: (error?: unknown) => void): void;
}

interface Decompressor extends AsyncIterable<Uint8Array> {
  on(event: "error", listener: () => void): void;
}

/** What a frame holds. */
async function* unpacked(
  packed: ChunkReader,
  file: string,
  start: number,
): AsyncGenerator<Uint8Array> {
  const zlib = nativeModule("node:zlib") as { createZstdDecompress?(): Decompressor } | undefined;
  const streams = nativeModule("node:stream") as Streams | undefined;
  if (!zlib?.createZstdDecompress || !streams) {
    throw new UnsupportedError("unsupported-format", "zstd cannot be unpacked in this runtime", {
      file,
      hint: "unpack the file with unzstd first",
    });
  }
  let checksum: Uint8Array | undefined;
  const frame = async function* (): AsyncGenerator<Uint8Array> {
    checksum = yield* zstdFrame(packed, file);
  };
  await loadDigests();
  const sum = xxh64Stream();
  const contents = zlib.createZstdDecompress();
  // It may tell of an error again when nobody listens any more, and that would end the program.
  contents.on("error", () => {});
  // Whatever ends it, also an error of the frame, ends the contents with it.
  streams.pipeline(frame(), contents, () => {});
  try {
    for await (const chunk of contents) {
      sum.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof DecantError ? error : damagedPacking(file, start, error);
  }
  if (checksum && u32le(checksum, 0) !== u32be(sum.digest(), CHECKSUM_LENGTH)) {
    throw damagedPacking(file, start);
  }
}
