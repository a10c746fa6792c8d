/**
 * One walk over an item in the form that servers write: it is checked, and written as JSON on the way.
 * Nothing is allocated for a value, and what is open is a few numbers a level. The walk pauses when there
 * is enough text, also in the middle of a string, so an item of any length takes little memory. The kernel
 * of items writes most of them; here are those that it leaves: long ones, those that the server cannot
 * return, and what was brought into order.
 *
 * ```text
 * text := before ‖ item ‖ behind                             or, with the key attributes:
 *         before ‖ key ‖ between ‖ item ‖ behind
 * ```
 *
 * @module
 */

import type { ByteBuilder } from "../../bytes/builder.ts";
import type { ItemForm } from "../../kernels/kernels.ts";
import { isUtf8 } from "../../text/utf8.ts";
import { compareNames, MAX_DEPTH, SERVER_DEPTH } from "./item_message.ts";
import { ItemText } from "./item_text.ts";

/** The names of a table's key attributes; see {@link ItemForm}. */
export type KeyAttributeNames = Pick<ItemForm, "hash" | "range">;

/** A value of an item: the number of its kind in `KINDS`, and where its contents are in the item's bytes. */
export interface ValuePlace {
  /** 0 where the item has no such value. */
  kind: number;
  start: number;
  end: number;
}

/** Whether a value can be a key attribute: S, N or B. */
export function isKeyKind({ kind }: ValuePlace): boolean {
  return kind > 0 && kind <= 3;
}

/** The text is whole. */
export const WALK_DONE = 0;
/** There is enough text, and more to come. */
export const WALK_PAUSED = 1;
/** The message has another form than servers write; what was written is void. */
export const WALK_ODD = 2;

const [S, , B, BOOL, NULL, SS, , BS, L, M] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;
/** From the kind of a set to the kind of its elements. */
const OF_SET = SS - S;

/** What comes next: an element of what is open, a value, or more of a long text. */
const [ELEMENT, VALUE, TEXT] = [0, 1, 2];
/** What is behind a text: the next element, a value, or the end of one. */
const [BEHIND_ELEMENT, BEHIND_NAME, BEHIND_VALUE] = [0, 1, 2];

/** Walks over one item after the other. */
export class ItemWalk {
  /** The hash attribute. Known when the walk has begun. */
  readonly hash: ValuePlace = { kind: 0, start: 0, end: 0 };
  /** The range attribute. */
  readonly range: ValuePlace = { kind: 0, start: 0, end: 0 };
  /** Whether the server stores such an item but cannot return it; known when the walk is done. */
  unreadable = false;
  /** The names of the key attributes. */
  readonly names: KeyAttributeNames;
  /** Absent when items are only checked. */
  readonly #text: ItemText | undefined;
  readonly #isKeyed: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Whether nothing of the text was written yet. */
  #isNew = true;
  /** Whether the key attributes before the item are being written. */
  #isKey = false;
  #state = ELEMENT;
  #at = 0;
  #valueEnd = 0;
  /** The item, and the entries of its key attributes. */
  #itemStart = 0;
  #itemEnd = 0;
  #hashEntry = 0;
  #hashEntryEnd = 0;
  #rangeEntry = 0;
  #rangeEntryEnd = 0;
  /** What is behind the long text that is being written. */
  #behind = 0;
  /** What is open: the item is level 0. */
  #level = 0;
  readonly #kinds = new Uint8Array(MAX_DEPTH + 2);
  readonly #ends = new Uint32Array(MAX_DEPTH + 2);
  readonly #filled = new Uint8Array(MAX_DEPTH + 2);
  /** The names that were last in maps. */
  readonly #nameStarts = new Uint32Array(MAX_DEPTH + 2);
  readonly #nameEnds = new Uint32Array(MAX_DEPTH + 2);

  /** @param form How items are written. With names alone, they are checked and nothing is written. */
  constructor(form: ItemForm | KeyAttributeNames) {
    this.names = form;
    this.#text = "before" in form ? new ItemText(form) : undefined;
    this.#isKeyed = "between" in form && form.between !== undefined;
  }

