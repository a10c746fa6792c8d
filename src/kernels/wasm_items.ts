/**
 * The kernel of DynamoDB items. Its memory has one size for all calls, some 7 MiB:
 *
 * ```text
 * heapBase: ranges, 2 u32 a row | table, ITEM_COLUMNS u32 a row | frame | names | values | texts | digests
 * ```
 *
 * @module
 */

import {
  DIGEST_LENGTH,
  ITEM_COLUMNS,
  ITEM_FRAME_LIMIT,
  ITEM_FRAME_TEXTS,
  ITEM_HTML,
  ITEM_INDENTED,
  ITEM_INPUT_LIMIT,
  ITEM_KEYED,
  ITEM_LEFT,
  ITEM_NAME_LEFT,
  ITEM_NAMED,
  ITEM_PLAIN,
  ITEM_SLACK,
  ITEM_TEXT_LIMIT,
  ITEMS_NAMES_LIMIT,
  ITEMS_OUTPUT_LIMIT,
} from "./codes.ts";
import { itemName } from "./js/item_names.ts";
import type { Rows } from "./js/rows.ts";
import type { ItemForm, TranscodedItems } from "./js/items.ts";
import { layOut, u32s, type WasmMemory } from "./wasm_memory.ts";

/** What asm/index.ts exports for items. All numbers are u32: addresses, indexes and counts. */
export interface ItemExports extends WasmMemory {
  /** See asm/items.ts. */
  transcodeItems(
    bytes: number,
    ranges: number,
    count: number,
    how: number,
    frame: number,
    output: number,
    names: number,
    table: number,
  ): number;
  /** See asm/sha256.ts. */
  sha256(bytes: number, ranges: number, stride: number, count: number, digests: number): void;
}

/** Rows that are done in one call, and bytes from the first of them to the last. */
const MOST_ROWS = 4096;
const MOST_BYTES = 0x4_0000;
/** Bytes before the columns of a text. */
const TEXT_COLUMN = 4;
/** No file name of an item is longer, without what stands around it. */
const LONGEST_NAME = 0x400;

const decoder = new TextDecoder();

/** Items in WebAssembly. */
export class WasmItems {
  readonly #exports: ItemExports;
  #memory: Memory | undefined;
  /** The form whose frame is in memory, and its flags; −1: it is too long. */
  #form: ItemForm | undefined;
  #how = -1;

  /** Takes no memory yet. */
  constructor(exports: ItemExports) {
    this.#exports = exports;
  }

  /** As `transcodeItems` in js/items.ts. */
  transcode(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: ItemForm,
  ): TranscodedItems {
    const memory = this.#memory ??= new Memory(this.#exports);
    if (form !== this.#form) {
      this.#how = memory.setFrame(form);
      this.#form = form;
    }
    const { bytes, ranges } = rows;
    const start = ranges[4 * places[first] + 2];
    const left = places.length - first;
    let end = start;
    let count = 0;
    for (; count < MOST_ROWS && count < left; count++) {
      const row = 4 * places[first + count];
      if (ranges[row + 3] - start > (count === 0 ? ITEM_INPUT_LIMIT : MOST_BYTES)) break;
      memory.ranges[2 * count] = ranges[row + 2];
      memory.ranges[2 * count + 1] = end = ranges[row + 3];
    }
    if (count === 0 || this.#how < 0) return leftOne();
    memory.values.set(bytes.subarray(start, end));
    count = this.#exports.transcodeItems(
      memory.values.byteOffset - start, // offsets count from where `bytes` would begin
      memory.ranges.byteOffset,
      count,
      this.#how,
      memory.frame.byteOffset,
      memory.texts.byteOffset,
      memory.names.byteOffset,
      memory.table.byteOffset,
    );
    if (form.digests) {
      this.#exports.sha256(
        memory.texts.byteOffset,
        memory.table.byteOffset + TEXT_COLUMN,
        4 * ITEM_COLUMNS,
        count,
        memory.digests.byteOffset,
      );
    }
    return result(memory, bytes, count, form);
  }
}

