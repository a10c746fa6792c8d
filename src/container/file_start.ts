/**
 * What a snapshot file can begin with. Its first bytes are enough to say what it is, or that it is
 * none; so nothing else is spooled, unpacked or read to its end.
 *
 * @module
 */

import { compareBytes, startsWith } from "../bytes/compare.ts";
import { crc32c, digestOf } from "../bytes/digest.ts";
import { u64be, u64le } from "../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import { FOOTER_LENGTH } from "./frames.ts";
import { type Header, MAX_HEADER_LENGTH, parseHeader } from "./header.ts";
import { otherFormat } from "./other_formats.ts";

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

/** What the first bytes of a file say. */
export interface FileStart {
  /** What stands before the payload. */
  header: Header;
  /** What the payload is. */
  kind: PayloadKind;
  /** The commit timestamp that a plain stream names as its last; 0 = none. */
  lastCommitTs: bigint;
}

/** Bytes of `"EKVPBBL1" ‖ lastCommitTS u64LE`. */
export const STREAM_HEADER_LENGTH = 16;
/** Bytes of the start that {@link parseFileStart} needs to see. */
export const FILE_START_LENGTH: number = MAX_HEADER_LENGTH + STREAM_HEADER_LENGTH;

const STREAM_MAGIC = new TextEncoder().encode("EKVPBBL1");
const BUNDLE_MAGIC = new TextEncoder().encode("EKVSSTI1");
const MEMORY_MAGIC = new TextEncoder().encode("EKVMVCC2");

/**
 * Tells what a file is.
 *
 * @param start Its first {@link FILE_START_LENGTH} bytes, or all of it.
 * @throws {UnsupportedError} when the bytes are not a snapshot that is read here.
 * @throws {UnsoundError} `too-small` or `truncated` when it ends before that can be said.
 */
export function parseFileStart(start: Uint8Array, file: string): FileStart {
  if (start.length === 0) {
    throw new UnsoundError("too-small", "the file is empty and no snapshot", {
      file,
      hint: "copy it again, or look at what was to write it",
    });
  }
  if (start.length < FOOTER_LENGTH) {
    throw new UnsoundError("too-small", `${start.length} bytes are no snapshot`, {
      file,
      hint: "the smallest snapshot has 4 bytes: copy the file again",
    });
  }
  const header = parseHeader(start, file);
  if (header.version === 0 && isClockState(start)) return { header, kind: "tso", lastCommitTs: 0n };
  const payload = start.subarray(header.length);
  if (payload.length === 0 || payload.length === FOOTER_LENGTH) {
    return { header, kind: "empty", lastCommitTs: 0n };
  }
  // All magic numbers begin with one letter; what else is so short was never longer.
  const isCut = header.version > 0 || payload[0] === STREAM_MAGIC[0];
  if (isCut && payload.length < STREAM_MAGIC.length) {
    throw truncated("the magic number of its payload", header.length);
  }
  if (startsWith(payload, BUNDLE_MAGIC)) return { header, kind: "bundle", lastCommitTs: 0n };
  if (!startsWith(payload, STREAM_MAGIC)) throw notRead(payload, header, file);
  if (payload.length < STREAM_HEADER_LENGTH) {
    throw truncated("the header of its entry stream", start.length);
  }
  return { header, kind: "stream", lastCommitTs: u64le(payload, STREAM_MAGIC.length) };

  function truncated(where: string, offset: number): UnsoundError {
    return new UnsoundError("truncated", `the file ends inside ${where}`, {
      file,
      offset,
      hint: "copy the file again",
    });
  }
}

/** Whether a whole file is a clock state of 48 bits and its checksum. */
function isClockState(file: Uint8Array): boolean {
  return file.length === 12 && u64be(file, 0) < 1n << 48n &&
    compareBytes(digestOf(crc32c, file.subarray(0, 8)), file.subarray(8)) === 0;
}

function notRead(magic: Uint8Array, header: Header, file: string): UnsupportedError {
  const offset = header.length;
  if (startsWith(magic, MEMORY_MAGIC)) {
    return new UnsupportedError(
      "unsupported-format",
      "an EKVMVCC2 stream, which only the in-memory store of tests writes, is not read",
      { file, offset, hint: "take a snapshot from a node that keeps its data on disk" },
    );
  }
  const other = otherFormat(magic);
  if (other) {
    const { what, hint } = other;
    return new UnsupportedError("not-a-snapshot", `this is ${what}`, { file, offset, hint });
  }
  return new UnsupportedError("not-a-snapshot", "the payload does not begin like a snapshot", {
    file,
    offset,
    hint: "give a node's .fsm file or its data directory",
  });
}
