/** Streams and compressed inputs, written to scratch so that they can be read at any offset. @module */

import { nativeModule } from "../bytes/digest.ts";
import { DecantError, UnsoundError, UnsupportedError } from "../errors.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";
import { readAt, type Source } from "./source.ts";
import { type FrameRange, isZstd, zstdFrames } from "./zstd_frames.ts";

/** Most bytes that a compressed input may inflate to: 1 TiB. */
export const INFLATED_LIMIT: number = 2 ** 40;

const READ_LENGTH = 1 << 20;

/** Writes a stream to a scratch file. */
export async function spool(
  stream: ReadableStream<Uint8Array>,
  scratch: Scratch,
  name: string,
  limit: number = INFLATED_LIMIT,
): Promise<Source> {
  const file = scratch.create();
  await append(file, stream, name, limit);
  return named(file, name);
}

async function append(
  file: ScratchFile,
  stream: ReadableStream<Uint8Array>,
  name: string,
  limit: number,
): Promise<void> {
  for await (const chunk of stream) {
    if (file.size + chunk.length > limit) {
      throw new UnsoundError("too-large", `the stream is longer than ${limit} bytes`, {
        file: name,
        hint: "unpack it by hand if that is meant",
      });
    }
    await file.append(chunk);
  }
}

/** The source itself, or what a gzip or zstd source inflates to. The bytes decide, not the name. */
export async function inflated(source: Source, scratch: Scratch): Promise<Source> {
  const { name } = source;
  const start = await readAt(source, 0, 4);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  if (!isGzip && !isZstd(start)) return source;
  const file = scratch.create();
  const unpack = async (
    { start, end }: FrameRange,
    decompressor: Decompressor,
  ): Promise<void> =>
    await append(
      file,
      streamOf(source, start, end).pipeThrough(decompressor),
      name,
      INFLATED_LIMIT,
    );
  try {
    if (isGzip) await unpack({ start: 0, end: source.size }, new DecompressionStream("gzip"));
    else for await (const frame of zstdFrames(source)) await unpack(frame, zstdDecompressor(name));
  } catch (error) {
    file.close();
    if (error instanceof DecantError) throw error;
    throw new UnsoundError("truncated", "the compressed data is damaged or cut short", {
      file: name,
      hint: "copy the file again",
    }, { cause: error });
  }
  return named(file, name);
}

type Decompressor = ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;

function zstdDecompressor(name: string): Decompressor {
  const zlib = nativeModule("node:zlib") as { createZstdDecompress?(): unknown } | undefined;
  const streams = nativeModule("node:stream") as
    | { Duplex: { toWeb(stream: unknown): Decompressor } }
    | undefined;
  if (!zlib?.createZstdDecompress || !streams) {
    throw new UnsupportedError("unsupported-format", "zstd cannot be unpacked in this runtime", {
      file: name,
      hint: "unpack the file with unzstd first",
    });
  }
  return streams.Duplex.toWeb(zlib.createZstdDecompress());
}

function streamOf(
  source: Source,
  start: number,
  end: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = start;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const bytes = new Uint8Array(Math.min(READ_LENGTH, end - offset));
      const n = await source.read(offset, bytes);
      offset += n;
      if (n === 0) controller.close();
      else controller.enqueue(bytes.subarray(0, n));
    },
  });
}

function named(file: ScratchFile, name: string): Source {
  return {
    name,
    size: file.size,
    read: (offset, into) => file.read(offset, into),
    close: () => file.close(),
  };
}
