/** What can be given as a snapshot. @module */

import { BlobSource } from "../sources/blob_source.ts";
import { BytesSource } from "../sources/bytes_source.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { inflated, spool } from "../sources/spool.ts";

/** A snapshot file in one of the forms in which programs have it. A stream is spooled to scratch. */
export type Input = Source | Blob | Uint8Array | ReadableStream<Uint8Array>;

/**
 * The source that an input is, unpacked where it is compressed.
 *
 * @param name What messages call it, where the input has no name of its own.
 */
export async function openInput(input: Input, scratch: Scratch, name?: string): Promise<Source> {
  const source = await sourceOf(input, scratch, name);
  const unpacked = await inflated(source, scratch);
  if (unpacked !== source) source.close();
  return unpacked;
}

async function sourceOf(input: Input, scratch: Scratch, name?: string): Promise<Source> {
  if (input instanceof Uint8Array) return new BytesSource(input, name);
  if (input instanceof Blob) return new BlobSource(input, name);
  if (input instanceof ReadableStream) return await spool(input, scratch, name ?? "stream");
  return input;
}
