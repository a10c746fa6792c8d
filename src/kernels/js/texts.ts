/** Texts of rows as JSON, with what stands around them. @module */

import { appendBase64, URL_SAFE } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { appendJsonString } from "../../text/json_string.ts";
import { isUtf8 } from "../../text/utf8.ts";
import { TEXTS_OUTPUT_LIMIT, TEXTS_ROW_LIMIT } from "../codes.ts";
import type { Rows } from "./rows.ts";

/** Which texts of a row are written, and how. */
export interface TextForm {
  /** Where the texts of a row have their two offsets among its four: 0 for keys, 2 for values. */
  readonly columns: readonly number[];
  /** What stands before each text, and behind the last. */
  readonly around: readonly Uint8Array[];
  /** What stands around the base64 of bytes that are not UTF-8; it is in the URL alphabet. */
  readonly binary: readonly [before: Uint8Array, behind: Uint8Array];
  /** Whether `<`, `>` and `&` are escaped. */
  readonly html: boolean;
}

/** Rows that were written. */
export interface WrittenTexts {
  /** How many. */
  readonly count: number;
  /** Their texts, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each of them ends. */
  readonly ends: Uint32Array;
}

const out = new ByteBuilder();

/** As `Kernels.writeTexts` tells. */
export function writeTexts(rows: Rows, first: number, form: TextForm): WrittenTexts {
  const { bytes, ranges } = rows;
  const { columns, around, binary, html } = form;
  const ends: number[] = [];
  out.clear();
  for (let row = first; row < rows.count && out.length < TEXTS_OUTPUT_LIMIT; row++) {
    const r = row * 4;
    if (!isShort(ranges, r)) break;
    for (const [i, column] of columns.entries()) {
      const start = ranges[r + column];
      const end = ranges[r + column + 1];
      out.append(around[i]);
      if (isUtf8(bytes, start, end)) appendJsonString(out, bytes, start, end, html);
      else {
        out.append(binary[0]);
        appendBase64(out, URL_SAFE, bytes, start, end);
        out.append(binary[1]);
      }
    }
    out.append(around[columns.length]);
    ends.push(out.length);
  }
  return { count: ends.length, bytes: out.view(), ends: Uint32Array.from(ends) };
}

/** Whether the four offsets from `r` on are those of a row that is written: they ascend, and are not far apart. */
export function isShort(ranges: Uint32Array, r: number): boolean {
  return ranges[r] <= ranges[r + 1] && ranges[r + 1] <= ranges[r + 2] &&
    ranges[r + 2] <= ranges[r + 3] && ranges[r + 3] - ranges[r] <= TEXTS_ROW_LIMIT;
}
