/**
 * What several files have in common, and what each of them lacks, found out while they are read merged.
 *
 * A node never removes a version, but for compaction: up to a time that it writes down, its floor, it
 * keeps of each key only the newest version, and may drop that one, too, if it is a tombstone. So every
 * version of an earlier state is in a later one, unless compaction explains why it is not. A version
 * that nothing explains shows another history: another cluster, or one that was restored from a backup.
 *
 * Floors lie somewhere in the files, and which file is the latest is known only at their ends. So each
 * file is compared with all that the files beside it have, and what is noted is which floor explains
 * what it lacks:
 *
 * ```text
 *                  9    7    5         versions of a key, the newest first
 * others have      x    x    x
 * it has           x         x         a floor of 9 or more: 9 is kept, and hides 7
 * it has           x                   a floor of 7 or more: 7 and 5 were hidden and removed
 * it has                               a floor of 9 or more: 9 may have been a tombstone
 * it has                     x         none: 5 was kept, and what hid it was not
 * ```
 *
 * Timestamps alone do not tell: a transaction that began in another group is applied late, so a later
 * state can have versions that are older than the last commit of an earlier one.
 *
 * @module
 */

import { startsWith } from "../bytes/compare.ts";
import type { EntryBatch } from "../container/entry_batch.ts";
import { UsageError } from "../errors.ts";
import { FAMILY } from "../keyspace/families.ts";
import { type Difference, differenceOf } from "./differences.ts";
import type { EntryVisitor } from "./entry_visitor.ts";
import { Kinship } from "./kinship.ts";
import { LiveSets } from "./live_sets.ts";
import { NotedVersion } from "./noted_version.ts";
import { type KeyNote, OpenKeys } from "./open_keys.ts";
import { isReplicated } from "./replicated.ts";
import { TOMBSTONE } from "./resolver.ts";

const CATALOG = FAMILY.dist.bytes;
/** Bytes of what is noted of open keys: enough for two million of them in three files. */
const NOTES_LENGTH = 64 << 20;
/** What is noted of a key and a file. */
const NOTE_LENGTH = 11;

/** A difference between two files, and a version that they have it in. */
export interface NotedDifference {
  readonly kind: Difference;
  readonly version: NotedVersion;
}

/**
 * Compares files with each other. It keeps about 500 bytes a file, {@link NOTE_LENGTH} for each file and key
 * that is a prefix of the current one, and 200 for each pair of files that say different things of one version.
 */
export class Lineage implements EntryVisitor {
  /** What the files have in common. */
  readonly kinship: Kinship;
  readonly #live: LiveSets;
  readonly #keys: OpenKeys<KeyVersions>;
  /** What each file lacks before its last entry, as the latest time that its floor must not be below. */
  readonly #lacking: NotedVersion[];
  /** What it lacks since its last entry so far: it may have been cut off there. */
  readonly #pending: NotedVersion[];
  /** The latest version of each set of related files. */
  readonly #latest: NotedVersion[];
  /** Whether a file has any version that all replicas have. */
  readonly #isEmpty: boolean[];
  /** The number of each file's last stored key. */
  readonly #last: Float64Array;
  /** Two files as one number → how they differ. */
  readonly #differences = new Map<number, NotedDifference[]>();

  // The copies of entries of the batch that comes next: ascending.
  readonly #copyOf: number[] = [];
  readonly #copyFile: number[] = [];
  readonly #copyDifference: (Difference | undefined)[] = [];

  // The stored key that is looked at.
  #number = 0;
  readonly #version = new NotedVersion();
  /** The files that have it. */
  readonly #files: number[] = [];
  readonly #has: boolean[];
  /** The number of the stored key for which each set of files was compared. */
  readonly #compared: Float64Array;
  /** Those of them of which it is the newest version of its user key. */
  readonly #newest: number[] = [];

