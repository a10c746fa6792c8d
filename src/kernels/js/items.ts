/**
 * DynamoDB items from protocol buffers to JSON, in the form that servers write, to the byte:
 *
 * ```text
 * value     := 00 44 49 01 ‖ entry*
 * entry     := 0A length { 0A length name ‖ 12 length { attribute } }      names ascend
 * attribute := 0A length text (S) | 12 length text (N) | 1A length bytes (B)
 *            | 20 flag (BOOL)     | 28 01 (NULL)
 *            | 32 length { 0A length text }+ (SS) | 3A … (NS) | 42 … (BS)
 *            | 4A length { 0A length { attribute } }* (L) | 52 length { entry* } (M)
 * ```
 *
 * Texts are UTF-8, lengths have at most four bytes, and values are in each other at most 32 deep. An
 * item that is anything else is left to its adapter, as is one without the key attributes or with key
 * attributes that are not S, N or B, and one that could become too long. All others are written: no
 * question about them stays open.
 *
 * @module
 */

import { appendBase64, STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { startsWith } from "../../bytes/compare.ts";
import { appendJsonString } from "../../text/json_string.ts";
import { isUtf8 } from "../../text/utf8.ts";
import {
  ITEM_COLUMNS,
  ITEM_FRAME_LIMIT,
  ITEM_INPUT_LIMIT,
  ITEM_LEFT,
  ITEM_LEVELS,
  ITEM_SLACK,
  ITEM_TEXT_LIMIT,
  ITEM_WRITTEN,
  ITEMS_NAMES_LIMIT,
  ITEMS_OUTPUT_LIMIT,
} from "../codes.ts";
import type { Rows } from "./rows.ts";
import { itemName } from "./item_names.ts";

/** How the items of a table are wanted. */
export interface ItemForm {
  /** Name of the hash attribute. */
  readonly hash: Uint8Array;
  /** Name of the range attribute, if the table has one. */
  readonly range?: Uint8Array;
  /** Whether values are plain, without their types: `"a"` instead of `{"S":"a"}`. */
  readonly plain: boolean;
  /** Whether there is one member or element a line, with two spaces a level. */
  readonly indent: boolean;
  /** Whether `<`, `>` and `&` are escaped. */
  readonly html: boolean;
  /** What stands before each item. */
  readonly before: Uint8Array;
  /** If given, the key attributes come first, as an object of their own, and then this. */
  readonly between?: Uint8Array;
  /** What stands behind each item. */
  readonly behind: Uint8Array;
  /** If given, each item gets a file name, with these around it. They are ASCII. */
  readonly name?: { readonly before: Uint8Array; readonly behind: Uint8Array };
  /** Whether the SHA-256 of texts is wanted. */
  readonly digests?: boolean;
}

/** Items as JSON. Valid until `transcodeItems` is called again. */
export interface TranscodedItems {
  /** How many rows were done, at least one. Call again with the rest. */
  readonly count: number;
  /** The texts of the items, one behind the other. */
  readonly bytes: Uint8Array;
  /**
   * `ITEM_COLUMNS` for each row:
   *
   * - 0: `ITEM_WRITTEN` or `ITEM_LEFT`; then all others are 0
   * - 1, 2: start and end of the text in `bytes`
   * - 3, 4, 5: the hash attribute: 1 for S, 2 for N, 3 for B; start and end in the bytes of the rows
   * - 6, 7, 8: the range attribute, all 0 in tables without
   * - 9: flags, a sum of `ITEM_NAME_…`
   * - 10, 11: start and end of the file name in `names`
   */
  readonly table: Uint32Array;
  /** The file names, one behind the other. */
  readonly names: string;
  /**
   * `DIGEST_LENGTH` for each row: the SHA-256 of its text. Also where it is wanted it can be absent, when
   * it is not to be had faster than elsewhere.
   */
  readonly digests?: Uint8Array;
}

/** Writes the values of the rows at `places` from index `first` on: see {@link TranscodedItems}. */
export function transcodeItems(
  rows: Rows,
  places: ArrayLike<number>,
  first: number,
  form: ItemForm,
): TranscodedItems {
  const { bytes, ranges } = rows;
  const most = places.length - first;
  const table = new Uint32Array(most * ITEM_COLUMNS);
  const writer = new ItemWriter(bytes, form);
  const { out } = writer;
  let names = "";
  let count = 0;
  while (count < most && out.length < ITEMS_OUTPUT_LIMIT && names.length < ITEMS_NAMES_LIMIT) {
    const row = places[first + count];
    const columns = table.subarray(count * ITEM_COLUMNS, (count + 1) * ITEM_COLUMNS);
    if (writer.write(ranges[4 * row + 2], ranges[4 * row + 3], columns)) {
      if (form.name) {
        const { flags, name } = itemName(bytes, columns, form.name);
        columns[9] = flags;
        columns[10] = names.length;
        names += name;
        columns[11] = names.length;
      }
    }
    count++;
  }
  return { count, bytes: out.view(), table: table.subarray(0, count * ITEM_COLUMNS), names };
}

const MAGIC = Uint8Array.of(0x00, 0x44, 0x49, 0x01);

/** The kinds of values by the numbers of their fields. */
const KINDS = ["", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];
const S = 1;
const N = 2;
const B = 3;
const BOOL = 4;
const NULL = 5;
const SS = 6;
const L = 9;
const M = 10;

/** A field of bytes: number and wire type. */
const tagOf = (field: number): number => (field << 3) | 2;
const NAME = tagOf(1);
const VALUE = tagOf(2);

/** Thrown, and caught by {@link ItemWriter.write}: the item is not one that is written here. */
const LEFT = new Error("left to the adapter");

class ItemWriter {
  readonly out = new ByteBuilder(1 << 16);
  readonly #bytes: Uint8Array;
  readonly #form: ItemForm;
  #frameLength = 0;
  /** The text may not go on behind this offset. */
  #limit = 0;
  /** Where the contents of the last field begin. */
  #contents = 0;

  constructor(bytes: Uint8Array, form: ItemForm) {
    this.#bytes = bytes;
    this.#form = form;
    const { hash, range, before, between, behind, name } = form;
    for (const text of [hash, range, before, between, behind, name?.before, name?.behind]) {
      this.#frameLength += text?.length ?? 0;
    }
  }

  /** Writes the value `bytes[start, end)` and fills the columns; whether it could. */
  write(start: number, end: number, columns: Uint32Array): boolean {
    const from = this.out.length;
    this.#limit = from + ITEM_TEXT_LIMIT;
    try {
      if (end - start > ITEM_INPUT_LIMIT || this.#frameLength > ITEM_FRAME_LIMIT) throw LEFT;
      const at = this.#magic(start, end);
      this.#findKey(at, end, columns);
      this.#item(at, end, columns);
    } catch (error) {
      if (error !== LEFT) throw error;
      this.out.length = from;
      columns.fill(0);
      columns[0] = ITEM_LEFT;
      return false;
    }
    columns[0] = ITEM_WRITTEN;
    columns[1] = from;
    columns[2] = this.out.length;
    return true;
  }

  #magic(start: number, end: number): number {
    const at = start + MAGIC.length;
    if (!startsWith(this.#bytes, MAGIC, start, end)) throw LEFT;
    return at;
  }

  /** The end of a field of bytes with this tag; its contents begin at `#contents`. */
  #field(at: number, end: number, tag: number): number {
    const bytes = this.#bytes;
    if (end - at < 2 || bytes[at] !== tag) throw LEFT;
    let length = 0;
    for (let shift = 0;; shift += 7) {
      if (++at === end || shift === 28) throw LEFT;
      length |= (bytes[at] & 0x7f) << shift;
      if (bytes[at] < 0x80) break;
    }
    this.#contents = at + 1;
    if (length > end - this.#contents) throw LEFT;
    return this.#contents + length;
  }

  /** A field that goes to `end`; where its contents begin. */
  #lastField(at: number, end: number, tag: number): number {
    if (this.#field(at, end, tag) !== end) throw LEFT;
    return this.#contents;
  }

  #findKey(at: number, end: number, columns: Uint32Array): void {
    const bytes = this.#bytes;
    const { hash, range } = this.#form;
    while (at < end) {
      const next = this.#field(at, end, NAME);
      const nameEnd = this.#field(this.#contents, next, NAME);
      const nameStart = this.#contents;
      if (isText(bytes, nameStart, nameEnd, hash)) {
        this.#keyValue(nameEnd, next, columns, 3);
      } else if (range && isText(bytes, nameStart, nameEnd, range)) {
        this.#keyValue(nameEnd, next, columns, 6);
      }
      at = next;
    }
    if (columns[3] === 0 || (range && columns[6] === 0)) throw LEFT;
  }

  /** A value of type S, N or B: its kind and place into three columns. */
  #keyValue(at: number, end: number, columns: Uint32Array, to: number): void {
    const value = this.#lastField(at, end, VALUE);
    const tag = value < end ? this.#bytes[value] : 0;
    if (tag !== tagOf(S) && tag !== tagOf(N) && tag !== tagOf(B)) throw LEFT;
    columns[to] = tag >> 3;
    columns[to + 1] = this.#lastField(value, end, tag);
    columns[to + 2] = end;
  }

  /** The item with all that stands around it. */
  #item(at: number, end: number, columns: Uint32Array): void {
    const { before, between, behind } = this.#form;
    this.#text(before);
    if (between) {
      this.#key(columns);
      this.#text(between);
    }
    this.#members(at, end, 0, 0);
    this.#text(behind);
  }

  #text(text: Uint8Array): void {
    this.#reserve(text.length);
    this.out.append(text);
  }

  #key(columns: Uint32Array): void {
    const { hash, range } = this.#form;
    this.#open(0x7b);
    this.#name(hash, 0, hash.length, 0);
    this.#scalar(columns[3], columns[4], columns[5], 1);
    if (range) {
      this.out.byte(0x2c);
      this.#name(range, 0, range.length, 0);
      this.#scalar(columns[6], columns[7], columns[8], 1);
    }
    this.#close(0x7d, 0);
  }

  /** The entries of a map. */
  #members(at: number, end: number, depth: number, level: number): void {
    const bytes = this.#bytes;
    this.#open(0x7b);
    if (at === end) {
      this.out.byte(0x7d);
      return;
    }
    let lastStart = -1;
    let lastEnd = -1;
    while (at < end) {
      const next = this.#field(at, end, NAME);
      const nameEnd = this.#field(this.#contents, next, NAME);
      const nameStart = this.#contents;
      if (lastStart >= 0) {
        if (!isLess(bytes, lastStart, lastEnd, nameStart, nameEnd)) throw LEFT;
        this.out.byte(0x2c);
      }
      const value = this.#lastField(nameEnd, next, VALUE);
      this.#name(bytes, nameStart, nameEnd, depth);
      this.#value(value, next, depth + 1, level + 1);
      lastStart = nameStart;
      lastEnd = nameEnd;
      at = next;
    }
    this.#close(0x7d, depth);
  }

  #value(at: number, end: number, depth: number, level: number): void {
    if (at === end || level > ITEM_LEVELS) throw LEFT;
    const bytes = this.#bytes;
    const tag = bytes[at];
    const kind = tag >> 3;
    if (tag === BOOL << 3 || tag === NULL << 3) {
      if (end - at !== 2 || bytes[at + 1] > 1 || (kind === NULL && bytes[at + 1] === 0)) throw LEFT;
      this.#literal(kind, bytes[at + 1] === 1, depth);
      return;
    }
    if (kind < S || kind > M || tag !== tagOf(kind) || kind === BOOL || kind === NULL) throw LEFT;
    const start = this.#lastField(at, end, tag);
    if (kind <= B) return this.#scalar(kind, start, end, depth);
    const { plain } = this.#form;
    const inner = plain ? depth : depth + 1;
    if (!plain) this.#type(kind, depth);
    if (kind === M) this.#members(start, end, inner, level);
    else this.#elements(kind, start, end, inner, level);
    if (!plain) this.#close(0x7d, depth);
  }

  /** The elements of a list or set. */
  #elements(kind: number, at: number, end: number, depth: number, level: number): void {
    if (kind !== L && at === end) throw LEFT;
    this.#open(0x5b);
    if (at === end) {
      this.out.byte(0x5d);
      return;
    }
    for (let first = true; at < end; first = false) {
      const next = this.#field(at, end, NAME);
      const start = this.#contents;
      if (!first) this.out.byte(0x2c);
      this.#line(depth + 1);
      if (kind === L) this.#value(start, next, depth + 1, level + 1);
      else this.#contentsOf(kind - SS + S, start, next);
      at = next;
    }
    this.#close(0x5d, depth);
  }

  #scalar(kind: number, start: number, end: number, depth: number): void {
    const { plain } = this.#form;
    if (!plain) this.#type(kind, depth);
    this.#contentsOf(kind, start, end);
    if (!plain) this.#close(0x7d, depth);
  }

  #literal(kind: number, flag: boolean, depth: number): void {
    const { plain } = this.#form;
    if (!plain) this.#type(kind, depth);
    this.#reserve(0);
    this.out.ascii(kind === NULL && plain ? "null" : flag ? "true" : "false");
    if (!plain) this.#close(0x7d, depth);
  }

  /** A text, number or binary. */
  #contentsOf(kind: number, start: number, end: number): void {
    if (kind === B) {
      this.#reserve(Math.floor((end - start) / 3) * 4);
      this.out.byte(0x22);
      appendBase64(this.out, STANDARD, this.#bytes, start, end);
      this.out.byte(0x22);
    } else if (kind === N && this.#form.plain && isJsonNumber(this.#bytes, start, end)) {
      this.#reserve(end - start);
      this.out.append(this.#bytes, start, end);
    } else this.#string(this.#bytes, start, end);
  }

  #string(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(6 * (end - start));
    if (!isUtf8(bytes, start, end)) throw LEFT;
    appendJsonString(this.out, bytes, start, end, this.#form.html);
  }

  /** The name of a member in an object at `depth`. */
  #name(bytes: Uint8Array, start: number, end: number, depth: number): void {
    this.#line(depth + 1);
    this.#string(bytes, start, end);
    this.#colon();
  }

  /** Begins the object around a value: `{"S":` */
  #type(kind: number, depth: number): void {
    this.#open(0x7b);
    this.#line(depth + 1);
    this.out.byte(0x22).ascii(KINDS[kind]).byte(0x22);
    this.#colon();
  }

  #colon(): void {
    this.out.byte(0x3a);
    if (this.#form.indent) this.out.byte(0x20);
  }

  #open(bracket: number): void {
    this.#reserve(0);
    this.out.byte(bracket);
  }

  /** Ends what is not empty. */
  #close(bracket: number, depth: number): void {
    this.#line(depth);
    this.out.byte(bracket);
  }

  #line(depth: number): void {
    if (!this.#form.indent) return this.#reserve(0);
    this.#reserve(2 * depth);
    this.out.byte(0x0a);
    for (let i = 0; i < depth; i++) this.out.byte(0x20).byte(0x20);
  }

  /** Asks for room for `n` bytes, and for all that is written without asking. */
  #reserve(n: number): void {
    if (this.out.length + n + ITEM_SLACK > this.#limit) throw LEFT;
  }
}

function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  return end - start === text.length && startsWith(bytes, text, start, end);
}

/** Whether `bytes[a, aEnd)` comes before `bytes[b, bEnd)`. */
function isLess(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  while (a < aEnd && b < bEnd && bytes[a] === bytes[b]) {
    a++;
    b++;
  }
  return a === aEnd ? b < bEnd : b < bEnd && bytes[a] < bytes[b];
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** Whether a literal of at most 1,024 bytes is a number in JSON as well. */
function isJsonNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= 1024 &&
    JSON_NUMBER.test(String.fromCharCode(...bytes.subarray(start, end)));
}
