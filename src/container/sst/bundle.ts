/**
 * A bundle of table files, read as the plain entry stream that it stands for.
 *
 * ```text
 * bundle := "EKVSSTI1" ‖ listLength i64BE ‖ SHA-256 of the file list, 32 bytes ‖ file list ‖ table*
 * ```
 *
 * The bundle has no end mark: the file list says how long its tables are.
 *
 * @module
 */

import { digestOf, sha256 } from "../../bytes/digest.ts";
import { equalBytes, startsWith } from "../../bytes/compare.ts";
import { i64be } from "../../bytes/integers.ts";
import { UnsoundError, UnsupportedError } from "../../errors.ts";
import { BlockCache } from "../../sources/block_cache.ts";
import { readAt, type Source } from "../../sources/source.ts";
import { BundleStream } from "./bundle_stream.ts";
import { type FileList, parseFileList } from "./file_list.ts";
import { badTable, DAMAGED } from "./table_file.ts";

/** An opened bundle. */
export interface SstStream {
  /** What the bundle says about itself. */
  list: FileList;
  /** Offset in the file behind the last table. */
  payloadEnd: number;
  /**
   * The bytes of the plain stream that the bundle stands for. Closing it closes nothing.
   *
   * It is checked as it is read: when its last byte has been read in order, every checksum of the
   * bundle has been verified, and everything that the file list says. Until then `read` may throw
   * an `UnsoundError` or an `UnsupportedError` with an offset in the file.
   */
  stream: Source;
}

/** Longest file list: 64 MiB. */
const MAX_LIST_LENGTH = 64 << 20;

const MAGIC = new TextEncoder().encode("EKVSSTI1");
const HEAD_LENGTH = 48;

/**
 * Opens the bundle that begins at `start` of a file.
 *
 * @param end Where the file's bytes end; a checksum of the file may lie before it.
 * @param cache Keeps decoded blocks, shared with other files; one of its own unless given.
 * @throws {UnsoundError} `truncated`, `checksum-mismatch`, `bad-table` or `too-large`.
 * @throws {UnsupportedError} `not-a-snapshot` without the magic, `unsupported-format` for another
 *   version.
 */
export async function openSstBundle(
  source: Source,
  start: number,
  end: number,
  cache: BlockCache = new BlockCache(),
): Promise<SstStream> {
  const file = source.name;
  const listStart = start + HEAD_LENGTH;
  const head = await readAt(source, start, Math.min(HEAD_LENGTH, end - start));
  if (!startsWith(head, MAGIC)) {
    throw new UnsupportedError("not-a-snapshot", "there is no bundle here", {
      file,
      offset: start,
      hint: "give a node's .fsm file",
    });
  }
  if (head.length < HEAD_LENGTH) throw truncated("inside the head of the bundle", start);

  const length = i64be(head, 8);
  if (length > MAX_LIST_LENGTH) {
    throw new UnsoundError(
      "too-large",
      `the file list has ${length} bytes, more than ${MAX_LIST_LENGTH}`,
      { file, offset: start + 8, hint: DAMAGED },
    );
  }
  if (length <= 0n) {
    throw badTable(file, start + 8, `a file list of ${length} bytes is impossible`);
  }
  const tablesStart = listStart + Number(length);
  if (tablesStart > end) throw truncated("inside the file list of the bundle", listStart);

  const json = await readAt(source, listStart, Number(length));
  if (json.length < Number(length)) {
    throw truncated("inside the file list of the bundle", listStart);
  }
  if (!equalBytes(digestOf(sha256, json), head.subarray(16))) {
    throw new UnsoundError("checksum-mismatch", "the SHA-256 of the file list does not match", {
      file,
      offset: listStart,
      hint: DAMAGED,
    });
  }
  const list = parseFileList(json, file, listStart);
  const payloadEnd = list.files.reduce((at, { size }) => at + size, tablesStart);
  if (payloadEnd > end) throw truncated("before the last table of the bundle does", tablesStart);
  return { list, payloadEnd, stream: new BundleStream(source, tablesStart, list, cache) };

  function truncated(where: string, offset: number): UnsoundError {
    return new UnsoundError("truncated", `the file ends ${where}`, {
      file,
      offset,
      hint: "copy the file again, or take another replica's",
    });
  }
}