  /** Begins with the message `bytes[start, end)`; `false` if it has another form than servers write. */
  begin(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#itemStart = start;
    this.#itemEnd = end;
    this.unreadable = false;
    if (!this.#findKey()) return false;
    this.#isKey = this.#isKeyed && this.hasKey;
    this.#open(this.#isKey ? this.#hashEntry : start, this.#isKey ? this.#hashEntryEnd : end);
    this.#isNew = true;
    return true;
  }

  /** Whether the item has the key attributes, and of types that keys can have. */
  get hasKey(): boolean {
    return isKeyKind(this.hash) && (this.names.range === undefined || isKeyKind(this.range));
  }

  /**
   * Goes on until the text is whole, or `out` has so many bytes.
   *
   * @param out Where the text goes, after what it holds already. It may be emptied between two calls.
   */
  run(out: ByteBuilder, limit: number): number {
    if (this.#text) {
      this.#text.out = out;
      if (this.#isNew) this.#text.begin();
      this.#isNew = false;
    }
    for (;;) {
      let fits = true;
      if (this.#state === TEXT) fits = this.#goOn(this.#text!);
      else if (this.#state === VALUE) fits = this.#value();
      else if (this.#at !== this.#ends[this.#level]) fits = this.#element();
      else if (this.#level > 0 || !this.#isKey) {
        if (this.#close()) return WALK_DONE;
      } else this.#endKey();
      if (!fits) return WALK_ODD;
      if (out.length >= limit) return WALK_PAUSED;
    }
  }

  /** Finds the key attributes among the entries, without looking into other values. */
  #findKey(): boolean {
    const { hash, range } = this;
    const bytes = this.#bytes;
    const end = this.#itemEnd;
    hash.kind = range.kind = 0;
    for (this.#at = this.#itemStart; this.#at < end;) {
      const start = this.#at;
      const entryEnd = this.#field(TAG_NAME, end);
      const nameEnd = this.#field(TAG_NAME, entryEnd);
      if (nameEnd < 0) return false;
      const name = this.#at;
      if (isName(bytes, name, nameEnd, this.names.hash)) {
        this.#hashEntry = start;
        this.#hashEntryEnd = entryEnd;
        this.#at = nameEnd;
        if (!this.#keyValue(hash, entryEnd)) return false;
      }
      if (this.names.range && isName(bytes, name, nameEnd, this.names.range)) {
        this.#rangeEntry = start;
        this.#rangeEntryEnd = entryEnd;
        this.#at = nameEnd;
        if (!this.#keyValue(range, entryEnd)) return false;
      }
      this.#at = entryEnd;
    }
    return true;
  }

  /** Notes the value of a key attribute. */
  #keyValue(place: ValuePlace, end: number): boolean {
    if (this.#field(TAG_VALUE, end) !== end) return false;
    place.start = place.end = this.#at;
    place.kind = this.#at < end ? this.#bytes[this.#at] >> 3 : NULL;
    if (place.kind > B) return true;
    place.end = this.#field((place.kind << 3) | 2, end);
    place.start = this.#at;
    return place.end === end;
  }

  /** Begins to go through entries. */
  #open(start: number, end: number): void {
    this.#state = ELEMENT;
    this.#level = 0;
    this.#kinds[0] = M;
    this.#at = start;
    this.#ends[0] = end;
    this.#filled[0] = 0;
  }

  /** Behind one of the key attributes: goes on with the other, or with the item. */
  #endKey(): void {
    if (this.names.range && this.#ends[0] !== this.#rangeEntryEnd) {
      this.#at = this.#rangeEntry;
      this.#ends[0] = this.#rangeEntryEnd;
      return;
    }
    this.#isKey = false;
    this.#text?.endKey();
    this.#open(this.#itemStart, this.#itemEnd);
  }

  #element(): boolean {
    const end = this.#field(TAG_NAME, this.#ends[this.#level]);
    if (end < 0) return false;
    const kind = this.#kinds[this.#level];
    if (kind === M) return this.#entry(end);
    this.#separate();
    if (kind === L) {
      this.#valueEnd = end;
      return this.#value();
    }
    const start = this.#at;
    this.#at = end;
    return this.#contents(kind - OF_SET, start, end, BEHIND_ELEMENT);
  }

  /** The entry of a map that goes to `end`: its name. */
  #entry(end: number): boolean {
    const level = this.#level;
    const nameEnd = this.#field(TAG_NAME, end);
    if (nameEnd < 0) return false;
    const nameStart = this.#at;
    if (this.#filled[level] === 1 && !this.#isKey) {
      const lastStart = this.#nameStarts[level];
      const lastEnd = this.#nameEnds[level];
      if (compareNames(this.#bytes, lastStart, lastEnd, nameStart, nameEnd) >= 0) return false;
    }
    this.#nameStarts[level] = nameStart;
    this.#nameEnds[level] = nameEnd;
    this.#at = nameEnd;
    if (this.#field(TAG_VALUE, end) !== end) return false;
    this.#valueEnd = end;
    this.#separate();
    return this.#contents(S, nameStart, nameEnd, BEHIND_NAME);
  }

  /** The value that begins here and goes to the end that is noted. */
  #value(): boolean {
    const end = this.#valueEnd;
    const start = this.#at;
    if (this.#level >= SERVER_DEPTH) {
      if (this.#level >= MAX_DEPTH) return false;
      this.unreadable = true;
    }
    this.#state = ELEMENT;
    if (start === end) {
      this.unreadable = true;
      return this.#flag(NULL, true);
    }
    const tag = this.#bytes[start];
    const kind = tag >> 3;
    if (kind === BOOL || kind === NULL) {
      if (end - start !== 2 || (tag & 7) !== 0 || this.#bytes[start + 1] > 1) return false;
      const flag = this.#bytes[start + 1] === 1;
      if (kind === NULL && !flag) this.unreadable = true;
      this.#at = end;
      return this.#flag(kind, flag);
    }
    if ((tag & 7) !== 2 || kind < S || kind > M || this.#field(tag, end) !== end) return false;
    this.#text?.beginType(kind, this.#level);
    if (kind <= B) {
      const contents = this.#at;
      this.#at = end;
      return this.#contents(kind, contents, end, BEHIND_VALUE);
    }
    if (kind <= BS && this.#at === end) this.unreadable = true;
    const level = ++this.#level;
    this.#kinds[level] = kind;
    this.#ends[level] = end;
    this.#filled[level] = 0;
    this.#text?.open(kind === M ? 0x7b : 0x5b);
    return true;
  }

  /**
   * Reads a field's tag and length; leaves the walk at its contents and returns their end. −1 if it has
   * another tag or goes beyond `end`.
   */
  #field(tag: number, end: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (end - at < 2 || bytes[at] !== tag) return -1;
    let length = bytes[at + 1];
    at += 2;
    if (length > 0x7f) {
      length &= 0x7f;
      for (let factor = 2 ** 7;; factor *= 2 ** 7) {
        if (at === end || factor > 2 ** 28) return -1;
        const b = bytes[at++];
        length += (b & 0x7f) * factor;
        if (b < 0x80) break;
      }
    }
    this.#at = at;
    return length <= end - at ? at + length : -1;
  }

  /** Ends what is open; `true` if it is the item. */
  #close(): boolean {
    const level = this.#level;
    this.#text?.close(this.#kinds[level] === M ? 0x7d : 0x5d, level, this.#filled[level] === 0);
    if (level === 0) {
      this.#text?.end();
      return true;
    }
    this.#level--;
    this.#text?.endType(this.#level);
    return false;
  }

  /** A bool, or a null. */
  #flag(kind: number, flag: boolean): boolean {
    this.#text?.beginType(kind, this.#level);
    this.#text?.flag(kind, flag);
    this.#text?.endType(this.#level);
    return true;
  }

  /** A text, number or binary, or a name, that is `bytes[start, end)`. */
  #contents(kind: number, start: number, end: number, behind: number): boolean {
    const text = this.#text;
    if (!text) {
      if (kind !== B && !isUtf8(this.#bytes, start, end)) return false;
    } else {
      if (!text.text(kind, this.#bytes, start, end)) return false;
      if (text.isLong) {
        this.#behind = behind;
        this.#state = TEXT;
        return true;
      }
    }
    this.#endContents(behind);
    return true;
  }

  /** Writes more of a long text. */
  #goOn(text: ItemText): boolean {
    if (!text.goOn()) return false;
    if (!text.isLong) this.#endContents(this.#behind);
    return true;
  }

  #endContents(behind: number): void {
    this.#state = ELEMENT;
    if (behind === BEHIND_VALUE) this.#text?.endType(this.#level);
    else if (behind === BEHIND_NAME) {
      this.#state = VALUE;
      this.#text?.colon();
    }
  }

  /** What stands before an element of what is open. */
  #separate(): void {
    this.#text?.separate(this.#level, this.#filled[this.#level] === 0);
    this.#filled[this.#level] = 1;
  }
}

function isName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
