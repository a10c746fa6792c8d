/** Which paths of a dump are taken, for sinks that cannot look. @module */

import { sha256Of } from "../bytes/digest.ts";
import { u32be } from "../bytes/integers.ts";
import { encodeUtf8 } from "../text/utf8.ts";

const FIRST_CAPACITY = 1 << 10;

/** What a path is. */
const FILE = 1;
const DIRECTORY = 2;

/**
 * Files and the directories on the way to them. A path is kept as 102 bits of its SHA-256, which no two
 * paths share, and one bit for what it is: 16 bytes in a table that is at most half full, so 32 to 64
 * bytes a path.
 */
export class PathSet {
  /** Two numbers an entry: 50 bits and what it is, then 52 bits. Zero: no entry. */
  #table = new Float64Array(2 * FIRST_CAPACITY);
  #used = 0;
  /** A directory that is taken: files of one directory come one after the other. */
  #last: string | undefined;
  readonly #onDirectory?: (path: string) => void;

  /**
   * Nothing is taken yet.
   *
   * @param onDirectory Told each directory once, outer ones first, before the file in it is taken.
   */
  constructor(onDirectory?: (path: string) => void) {
    this.#onDirectory = onDirectory;
  }

  /** Takes a path for a file; `false` when it, or a file on the way to it, is there already. */
  take(path: string): boolean {
    const [first, second] = hashOf(path);
    if (this.#find(first, second) !== 0) return false;
    const slash = path.lastIndexOf("/");
    if (slash >= 0 && !this.directory(path.slice(0, slash))) return false;
    this.#put(first * 4 + FILE, second);
    return true;
  }

  /** Takes a path for a directory, which may be there already; `false` when a file is in the way. */
  directory(path: string): boolean {
    if (path === this.#last) return true;
    const [first, second] = hashOf(path);
    const found = this.#find(first, second);
    if (found === FILE) return false;
    if (found === 0) {
      const slash = path.lastIndexOf("/");
      if (slash >= 0 && !this.directory(path.slice(0, slash))) return false;
      this.#put(first * 4 + DIRECTORY, second);
      this.#onDirectory?.(path);
    }
    this.#last = path;
    return true;
  }

  #find(first: number, second: number): number {
    const table = this.#table;
    for (let at = this.#slot(second);; at = (at + 2) % table.length) {
      if (table[at] === 0) return 0;
      if (table[at + 1] === second && Math.floor(table[at] / 4) === first) return table[at] % 4;
    }
  }

  #put(entry: number, second: number): void {
    if (++this.#used > this.#table.length / 4) {
      const old = this.#table;
      this.#table = new Float64Array(old.length * 2);
      for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.#insert(old[i], old[i + 1]);
    }
    this.#insert(entry, second);
  }

  #insert(entry: number, second: number): void {
    const table = this.#table;
    let at = this.#slot(second);
    while (table[at] !== 0) at = (at + 2) % table.length;
    table[at] = entry;
    table[at + 1] = second;
  }

  #slot(second: number): number {
    return 2 * (second % (this.#table.length / 2));
  }
}

/** 50 and 52 bits. */
function hashOf(path: string): [number, number] {
  const digest = sha256Of(encodeUtf8(path));
  const bits = (from: number): number => u32be(digest, from) * 0x10000 + u16be(digest, from + 4);
  return [bits(0) * 4 + (digest[6] & 3), bits(8) * 16 + (digest[14] & 15)];
}

function u16be(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
