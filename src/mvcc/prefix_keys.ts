/**
 * The user keys that are prefixes of some bytes, and where their versions can lie.
 *
 * The versions of a key K are stored at `K ‖ ^time`, and so are keys that extend K: `K ‖ X ‖ ^time`.
 * There may be millions of them before, behind and between the versions of K. So a walk that wants
 * only K asks here where the next version can lie, and leaps to there.
 *
 * @module
 */

import { startsWith, successor } from "../bytes/compare.ts";
import { MAX_U64, putU64be, u64be } from "../bytes/integers.ts";
import { isTimeless, TIMESTAMP_LENGTH } from "./resolver.ts";
import type { Times } from "./times.ts";

/** Keys that are prefixes of one byte string. */
export class PrefixKeys {
  readonly #bytes: Uint8Array;
  readonly #shortest: number;
  readonly #longest: number;
  readonly #times: Times;

  /**
   * The prefixes of `bytes` that are so long.
   *
   * @param times None of their versions has another time.
   */
  constructor(bytes: Uint8Array, shortest: number, longest: number, times: Times) {
    this.#bytes = bytes;
    this.#shortest = shortest;
    this.#longest = longest;
    this.#times = times;
  }

  /** Whether the user key `bytes[start, end)` is one of them. */
  has(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    return length >= this.#shortest && length <= this.#longest &&
      startsWith(this.#bytes, bytes.subarray(start, end));
  }

  /** A stored key behind all of their versions, if there is one. */
  get behind(): Uint8Array | undefined {
    if (this.#shortest < this.#longest) return successor(this.#bytes.subarray(0, this.#shortest));
    const [, last] = this.#suffixes(this.#shortest);
    const stored = new Uint8Array(this.#shortest + TIMESTAMP_LENGTH + 1);
    stored.set(this.#bytes.subarray(0, this.#shortest));
    putU64be(stored, this.#shortest, last);
    return stored;
  }

  /**
   * The least stored key at or above `bound` that a version of one of the keys can have.
   *
   * @param bound Bytes at or above those that the keys are prefixes of.
   */
  firstAtOrAbove(bound: Uint8Array): Uint8Array | undefined {
    const bytes = this.#bytes;
    let length = 0;
    while (length < bytes.length && bytes[length] === bound[length]) length++;
    // Keys that reach beyond what is common sort before the bound, with all of their versions.
    let least: Uint8Array | undefined;
    let of = 0;
    for (let n = Math.min(length, this.#longest); n >= this.#shortest; n--) {
      const suffix = this.#suffixAtOrAbove(n, bound.subarray(n, n + TIMESTAMP_LENGTH + 1));
      if (suffix === undefined) continue;
      const stored = new Uint8Array(TIMESTAMP_LENGTH);
      putU64be(stored, 0, suffix);
      if (least && !this.#isBefore(n, stored, of, least)) continue;
      least = stored;
      of = n;
    }
    if (!least) return undefined;
    const found = new Uint8Array(of + TIMESTAMP_LENGTH);
    found.set(bytes.subarray(0, of));
    found.set(least, of);
    return found;
  }

  /** The least inverted time of a key of this length that is at or above some bytes. */
  #suffixAtOrAbove(length: number, bytes: Uint8Array): bigint | undefined {
    const eight = new Uint8Array(TIMESTAMP_LENGTH);
    eight.set(bytes.subarray(0, TIMESTAMP_LENGTH));
    const least = u64be(eight, 0) + (bytes.length > TIMESTAMP_LENGTH ? 1n : 0n);
    const [first, last] = this.#suffixes(length);
    const suffix = least > first ? least : first;
    return suffix > last ? undefined : suffix;
  }

  /** The inverted times that the versions of the key of this length can have. */
  #suffixes(length: number): [first: bigint, last: bigint] {
    if (isTimeless(this.#bytes, 0, length)) return [0n, MAX_U64];
    return [MAX_U64 - this.#times.latest, MAX_U64 - this.#times.earliest];
  }

  /** Whether a key of length `n` with one suffix is stored before a shorter or longer one with another. */
  #isBefore(n: number, suffix: Uint8Array, m: number, other: Uint8Array): boolean {
    const at = (length: number, s: Uint8Array, i: number): number =>
      i < length ? this.#bytes[i] : s[i - length];
    const end = Math.min(n, m) + TIMESTAMP_LENGTH;
    for (let i = Math.min(n, m); i < end; i++) {
      const difference = at(n, suffix, i) - at(m, other, i);
      if (difference !== 0) return difference < 0;
    }
    return n < m;
  }
}
