/** Writes JSON in the two layouts of the dump: indented by two spaces, and without any space. @module */

import { appendBase64, type Base64 } from "../bytes/base64.ts";
import type { ByteBuilder } from "../bytes/builder.ts";
import { appendJsonContents, appendJsonString, appendJsonText } from "./json_string.ts";
import { cutBefore } from "./utf8.ts";

/**
 * A text that is being written into a builder. It pauses whenever there is a good piece of it: the
 * caller hands that on, empties the builder and goes on. So a text of any length takes little memory.
 */
export type Pieces = Generator<void, void>;

/** Bytes of a good piece. */
export const PIECE: number = 1 << 18;
/** Strings of at most so many bytes are written in one go. */
export const LONG_STRING: number = 1 << 14;
/** Bytes of a long string that are written at once: a multiple of three, for base64. */
const STEP = 3 << 12;

/** How a file is laid out. */
export interface JsonLayout {
  /** One member or element a line, two spaces a level, `": "`; empty ones stay `{}` and `[]`. */
  indent: boolean;
  /** Whether strings have `<`, `>` and `&` escaped; a single string can differ. */
  html: boolean;
}

/**
 * Writes one value after the other into a builder. Nothing is kept but the depth: a caller may empty
 * `out` between any two calls, so that an array of any length needs no memory. Order and names are
 * the caller's; no line feed follows a value.
 *
 * @example
 * ```ts
 * import { ByteBuilder } from "../bytes/builder.ts";
 *
 * const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
 * json.beginObject().name("size").integer(3n).name("parts").beginArray().endArray().endObject();
 * new TextDecoder().decode(json.out.view()); // {"size":3,"parts":[]}
 * ```
 */
export class JsonWriter {
  /** Where the text goes. */
  readonly out: ByteBuilder;
  readonly #indent: boolean;
  readonly #html: boolean;
  #depth = 0;
  #first = true; // nothing stands in the innermost object or array yet
  #named = false; // a name has just been written

  /** Appends to what `out` holds already. */
  constructor(out: ByteBuilder, layout: JsonLayout) {
    this.out = out;
    this.#indent = layout.indent;
    this.#html = layout.html;
  }

  /** `{` */
  beginObject(): this {
    return this.#begin(0x7b);
  }

  /** `}` */
  endObject(): this {
    return this.#end(0x7d);
  }

  /** `[` */
  beginArray(): this {
    return this.#begin(0x5b);
  }

  /** `]` */
  endArray(): this {
    return this.#end(0x5d);
  }

  /** The name of the member whose value comes next. */
  name(s: string, html: boolean = this.#html): this {
    this.#separate();
    appendJsonText(this.out, s, html);
    return this.#colon();
  }

  /** A name of which the UTF-8 is `bytes[start, end)`. */
  nameBytes(bytes: Uint8Array, start = 0, end = bytes.length, html: boolean = this.#html): this {
    this.#separate();
    appendJsonString(this.out, bytes, start, end, html);
    return this.#colon();
  }

  /** A string. */
  string(s: string, html: boolean = this.#html): this {
    this.#separate();
    appendJsonText(this.out, s, html);
    return this;
  }

  /** A string of which the UTF-8 is `bytes[start, end)`. */
  stringBytes(bytes: Uint8Array, start = 0, end = bytes.length, html: boolean = this.#html): this {
    this.#separate();
    appendJsonString(this.out, bytes, start, end, html);
    return this;
  }

  /** A string that holds the base64 of `bytes[start, end)`. */
  base64(kind: Base64, bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#separate();
    this.out.byte(0x22);
    appendBase64(this.out, kind, bytes, start, end);
    this.out.byte(0x22);
    return this;
  }

  /** Whether there is a good piece of text. */
  get isFull(): boolean {
    return this.out.length >= PIECE;
  }

