/**
 * The kernel of texts. Its memory has one size for all calls, some 1.5 MiB.
 *
 * @module
 */

import { TEXTS_FRAME_LIMIT, TEXTS_OUTPUT_LIMIT, TEXTS_ROW_LIMIT } from "./codes.ts";
import type { Rows } from "./js/rows.ts";
import { isShort, type TextForm, type WrittenTexts } from "./js/texts.ts";
import { layOut, u32s, type WasmMemory } from "./wasm_memory.ts";

/** What asm/index.ts exports for texts. All numbers are u32: addresses, indexes and counts. */
export interface TextExports extends WasmMemory {
  /** See asm/texts.ts. */
  writeTexts(
    bytes: number,
    ranges: number,
    count: number,
    columns: number,
    columnCount: number,
    frame: number,
    html: boolean,
    output: number,
    ends: number,
  ): number;
}

/** Rows that are done in one call, and bytes from the first of them to the last. */
const MOST_ROWS = 4096;
const MOST_BYTES = 0x4_0000;
/** Texts of one row. */
const MOST_COLUMNS = 2;
/** What the kernel may touch behind a text. */
const SLACK = 64;
/** An escaped byte takes six. */
const GROWTH = 6;

/** Texts in WebAssembly. */
export class WasmTexts {
  readonly #exports: TextExports;
  #memory: Memory | undefined;
  /** The form that is in memory. */
  #form: TextForm | undefined;

  /** Takes no memory yet. */
  constructor(exports: TextExports) {
    this.#exports = exports;
  }

  /** As `writeTexts` in js/texts.ts. */
  write(rows: Rows, first: number, form: TextForm): WrittenTexts {
    const memory = this.#memory ??= new Memory(this.#exports);
    if (form !== this.#form) memory.setForm(form);
    this.#form = form;
    const { bytes, ranges } = rows;
    const start = ranges[4 * first];
    const left = rows.count - first;
    let end = start;
    let count = 0;
    for (; count < MOST_ROWS && count < left; count++) {
      const r = 4 * (first + count);
      if (ranges[r] < end || !isShort(ranges, r) || ranges[r + 3] - start > MOST_BYTES) break;
      end = ranges[r + 3];
    }
    memory.ranges.set(ranges.subarray(4 * first, 4 * (first + count)));
    memory.rows.set(bytes.subarray(start, end));
    const done = this.#exports.writeTexts(
      memory.rows.byteOffset - start, // offsets count from where `bytes` would begin
      memory.ranges.byteOffset,
      count,
      memory.columns.byteOffset,
      form.columns.length,
      memory.frame.byteOffset,
      form.html,
      memory.output.byteOffset,
      memory.ends.byteOffset,
    );
    const ends = memory.ends.subarray(0, done);
    return { count: done, bytes: memory.output.subarray(0, ends[done - 1] ?? 0), ends };
  }
}

/** The parts of memory, and what stands around texts. */
class Memory {
  readonly ranges: Uint32Array;
  readonly ends: Uint32Array;
  readonly columns: Uint32Array;
  /** See asm/texts.ts. */
  readonly frame: Uint32Array;
  readonly frameTexts: Uint8Array;
  readonly rows: Uint8Array;
  readonly output: Uint8Array;

  constructor(exports: TextExports) {
    const parts = layOut(exports, {
      ranges: 16 * MOST_ROWS,
      ends: 4 * MOST_ROWS,
      columns: 4 * MOST_COLUMNS,
      frame: 8 * (MOST_COLUMNS + 3),
      frameTexts: TEXTS_FRAME_LIMIT + SLACK,
      rows: MOST_BYTES + SLACK,
      output: TEXTS_OUTPUT_LIMIT + GROWTH * TEXTS_ROW_LIMIT + TEXTS_FRAME_LIMIT + SLACK,
    });
    this.ranges = u32s(parts.ranges);
    this.ends = u32s(parts.ends);
    this.columns = u32s(parts.columns);
    this.frame = u32s(parts.frame);
    this.frameTexts = parts.frameTexts;
    this.rows = parts.rows;
    this.output = parts.output;
  }

  /** Lays down which texts are written, and what stands around them. */
  setForm({ columns, around, binary }: TextForm): void {
    this.columns.set(columns);
    let at = 0;
    for (const [i, text] of [...around, ...binary].entries()) {
      this.frameTexts.set(text, at);
      this.frame[2 * i] = this.frameTexts.byteOffset + at;
      this.frame[2 * i + 1] = this.frame[2 * i] + text.length;
      at += text.length;
    }
  }
}