  /** @param groups The group of each file, as far as it is known before they are read. */
  constructor(groups: readonly (bigint | undefined)[]) {
    const { length } = groups;
    this.kinship = new Kinship(groups);
    this.#live = new LiveSets(length);
    const most = Math.floor(NOTES_LENGTH / (length * NOTE_LENGTH));
    let made = 0;
    this.#keys = new OpenKeys(() => {
      if (++made > most) throw tooManyKeys(made, length);
      return new KeyVersions(length);
    });
    this.#lacking = groups.map(() => new NotedVersion());
    this.#pending = groups.map(() => new NotedVersion());
    this.#latest = groups.map(() => new NotedVersion());
    this.#isEmpty = groups.map(() => true);
    this.#has = groups.map(() => false);
    this.#last = new Float64Array(length);
    this.#compared = new Float64Array(length);
  }

  addCopy(kept: EntryBatch, k: number, copy: EntryBatch, c: number, isSame: boolean): void {
    this.#copyOf.push(k);
    this.#copyFile.push(copy.inputs[c]);
    this.#copyDifference.push(isSame ? undefined : differenceOf(kept, k, copy, c));
  }

  add(batch: EntryBatch): void {
    let copy = 0;
    for (let i = 0; i < batch.count; i++) {
      const files = this.#files;
      files.length = 0;
      files.push(batch.inputs[i]);
      const first = copy;
      for (; this.#copyOf[copy] === i; copy++) files.push(this.#copyFile[copy]);
      this.#visit(batch, i);
      for (let c = first; c < copy; c++) {
        const difference = this.#copyDifference[c];
        if (difference) this.#differ(this.#copyFile[c], difference, first, copy);
      }
    }
    this.#copyOf.length = this.#copyFile.length = this.#copyDifference.length = 0;
  }

  #visit(batch: EntryBatch, i: number): void {
    this.#number++;
    this.#version.take(batch, i);
    const { bytes, ranges } = batch;
    const start = ranges[i * 4];
    const end = ranges[i * 4 + 1];
    if (!isReplicated(bytes, start, end)) return this.#goOn();
    const key = this.#keys.seek(bytes, start, end);
    this.#relate(key, startsWith(bytes, CATALOG, start, end));
    this.#goOn();
    this.#noteNewest(key, (bytes[ranges[i * 4 + 2]] & TOMBSTONE) !== 0);
    this.#compare(key);
    key.holder = this.#files[0];
  }

  /** The files go on: what they lacked until here, they lack. */
  #goOn(): void {
    for (const file of this.#files) {
      this.#last[file] = this.#number;
      const pending = this.#pending[file];
      if (pending.isNone) continue;
      this.#lacking[file].raise(pending);
      pending.clear();
    }
  }

  /** Notes what the files that have the version have in common with each other and with its holder. */
  #relate({ holder }: KeyVersions, isOfCatalog: boolean): void {
    const [first] = this.#files;
    if (holder !== undefined && holder !== first) {
      // Every cluster has the keys of the catalog.
      if (!isOfCatalog) this.kinship.shareKey(holder, first, this.#version);
      this.#meet(holder, first);
    }
    for (let i = 1; i < this.#files.length; i++) {
      this.kinship.shareVersion(first, this.#files[i]);
      this.#meet(first, this.#files[i]);
    }
  }

  /** Until now, two files have had no key in common: each lacks what the other one has. */
  #meet(a: number, b: number): void {
    const { related } = this.kinship;
    if (!related.mayJoin(a, b)) return;
    const [one, other] = [related.of[a], related.of[b]];
    for (const file of related.members[one]) this.#pending[file].raise(this.#latest[other]);
    for (const file of related.members[other]) this.#pending[file].raise(this.#latest[one]);
    related.join(a, b);
    const joined = related.of[a];
    this.#latest[joined].raise(this.#latest[joined === one ? other : one]);
  }

  #noteNewest(key: KeyVersions, isTombstone: boolean): void {
    const newest = this.#newest;
    newest.length = 0;
    for (const file of this.#files) {
      this.#isEmpty[file] = false;
      if (!key.has(file)) newest.push(file);
    }
    if (newest.length > 0 && !isTombstone) this.#live.divide(newest, this.#number);
  }

  /** Compares the files that have the version with those beside them that lack it. */
  #compare(key: KeyVersions): void {
    for (const file of this.#files) this.#has[file] = true;
    for (const file of this.#files) {
      const set = this.kinship.related.of[file];
      if (this.#compared[set] === this.#number) continue; // together with another file of the set
      this.#compared[set] = this.#number;
      this.#version.file = file;
      this.#compareSet(key, set);
      this.#latest[set].raise(this.#version);
    }
    for (const file of this.#files) this.#has[file] = false;
  }

  #compareSet(key: KeyVersions, set: number): void {
    const { of, members } = this.kinship.related;
    const { holder } = key;
    const isOld = holder !== undefined && of[holder] === set;
    for (const file of members[set]) {
      // It was not yet known to be related when the others had a newer version of the key.
      if (isOld && !key.isKnown(file)) key.lack(file, holder);
      if (!this.#has[file]) {
        key.lack(file, this.#version.file);
        this.#pending[file].raise(this.#version);
      } else {
        if (key.lacks(file)) this.#lacking[file].raise(key.boundOf(file, this.#version));
        key.take(file, this.#version);
      }
    }
  }

  /** Notes that a copy differs from the entry that is taken, and so from the copies that do not. */
  #differ(file: number, kind: Difference, from: number, to: number): void {
    const others = [this.#files[0]];
    for (let c = from; c < to; c++) {
      if (!this.#copyDifference[c]) others.push(this.#copyFile[c]);
    }
    for (const other of others) {
      const pair = this.#pair(file, other);
      const known = this.#differences.get(pair) ?? [];
      if (known.some((difference) => difference.kind === kind)) continue;
      const version = new NotedVersion();
      version.raise(this.#version);
      this.#differences.set(pair, [...known, { kind, version }]);
    }
  }

  #pair(a: number, b: number): number {
    return Math.min(a, b) * this.#has.length + Math.max(a, b);
  }

  /** Whether some files were compared with each other, and with no others. */
  covers(files: readonly number[]): boolean {
    const { of, members } = this.kinship.related;
    const those = new Set(files);
    return files.every((file) => members[of[file]].every((other) => those.has(other)));
  }

  /** Takes that files, which all were read, are of one group, although they have no key in common. */
  unite(files: readonly number[]): void {
    for (const file of files) this.#meet(files[0], file);
  }

  /** Whether a file has no version that all replicas of its group would have. */
  isEmpty(file: number): boolean {
    return this.#isEmpty[file];
  }

  /** Whether two files have a version in common, be it through others. */
  isShared(a: number, b: number): boolean {
    return this.kinship.isShared(a, b);
  }

  /**
   * A version of which compaction up to a time does not explain that the file lacks it, and a file that
   * has it.
   *
   * @param mayBeCut Whether versions may have been cut off behind its last entry.
   */
  lack(file: number, floor: bigint, mayBeCut: boolean): NotedVersion | undefined {
    if (this.#lacking[file].isAbove(floor)) return this.#lacking[file];
    return mayBeCut ? undefined : this.lackAtEnd(file, floor);
  }

  /** The same, of versions that would be behind the file's last entry. */
  lackAtEnd(file: number, floor: bigint): NotedVersion | undefined {
    return this.#pending[file].isAbove(floor) ? this.#pending[file] : undefined;
  }

  /**
   * Whether two files have the same live rows and locks.
   *
   * @param mayBeCut Whether versions may have been cut off behind the last entry of a file.
   */
  isSameState(a: number, b: number, mayBeCut: (file: number) => boolean): boolean {
    if (this.difference(a, b, "lock")) return false;
    const parting = this.#live.parting(a, b);
    return !parting || (mayBeCut(parting.lacking) && this.#last[parting.lacking] < parting.key);
  }

  /** A version of which two files say different things. */
  difference(a: number, b: number, kind: Difference): NotedVersion | undefined {
    const known = this.#differences.get(this.#pair(a, b));
    return known?.find((difference) => difference.kind === kind)?.version;
  }
}

function tooManyKeys(keys: number, files: number): UsageError {
  return new UsageError(
    `${keys} keys that begin with each other are too many to compare ${files} files by`,
    { hint: "give fewer files at once" },
  );
}

const HAS = 1;
const LACKS = 2;

/** Which versions of one key files have had, while they come, the newest first. */
class KeyVersions implements KeyNote {
  /** A file that had the last one. */
  holder: number | undefined;
  readonly #states: Uint8Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** A file that had the first version that a file lacks behind its own last one. */
  readonly #lackedFrom: Uint16Array;
  readonly #bound = new NotedVersion();

  constructor(files: number) {
    this.#states = new Uint8Array(files);
    this.#high = new Uint32Array(files);
    this.#low = new Uint32Array(files);
    this.#lackedFrom = new Uint16Array(files);
  }

  clear(): void {
    this.holder = undefined;
    this.#states.fill(0);
  }

  /** Whether a file was said to have or to lack any version. */
  isKnown(file: number): boolean {
    return this.#states[file] !== 0;
  }

  /** Whether a file has had a version. */
  has(file: number): boolean {
    return (this.#states[file] & HAS) !== 0;
  }

  /** Whether a file lacks a version that is older than the last one which it has had. */
  lacks(file: number): boolean {
    return (this.#states[file] & LACKS) !== 0;
  }

  /** A file lacks the next version, and another one has it. */
  lack(file: number, other: number): void {
    if (this.lacks(file)) return;
    this.#states[file] |= LACKS;
    this.#lackedFrom[file] = other;
  }

  /** A file has the next version. */
  take(file: number, { high, low }: NotedVersion): void {
    this.#states[file] = HAS;
    this.#high[file] = high;
    this.#low[file] = low;
  }

  /**
   * The floor that explains why a file has a version and lacks one that is newer: the time of the version
   * before that, which was kept in its place; if there is none, the end of all times.
   */
  boundOf(file: number, version: NotedVersion): NotedVersion {
    const bound = this.#bound;
    bound.clear();
    bound.raise(version);
    bound.file = this.#lackedFrom[file];
    bound.high = this.has(file) ? this.#high[file] : 0xffff_ffff;
    bound.low = this.has(file) ? this.#low[file] : 0xffff_ffff;
    return bound;
  }
}