  /** A string of any length of which the UTF-8 is `bytes`. */
  *text(bytes: Uint8Array, html: boolean = this.#html): Pieces {
    if (bytes.length > LONG_STRING) yield* this.longString(bytes, 0, bytes.length, html);
    else this.stringBytes(bytes, 0, bytes.length, html);
  }

  /** A name of any length of which the UTF-8 is `bytes`. */
  *textName(bytes: Uint8Array): Pieces {
    if (bytes.length > LONG_STRING) yield* this.longName(bytes, 0, bytes.length);
    else this.nameBytes(bytes);
  }

  /** The same as {@link nameBytes}, in pieces. */
  *longName(bytes: Uint8Array, start: number, end: number): Pieces {
    yield* this.longString(bytes, start, end);
    this.#colon();
  }

  /** The same as {@link stringBytes}, in pieces. */
  *longString(
    bytes: Uint8Array,
    start: number,
    end: number,
    html: boolean = this.#html,
  ): Pieces {
    this.#separate();
    this.out.byte(0x22);
    for (let at = start; at < end;) {
      const cut = at + STEP < end ? cutBefore(bytes, at + STEP) : end;
      appendJsonContents(this.out, bytes, at, cut, html);
      if (this.isFull) yield;
      at = cut;
    }
    this.out.byte(0x22);
  }

  /** The same as {@link base64}, in pieces. */
  *longBase64(kind: Base64, bytes: Uint8Array, start: number, end: number): Pieces {
    this.#separate();
    this.out.byte(0x22);
    for (let at = start; at < end; at += STEP) {
      appendBase64(this.out, kind, bytes, at, Math.min(at + STEP, end));
      if (this.isFull) yield;
    }
    this.out.byte(0x22);
  }

  /** An integer. A `number` must be a safe one. */
  integer(n: bigint | number): this {
    return this.literal(n.toString());
  }

  /** `true` or `false`. */
  bool(b: boolean): this {
    return this.literal(b ? "true" : "false");
  }

  /** `null` */
  null(): this {
    return this.literal("null");
  }

  /** A value that is already JSON, in ASCII. */
  literal(json: string): this {
    this.#separate();
    this.out.ascii(json);
    return this;
  }

  /** A value that is already JSON: `bytes[start, end)`. */
  raw(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#separate();
    this.out.append(bytes, start, end);
    return this;
  }

  /** Elements of an array that are already JSON, in `bytes[start, end)`: a comma before each. */
  elements(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.out.append(bytes, this.#first ? start + 1 : start, end);
    this.#first = false;
    return this;
  }

  /** What stands before a member or an element so many levels deeper, but for its comma. */
  lineBreak(levels: number): string {
    return this.#indent ? "\n" + "  ".repeat(this.#depth + levels) : "";
  }

  /** What stands between a name and its value. */
  get colon(): string {
    return this.#indent ? ": " : ":";
  }

  /** Whether strings have `<`, `>` and `&` escaped. */
  get html(): boolean {
    return this.#html;
  }

  #begin(bracket: number): this {
    this.#separate();
    this.out.byte(bracket);
    this.#depth++;
    this.#first = true;
    return this;
  }

  #end(bracket: number): this {
    this.#depth--;
    if (!this.#first) this.#newLine();
    this.#first = false;
    this.out.byte(bracket);
    return this;
  }

  /** What stands before a member or an element; nothing before a member's value or a whole document. */
  #separate(): void {
    if (this.#named) {
      this.#named = false;
    } else if (this.#depth > 0) {
      if (!this.#first) this.out.byte(0x2c);
      this.#newLine();
      this.#first = false;
    }
  }

  #colon(): this {
    this.out.byte(0x3a);
    if (this.#indent) this.out.byte(0x20);
    this.#named = true;
    return this;
  }

  #newLine(): void {
    if (!this.#indent) return;
    this.out.byte(0x0a);
    for (let i = 0; i < this.#depth; i++) this.out.byte(0x20).byte(0x20);
  }
}
