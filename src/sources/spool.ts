/** Streams and compressed inputs, written to scratch so that they can be read at any offset. @module */

import { nativeModule } from "../bytes/digest.ts";
import { DecantError, UnsoundError, UnsupportedError } from "../errors.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";
import { readAt, type Source } from "./source.ts";

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
  for await (const chunk of stream) {
    if (file.size + chunk.length > limit) {
      throw new UnsoundError("too-large", `the stream is longer than ${limit} bytes`, {
        file: name,
        hint: "unpack it by hand if that is meant",
      });
    }
    await file.append(chunk);
  }
  return named(file, name);
}

/** The source itself, or what a gzip or zstd source inflates to. The bytes decide, not the name. */
export async function inflated(source: Source, scratch: Scratch): Promise<Source> {
  const start = await readAt(source, 0, 4);
  const decompressor = decompressorFor(start, source.name);
  if (!decompressor) return source;
  try {
    return await spool(streamOf(source).pipeThrough(decompressor), scratch, source.name);
  } catch (error) {
    if (error instanceof DecantError) throw error;
    throw new UnsoundError("truncated", "the compressed data is damaged or cut short", {
      file: source.name,
      hint: "copy the file again",
    }, { cause: error });
  }
}

type Decompressor = ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;

function decompressorFor(start: Uint8Array, name: string): Decompressor | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return new DecompressionStream("gzip");
  if (start[0] !== 0x28 || start[1] !== 0xb5 || start[2] !== 0x2f || start[3] !== 0xfd) {
    return undefined;
  }
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

function streamOf(source: Source): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const bytes = new Uint8Array(READ_LENGTH);
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
