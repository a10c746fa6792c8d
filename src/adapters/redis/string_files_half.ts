/**
 * A file a string, of the strings that say themselves when they expire: the half of `tree_writer.ts` that
 * needs rows alone. It leaves
 *
 * - keys whose segment is hashed, as they are noted beside the files;
 * - strings whose file could not be written.
 *
 * ```text
 * table  bytes of the strings | places of the rows that are left …
 * notes  of each file: length of path u32le ‖ 32 u32le ‖ path ‖ SHA-256
 * bytes  of each that expires: length of key u32le ‖ length of line u32le ‖ key ‖ line of the sidecar
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { type Half, type HalfKind, type HalfTools, type Piece, piece } from "../../jobs/half.ts";
import { DIGEST_LENGTH, type Kernels, type Rows } from "../../kernels/kernels.ts";
import { appendRecord } from "../../sources/spill_sorter.ts";
import type { FileWriter } from "../../tree/sink.ts";
import { encodeSegment, isHashedSegment } from "../../tree/segment.ts";
import { appendExpiryLine, pathOf } from "./paths.ts";
import { StringRow } from "./values.ts";

/** Strings that are done at once. */
const MOST = 1024;

/** Writes strings into files, by the plain rule of names. */
export const stringFilesHalf: HalfKind<null> = {
  name: "redis string files",
  begin: (_, tools) => new StringFilesHalf(tools),
};

class StringFilesHalf implements Half {
  readonly #files: FileWriter;
  readonly #kernels: Kernels;
  readonly #ranges = new Uint32Array(4 * MOST);
  readonly #string = new StringRow();
  readonly #notes = new ByteBuilder(1 << 16);
  readonly #lines = new ByteBuilder(1 << 16);
  readonly #path = new ByteBuilder();
  readonly #line = new ByteBuilder();

  constructor({ files, kernels }: HalfTools) {
    this.#files = files!;
    this.#kernels = kernels;
  }

  *run(rows: Rows, places: Uint32Array): Generator<Piece> {
    for (let done = 0; done < places.length; done += MOST) {
      yield this.#write(rows, places.subarray(done, done + MOST));
    }
  }

  #write(rows: Rows, places: Uint32Array): Piece {
    const table = [0];
    const digests = this.#digests(rows, places);
    this.#notes.clear();
    this.#lines.clear();
    for (let i = 0; i < places.length; i++) {
      const { key, value, expireAtMs } = this.#string.at(rows, places[i]);
      const segment = encodeSegment(key);
      const path = pathOf("string", segment);
      if (isHashedSegment(segment) || !this.#files.put(path, value)) {
        table.push(i);
        continue;
      }
      table[0] += value.length;
      const digest = digests.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH);
      appendRecord(this.#notes, this.#path.clear().ascii(path).view(), digest);
      if (expireAtMs === undefined) continue;
      appendExpiryLine(this.#line.clear(), segment, expireAtMs);
      appendRecord(this.#lines, key, this.#line.view());
    }
    return piece(places.length, Uint32Array.from(table), {
      bytes: this.#lines.view(),
      notes: this.#notes.view(),
    });
  }

  /** The SHA-256 of each string. */
  #digests(rows: Rows, places: Uint32Array): Uint8Array {
    const ranges = this.#ranges;
    for (let i = 0; i < places.length; i++) {
      const { keyStart, keyEnd, start, end } = this.#string.at(rows, places[i]);
      ranges[4 * i] = keyStart;
      ranges[4 * i + 1] = keyEnd;
      ranges[4 * i + 2] = start;
      ranges[4 * i + 3] = end;
    }
    return this.#kernels.digestValues({ bytes: rows.bytes, ranges, count: places.length });
  }
}
