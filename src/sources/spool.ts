/**
 * Streams and packed inputs, written to scratch so that they can be read at any offset. Nothing is
 * written before their first bytes have been looked at.
 *
 * @module
 */

import { OutputError, UnsoundError, UsageError } from "../errors.ts";
import { ChunkReader, type Chunks, chunksOf, chunksOfStream } from "./chunk_reader.ts";
import { gunzip, gzipLength, isGzip } from "./gzip_members.ts";
import { pause } from "./pause.ts";
import { type Scratch, spoolNeeded } from "./scratch.ts";
import { readAt, type Source } from "./source.ts";
import { isZstd, unzstd, zstdLength } from "./zstd_frames.ts";

/** Most bytes of an input: 1 TiB. */
const SPOOL_LIMIT = 2 ** 40;
/** Up to here it does not matter how well an input was packed: 64 MiB. */
export const FREE_LENGTH: number = 64 << 20;
/** From there on it may have this many times its packed bytes. Deflate reaches 1,032 at the most. */
const RATIO_LIMIT = 1000;

/** Bytes by which a packed input is known. */
const MAGIC_LENGTH = 4;

/** Looks at the beginning of an input. */
export interface StartCheck {
  /** Bytes that it wants to see. */
  readonly length: number;
  /** Throws if an input that begins like this, or is this, is not wanted. */
  check(start: Uint8Array, name: string): void;
}

/** How an input is spooled. */
export interface SpoolOptions {
  /** What messages call it. */
  name: string;
  /** Refuses what is not wanted, before anything is written. */
  start?: StartCheck;
  /** Whether it may have more than {@link RATIO_LIMIT} times its packed bytes. */
  allowRatio?: boolean;
  /** Ends the waiting and the unpacking. */
  signal?: AbortSignal;
  /** Most bytes, {@link SPOOL_LIMIT} unless given. */
  limit?: number;
}

/**
 * Writes a stream to a scratch file, unpacked where it is packed.
 *
 * @throws {UnsoundError} `truncated` when packed data is damaged, `too-large`.
 * @throws {UsageError} `too-compressed`.
 * @throws {UnsupportedError} when it cannot be unpacked here.
 * @throws {DecantError} what the check of the start throws.
 */
export function spool(
  stream: ReadableStream<Uint8Array>,
  scratch: Scratch,
  options: SpoolOptions,
): Promise<Source> {
  return write(chunksOfStream(stream, options.signal), scratch, options);
}

/**
 * The source itself, or what a packed one stands for, written to a scratch file. The bytes decide, not
 * the name. Errors are those of {@link spool}.
 */
export async function inflated(
  source: Source,
  scratch: Scratch,
  options: Omit<SpoolOptions, "name"> = {},
): Promise<Source> {
  const start = await readAt(source, 0, MAGIC_LENGTH);
  if (!unpackerOf(start)) return source;
  const unpacked = isGzip(start) ? await gzipLength(source) : await zstdLength(source);
  const lengths = { packed: source.size, unpacked };
  const named = { ...options, name: source.name };
  return await write(chunksOf(source, options.signal), scratch, named, lengths);
}

/** How a file that begins with these bytes is unpacked; `undefined` for one that is not packed. */
function unpackerOf(
  start: Uint8Array,
): ((packed: ChunkReader, name: string) => Chunks) | undefined {
  return isGzip(start) ? gunzip : isZstd(start) ? unzstd : undefined;
}

/** @param lengths Of a packed input, and what it says itself that it unpacks to at least. */
async function write(
  chunks: Chunks,
  scratch: Scratch,
  options: SpoolOptions,
  lengths?: { packed: number; unpacked: number },
): Promise<Source> {
  const packed = new ChunkReader(chunks);
  let plain = packed;
  try {
    const unpack = unpackerOf(await packed.peek(MAGIC_LENGTH));
    if (unpack) plain = new ChunkReader(unpack(packed, options.name));
    const { start, name } = options;
    if (start) start.check(await plain.peek(start.length), name);
    if (lengths) {
      refuseTooMuch(lengths.unpacked, lengths.packed, options);
      if (lengths.unpacked > scratch.room) throw spoolNeeded(lengths.unpacked, scratch.room, name);
    }
    const file = scratch.create();
    try {
      for await (const chunk of plain.rest()) {
        await pause(options.signal);
        refuseTooMuch(file.size + chunk.length, unpack && packed.position, options);
        await file.append(chunk);
      }
    } catch (error) {
      file.close();
      throw lengths ? withNeed(error, lengths.unpacked) : error;
    }
    return {
      name,
      size: file.size,
      read: (offset, into) => file.read(offset, into),
      close: () => file.close(),
    };
  } finally {
    await plain.close();
    await packed.close();
  }
}

/** A full disk's error, with how much was to be written. */
function withNeed(error: unknown, needed: number): unknown {
  if (!(error instanceof OutputError) || error.code !== "no-space" || needed === 0) return error;
  const { code, message, file, hint } = error;
  const need = `the unpacked input takes at least ${Math.ceil(needed / 2 ** 20)} MiB`;
  return new OutputError(code, message, { file, hint: `${need}: ${hint}` }, { cause: error });
}

/** @param packed Bytes that have been unpacked, of an input that is packed. */
function refuseTooMuch(
  size: number,
  packed: number | undefined,
  { name, allowRatio, limit = SPOOL_LIMIT }: SpoolOptions,
): void {
  if (size > limit) {
    throw new UnsoundError("too-large", `the input is longer than ${limit} bytes`, {
      file: name,
      hint: "unpack it by hand if that is meant",
    });
  }
  if (allowRatio || packed === undefined) return;
  if (size <= FREE_LENGTH || size <= RATIO_LIMIT * packed) return;
  throw new UsageError(
    `${packed} packed bytes have become more than ${RATIO_LIMIT} times as many`,
    { file: name, hint: "allow it if you know where the file is from", option: "allowRatio" },
    "too-compressed",
  );
}
