/**
 * Unpacks gzip (RFC 1952).
 *
 * ```text
 * file   := member+ ‖ 00*
 * member := 1F 8B ‖ header ‖ deflated bytes ‖ CRC32 of the bytes u32LE ‖ length u32LE
 * ```
 *
 * A file has any number of members, some of them empty. The decompressors of runtimes differ in what
 * they do behind the first one: browsers refuse it, some stop there in silence. Zeros behind the last
 * member are what tapes and disks fill up with; anything else is not passed over.
 *
 * @module
 */

import { Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END } from "pako";
import { zlibInflate, zlibInflateInit2, zlibInflateReset, ZStream } from "pako";
import { u32le } from "../bytes/integers.ts";
import type { ChunkReader } from "./chunk_reader.ts";
import { damagedPacking } from "./packing.ts";
import { readAt, type Source } from "./source.ts";

const OUTPUT_LENGTH = 256 << 10;
/** A window of 32 KiB, and a gzip header before it. */
const GZIP_WINDOW = 15 + 16;

/** Whether a file that begins with these bytes is made of such members. */
export function isGzip(start: Uint8Array): boolean {
  return start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b;
}

/** Bytes that a byte of deflated data stands for at most. */
const MOST_PER_BYTE = 1032;

/**
 * Bytes that a file unpacks to at least, by the length that ends its last member. 0 where that cannot be
 * one: in a file that was cut off it is any four bytes.
 */
export async function gzipLength(source: Source): Promise<number> {
  const end = await readAt(source, Math.max(0, source.size - 4), 4);
  const length = end.length < 4 ? 0 : u32le(end, 0);
  return length <= source.size * MOST_PER_BYTE ? length : 0;
}

/**
 * The bytes that all members stand for; each member's checksum is verified.
 *
 * @throws {UnsoundError} `truncated` when a member is cut or damaged, or something else follows.
 */
export async function* gunzip(packed: ChunkReader, file: string): AsyncGenerator<Uint8Array> {
  const stream = new ZStream();
  zlibInflateInit2(stream, GZIP_WINDOW);
  stream.output = new Uint8Array(OUTPUT_LENGTH);
  let state: "between" | "inside" | "behind" = "between";
  let member = 0;
  for await (const chunk of packed.rest()) {
    const offset = packed.position - chunk.length;
    stream.input = chunk;
    stream.next_in = 0;
    stream.avail_in = chunk.length;
    while (stream.avail_in > 0 || state === "inside") {
      if (state !== "inside") {
        if (state === "behind" || chunk[stream.next_in] === 0) {
          const other = chunk.subarray(stream.next_in).findIndex((byte) => byte !== 0);
          if (other >= 0) throw damagedPacking(file, offset + stream.next_in + other);
          state = "behind";
          break;
        }
        state = "inside";
        member = offset + stream.next_in;
        zlibInflateReset(stream);
      }
      stream.next_out = 0;
      stream.avail_out = OUTPUT_LENGTH;
      const status = zlibInflate(stream, Z_NO_FLUSH);
      if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out);
      if (status === Z_STREAM_END) state = "between";
      else if (status !== Z_OK && status !== Z_BUF_ERROR) {
        throw damagedPacking(file, member, stream.msg);
      } else if (stream.avail_out > 0) break; // it needs the next chunk
    }
  }
  if (state === "inside") throw damagedPacking(file, member);
}
