/**
 * A `.snap` file: the Raft library's record of a snapshot.
 *
 * ```text
 * file     := 1: crc uint32 ‖ 2: snapshot bytes                  crc = CRC32C of the snapshot bytes
 * snapshot := 1: data bytes ‖ 2: metadata { 1: members ‖ 2: index uint64 ‖ 3: term uint64 }
 * data     := "EKVT" ‖ 01 ‖ index u64BE ‖ crc32c u32BE           the payload is fsm-snap/<index>.fsm
 *           | nothing                                            there is no payload
 *           | anything else                                      the payload itself, of an old node
 * ```
 *
 * Both messages are protobuf. A payload may have any size, so it is never read into memory here.
 *
 * @module
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { startsWith } from "../bytes/compare.ts";
import { crc32c, loadDigests } from "../bytes/digest.ts";
import { u32be, u64be } from "../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import { readAt, type Source } from "../sources/source.ts";
import { varintFields } from "./varint_fields.ts";

/** What a `.snap` file says. */
export interface SnapFile {
  /** Raft index up to which the snapshot holds everything. */
  index: bigint;
  /** Raft term of that entry. */
  term: bigint;
  /** Where the payload is; absent when there is none. */
  payload?: SnapToken | SnapRange;
}

/** A payload in a file of its own. */
export interface SnapToken {
  /** Tells it from a {@link SnapRange}. */
  kind: "token";
  /** The file is `fsm-snap/<index as 16 hex digits>.fsm`. */
  index: bigint;
  /** What that file's checksum must be. */
  crc32c: number;
}

/** A payload inside the `.snap` file, at offsets [start, end). */
export interface SnapRange {
  /** Tells it from a {@link SnapToken}. */
  kind: "inline";
  /** Offset of its first byte. */
  start: number;
  /** Offset behind its last byte. */
  end: number;
}

const TOKEN_MAGIC = new TextEncoder().encode("EKVT");
const TOKEN_VERSION = 1;
const TOKEN_LENGTH = 17;
/** Most bytes of a tag and the number behind it. */
const FIELD_HEAD_LENGTH = 20;
/** Longest metadata: a group has some members of at most 10 bytes each. */
const MAX_METADATA_LENGTH = 1 << 20;
const READ_LENGTH = 1 << 20;

/**
 * Reads and checks a `.snap` file.
 *
 * @throws {UnsoundError} `checksum-mismatch`, or `truncated` when it is cut off.
 * @throws {UnsupportedError} `not-a-snapshot` when it is something else, `unsupported-format` for a
 *   token of another version.
 */
export async function readSnapFile(source: Source): Promise<SnapFile> {
  const file = await fieldsOf(source, 0, source.size);
  const snapshot = file.ranges.get(2);
  const crc = file.numbers.get(1) ?? 0n;
  if (!snapshot || snapshot.start === snapshot.end || crc === 0n) {
    throw notSnap(source, "there is no snapshot in it");
  }
  const computed = await crcOf(source, snapshot.start, snapshot.end);
  if (BigInt(computed) !== crc) {
    throw new UnsoundError("checksum-mismatch", "the CRC32C of the record does not match", {
      file: source.name,
      offset: snapshot.start,
      hint: "an older record is tried",
    });
  }
  const { ranges } = await fieldsOf(source, snapshot.start, snapshot.end);
  const metadata = await metadataOf(source, ranges.get(2));
  return {
    index: metadata.get(2) ?? 0n,
    term: metadata.get(3) ?? 0n,
    payload: await payloadOf(source, ranges.get(1)),
  };
}

/** The payload of a `.snap` file as a source of its own; closing it closes the file. */
export function inlinePayload(source: Source, { start, end }: SnapRange): Source {
  return {
    name: source.name,
    size: end - start,
    read: (offset, into) =>
      source.read(start + offset, into.subarray(0, Math.max(0, end - start - offset))),
    close: () => source.close(),
  };
}

interface Range {
  start: number;
  end: number;
}

/** The fields of a message that lies in a file: numbers, and where byte strings are. */
async function fieldsOf(
  source: Source,
  start: number,
  end: number,
): Promise<{ numbers: Map<number, bigint>; ranges: Map<number, Range> }> {
  const numbers = new Map<number, bigint>();
  const ranges = new Map<number, Range>();
  let at = start;
  while (at < end) {
    const reader = new BinaryReader(
      await readAt(source, at, Math.min(FIELD_HEAD_LENGTH, end - at)),
    );
    try {
      const [number, type] = reader.tag();
      if (type === WireType.Varint) numbers.set(number, BigInt(reader.uint64()));
      else if (type === WireType.LengthDelimited) {
        const length = reader.uint32();
        ranges.set(number, { start: at + reader.pos, end: at + reader.pos + length });
        at += length;
      } else throw new RangeError(`wire type ${type}`);
      at += reader.pos;
    } catch (error) {
      throw notSnap(source, "it is no protobuf message", at, error);
    }
  }
  if (at > end) {
    throw new UnsoundError("truncated", "the record is cut off", {
      file: source.name,
      offset: end,
      hint: "an older record is tried",
    });
  }
  return { numbers, ranges };
}

async function metadataOf(source: Source, range?: Range): Promise<Map<number, bigint>> {
  if (!range) throw notSnap(source, "the snapshot has no metadata");
  const { start, end } = range;
  if (end - start > MAX_METADATA_LENGTH) {
    throw notSnap(
      source,
      `metadata of ${end - start} bytes is above ${MAX_METADATA_LENGTH}`,
      start,
    );
  }
  const metadata = varintFields(await readAt(source, start, end - start));
  if (!metadata) throw notSnap(source, "the metadata is no protobuf message", start);
  return metadata;
}

async function payloadOf(
  source: Source,
  range?: Range,
): Promise<SnapToken | SnapRange | undefined> {
  if (!range || range.start === range.end) return undefined;
  const { start, end } = range;
  if (end - start !== TOKEN_LENGTH) return { kind: "inline", start, end };
  const token = await readAt(source, start, TOKEN_LENGTH);
  if (!startsWith(token, TOKEN_MAGIC)) return { kind: "inline", start, end };
  if (token[4] !== TOKEN_VERSION) {
    throw new UnsupportedError("unsupported-format", `token version ${token[4]} is not read`, {
      file: source.name,
      offset: start + 4,
      hint: "use a newer version of this program",
    });
  }
  return { kind: "token", index: u64be(token, 5), crc32c: u32be(token, 13) };
}

/** The CRC32C of the bytes [start, end) of a source. */
export async function crcOf(source: Source, start: number, end: number): Promise<number> {
  await loadDigests();
  const crc = crc32c();
  const buffer = new Uint8Array(Math.min(READ_LENGTH, end - start));
  for (let at = start; at < end;) {
    const n = await source.read(at, buffer.subarray(0, end - at));
    if (n === 0) break;
    crc.update(buffer.subarray(0, n));
    at += n;
  }
  return u32be(crc.digest(), 0);
}

function notSnap(source: Source, why: string, offset = 0, cause?: unknown): UnsupportedError {
  return new UnsupportedError(
    "not-a-snapshot",
    `this is no record of a snapshot: ${why}`,
    { file: source.name, offset, hint: "an older record is tried" },
    { cause },
  );
}
