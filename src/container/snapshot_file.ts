/**
 * One snapshot file, read once from end to end: what kind of file it is, where its entries lie,
 * whether its checksum holds, and a sparse index of its keys.
 *
 * ```text
 * file := [header] ‖ payload ‖ [CRC32C of everything before it, u32BE]
 * ```
 *
 * What a file is comes from its bytes, never from its name.
 *
 * @module
 */

import { loadDigests } from "../bytes/digest.ts";
import { UnsoundError } from "../errors.ts";
import { BlockCache } from "../sources/block_cache.ts";
import type { BlockDigests } from "../sources/block_digests.ts";
import { readAt, type Source } from "../sources/source.ts";
import { sourceChanged } from "../sources/verified_source.ts";
import { CheckedEntries } from "./checked_entries.ts";
import type { EntryStream } from "./entry_batch.ts";
import type { EntryTable } from "./entry_table.ts";
import {
  FILE_START_LENGTH,
  type FileStart,
  parseFileStart,
  type PayloadKind,
  STREAM_HEADER_LENGTH,
} from "./file_start.ts";
import { FileSums, type FileVerdict } from "./file_sums.ts";
import { FrameTable } from "./frame_table.ts";
import { FOOTER_LENGTH } from "./frames.ts";
import type { Header } from "./header.ts";
import type { SparseIndex } from "./sparse_index.ts";
import { openSstBundle } from "./sst/bundle.ts";

/** A file that has been read once. */
export interface SnapshotFile extends FileVerdict {
  /** Name of the source. */
  readonly name: string;
  /** Its sound entries. */
  readonly table: EntryTable;
  /** Some of their keys. */
  readonly index: SparseIndex;
  /** Offsets of the first entry and behind the last sound one, in the stream that a bundle stands for. */
  readonly entries: { readonly start: number; readonly end: number };
  /** Number of the input. */
  readonly input: number;
  /** Size in bytes, uncompressed. */
  readonly size: number;
  /** What stands before the payload. */
  readonly header: Header;
  /** What the payload is. */
  readonly kind: PayloadKind;
  /** The commit timestamp that the payload names as its last; 0 = none. */
  readonly lastCommitTs: bigint;
  /** Digests of the blocks of the file, by which later readings are checked. */
  readonly digests: BlockDigests;
  /** Lets go of the source. */
  close(): void;
}

/** How a file is opened. */
export interface OpenFileOptions {
  /** Number of the input, carried in every batch; 0. */
  input?: number;
  /** Bytes to read at once; a little more than 2 MiB unless given. */
  buffer?: number;
  /** Bytes of the places of its index; 8 MiB unless given. */
  index?: number;
  /** Bytes of the blocks of which digests are taken; as its size demands unless given. */
  block?: number;
  /** Keeps blocks that are read later, shared with other files; one of its own unless given. */
  cache?: BlockCache;
  /** Whether the SHA-256 of the file is wanted. */
  hash?: boolean;
  signal?: AbortSignal;
  /** Called about every 2 MiB with the bytes read so far. */
  progress?: (read: number) => void;
}

/** A file that is being read for the first time. */
export interface OpeningFile {
  /** The commit timestamp that the payload names as its last; 0 = none. */
  readonly lastCommitTs: bigint;
  /** All of its sound entries, once. */
  readonly entries: EntryStream;
  /** To be called behind the last entry: reads what is left, and says what the file is. */
  finish(): Promise<SnapshotFile>;
}

/**
 * Begins to read a file from end to end. A bundle of tables is read to its end now, for its digests,
 * and once more for its entries.
 *
 * This and all further reading throws a `SourceChangedError` when the file changes meanwhile.
 *
 * @throws {UnsupportedError} when the bytes are not a snapshot that is read here.
 * @throws {UnsoundError} when there is not enough of it to say where entries lie. Damage further on
 *   will be in `problems`.
 */
export async function openSnapshotFile(
  source: Source,
  options: OpenFileOptions = {},
): Promise<OpeningFile> {
  const { name, size } = source;
  const { input = 0, buffer, index, cache = new BlockCache(), signal, progress } = options;
  const start = await readAt(source, 0, FILE_START_LENGTH);
  if (start.length < Math.min(size, FILE_START_LENGTH)) {
    throw sourceChanged(name, start.length, "cut off");
  }
  const begun = parseFileStart(start, name);
  const { header, kind } = begun;
  await loadDigests();
  const sums = new FileSums(source, size, options.hash ?? false, options.block);
  let payload: Payload;
  if (kind === "bundle") {
    await sums.addRest(signal, progress);
    payload = await bundlePayload(sums.verified(cache).source, header.length, cache);
  } else {
    payload = streamPayload(source, begun);
    // What has no entries is small enough to have been read to its end.
    sums.add(kind === "stream" ? start.subarray(0, payload.start) : start);
  }
  const { lastCommitTs } = payload;
  const entries = new CheckedEntries({
    ...payload,
    file: name,
    input,
    buffer,
    onBytes: payload.stream === source
      ? (bytes) => {
        sums.add(bytes);
        progress?.(sums.seen);
      }
      : undefined,
  }, index);

  const finish = async (): Promise<SnapshotFile> => {
    await sums.addRest(signal);
    const { source: verified, digests } = sums.verified(cache);
    const problems = entries.problem ? [...payload.problems, entries.problem] : payload.problems;
    const place = { start: payload.start, end: entries.end };
    const stream = payload.stream === source ? verified : payload.stream;
    return {
      name,
      input,
      size,
      header,
      kind,
      lastCommitTs,
      ...sums.verdict(payload.left ?? entries.left, problems),
      digests,
      entries: place,
      index: entries.index,
      table: new FrameTable({ origin: { name }, stream, ...place, index: entries.index }),
      close: closerOf(source),
    };
  };
  return { lastCommitTs, entries, finish };
}

/** Made here, as a function keeps all that is around it: a file would keep the buffers of its first reading. */
function closerOf(source: Source): () => void {
  return () => source.close();
}

/** The part of a file that holds its entries. */
interface Payload {
  lastCommitTs: bigint;
  /** The file, or the stream that a bundle stands for. */
  stream: Source;
  /** Offsets in the stream of the first entry, and behind the last one or its checksum. */
  start: number;
  end: number;
  /** Whether a checksum may lie before the end. */
  footer: boolean;
  /** Bytes of the file behind it, where that is not what is left behind the last entry. */
  left?: number;
  problems: UnsoundError[];
}

/** A store without entries, or the state of a clock, is a stream of none. */
function streamPayload(source: Source, { header, kind, lastCommitTs }: FileStart): Payload {
  const { size } = source;
  const start = kind === "stream"
    ? header.length + STREAM_HEADER_LENGTH
    : Math.max(header.length, size - FOOTER_LENGTH);
  return { lastCommitTs, stream: source, start, end: size, footer: true, problems: [] };
}

async function bundlePayload(
  source: Source,
  offset: number,
  cache: BlockCache,
): Promise<Payload> {
  const { stream, payloadEnd, list } = await openSstBundle(source, offset, source.size, cache);
  const left = source.size - payloadEnd;
  const problems: UnsoundError[] = [];
  if (left !== 0 && left !== FOOTER_LENGTH) {
    problems.push(
      new UnsoundError("truncated", `${left} bytes behind the bundle are no checksum`, {
        file: source.name,
        offset: payloadEnd,
        hint: "copy the file again",
      }),
    );
  }
  const { lastCommitTs } = list;
  const place = { start: STREAM_HEADER_LENGTH, end: stream.size, footer: false };
  return { lastCommitTs, stream, ...place, left, problems };
}
