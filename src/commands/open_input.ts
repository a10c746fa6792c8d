/** What can be given as a snapshot. @module */

import { FILE_START_LENGTH, parseFileStart } from "../container/file_start.ts";
import { BlobSource } from "../sources/blob_source.ts";
import { BytesSource } from "../sources/bytes_source.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { inflated, spool, type SpoolOptions } from "../sources/spool.ts";

/** A snapshot file in one of the forms in which programs have it. A stream is spooled to scratch. */
export type Input = Source | Blob | Uint8Array | ReadableStream<Uint8Array>;

/** How an input is opened. */
export interface InputOptions {
  /** What messages call it, where the input has no name of its own. */
  name?: string;
  /** Whether it may unpack to more than 1,000 times its bytes. */
  allowRatio?: boolean;
  /** Stops the spooling when it fires. */
  signal?: AbortSignal;
}

/** What does not begin like a snapshot is neither spooled nor unpacked. */
const START: SpoolOptions["start"] = {
  length: FILE_START_LENGTH,
  check: (start, name) => void parseFileStart(start, name),
};

/** The source that an input is, unpacked where it is packed. */
export async function openInput(
  input: Input,
  scratch: Scratch,
  { name, allowRatio, signal }: InputOptions = {},
): Promise<Source> {
  const options = { start: START, allowRatio, signal };
  if (input instanceof ReadableStream) {
    return await spool(input, scratch, { ...options, name: name ?? "stream" });
  }
  const source = input instanceof Uint8Array
    ? new BytesSource(input, name)
    : input instanceof Blob
    ? new BlobSource(input, name)
    : input;
  let unpacked: Source | undefined;
  try {
    return unpacked = await inflated(source, scratch, options);
  } finally {
    if (unpacked !== source) source.close();
  }
}
