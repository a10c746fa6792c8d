/** Checks that bytes are JSON, strictly by RFC 8259 and within limits. Nothing is kept. @module */

import { hex4, SHORT_ESCAPES, textOf } from "./json_text.ts";
import { isUtf8 } from "./utf8.ts";

/** Limits and choices of {@link checkJson}. */
export interface JsonOptions {
  /**
   * What a byte that is not UTF-8, or the escape of half a surrogate pair, means: U+FFFD for each of
   * them, as in Go ("replace", the default), or an error.
   */
  invalidText?: "replace" | "error";
  /** What a name that occurs twice in one object means: the last one counts (default), or an error. */
  duplicates?: "last" | "error";
  /** How deep objects and arrays may stand in each other; default {@link MAX_JSON_DEPTH}. */
  maxDepth?: number;
  /** How many bytes the text may have; default {@link MAX_JSON_BYTES}. */
  maxBytes?: number;
}

/** Default of `maxDepth`. */
export const MAX_JSON_DEPTH = 64;
/** Default of `maxBytes`: 64 MiB. */
export const MAX_JSON_BYTES: number = 64 << 20;

/** The text is not JSON, or breaks a limit. Callers turn it into the error of what they were reading. */
export class JsonError extends Error {
  /** Where, in bytes from the start of the text. */
  readonly offset: number;
  /** What is wrong, in lower case and without the place. */
  readonly reason: string;

  /** At `offset` bytes from the start of the text. */
  constructor(reason: string, offset: number) {
    super(`${reason} at byte ${offset}`);
    this.name = "JsonError";
    this.reason = reason;
    this.offset = offset;
  }
}

/**
 * Checks that `bytes[start, end)` is one JSON value with nothing but space around it, and returns
 * where the value itself starts and ends.
 *
 * @throws {JsonError}
 */
export function checkJson(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: JsonOptions,
): [start: number, end: number] {
  const check = new JsonCheck(bytes, start, end, options);
  const first = check.space(start);
  const last = check.value(first, 1);
  check.finish(last);
  return [first, last];
}

/** 1 for what a string may hold as it is. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[0x22] = PLAIN[0x5c] = 0;

/** Walks a text that has not been checked; each method takes an offset and returns the one behind. */
export class JsonCheck {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #strictText: boolean;
  readonly #strictNames: boolean;
  readonly #maxDepth: number;

  /** @throws {JsonError} when the text is too long. */
  constructor(bytes: Uint8Array, start: number, end: number, options: JsonOptions = {}) {
    if (end - start > (options.maxBytes ?? MAX_JSON_BYTES)) {
      throw new JsonError(`JSON text of ${end - start} bytes is above the limit`, 0);
    }
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#strictText = options.invalidText === "error";
    this.#strictNames = options.duplicates === "error";
    this.#maxDepth = options.maxDepth ?? MAX_JSON_DEPTH;
  }

