/**
 * A file an item, as far as nothing about it is in question: the half of `item_files.ts` that needs rows
 * alone. It leaves
 *
 * - rows that the kernel leaves;
 * - items of which another one could have the path: whose key attributes are not of the declared types,
 *   or whose row lies under another key than theirs;
 * - items with a number that is too large to be brought to lowest terms;
 * - items that elastickv's encoder would refuse, or that are so long that it might;
 * - items whose file could not be written.
 *
 * Names of all others follow from their keys, so no two of them are equal.
 *
 * ```text
 * table  rows left: how many | their places in the piece … | bytes of the texts
 *        where no files are written, of each other row: start and end of its text
 * bytes  where no files are written: the texts
 * notes  of each file: length of path u32le ‖ 32 u32le ‖ path ‖ SHA-256
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { sha256Of } from "../../bytes/digest.ts";
import type { Half, HalfKind, HalfTools, Piece } from "../../jobs/half.ts";
import {
  DIGEST_LENGTH,
  ITEM_COLUMNS,
  ITEM_NAME_OUT_OF_BOUNDS,
  ITEM_WRITTEN,
  type ItemForm,
  type Rows,
  type TranscodedItems,
} from "../../kernels/kernels.ts";
import { orderedNumber } from "../../keyspace/ordered_number.ts";
import { appendRecord } from "../../sources/spill_sorter.ts";
import { decodeUtf8, encodeUtf8 } from "../../text/utf8.ts";
import { type Index, IndexKeys, isPlainNumber } from "./index_keys.ts";
import { ITEM_FILE_FORM, ITEM_HASH, ITEM_NAME, ITEM_RANGE, ITEM_TEXT } from "./item_columns.ts";
import { ITEM_MAGIC, KINDS } from "./item_message.ts";

const N = KINDS.indexOf("N");
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** A table whose items get a file each. */
export interface ItemFilesSetup {
  /** Names of the key attributes. */
  hash: Uint8Array;
  range?: Uint8Array;
  /** The declared kinds, as numbers in `KINDS`; 0 = there is no range attribute. */
  hashKind: number;
  rangeKind: number;
  /** What stands before and behind the names of files. */
  before: string;
  behind: string;
  /** Bytes of a key before its payload. The rows have ordered keys. */
  payloadAt: number;
  /** Whether it is asked which items can be restored, and what is to know for that. */
  restorable?: { indexes: readonly Index[]; longest: number };
}

/** Writes items into files, or gives their texts. */
export const itemFilesHalf: HalfKind<ItemFilesSetup> = {
  name: "dynamodb item files",
  begin: (setup, tools) => new ItemFilesHalf(setup, tools),
};

class ItemFilesHalf implements Half {
  readonly #setup: ItemFilesSetup;
  readonly #tools: HalfTools;
  readonly #form: ItemForm;
  readonly #indexes: IndexKeys;
  readonly #notes = new ByteBuilder(1 << 16);
  #paths = new Uint8Array(0);

  constructor(setup: ItemFilesSetup, tools: HalfTools) {
    const { hash, range, before, behind, restorable } = setup;
    const name = { before: encodeUtf8(before), behind: encodeUtf8(behind) };
    this.#setup = setup;
    this.#tools = tools;
    this.#form = { hash, range, ...ITEM_FILE_FORM, name, digests: true };
    this.#indexes = new IndexKeys(restorable?.indexes ?? []);
  }

