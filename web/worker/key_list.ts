/**
 * The keys of one table, bucket, database or queue, gathered once and then shown in any order: a million
 * of them as the bytes of their texts, and not as a million strings.
 *
 * @module
 */

import { ByteBuilder } from "../../src/bytes/builder.ts";
import { isPattern, PathPattern } from "../../src/text/path_pattern.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

/** A key as it is listed. */
export interface ListedKey {
  /** What the record is asked for by: the attributes of an item's key as JSON, or the key's own text. */
  id: string;
  /** What is shown. */
  label: string;
  /** What else is known without looking at the record. */
  note: string;
}

/** More would take the memory that the tab needs for other things. */
export const MAX_KEYS = 4_000_000;

/** Keys, in the order in which they came. */
export class KeyList {
  readonly #text = new ByteBuilder(1 << 16);
  #ends = new Float64Array(1 << 10);
  #count = 0;
  /** Places of the keys that match the pattern; all of them unless there is one. */
  #found: number[] | undefined;
  #matches: ((label: string) => boolean) | undefined;

  /** How many keys are shown. */
  get count(): number {
    return this.#found?.length ?? this.#count;
  }

  /** How many there are. */
  get total(): number {
    return this.#count;
  }

  add(key: ListedKey): void {
    if (this.#count === this.#ends.length) {
      const ends = new Float64Array(this.#count * 2);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#text.append(encodeUtf8(JSON.stringify([key.id, key.label, key.note])));
    if (this.#matches?.(key.label)) this.#found!.push(this.#count);
    this.#ends[this.#count++] = this.#text.length;
  }

  /** Some of the shown keys. */
  slice(from: number, to: number): ListedKey[] {
    const keys: ListedKey[] = [];
    for (let i = from; i < Math.min(to, this.count); i++) {
      keys.push(this.#at(this.#found?.[i] ?? i));
    }
    return keys;
  }

  /**
   * Shows only keys with a text in them, or that match a pattern; all for an empty text.
   *
   * @throws {UsageError} when it is no pattern.
   */
  filter(text: string): void {
    this.#matches = text === "" ? undefined : matcherOf(text);
    this.#found = this.#matches && [];
    if (!this.#matches) return;
    for (let i = 0; i < this.#count; i++) {
      if (this.#matches(this.#at(i).label)) this.#found!.push(i);
    }
  }

  /** The next shown key that begins with a text, from a place on and then from the first; or -1. */
  seek(text: string, from: number): number {
    const wanted = text.toLowerCase();
    const n = this.count;
    for (let k = 0; k < n; k++) {
      const i = (from + k) % n;
      if (this.#at(this.#found?.[i] ?? i).label.toLowerCase().startsWith(wanted)) return i;
    }
    return -1;
  }

  #at(i: number): ListedKey {
    const start = i === 0 ? 0 : this.#ends[i - 1];
    const [id, label, note] = JSON.parse(decodeUtf8(this.#text.bytes, start, this.#ends[i])!);
    return { id, label, note };
  }
}

function matcherOf(text: string): (label: string) => boolean {
  if (!isPattern(text)) return (label) => label.includes(text);
  const pattern = new PathPattern(text);
  return (label) => pattern.matches(label);
}
