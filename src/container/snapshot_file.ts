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

import { compareBytes, startsWith } from "../bytes/compare.ts";
import { crc32c, type Digest, digestOf, loadDigests, sha256 } from "../bytes/digest.ts";
import { toHex } from "../bytes/hex.ts";
import { u64be, u64le } from "../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import { pause } from "../sources/pause.ts";
import { isPromise, readAt, type Source } from "../sources/source.ts";
import type { EntryBatch } from "./entry_batch.ts";
import type { EntryTable } from "./entry_table.ts";
import { FrameTable } from "./frame_table.ts";
import { FOOTER_LENGTH, FrameReader } from "./frames.ts";
import { type Header, MAX_HEADER_LENGTH, parseHeader } from "./header.ts";
import { SparseIndex } from "./sparse_index.ts";
import { openSstBundle } from "./sst/bundle.ts";

/** What the payload is. */
export type PayloadKind =
  /** A plain entry stream, `EKVPBBL1`. */
  | "stream"
  /** A bundle of table files, `EKVSSTI1`. */
  | "bundle"
  /** Nothing behind the header: an empty store. */
  | "empty"
  /** The clock state of a timestamp group: no user data. */
  | "tso";

/**
 * The checksum behind a payload. `unknown`: the entries could not be followed to their end, and the
 * last four bytes are not the checksum of what is before them.
 */
export type FooterState = "verified" | "absent" | "mismatch" | "unknown";