  *run(rows: Rows, places: Uint32Array): Generator<Piece> {
    const { kernels, files } = this.#tools;
    for (let done = 0; done < places.length;) {
      const items = kernels.transcodeItems(rows, places, done, this.#form);
      const { count, bytes, table, names } = items;
      this.#encode(names);
      const left: number[] = [];
      const texts: number[] = [];
      let size = 0;
      this.#notes.clear();
      for (let i = 0, t = 0; i < count; i++, t += ITEM_COLUMNS) {
        if (table[t] !== ITEM_WRITTEN || !this.#isPlain(rows, places[done + i], table, t)) {
          left.push(i);
          continue;
        }
        const start = table[t + ITEM_TEXT];
        const end = table[t + ITEM_TEXT + 1];
        const text = bytes.subarray(start, end);
        const nameStart = table[t + ITEM_NAME + 1];
        const nameEnd = table[t + ITEM_NAME + 2];
        if (!files) texts.push(start, end);
        else if (!files.put(names.slice(nameStart, nameEnd), text)) {
          left.push(i);
          continue;
        }
        size += text.length;
        // They are ASCII: as many bytes as characters.
        const path = this.#paths.subarray(nameStart, nameEnd);
        appendRecord(this.#notes, path, digestOf(items, i) ?? sha256Of(text));
      }
      yield {
        count,
        table: Uint32Array.of(left.length, ...left, size, ...texts),
        bytes: files ? NOTHING : bytes,
        notes: this.#notes.view(),
      };
      done += count;
    }
  }

  /** The names as bytes. */
  #encode(names: string): void {
    if (this.#paths.length < names.length) this.#paths = new Uint8Array(2 * names.length);
    encoder.encodeInto(names, this.#paths);
  }

  /** Whether nothing about the item is in question, whose columns begin at `t`. */
  #isPlain(rows: Rows, row: number, table: Uint32Array, t: number): boolean {
    const { hashKind, rangeKind, payloadAt, restorable } = this.#setup;
    const h = t + ITEM_HASH;
    const r = t + ITEM_RANGE;
    if (table[h] !== hashKind || table[r] !== rangeKind) return false;
    // Without a hash there is no folder for the range.
    if (rangeKind !== 0 && table[h + 1] === table[h + 2]) return false;
    if ((table[t + ITEM_NAME] & ITEM_NAME_OUT_OF_BOUNDS) !== 0) return false;
    const { bytes, ranges } = rows;
    const keyEnd = ranges[4 * row + 1];
    let at = behindPart(bytes, ranges[4 * row] + payloadAt, keyEnd, bytes, table, h);
    if (rangeKind !== 0 && at >= 0) at = behindPart(bytes, at, keyEnd, bytes, table, r);
    if (at !== keyEnd) return false;
    if (!restorable) return true;
    if (hashKind === N && !isPlainNumber(bytes, table[h + 1], table[h + 2])) return false;
    if (rangeKind === N && !isPlainNumber(bytes, table[r + 1], table[r + 2])) return false;
    const start = ranges[4 * row + 2];
    const end = ranges[4 * row + 3];
    if (end - start >= restorable.longest) return false;
    return restorable.indexes.length === 0 ||
      this.#indexes.areSound({ bytes, start: start + ITEM_MAGIC.length, end });
  }
}

/**
 * The offset behind the segment of a key that holds a key attribute: its columns begin at `column`. −1 if
 * the segment at `at` holds something else.
 */
function behindPart(
  bytes: Uint8Array,
  at: number,
  keyEnd: number,
  values: Uint8Array,
  table: Uint32Array,
  column: number,
): number {
  let from = table[column + 1];
  let to = table[column + 2];
  if (table[column] === N) {
    const ordered = orderedNumber(decodeUtf8(values, from, to)!);
    if (!ordered) return -1;
    values = ordered;
    from = 0;
    to = ordered.length;
  }
  for (let i = from; i < to; i++) {
    if (at >= keyEnd || bytes[at++] !== values[i]) return -1;
    if (values[i] === 0 && bytes[at++] !== 0xff) return -1;
  }
  return at + 2 <= keyEnd && bytes[at] === 0 && bytes[at + 1] === 1 ? at + 2 : -1;
}

function digestOf({ digests }: TranscodedItems, i: number): Uint8Array | undefined {
  return digests?.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH);
}