  /** Says what is wrong at an offset. */
  fail(reason: string, at: number): never {
    throw new JsonError(at < this.#end ? reason : "the text ends too early", at - this.#start);
  }

  /** Nothing but space may follow the whole value. */
  finish(at: number): void {
    const after = this.space(at);
    if (after < this.#end) this.fail("something follows the value", after);
  }

  /** White space, if there is any. */
  space(at: number): number {
    const end = this.#end;
    while (at < end && isSpace(this.#bytes[at])) at++;
    return at;
  }

  /** A value of any kind; the whole value has the depth 1. */
  value(at: number, depth: number): number {
    if (at >= this.#end) this.fail("a value is missing", at);
    switch (this.#bytes[at]) {
      case 0x22:
        return this.string(at);
      case 0x7b:
        return this.object(at, depth);
      case 0x5b:
        return this.array(at, depth);
      case 0x74:
        return this.word("true", at);
      case 0x66:
        return this.word("false", at);
      case 0x6e:
        return this.word("null", at);
      default:
        return this.number(at);
    }
  }

  /** An object. */
  object(at: number, depth: number): number {
    if (depth > this.#maxDepth) this.fail("values are nested too deeply", at);
    const bytes = this.#bytes;
    const names = this.#strictNames ? new Set<string>() : undefined;
    at = this.space(at + 1);
    if (at < this.#end && bytes[at] === 0x7d) return at + 1;
    while (true) {
      const name = at;
      at = this.name(at);
      if (names !== undefined) {
        const size = names.size;
        if (names.add(textOf(bytes, name, at)).size === size) {
          this.fail("a name occurs twice", name);
        }
      }
      at = this.space(this.value(this.colon(at), depth + 1));
      const next = at < this.#end ? bytes[at] : 0;
      if (next === 0x7d) return at + 1;
      if (next !== 0x2c) this.fail("a comma or brace is missing", at);
      at = this.space(at + 1);
    }
  }

  /** The name of a member. */
  name(at: number): number {
    if (at >= this.#end || this.#bytes[at] !== 0x22) this.fail("a member's name is missing", at);
    return this.string(at);
  }

  /** The colon behind a name, with space around it. */
  colon(at: number): number {
    at = this.space(at);
    if (at >= this.#end || this.#bytes[at] !== 0x3a) this.fail("a colon is missing", at);
    return this.space(at + 1);
  }

  /** An array. */
  array(at: number, depth: number): number {
    if (depth > this.#maxDepth) this.fail("values are nested too deeply", at);
    const bytes = this.#bytes;
    at = this.space(at + 1);
    if (at < this.#end && bytes[at] === 0x5d) return at + 1;
    while (true) {
      at = this.space(this.value(at, depth + 1));
      const next = at < this.#end ? bytes[at] : 0;
      if (next === 0x5d) return at + 1;
      if (next !== 0x2c) this.fail("a comma or bracket is missing", at);
      at = this.space(at + 1);
    }
  }

  /** A string. */
  string(quote: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = quote + 1;
    while (true) {
      while (at < end && PLAIN[bytes[at]] === 1) at++;
      if (at >= end) this.fail("a quote is missing", end);
      const c = bytes[at];
      if (c === 0x22) break;
      if (c < 0x20) this.fail("a control character must be escaped", at);
      at = this.escape(at);
    }
    if (this.#strictText && !isUtf8(bytes, quote + 1, at)) this.fail("text is not UTF-8", quote);
    return at + 1;
  }

  /** An escape in a string. */
  escape(at: number): number {
    const bytes = this.#bytes;
    const c = at + 1 < this.#end ? bytes[at + 1] : 0;
    if (c !== 0x75) {
      if (SHORT_ESCAPES[c] === 0) this.fail("an escape is unknown", Math.min(at + 1, this.#end));
      return at + 2;
    }
    const unit = this.unit(at);
    if (!this.#strictText || (unit & 0xf800) !== 0xd800) return at + 6;
    const paired = unit < 0xdc00 && at + 7 < this.#end &&
      bytes[at + 6] === 0x5c && bytes[at + 7] === 0x75 && (this.unit(at + 6) & 0xfc00) === 0xdc00;
    if (!paired) this.fail("a surrogate stands alone", at);
    return at + 12;
  }

  /** The number that the four digits of an escape at `at` make. */
  unit(at: number): number {
    if (at + 6 > this.#end) this.fail("an escape is incomplete", this.#end);
    const unit = hex4(this.#bytes, at + 2);
    if (unit < 0) this.fail("an escape needs four hex digits", at);
    return unit;
  }

  /** A number. */
  number(start: number): number {
    let at = start;
    if (this.#bytes[at] === 0x2d) at++;
    if (at < this.#end && this.#bytes[at] === 0x30) at++;
    else at = this.digits(at);
    if (at < this.#end && this.#bytes[at] === 0x2e) at = this.digits(at + 1);
    if (at < this.#end && (this.#bytes[at] | 0x20) === 0x65) {
      at++;
      if (at < this.#end && (this.#bytes[at] === 0x2b || this.#bytes[at] === 0x2d)) at++;
      at = this.digits(at);
    }
    return at;
  }

  /** At least one digit. */
  digits(start: number): number {
    let at = start;
    while (at < this.#end && isDigit(this.#bytes[at])) at++;
    if (at === start) this.fail("this is not a value", at);
    return at;
  }

  /** One of the words. */
  word(word: string, at: number): number {
    for (let i = 0; i < word.length; i++) {
      if (at + i >= this.#end || this.#bytes[at + i] !== word.charCodeAt(i)) {
        this.fail("this is not a value", Math.min(at + i, this.#end));
      }
    }
    return at + word.length;
  }
}

/** Whether a byte is white space between values. */
export function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

/** Whether a byte is a decimal digit. */
export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}
