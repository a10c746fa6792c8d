/**
 * Files of any size, written as fast as they can be stored: a few entries are repeated, in which only
 * numbers change.
 *
 * @module
 */

import { crc32c } from "../../../src/bytes/digest.ts";
import { concat, text, u64be, u64le } from "./encoding.ts";
import { BEGINNING } from "./history.ts";
import type { LargeFile } from "./large.ts";

const BLOCK_LENGTH = 1 << 20;
/** When rows were committed, unless that is said. */
export const TIME: bigint = BigInt(BEGINNING) << 16n;

/** Where an entry has its number: ten digits, eight bytes, nine digits of a message id, or their base64. */
type Counter = "digits" | "u64" | "id" | "id64";
const WIDTH: Record<Counter, number> = { digits: 10, u64: 8, id: 9, id64: 12 };

/** Three digits at a time, in the order of their base64: so message ids sort like their numbers. */
const TRIPLES = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"))
  .map((digits) => ({ digits: text(digits), encoded: text(btoa(digits)) }))
  .sort((a, b) => String.fromCharCode(...a.encoded) < String.fromCharCode(...b.encoded) ? -1 : 1);

/** Writes numbers into copies of an entry. */
export const PUT: Record<Counter, (bytes: Uint8Array, at: number, n: number) => void> = {
  digits(bytes, at, n) {
    for (let i = at + 9; i >= at; i--) {
      bytes[i] = 0x30 + n % 10;
      n = Math.floor(n / 10);
    }
  },
  u64(bytes, at, n) {
    bytes[at + 3] = n / 0x1_0000_0000;
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = n >>> (24 - 8 * i);
  },
  id(bytes, at, n) {
    bytes.set(TRIPLES[Math.floor(n / 1_000_000)].digits, at);
    bytes.set(TRIPLES[Math.floor(n / 1000) % 1000].digits, at + 3);
    bytes.set(TRIPLES[n % 1000].digits, at + 6);
  },
  id64(bytes, at, n) {
    bytes.set(TRIPLES[Math.floor(n / 1_000_000)].encoded, at);
    bytes.set(TRIPLES[Math.floor(n / 1000) % 1000].encoded, at + 4);
    bytes.set(TRIPLES[n % 1000].encoded, at + 8);
  },
};

/** A mark that stands for a number until it is known; nothing else in an entry looks like it. */
export function mark(counter: Counter): Uint8Array {
  return new Uint8Array(WIDTH[counter]).fill({ digits: 1, u64: 2, id: 3, id64: 4 }[counter]);
}
/** The usual one. */
export const DIGITS: Uint8Array = mark("digits");

/** Entries that are written again and again. */
export interface Template {
  entry: Uint8Array;
  /** How many they are. */
  entries: number;
  counters: { put: (bytes: Uint8Array, at: number, n: number) => void; at: number }[];
}

/**
 * An entry whose marks are found: in a user key, in a value's body, or in both.
 *
 * @param body Absent for a tombstone.
 */
export function template(key: Uint8Array, body?: Uint8Array, time = TIME): Template {
  const entry = entryOf(key, body, time);
  const counters: Template["counters"] = [];
  for (const counter of Object.keys(WIDTH) as Counter[]) {
    const wanted = mark(counter);
    for (let at = 0; at + wanted.length <= entry.length; at++) {
      if (!wanted.every((b, i) => entry[at + i] === b)) continue;
      counters.push({ put: PUT[counter], at });
      at += wanted.length - 1;
    }
  }
  return { entry, entries: 1, counters };
}

/** Several templates as one: those of one list have the same number, and the next one the next list. */
export function inTurn(...lists: Template[][]): Template {
  const all = lists.flatMap((list, k) => list.map((template) => ({ template, k })));
  const counters: Template["counters"] = [];
  let length = 0;
  for (const { template, k } of all) {
    for (const { put, at } of template.counters) {
      const own = (bytes: Uint8Array, at: number, n: number): void =>
        put(bytes, at, n * lists.length + k);
      counters.push({ put: own, at: length + at });
    }
    length += template.entry.length;
  }
  return {
    entry: concat(...all.map(({ template }) => template.entry)),
    entries: all.length,
    counters,
  };
}

function entryOf(key: Uint8Array, body: Uint8Array | undefined, time = TIME): Uint8Array {
  const stored = concat(key, u64be(~time));
  const value = concat(body ? 0 : 1, u64le(0), body ?? "");
  return concat(u64le(stored.length), stored, u64le(value.length), value);
}

/** A node's file that is being written. */
export class Writer {
  /** Entries so far. */
  entries = 0;
  /** Bytes so far. */
  bytes = 0;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #crc = crc32c();

  /** Writes the header. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#put(concat("EKVTHLC1", u64be(BEGINNING + 10_000), "EKVPBBL1", u64le(TIME)));
  }

  /** One entry. */
  row(key: Uint8Array, body: Uint8Array): void {
    this.#put(entryOf(key, body));
    this.entries++;
  }

  /** A template's entries with the numbers `[0, count)`. */
  rows({ entry, entries, counters }: Template, count: number): void {
    const copies = Math.min(count, Math.max(1, Math.floor(BLOCK_LENGTH / entry.length)));
    const block = new Uint8Array(copies * entry.length);
    for (let i = 0; i < copies; i++) block.set(entry, i * entry.length);
    for (let from = 0; from < count; from += copies) {
      const n = Math.min(copies, count - from);
      for (const { put, at } of counters) {
        for (let i = 0; i < n; i++) put(block, i * entry.length + at, from + i);
      }
      this.#put(block.subarray(0, n * entry.length));
    }
    this.entries += count * entries;
  }

  /** Writes the store's own rows and the checksum. */
  end(things: number): LargeFile {
    for (const name of ["_meta_applied_index", "_meta_last_commit_ts"]) {
      this.#put(concat(u64le(name.length), name, u64le(8), u64le(TIME)));
    }
    this.#put(this.#crc.digest(), false);
    return { bytes: this.bytes, entries: this.entries, things };
  }

  #put(bytes: Uint8Array, isCovered = true): void {
    if (isCovered) this.#crc.update(bytes);
    this.#write(bytes);
    this.bytes += bytes.length;
  }
}

/** How many repetitions of these entries take so many bytes. */
export function countFor(bytes: number, ...templates: Template[]): number {
  return Math.max(1, Math.floor(bytes / templates.reduce((sum, t) => sum + t.entry.length, 0)));
}
