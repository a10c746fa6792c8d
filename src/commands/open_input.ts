/** What can be given as a snapshot. @module */

import { type DirectoryWarning, findSnapshots } from "../container/data_directory.ts";
import { FILE_START_LENGTH, parseFileStart } from "../container/file_start.ts";
import { UsageError } from "../errors.ts";
import type { SnapshotInput } from "../mvcc/snapshot.ts";
import { BlobSource } from "../sources/blob_source.ts";
import { BytesSource } from "../sources/bytes_source.ts";
import type { Directory } from "../sources/directory.ts";
import { openPath } from "../sources/path_source.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { inflated, spool, type SpoolOptions } from "../sources/spool.ts";

/**
 * A snapshot file in one of the forms in which programs have it: a path in Deno or Node, bytes, a `Blob`
 * or `File`, a stream of the web or of Node, or anything that can be read at any offset. A stream is
 * spooled to scratch space.
 */
export type Input =
  | string
  | URL
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Source;

/** What was opened of some inputs. */
export interface OpenedInputs {
  /** Files, in the order of the inputs; those of a data directory in the order of its groups. */
  files: SnapshotInput[];
  /** Groups that have a folder in a data directory, with or without a snapshot. */
  groups: bigint[];
  /** What was passed over in data directories, and what is newer than their snapshots. */
  warnings: DirectoryWarning[];
}

/**
 * Opens files, and the newest snapshot of each group of the data directories among them. After an error
 * nothing is open.
 */
export async function openInputs(
  inputs: readonly (Input | Directory)[],
  scratch: Scratch,
  options: InputOptions,
): Promise<OpenedInputs> {
  const opened: OpenedInputs = { files: [], groups: [], warnings: [] };
  try {
    for (const input of inputs) {
      if (!isDirectory(input)) {
        opened.files.push({ source: await openInput(input, scratch, options) });
        continue;
      }
      const { snapshots, groups, warnings } = await findSnapshots(input);
      opened.groups.push(...groups);
      opened.warnings.push(...warnings);
      for (const { group, open } of snapshots) {
        opened.files.push({ source: await openInput(await open(), scratch, options), group });
      }
    }
    return opened;
  } catch (error) {
    for (const { source } of opened.files) source.close();
    throw error;
  }
}

function isDirectory(input: Input | Directory): input is Directory {
  return typeof (input as Partial<Directory> | undefined)?.list === "function";
}

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
  if (isStream(input)) {
    return await spool(streamOf(input), scratch, { ...options, name: name ?? "stream" });
  }
  const source = sourceOf(input, name);
  let unpacked: Source | undefined;
  try {
    return unpacked = await inflated(source, scratch, options);
  } finally {
    if (unpacked !== source) source.close();
  }
}

type Stream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Streams of Node can be read, too, as sources can: in another way. */
function isStream(input: Input): input is Stream {
  return input instanceof ReadableStream ||
    typeof input === "object" && input !== null && Symbol.asyncIterator in input;
}

/** What a stream of Node says of itself. */
interface NodeStream {
  readableEnded?: boolean;
  readableDidRead?: boolean;
  destroyed?: boolean;
}

function streamOf(input: Stream): ReadableStream<Uint8Array> {
  if (input instanceof ReadableStream) return input;
  const { readableEnded, destroyed, readableDidRead } = input as NodeStream;
  if (readableEnded || destroyed || readableDidRead) {
    throw new UsageError("the stream was read already, or is closed", {
      hint: "give a new one: what was read of it would be missing",
    });
  }
  const chunks = input[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => void chunks.return?.(reason),
  });
}

function sourceOf(input: Exclude<Input, Stream>, name: string | undefined): Source {
  if (typeof input === "string" || input instanceof URL) return openPath(input);
  if (input instanceof Uint8Array) return new BytesSource(input, name);
  if (input instanceof Blob) return new BlobSource(input, name);
  if (typeof input?.read === "function" && typeof input.size === "number") return input;
  throw new UsageError("no snapshot was given", {
    hint: "give a path, bytes, a Blob, a stream, or several of them",
  });
}
