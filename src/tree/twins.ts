/**
 * Paths of which some file systems would make one: they differ only in letter case, or in the way of
 * spelling a character. They are found before anything is written, by one external sort; of each group
 * the path with the least bytes stays.
 *
 * What is sorted is each component of each path, with the spelled path of the folder that it is in:
 *
 * ```text
 * key    SHA-256 of the folder's path [0, 16) ‖ folded component ‖ 00 ‖ component
 * value  number of the path, u64 BE
 * ```
 *
 * Of components that have all but their spelling in common, the one with the least bytes wins, and every
 * path through another one loses. Take two paths that are left: at the first component in which they
 * differ they are in one folder, so their folded components differ too, and no file system takes them
 * for one.
 *
 * The numbers of the losers are sorted again and met in the order in which the paths came.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { equalBytes } from "../bytes/compare.ts";
import { sha256Of } from "../bytes/digest.ts";
import { putU64be, u64be } from "../bytes/integers.ts";
import type { Scratch } from "../sources/scratch.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import { type SortedRecords, SpillSorter } from "../sources/spill_sorter.ts";
import { folded } from "./portable.ts";

const FOLDER = 16;
/** The folder that all paths begin in. */
const ROOT = new Uint8Array(FOLDER);
const NOTHING = new Uint8Array(0);

/** Says of one thing after the other whether its path is a twin of another one's. */
export interface Twins {
  /** Whether the next thing must have another path. Things are asked for in the order of the plan. */
  next(): MaybePromise<boolean>;
  /** Lets go of what was sorted. All things must have been asked for. */
  close(): void;
}

/** Where every path can be had. */
export const NO_TWINS: Twins = { next: () => false, close: () => {} };

/** Takes the paths of all things, and then finds the twins among them. */
export class TwinPlan {
  readonly #components: SpillSorter;
  readonly #scratch: Scratch;
  readonly #key = new ByteBuilder();
  readonly #number = new Uint8Array(8);
  #count = 0;
  /** The folders of the last path: most paths have some in common with it. */
  readonly #folders: { name: string; digest: Uint8Array }[] = [];

  /** Nothing is known yet. */
  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#components = new SpillSorter(scratch);
  }

  /** Takes the paths of the files of the next thing, relative to one folder, all of them portable. */
  async note(...paths: string[]): Promise<void> {
    putU64be(this.#number, 0, BigInt(this.#count++));
    for (const path of paths) {
      const names = path.split("/");
      let folder: Uint8Array = ROOT;
      for (const [depth, name] of names.entries()) {
        if (depth > 0) folder = this.#folderOf(depth - 1, names[depth - 1], folder);
        this.#key.clear().append(folder).text(folded(name)).byte(0).text(name);
        const added = this.#components.add(this.#key.view(), this.#number);
        if (isPromise(added)) await added;
      }
    }
  }

  /** Finds the twins, in the order of the things. */
  async twins(): Promise<Twins> {
    const losers = new SpillSorter(this.#scratch);
    const sorted = await this.#components.sorted();
    let group: Uint8Array = NOTHING;
    let winner: Uint8Array = NOTHING;
    for (;;) {
      const next = sorted.next();
      const record = isPromise(next) ? await next : next;
      if (!record) break;
      const { key, value } = record;
      const end = key.indexOf(0, FOLDER);
      if (!equalBytes(key.subarray(0, end), group)) {
        group = key.slice(0, end);
        winner = key.slice(end);
      } else if (!equalBytes(key.subarray(end), winner)) {
        const added = losers.add(value, NOTHING);
        if (isPromise(added)) await added;
      }
    }
    this.#components.close();
    return await Losers.of(losers, this.#count);
  }

  /** What stands for the path of a folder. Those above it must have been asked for just before. */
  #folderOf(depth: number, name: string, parent: Uint8Array): Uint8Array {
    const known = this.#folders[depth];
    if (known?.name === name) return known.digest;
    const digest = sha256Of(this.#key.clear().append(parent).text(name).view())
      .slice(0, FOLDER);
    this.#folders.length = depth;
    this.#folders.push({ name, digest });
    return digest;
  }
}

class Losers implements Twins {
  readonly #sorter: SpillSorter;
  readonly #records: SortedRecords;
  readonly #count: number;
  /** The number of the next loser. */
  #loser = -1;
  #asked = 0;

  private constructor(sorter: SpillSorter, records: SortedRecords, count: number) {
    this.#sorter = sorter;
    this.#records = records;
    this.#count = count;
  }

  static async of(sorter: SpillSorter, count: number): Promise<Losers> {
    const losers = new Losers(sorter, await sorter.sorted(), count);
    await losers.#advance();
    return losers;
  }

  next(): MaybePromise<boolean> {
    if (this.#asked++ !== this.#loser) return false;
    return this.#advance().then(() => true);
  }

  close(): void {
    this.#sorter.close();
    if (this.#asked === this.#count) return;
    throw new Error(`${this.#count} names were planned and ${this.#asked} were given`);
  }

  /** Goes on to the next loser. One can lose in several folders. */
  async #advance(): Promise<void> {
    for (const last = this.#loser; this.#loser === last;) {
      const record = await this.#records.next();
      this.#loser = record ? Number(u64be(record.key, 0)) : Infinity;
    }
  }
}
