/**
 * Finds bytes, or what a regular expression matches, in values and in pieces of values.
 *
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Where something was found: offsets. */
export interface Match {
  start: number;
  end: number;
}

/** Finds the first match in bytes. */
export interface Finder {
  /** Bytes that a match across the border of two pieces may have before it. */
  readonly reach: number;
  /**
   * The first match in `bytes[start, end)` that begins at or behind `from`.
   *
   * @param isEnd Whether the value ends there: `$` of a regular expression matches at no other end.
   */
  find(
    bytes: Uint8Array,
    start: number,
    end: number,
    from?: number,
    isEnd?: boolean,
  ): Match | undefined;
}

/** Finds certain bytes, of which there is at least one: Horspool's search. */
export class BytesFinder implements Finder {
  readonly reach: number;
  readonly #wanted: Uint8Array;
  /** How far to go on by the byte where the wanted ones would end. */
  readonly #shift: Uint32Array;

  constructor(wanted: Uint8Array) {
    this.#wanted = wanted;
    this.reach = wanted.length - 1;
    this.#shift = new Uint32Array(256).fill(wanted.length);
    for (let i = 0; i < this.reach; i++) this.#shift[wanted[i]] = this.reach - i;
  }

  find(bytes: Uint8Array, start: number, end: number, from: number = start): Match | undefined {
    const wanted = this.#wanted;
    const last = this.reach;
    for (let at = from + last; at < end; at += this.#shift[bytes[at]]) {
      let i = last;
      while (i >= 0 && bytes[at - last + i] === wanted[i]) i--;
      if (i < 0) return { start: at - last, end: at + 1 };
    }
    return undefined;
  }
}

/** Longest match of a regular expression that is found in a value that comes in pieces. */
const REACH = 64 << 10;
/** Bytes that a regular expression sees at once. */
const WINDOW = 1 << 20;

/** A character for each byte. */
function charactersOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += SOME) {
    text += String.fromCharCode(...bytes.subarray(at, at + SOME));
  }
  return text;
}

const SOME = 1 << 12;

/** Finds what a regular expression matches: in the text of a value, or if it is not UTF-8 in its bytes. */
export class TextFinder implements Finder {
  readonly reach: number = REACH;
  readonly #regex: RegExp;

  /** @param regex With the flag `g`. */
  constructor(regex: RegExp) {
    this.#regex = regex;
  }

  find(
    bytes: Uint8Array,
    start: number,
    end: number,
    from: number = start,
    isEnd = true,
  ): Match | undefined {
    if (end - start > 2 * WINDOW) return findInPieces(this, bytes.subarray(start, end), start);
    const part = bytes.subarray(start, end);
    const utf8 = decodeUtf8(part);
    const text = utf8 ?? charactersOf(part);
    const length = (some: string): number =>
      utf8 === undefined ? some.length : encodeUtf8(some).length;
    const before = utf8 === undefined ? from - start : decodeUtf8(bytes, start, from)?.length ?? 0;
    this.#regex.lastIndex = before;
    const match = this.#regex.exec(text);
    if (!match || (!isEnd && match.index + match[0].length === text.length)) return undefined;
    const at = start + length(text.slice(0, match.index));
    return { start: at, end: at + length(match[0]) };
  }
}

function findInPieces(finder: Finder, bytes: Uint8Array, start: number): Match | undefined {
  const pieces = new PieceFinder(finder);
  pieces.add(bytes);
  const match = pieces.end();
  return match && { start: start + match.start, end: start + match.end };
}

/** Something that was found, with the bytes around it. */
export interface Excerpt extends Match {
  /** The match, as much of it as is shown, and some bytes before and behind it. */
  around: Uint8Array;
}

/** Bytes before a match, and behind its beginning, that are shown with it. */
const AROUND = 40;

/** What was found, with what is around it. */
export function excerptOf(bytes: Uint8Array, start: number, end: number, match: Match): Excerpt {
  const around = bytes.slice(
    Math.max(start, match.start - AROUND),
    Math.min(end, Math.max(match.start + AROUND, Math.min(match.end, match.start + 2 * AROUND))),
  );
  return { start: match.start - start, end: match.end - start, around };
}

/** Finds the first match in a value that comes in pieces. Keeps a piece and the end of the last one. */
export class PieceFinder {
  readonly #finder: Finder;
  /** What was not yet searched to its end. */
  #held: Uint8Array = new Uint8Array(0);
  /** Where it begins in the value. */
  #base = 0;
  /** Where the search goes on in it. */
  #from = 0;
  #found: Excerpt | undefined;

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** Takes the next piece. */
  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length && !this.#found; at += WINDOW) {
      this.#add(piece.subarray(at, at + WINDOW));
    }
  }

  #add(piece: Uint8Array): void {
    const bytes = new Uint8Array(this.#held.length + piece.length);
    bytes.set(this.#held);
    bytes.set(piece, this.#held.length);
    // The last character may be cut off.
    const end = characterAt(bytes, bytes.length - 1);
    this.#search(bytes, end, false);
    const from = characterAt(bytes, Math.max(this.#from, end - this.#finder.reach));
    // What stands before it says whether it is the beginning of a line or word.
    const kept = characterAt(bytes, Math.max(0, from - AROUND));
    this.#held = bytes.slice(kept);
    this.#base += kept;
    this.#from = from - kept;
  }

  /** Says what was found, when there are no more pieces. */
  end(): Excerpt | undefined {
    if (!this.#found) this.#search(this.#held, this.#held.length, true);
    return this.#found;
  }

  #search(bytes: Uint8Array, end: number, isEnd: boolean): void {
    const match = this.#finder.find(bytes, 0, end, this.#from, isEnd);
    if (!match) return;
    const { start, end: to, around } = excerptOf(bytes, 0, bytes.length, match);
    this.#found = { start: this.#base + start, end: this.#base + to, around };
  }
}

/** Where the character begins that the byte at an offset is of. */
function characterAt(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < 3 && (bytes[start] & 0xc0) === 0x80) start--;
  return (bytes[start] & 0xc0) === 0x80 ? at : Math.max(0, start);
}
