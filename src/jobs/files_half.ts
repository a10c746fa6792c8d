/**
 * Whole files whose paths and contents are made: the half of `file_batches.ts` that hashes and writes
 * them. A row's key is a path, and its value is what is to be in the file.
 *
 * ```text
 * table  files that could not be written: their places in the piece … | bytes of the others
 * notes  of each other file: length of path u32le ‖ 32 u32le ‖ path ‖ SHA-256
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { DIGEST_LENGTH, type Rows } from "../kernels/kernels.ts";
import { appendRecord } from "../sources/spill_sorter.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import { type Half, type HalfKind, type HalfTools, type Piece, piece } from "./half.ts";

/** Writes files. There must be a folder. */
export const filesHalf: HalfKind<undefined> = {
  name: "files",
  begin: (_setup, tools) => new FilesHalf(tools),
};

class FilesHalf implements Half {
  readonly #tools: HalfTools;
  readonly #notes = new ByteBuilder(1 << 16);

  constructor(tools: HalfTools) {
    this.#tools = tools;
  }

  /** @param places All rows. */
  *run(rows: Rows, places: Uint32Array): Generator<Piece> {
    const { kernels, files } = this.#tools;
    const { bytes, ranges } = rows;
    const digests = kernels.digestValues(rows);
    const notes = this.#notes.clear();
    const left: number[] = [];
    let size = 0;
    for (const i of places) {
      const path = bytes.subarray(ranges[4 * i], ranges[4 * i + 1]);
      const value = bytes.subarray(ranges[4 * i + 2], ranges[4 * i + 3]);
      if (!files!.put(decodeUtf8(path)!, value)) {
        left.push(i);
        continue;
      }
      size += value.length;
      appendRecord(notes, path, digests.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH));
    }
    yield piece(places.length, Uint32Array.of(...left, size), { notes: notes.view() });
  }
}