/** A file that has been read once. */
export interface SnapshotFile {
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
  /** Whether there was a checksum behind the payload, and whether it holds. */
  readonly footer: FooterState;
  /** The computed CRC32C of everything before the footer, as 8 hex digits; absent without a footer. */
  readonly crc32c?: string;
  /** SHA-256 of the whole file as 64 hex digits, when it was asked for. */
  readonly sha256?: string;
  /** What is wrong with the file as a container. Entries before the damage can still be read. */
  readonly problems: UnsoundError[];
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

const STREAM_MAGIC = new TextEncoder().encode("EKVPBBL1");
const BUNDLE_MAGIC = new TextEncoder().encode("EKVSSTI1");
const MEMORY_MAGIC = new TextEncoder().encode("EKVMVCC2");
const STREAM_HEADER_LENGTH = 16;
const READ_LENGTH = 4 << 20;

/**
 * Reads a file from end to end.
 *
 * @throws {UnsupportedError} when the bytes are not a snapshot that is read here.
 * @throws {UnsoundError} when there is not enough of it to say where entries lie. Damage further on
 *   is in `problems`.
 */
export async function openSnapshotFile(
  source: Source,
  options: OpenFileOptions,
): Promise<SnapshotFile> {
  const { name, size } = source;
  if (size < FOOTER_LENGTH) {
    throw new UnsoundError("too-small", `${size} bytes are no snapshot`, {
      file: name,
      hint: "the smallest snapshot has 4 bytes: copy the file again",
    });
  }
  const start = await readAt(source, 0, MAX_HEADER_LENGTH);
  const header = parseHeader(start, name);
  await loadDigests();
  const sums = new Sums(size, options.hash ?? false);
  const base = { name, input: options.input, size, header };
  const payload = size - header.length;

  const clock = header.version === 0 && size === 12 && await clockState(source);
  if (clock || payload === 0 || payload === FOOTER_LENGTH) {
    sums.add(await readAt(source, 0, size));
    return {
      ...base,
      kind: clock ? "tso" : "empty",
      lastCommitTs: 0n,
      ...sums.result(name, payload === 0 ? 0 : FOOTER_LENGTH, []),
      ...tableOf(name, source, header.length, header.length, new SparseIndex()),
      close: () => source.close(),
    };
  }

  const magic = await readAt(source, header.length, STREAM_HEADER_LENGTH);
  if (magic.length < 8) {
    throw new UnsoundError("truncated", "the file ends inside the magic number of its payload", {
      file: name,
      offset: header.length,
      hint: "copy the file again",
    });
  }
  if (startsWith(magic, BUNDLE_MAGIC)) return await openBundle(source, base, sums, options);
  if (!startsWith(magic, STREAM_MAGIC)) throw notRead(magic, header, name);
  if (magic.length < STREAM_HEADER_LENGTH) {
    throw new UnsoundError("truncated", "the file ends inside the header of its entry stream", {
      file: name,
      offset: header.length + magic.length,
      hint: "copy the file again",
    });
  }

  const first = header.length + STREAM_HEADER_LENGTH;
  sums.add(await readAt(source, 0, first));
  const walk = await walkEntries(source, name, first, size, true, options, (bytes) => {
    sums.add(bytes);
    options.progress?.(sums.seen);
  });
  await sums.addRest(source, options.signal);
  return {
    ...base,
    kind: "stream",
    lastCommitTs: u64le(magic, 8),
    ...sums.result(name, walk.left, walk.problems),
    ...tableOf(name, source, first, walk.end, walk.index),
    close: () => source.close(),
  };
}

async function openBundle(
  source: Source,
  base: { name: string; input: number; size: number; header: Header },
  sums: Sums,
  options: OpenFileOptions,
): Promise<SnapshotFile> {
  const { name, size, header } = base;
  await sums.addRest(source, options.signal, options.progress);
  const bundle = await openSstBundle(source, header.length, size);
  const left = size - bundle.payloadEnd;
  const problems: UnsoundError[] = [];
  if (left !== 0 && left !== FOOTER_LENGTH) {
    problems.push(
      new UnsoundError("truncated", `${left} bytes behind the bundle are no checksum`, {
        file: name,
        offset: bundle.payloadEnd,
        hint: "copy the file again",
      }),
    );
  }
  const { stream } = bundle;
  const walk = await walkEntries(stream, name, STREAM_HEADER_LENGTH, stream.size, false, options);
  return {
    ...base,
    kind: "bundle",
    lastCommitTs: bundle.manifest.lastCommitTs,
    ...sums.result(name, left, [...problems, ...walk.problems]),
    ...tableOf(name, stream, STREAM_HEADER_LENGTH, walk.end, walk.index),
    close: () => source.close(),
  };
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

/** The running digests of a file. The checksum covers everything but the last four bytes. */
class Sums {
  /** Bytes added so far. */
  seen = 0;
  readonly #size: number;
  readonly #crc = crc32c();
  readonly #sha: Digest | undefined;
  /** The last bytes of the file, where a footer would be. */
  readonly #tail = new Uint8Array(FOOTER_LENGTH);

  constructor(size: number, hash: boolean) {
    this.#size = size;
    this.#sha = hash ? sha256() : undefined;
  }

  add(bytes: Uint8Array): void {
    this.#sha?.update(bytes);
    const covered = Math.max(0, Math.min(bytes.length, this.#size - FOOTER_LENGTH - this.seen));
    if (covered > 0) this.#crc.update(bytes.subarray(0, covered));
    for (let i = covered; i < bytes.length; i++) {
      this.#tail[this.seen + i - (this.#size - FOOTER_LENGTH)] = bytes[i];
    }
    this.seen += bytes.length;
  }

  /** Reads what the walk has not seen. */
  async addRest(
    source: Source,
    signal?: AbortSignal,
    progress?: (read: number) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(Math.min(READ_LENGTH, this.#size - this.seen));
    while (this.seen < this.#size) {
      await pause(signal);
      const n = await source.read(this.seen, buffer.subarray(0, this.#size - this.seen));
      if (n === 0) break;
      this.add(buffer.subarray(0, n));
      progress?.(this.seen);
    }
  }

  /**
   * @param left Bytes behind the payload: 4 if there is a footer.
   * @param problems What is wrong with the payload; with any, nobody knows where it ends.
   */
  result(
    file: string,
    left: number,
    problems: UnsoundError[],
  ): Pick<SnapshotFile, "footer" | "crc32c" | "sha256" | "problems"> {
    const whole = { sha256: this.#sha && toHex(this.#sha.digest()), problems };
    if (left !== FOOTER_LENGTH && problems.length === 0) return { footer: "absent", ...whole };
    const crc32c = toHex(this.#crc.digest());
    const stored = toHex(this.#tail);
    if (crc32c === stored) return { footer: "verified", crc32c, ...whole };
    if (problems.length > 0) return { footer: "unknown", ...whole };
    problems.push(
      new UnsoundError("checksum-mismatch", `CRC32C is ${crc32c}, the file says ${stored}`, {
        file,
        offset: this.#size - FOOTER_LENGTH,
        hint: "any value may be wrong: copy the file again, or take another replica's",
      }),
    );
    return { footer: "mismatch", crc32c, ...whole };
  }
}

/** Whether twelve bytes are a clock state of 48 bits and its checksum. */
async function clockState(source: Source): Promise<boolean> {
  const bytes = await readAt(source, 0, 12);
  const footer = digestOf(crc32c, bytes.subarray(0, 8));
  return u64be(bytes, 0) < 1n << 48n && compareBytes(footer, bytes.subarray(8)) === 0;
}

/** Files that somebody may well try, by how they begin. */
const KNOWN_FORMATS: readonly [string, string, string][] = [
  ["454b5657", "a legacy Raft log", "give the .fsm file of fsm-snap/ instead"],
  ["454b5652", "a legacy Raft state file", "give the .fsm file of fsm-snap/ instead"],
  [
    "454b5654",
    "a snapshot token, which only names a snapshot",
    "give the .fsm file of fsm-snap/ instead",
  ],
  ["504b0304", "a zip archive", "unpack it and give the snapshot inside"],
  ["7b", "JSON", "give the .fsm file itself"],
];

function notRead(magic: Uint8Array, header: Header, file: string): UnsupportedError {
  const offset = header.length;
  if (startsWith(magic, MEMORY_MAGIC)) {
    return new UnsupportedError(
      "unsupported-format",
      "an EKVMVCC2 stream, which only the in-memory store of tests writes, is not read",
      { file, offset, hint: "take a snapshot from a node that keeps its data on disk" },
    );
  }
  const start = toHex(magic);
  for (const [prefix, what, hint] of KNOWN_FORMATS) {
    if (start.startsWith(prefix)) {
      return new UnsupportedError("not-a-snapshot", `this is ${what}`, { file, offset, hint });
    }
  }
  return new UnsupportedError("not-a-snapshot", "the payload does not begin like a snapshot", {
    file,
    offset,
    hint: "give a node's .fsm file or its data directory",
  });
}
