/** Finds the members of an object while its text is checked, and keeps nothing but places. @module */

import { JsonCheck } from "./json_check.ts";
import { textOf } from "./json_text.ts";

/**
 * Where the members of an object stand, for objects of which there are many: one walk over the bytes
 * checks the whole text and finds the members, without an object for any of them.
 *
 * ```text
 * {"message_id":"0011…","body":"aGk=","partition":7}
 *               ├──────┤       ├────┤             ┊
 *               start  end     start end          others are checked and passed over
 * ```
 *
 * Names are compared exactly; of several members of one name the last counts, and `null` counts as absent.
 */
export class JsonPlaces {
  /** Offset of the first byte of each value, in the order of the names; 0 for one that is absent. */
  readonly starts: Uint32Array;
  /** Offset behind its last byte. */
  readonly ends: Uint32Array;
  /** 1 for a string of ASCII without escapes: its text is what stands between its quotes. */
  readonly plain: Uint8Array;
  readonly #names: readonly string[];
  /** Names with their quotes and the colon. */
  readonly #beginnings: readonly Uint8Array[];
  /** Bytes of the longest name, if all of its characters are escaped. */
  readonly #longest: number;

  /** @param names Of the members that are looked for, best in the order in which they mostly stand. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#beginnings = names.map((name) => new TextEncoder().encode(`"${name}":`));
    this.#longest = Math.max(...names.map(({ length }) => 6 * length + 2));
    this.starts = new Uint32Array(names.length);
    this.ends = new Uint32Array(names.length);
    this.plain = new Uint8Array(names.length);
  }

  /**
   * Finds the members of the object that `bytes[start, end)` is, with nothing but space around it.
   *
   * @returns `false` when it is JSON, and no object.
   * @throws {JsonError}
   */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    this.starts.fill(0);
    const check = new JsonCheck(bytes, start, end);
    const first = check.space(start);
    const isObject = first < end && bytes[first] === 0x7b;
    check.finish(isObject ? this.#object(check, bytes, first, end) : check.value(first, 1));
    return isObject;
  }

  /** Returns the offset behind the object. */
  #object(check: JsonCheck, bytes: Uint8Array, brace: number, end: number): number {
    let at = check.space(brace + 1);
    if (at < end && bytes[at] === 0x7d) return at + 1;
    let expected = 0; // members mostly come in the order of the list
    for (;;) {
      let member = this.#beginningAt(bytes, at, end, expected);
      if (member >= 0) at = check.space(at + this.#beginnings[member].length);
      else {
        const name = at;
        at = check.name(at);
        member = this.#named(bytes, name, at);
        at = check.colon(at);
      }
      const start = at;
      const stop = at < end && bytes[at] === 0x22 ? plainEnd(bytes, at + 1, end) : -1;
      at = stop < 0 ? check.value(at, 2) : stop;
      if (member >= 0) {
        this.starts[member] = bytes[start] === 0x6e ? 0 : start;
        this.ends[member] = at;
        this.plain[member] = stop < 0 ? 0 : 1;
        expected = member + 1;
      }
      at = check.space(at);
      const next = at < end ? bytes[at] : 0;
      if (next === 0x7d) return at + 1;
      if (next !== 0x2c) check.fail("a comma or brace is missing", at);
      at = check.space(at + 1);
    }
  }

  /** The member that begins at `at` without any space; looked for from `expected` on. */
  #beginningAt(bytes: Uint8Array, at: number, end: number, expected: number): number {
    for (let k = expected; k < this.#beginnings.length; k++) {
      const beginning = this.#beginnings[k];
      const { length } = beginning;
      if (at + length > end || bytes[at + length - 2] !== 0x22) continue;
      let i = 1;
      while (i < length && bytes[at + i] === beginning[i]) i++;
      if (i === length && bytes[at] === 0x22) return k;
    }
    return -1;
  }

  /** The member that has the name `bytes[quote, end)`, or −1. */
  #named(bytes: Uint8Array, quote: number, end: number): number {
    if (end - quote > this.#longest) return -1;
    return this.#names.indexOf(textOf(bytes, quote, end));
  }
}

/** The offset behind a string of ASCII without escapes that goes on at `at`; −1 for another one. */
function plainEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && PLAIN[bytes[at]] === 1) at++;
  return at < end && bytes[at] === 0x22 ? at + 1 : -1;
}

/** 1 for ASCII that stands for itself in a string. */
const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x80);
PLAIN[0x22] = PLAIN[0x5c] = 0;
