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

import { compareBytes } from "../bytes/compare.ts";
import { loadDigests } from "../bytes/digest.ts";
import { UnsoundError } from "../errors.ts";
import type { BlockDigests } from "../sources/block_digests.ts";
import { pause } from "../sources/pause.ts";
import { isPromise, readAt, type Source } from "../sources/source.ts";
import { sourceChanged } from "../sources/verified_source.ts";
import type { EntryBatch } from "./entry_batch.ts";
import type { EntryTable } from "./entry_table.ts";
import {
  FILE_START_LENGTH,
  parseFileStart,
  type PayloadKind,
  STREAM_HEADER_LENGTH,
} from "./file_start.ts";
import { FileSums, type FileVerdict } from "./file_sums.ts";
import { FrameTable } from "./frame_table.ts";
import { FOOTER_LENGTH, FrameReader } from "./frames.ts";
import type { Header } from "./header.ts";
import { SparseIndex } from "./sparse_index.ts";
import { openSstBundle } from "./sst/bundle.ts";

/** A file that has been read once. */
export interface SnapshotFile extends FileVerdict {
  /** Name of the source. */
  readonly name: string;
  /** Its sound entries. */
  readonly table: EntryTable;
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
  /** Number of the input, carried in every batch. */
  input: number;
  /** Sees every batch of the one pass. */
  onBatch?: (batch: EntryBatch) => void;
  /** Whether the SHA-256 of the file is wanted. */
  hash?: boolean;
  signal?: AbortSignal;
  /** Called about every 2 MiB with the bytes read so far. */
  progress?: (read: number) => void;
}

/**
 * Reads a file from end to end.
 *
 * @throws {UnsupportedError} when the bytes are not a snapshot that is read here.
 * @throws {UnsoundError} when there is not enough of it to say where entries lie. Damage further on
 *   is in `problems`.
 * @throws {SourceChangedError} when it changes meanwhile.
 */
export async function openSnapshotFile(
  source: Source,
  options: OpenFileOptions,
): Promise<SnapshotFile> {
  const { name, size } = source;
  const { input, signal, progress } = options;
  const start = await readAt(source, 0, FILE_START_LENGTH);
  if (start.length < Math.min(size, FILE_START_LENGTH)) {
    throw sourceChanged(name, start.length, "cut off");
  }
  const { header, kind, lastCommitTs } = parseFileStart(start, name);
  await loadDigests();
  const sums = new FileSums(source, size, options.hash ?? false);
  const base = { name, input, size, header, kind, close: () => source.close() };

  if (kind === "empty" || kind === "tso") {
    sums.add(start);
    const { source: stream, digests } = sums.verified();
    return {
      ...base,
      lastCommitTs,
      ...sums.verdict(size === header.length ? 0 : FOOTER_LENGTH, []),
      digests,
      ...tableOf(name, stream, header.length, header.length, new SparseIndex()),
    };
  }

  if (kind === "bundle") {
    sums.add(start);
    await sums.addRest(signal, progress);
    const { source: verified, digests } = sums.verified();
    const bundle = await openSstBundle(verified, header.length, size);
    const { stream, payloadEnd, manifest } = bundle;
    const walk = await walkEntries(stream, name, STREAM_HEADER_LENGTH, stream.size, false, options);
    const left = size - payloadEnd;
    return {
      ...base,
      lastCommitTs: manifest.lastCommitTs,
      ...sums.verdict(left, [...behindBundle(left, payloadEnd, name), ...walk.problems]),
      digests,
      ...tableOf(name, stream, STREAM_HEADER_LENGTH, walk.end, walk.index),
    };
  }

  const first = header.length + STREAM_HEADER_LENGTH;
  sums.add(start.subarray(0, first));
  const walk = await walkEntries(source, name, first, size, true, options, (bytes) => {
    sums.add(bytes);
    progress?.(sums.seen);
  });
  await sums.addRest(signal);
  const { source: stream, digests } = sums.verified();
  return {
    ...base,
    lastCommitTs,
    ...sums.verdict(walk.left, walk.problems),
    digests,
    ...tableOf(name, stream, first, walk.end, walk.index),
  };
}

function behindBundle(left: number, offset: number, file: string): UnsoundError[] {
  if (left === 0 || left === FOOTER_LENGTH) return [];
  return [
    new UnsoundError("truncated", `${left} bytes behind the bundle are no checksum`, {
      file,
      offset,
      hint: "copy the file again",
    }),
  ];
}

function tableOf(
  name: string,
  stream: Source,
  start: number,
  end: number,
  index: SparseIndex,
): Pick<SnapshotFile, "table" | "entries"> {
  return {
    table: new FrameTable({ origin: { name }, stream, start, end, index }),
    entries: { start, end },
  };
}

interface Walk {
  index: SparseIndex;
  /** Offset behind the last sound entry. */
  end: number;
  /** Bytes between it and the end. */
  left: number;
  problems: UnsoundError[];
}

/** Reads all entries once: builds the index, checks that stored keys ascend, shows every batch. */
async function walkEntries(
  stream: Source,
  file: string,
  start: number,
  end: number,
  footer: boolean,
  { input, onBatch, signal }: OpenFileOptions,
  onBytes?: (bytes: Uint8Array) => void,
): Promise<Walk> {
  const index = new SparseIndex();
  const reader = new FrameReader({ stream, file, start, end, input, footer, onBytes });
  let last: Uint8Array = new Uint8Array(0);
  try {
    for (;;) {
      await pause(signal);
      const next = reader.next();
      const batch = isPromise(next) ? await next : next;
      if (!batch) break;
      const sound = ascending(batch, last);
      if (sound < batch.count) {
        const position = batch.positions[sound];
        batch.count = sound;
        onBatch?.(batch);
        return {
          index,
          end: position,
          left: end - position,
          problems: [
            withUnread(
              new UnsoundError("unordered", "stored keys do not ascend", {
                file,
                offset: position,
                hint: "the file is damaged from here on: take another replica's",
              }),
              end - position,
              end - start,
            ),
          ],
        };
      }
      index.addBatch(batch);
      const r = (batch.count - 1) * 4;
      last = batch.bytes.slice(batch.ranges[r], batch.ranges[r + 1]);
      onBatch?.(batch);
    }
  } catch (error) {
    if (!(error instanceof UnsoundError)) throw error;
    const problem = withUnread(error, reader.left, end - start);
    return { index, end: reader.position, left: reader.left, problems: [problem] };
  }
  return { index, end: reader.position, left: reader.left, problems: [] };
}

/** Behind damage nobody knows where an entry begins: says how much of the entries was not read. */
function withUnread(error: UnsoundError, left: number, all: number): UnsoundError {
  const percent = Math.max(1, Math.round((left / all) * 100));
  const message = `${error.message}; the last ${percent} % of the entries could not be read`;
  return new UnsoundError(error.code, message, error, { cause: error.cause });
}

/** How many entries from the start of the batch ascend. */
function ascending(batch: EntryBatch, last: Uint8Array): number {
  const { bytes, ranges, count } = batch;
  if (
    count > 0 && last.length > 0 && compareBytes(last, bytes.subarray(ranges[0], ranges[1])) >= 0
  ) return 0;
  for (let i = 1; i < count; i++) {
    const r = i * 4;
    let a = ranges[r - 4];
    let b = ranges[r];
    const aEnd = ranges[r - 3];
    const bEnd = ranges[r + 1];
    while (a < aEnd && b < bEnd && bytes[a] === bytes[b]) {
      a++;
      b++;
    }
    if (b === bEnd || (a < aEnd && bytes[a] > bytes[b])) return i;
  }
  return count;
}