/** The parts of memory, and what stands around items. */
class Memory {
  readonly ranges: Uint32Array;
  readonly table: Uint32Array;
  /** Start and end of each text of the frame, addresses. */
  readonly frame: Uint32Array;
  readonly frameTexts: Uint8Array;
  readonly names: Uint8Array;
  readonly values: Uint8Array;
  readonly texts: Uint8Array;
  readonly digests: Uint8Array;

  constructor(exports: ItemExports) {
    const parts = layOut(exports, {
      ranges: 8 * MOST_ROWS,
      table: 4 * ITEM_COLUMNS * MOST_ROWS,
      frame: 8 * ITEM_FRAME_TEXTS,
      frameTexts: ITEM_FRAME_LIMIT,
      names: ITEMS_NAMES_LIMIT + LONGEST_NAME + ITEM_FRAME_LIMIT,
      values: ITEM_INPUT_LIMIT + ITEM_SLACK,
      texts: ITEMS_OUTPUT_LIMIT + ITEM_TEXT_LIMIT,
      digests: DIGEST_LENGTH * MOST_ROWS,
    });
    this.ranges = u32s(parts.ranges);
    this.table = u32s(parts.table);
    this.frame = u32s(parts.frame);
    this.frameTexts = parts.frameTexts;
    this.names = parts.names;
    this.values = parts.values;
    this.texts = parts.texts;
    this.digests = parts.digests;
  }

  /** Lays down the texts around items. Returns the flags of the form, or −1 if they are too long. */
  setFrame({ hash, range, before, between, behind, name, ...form }: ItemForm): number {
    const texts = [hash, range, before, between, behind, name?.before, name?.behind];
    let at = 0;
    for (const [i, text = NOTHING] of texts.entries()) {
      if (at + text.length > ITEM_FRAME_LIMIT) return -1;
      this.frameTexts.set(text, at);
      this.frame[2 * i] = this.frameTexts.byteOffset + at;
      this.frame[2 * i + 1] = this.frame[2 * i] + text.length;
      at += text.length;
    }
    return (form.plain ? ITEM_PLAIN : 0) | (form.indent ? ITEM_INDENTED : 0) |
      (form.html ? ITEM_HTML : 0) | (between ? ITEM_KEYED : 0) | (name ? ITEM_NAMED : 0);
  }
}

const NOTHING = new Uint8Array(0);

/** A row that is left to the adapter without having been looked at. */
function leftOne(): TranscodedItems {
  const table = new Uint32Array(ITEM_COLUMNS);
  table[0] = ITEM_LEFT;
  return { count: 1, bytes: NOTHING, table, names: "" };
}

/** What the kernel has left behind, with the names that only the twin can make. */
function result(memory: Memory, bytes: Uint8Array, count: number, form: ItemForm): TranscodedItems {
  const table = memory.table.subarray(0, ITEM_COLUMNS * count);
  let textsEnd = 0;
  let namesEnd = 0;
  let namesLeft = false;
  for (let t = 0; t < table.length; t += ITEM_COLUMNS) {
    if (table[t] === ITEM_LEFT) continue;
    textsEnd = table[t + 2];
    if (table[t + 9] === ITEM_NAME_LEFT) namesLeft = true;
    else if (form.name) namesEnd = table[t + 11];
  }
  let names = namesEnd === 0 ? "" : decoder.decode(memory.names.subarray(0, namesEnd));
  for (let t = 0; namesLeft && t < table.length; t += ITEM_COLUMNS) {
    if (table[t + 9] !== ITEM_NAME_LEFT) continue;
    const columns = table.subarray(t, t + ITEM_COLUMNS);
    const { flags, name } = itemName(bytes, columns, form.name!);
    columns[9] = flags;
    columns[10] = names.length;
    names += name;
    columns[11] = names.length;
  }
  const digests = form.digests ? memory.digests.subarray(0, DIGEST_LENGTH * count) : undefined;
  return { count, bytes: memory.texts.subarray(0, textsEnd), table, names, digests };
}
