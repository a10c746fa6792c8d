/** The text of an item as JSON, value by value, with what stands around it. @module */

import { appendBase64, STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import type { ItemForm } from "../../kernels/kernels.ts";
import { appendJsonContents } from "../../text/json_string.ts";
import { LONG_STRING } from "../../text/json_writer.ts";
import { cutBefore, encodeUtf8 } from "../../text/utf8.ts";
import { KINDS, MAX_DEPTH } from "./item_message.ts";

const N = KINDS.indexOf("N");
const B = KINDS.indexOf("B");
const NULL = KINDS.indexOf("NULL");

/** Bytes of a long text that are written at once: a multiple of three, for base64. */
const STEP = 3 << 12;
/** Bytes of the longest number that is written as one. */
const LONGEST_NUMBER = 1024;
const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
/** A line feed and the spaces of the deepest level: two levels of text a level of values. */
const NEW_LINE = encodeUtf8("\n" + "  ".repeat(2 * MAX_DEPTH + 4));
const TRUE = encodeUtf8("true");
const FALSE = encodeUtf8("false");
const NOTHING = encodeUtf8("null");
const TYPES: readonly Uint8Array[] = KINDS.map((kind) => encodeUtf8(`"${kind}":`));
const TYPES_INDENTED: readonly Uint8Array[] = KINDS.map((kind) => encodeUtf8(`"${kind}": `));

/** Writes one item after the other. Levels are those of values: the item's own members are at level 0. */
export class ItemText {
  /** Whether a long text has begun, which {@link ItemText.goOn} writes. */
  isLong = false;
  /** Where the text goes. */
  out = new ByteBuilder(0);
  readonly #form: ItemForm;
  /** Levels of text a level of values. */
  readonly #deep: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #isBinary = false;

  /** Writes nothing yet. */
  constructor(form: ItemForm) {
    this.#form = form;
    this.#deep = form.plain ? 1 : 2;
  }

  /** What stands before an item, or before its key. */
  begin(): void {
    this.isLong = false;
    this.out.append(this.#form.before).byte(0x7b);
  }

  /** The end of the key, and what stands between it and the item. */
  endKey(): void {
    this.#newLine(0);
    this.out.byte(0x7d).append(this.#form.between!).byte(0x7b);
  }

  /** What stands behind an item. */
  end(): void {
    this.out.append(this.#form.behind);
  }

  /** Begins an object or an array. */
  open(bracket: number): void {
    this.out.byte(bracket);
  }

  /** Ends one that is at a level. */
  close(bracket: number, level: number, isEmpty: boolean): void {
    if (!isEmpty) this.#newLine(level * this.#deep);
    this.out.byte(bracket);
  }

  /** What stands before an element. */
  separate(level: number, isFirst: boolean): void {
    if (!isFirst) this.out.byte(COMMA);
    this.#newLine(level * this.#deep + 1);
  }

  /** What stands between a name and its value. */
  colon(): void {
    this.out.byte(COLON);
    if (this.#form.indent) this.out.byte(SPACE);
  }

  /** Begins the object around a value that tells its type. */
  beginType(kind: number, level: number): void {
    if (this.#deep === 1) return;
    this.out.byte(0x7b);
    this.#newLine(level * 2 + 2);
    this.out.append(this.#form.indent ? TYPES_INDENTED[kind] : TYPES[kind]);
  }

  /** Ends it. */
  endType(level: number): void {
    if (this.#deep === 1) return;
    this.#newLine(level * 2 + 1);
    this.out.byte(0x7d);
  }

  /** A bool, or a null. */
  flag(kind: number, flag: boolean): void {
    this.out.append(kind === NULL && this.#deep === 1 ? NOTHING : flag ? TRUE : FALSE);
  }

  /** A text, number, binary or name, or the beginning of a long one; `false` if it is not UTF-8. */
  text(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { out } = this;
    if (end - start > LONG_STRING) {
      out.byte(QUOTE);
      this.#bytes = bytes;
      this.#at = start;
      this.#end = end;
      this.#isBinary = kind === B;
      this.isLong = true;
      return true;
    }
    if (kind === N && this.#deep === 1 && isNumber(bytes, start, end)) {
      out.append(bytes, start, end);
      return true;
    }
    out.byte(QUOTE);
    const isText = this.#contents(kind === B, bytes, start, end);
    out.byte(QUOTE);
    return isText;
  }

  /** More of a long text; `false` if it is not UTF-8. */
  goOn(): boolean {
    let cut = Math.min(this.#at + STEP, this.#end);
    if (cut < this.#end && !this.#isBinary) cut = cutBefore(this.#bytes, cut);
    const isText = this.#contents(this.#isBinary, this.#bytes, this.#at, cut);
    this.#at = cut;
    this.isLong = cut < this.#end;
    if (!this.isLong) this.out.byte(QUOTE);
    return isText;
  }

  #contents(isBinary: boolean, bytes: Uint8Array, start: number, end: number): boolean {
    if (!isBinary) return appendJsonContents(this.out, bytes, start, end, this.#form.html);
    appendBase64(this.out, STANDARD, bytes, start, end);
    return true;
  }

  #newLine(depth: number): void {
    if (this.#form.indent) this.out.append(NEW_LINE, 0, 1 + 2 * depth);
  }
}

/** Whether a literal is a number in JSON as well: its digits are kept, and never pass through a double. */
function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_NUMBER) return false;
  return JSON_NUMBER.test(String.fromCharCode(...bytes.subarray(start, end)));
}
