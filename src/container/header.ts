/**
 * The header that a node puts before the store's own stream.
 *
 * ```text
 * "EKVTHLC1" ‖ ceilingMs u64BE                                                    16 bytes
 * "EKVTHLC2" ‖ length u16BE ‖ ceilingMs u64BE ‖ cutoverIndex u64BE ‖ (length−16)  10+length bytes
 * anything else                                                                   no header
 * ```
 *
 * @module
 */

import { startsWith } from "../bytes/compare.ts";
import { u64be } from "../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";

/** What the header says. */
export interface Header {
  /** 1 or 2; 0 when the file has no header. */
  version: 0 | 1 | 2;
  /** Lease ceiling of the node's clock, Unix ms; 0 = none. */
  ceilingMs: bigint;
  /** Raft index from which log entries are wrapped; 0 = none. Says nothing about the snapshot body. */
  cutoverIndex: bigint;
  /** Bytes that the header takes. */
  length: number;
}

const MAGIC = new TextEncoder().encode("EKVTHLC");
/** Bytes of the longest header: all that {@link parseHeader} needs to see. */
export const MAX_HEADER_LENGTH: number = 10 + 1024;

/**
 * Reads the header at the start of `bytes`, the first {@link MAX_HEADER_LENGTH} bytes of the file
 * or all of it.
 *
 * @throws {UnsupportedError} `unsupported-header` for an unknown version or an impossible length.
 * @throws {UnsoundError} `truncated` when the file ends inside the header.
 */
export function parseHeader(bytes: Uint8Array, file: string): Header {
  if (bytes.length < 8 || !startsWith(bytes, MAGIC)) {
    return { version: 0, ceilingMs: 0n, cutoverIndex: 0n, length: 0 };
  }
  const version = bytes[7] - 0x30;
  if (version === 1) {
    need(16);
    return { version, ceilingMs: u64be(bytes, 8), cutoverIndex: 0n, length: 16 };
  }
  if (version === 2) {
    need(10);
    const length = (bytes[8] << 8) | bytes[9];
    if (length < 16 || length > 1024) {
      throw new UnsupportedError(
        "unsupported-header",
        `header length ${length} is not 16 to 1024`,
        {
          file,
          offset: 8,
          hint: "the file is damaged, or written by a newer version of the server",
        },
      );
    }
    need(10 + length);
    return {
      version,
      ceilingMs: u64be(bytes, 10),
      cutoverIndex: u64be(bytes, 18),
      length: 10 + length,
    };
  }
  throw new UnsupportedError("unsupported-header", "EKVTHLC header of an unknown version", {
    file,
    offset: 7,
    hint: "it is written by a newer version of the server: use a newer version of this program",
  });

  function need(n: number): void {
    if (bytes.length < n) {
      throw new UnsoundError("truncated", "the file ends inside its header", {
        file,
        offset: bytes.length,
        hint: "copy the file again",
      });
    }
  }
}
