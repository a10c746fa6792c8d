/**
 * Which files have the same rows alive, told while their entries come in stored order.
 *
 * All files are in one set. When some of a set have a live row that the others have not, it is divided
 * in two, and never becomes one again: of n files, there are at most n − 1 divisions.
 *
 * @module
 */

/** Files that have had the same live rows since a set was divided. */
interface LiveSet {
  /** The set that this one was a part of. */
  readonly whole?: LiveSet;
  /** The number of the stored key at which that was divided. */
  readonly since: number;
  /** Whether these files have the row, and those of the other part lack it. */
  readonly has: boolean;
  readonly files: readonly number[];
  /** How many of the files have the row that is looked at. */
  having: number;
}

/** Sets of files with the same live rows. */
export class LiveSets {
  /** The set of each file. */
  readonly #of: LiveSet[];
  /** The sets of files that have the row that is looked at. */
  readonly #touched: LiveSet[] = [];

  /** Before the first row. */
  constructor(files: number) {
    const numbers = Array.from({ length: files }, (_, file) => file);
    const all: LiveSet = { since: 0, has: false, files: numbers, having: 0 };
    this.#of = numbers.map(() => all);
  }

  /** Takes a row that is alive in some files only; `key` is the number of its stored key. */
  divide(files: readonly number[], key: number): void {
    const touched = this.#touched;
    for (let i = 0; i < files.length; i++) {
      const set = this.#of[files[i]];
      if (set.having++ === 0) touched.push(set);
    }
    for (let i = 0; i < touched.length; i++) {
      if (touched[i].having < touched[i].files.length) this.#part(touched[i], new Set(files), key);
      touched[i].having = 0;
    }
    touched.length = 0;
  }

  #part(whole: LiveSet, having: ReadonlySet<number>, since: number): void {
    for (const has of [true, false]) {
      const files = whole.files.filter((file) => having.has(file) === has);
      const part: LiveSet = { whole, since, has, files, having: 0 };
      for (const file of files) this.#of[file] = part;
    }
  }

  /**
   * Where two files part: the one that lacks a live row of the other, and the number of that row's stored
   * key. `undefined` if the two have the same.
   */
  parting(a: number, b: number): { lacking: number; key: number } | undefined {
    const parts = new Map<LiveSet, LiveSet>();
    for (let set = this.#of[a]; set.whole; set = set.whole) parts.set(set.whole, set);
    for (let set = this.#of[b]; set.whole; set = set.whole) {
      const other = parts.get(set.whole);
      if (other && other !== set) return { lacking: set.has ? a : b, key: set.since };
      if (other) return undefined;
    }
    return undefined;
  }
}
