/** Texts of rows as JSON, with what stands around them; src/kernels/js/texts.ts tells the rules. */

import { TEXTS_OUTPUT_LIMIT } from "../src/kernels/codes";
import { copyText, writeBase64, writeJson } from "./text";

/**
 * `ranges` has four u32 for each of `count` rows, offsets in `bytes`. `columns` has for each of
 * `columnCount` texts where its two offsets are among those four. `frame` has start and end, addresses, of
 * what stands before each text and behind the last, and then of what stands before base64 and behind it.
 *
 * `ends` gets one u32 a row: where its text ends in `output`. Returns how many rows were done.
 */
export function writeTexts(
  bytes: usize,
  ranges: usize,
  count: u32,
  columns: usize,
  columnCount: u32,
  frame: usize,
  html: bool,
  output: usize,
  ends: usize,
): u32 {
  const binary = frame + 8 * (columnCount + 1);
  let to = output;
  for (let row: u32 = 0; row < count; row++, ranges += 16) {
    if (to - output >= <usize> TEXTS_OUTPUT_LIMIT) return row;
    for (let i: u32 = 0; i < columnCount; i++) {
      to = copyText(load<u32>(frame + 8 * i), load<u32>(frame + 8 * i, 4), to);
      const range = ranges + 4 * load<u32>(columns + 4 * i);
      to = writeText(bytes + load<u32>(range), bytes + load<u32>(range, 4), to, html, binary);
    }
    to = copyText(load<u32>(binary - 8), load<u32>(binary - 4), to);
    store<u32>(ends + 4 * row, <u32> (to - output));
  }
  return count;
}

function writeText(at: usize, end: usize, to: usize, html: bool, binary: usize): usize {
  store<u8>(to, 0x22);
  const written = writeJson(at, end, to + 1, html);
  if (written != 0) {
    store<u8>(written, 0x22);
    return written + 1;
  }
  to = copyText(load<u32>(binary), load<u32>(binary, 4), to);
  to = writeBase64(at, end, to, true);
  return copyText(load<u32>(binary, 8), load<u32>(binary, 12), to);
}
