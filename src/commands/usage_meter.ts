/** Adds up stored versions: by scope, by key, and by the beginnings of names. @module */

import { startsWith } from "../bytes/compare.ts";
import { segmentEnd } from "../bytes/segments.ts";
import { ClientKey } from "../keyspace/client_keys.ts";
import { classify, type Family } from "../keyspace/families.ts";
import { scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import { scopeEnd, scopeOf } from "../keyspace/scopes.ts";
import { TIMESTAMP_LENGTH, Verdict } from "../mvcc/resolver.ts";
import type { ResolvedEntries } from "../mvcc/rows.ts";
import { HeavyKeys } from "./heavy_keys.ts";

/** What is measured: bytes, versions, or bytes of garbage. */
export type Measure = "bytes" | "versions" | "garbage";

/** What something takes up. Stored keys and values are counted, and nothing of the file's framing. */
export interface Usage {
  /** Of all versions. */
  bytes: number;
  /** All stored versions, tombstones among them. */
  versions: number;
  /** Bytes of the versions that a newer one hides, and of tombstones. */
  garbageBytes: number;
  /** How many these are. */
  garbageVersions: number;
}

/** How much of what is measured. */
export function weightOf(usage: Usage, by: Measure): number {
  return by === "garbage" ? usage.garbageBytes : usage[by];
}

/** A table, bucket, database or queue, or a family of rows that belong to none. */
export interface Owner {
  /** The family of its first row. */
  readonly family: Family;
  /** Label of the name. */
  readonly scope: Uint8Array | undefined;
  /** Tells names in it from those in others. */
  readonly number: number;
  readonly usage: Usage;
}

/** A name among those that are counted. */
export interface Named extends Usage {
  readonly family: Family;
  readonly owner: Owner;
  /** As it lies in stored keys; of a long one the label. */
  readonly name: Uint8Array;
}

/** Rows of one name that follow each other. */
interface Run extends Usage {
  readonly family: Family;
  readonly owner: Owner;
  /** What their keys have in common. */
  readonly prefix: Uint8Array;
  /** The name, if they have one. */
  readonly name?: Uint8Array;
}

/** Counts entries, in stored order. */
export class UsageMeter {
  readonly total: Usage = nothing();
  /** Rows of the store itself, which have no versions. */
  readonly store: Usage = nothing();
  readonly prefixes: HeavyKeys<Named> = new HeavyKeys();
  readonly keys: HeavyKeys<Named> = new HeavyKeys();
  readonly #by: Measure;
  readonly #depth: number;
  readonly #owners = new Map<string, Owner>();
  readonly #found = new ClientKey();
  #run: Run | undefined;

  /**
   * @param by What names are ranked by.
   * @param depth Separators in the beginning of a name.
   */
  constructor(by: Measure, depth: number) {
    this.#by = by;
    this.#depth = depth;
  }

  /** All scopes and families that have rows; call {@link finish} before. */
  get owners(): Owner[] {
    return [...this.#owners.values()];
  }

  /** Counts some entries. */
  add({ batch: { bytes, ranges }, from, to, verdicts, isWanted }: ResolvedEntries): void {
    for (let i = from; i < to; i++) {
      const start = ranges[i * 4];
      const storedEnd = ranges[i * 4 + 1];
      const end = Math.max(start, storedEnd - TIMESTAMP_LENGTH);
      if (!isWanted(start, end)) continue;
      const size = storedEnd - start + ranges[i * 4 + 3] - ranges[i * 4 + 2];
      if (verdicts[i] === Verdict.SYSTEM) {
        count(this.store, size, false);
        continue;
      }
      const isGarbage = verdicts[i] === Verdict.SUPERSEDED || verdicts[i] === Verdict.DELETED;
      count(this.#runOf(bytes, start, end), size, isGarbage);
    }
  }

  /** Counts what is left. Afterwards all numbers are those of the entries that were added. */
  finish(): void {
    this.#endRun();
    add(this.total, this.store);
  }

  #endRun(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    const { family, owner, name } = run;
    add(this.total, run);
    add(owner.usage, run);
    if (!name) return;
    this.#addName(this.keys, run, name);
    const end = prefixEnd(family, name, this.#depth);
    if (end > 0) this.#addName(this.prefixes, run, name.subarray(0, end));
  }

  #runOf(bytes: Uint8Array, start: number, end: number): Run {
    const family = classify(bytes, start, end);
    const found = this.#found;
    const isNamed = found.find(family, bytes, start, end);
    const to = isNamed
      ? found.end
      : Math.max(scopeEnd(family, bytes, start, end), start + family.bytes.length);
    const run = this.#run;
    if (
      run && run.family === family && run.prefix.length === to - start &&
      (run.name !== undefined) === isNamed && startsWith(bytes, run.prefix, start, to)
    ) return run;
    this.#endRun();
    const prefix = bytes.slice(start, to);
    return this.#run = {
      ...nothing(),
      family,
      owner: this.#ownerOf(family, bytes, start, end),
      prefix,
      name: isNamed ? prefix.subarray(found.start - start) : undefined,
    };
  }

  #ownerOf(family: Family, bytes: Uint8Array, start: number, end: number): Owner {
    const scope = scopeOf(family, bytes, start, end);
    const key = scope ? `${family.adapter}:${scopeKey(scope)}` : family.id;
    let owner = this.#owners.get(key);
    if (!owner) {
      owner = { family, scope, number: this.#owners.size, usage: nothing() };
      this.#owners.set(key, owner);
    }
    return owner;
  }

  #addName(list: HeavyKeys<Named>, run: Run, name: Uint8Array): void {
    const { family, owner } = run;
    const watched = list.add(
      hashOf(owner.number, name),
      weightOf(run, this.#by),
      () => `${owner.number}:${scopeKey(name)}`,
      () => ({ ...nothing(), family, owner, name: scopeLabel(name).slice() }),
    );
    if (watched) add(watched, run);
  }
}

const SLASH = 0x2f;
const COLON = 0x3a;
const BAR = 0x7c;

/**
 * Where the beginning of a name ends that has so many separators, or as many as there are; 0 where there
 * is none. The beginning of an item's key is its hash attribute, where it has a range attribute as well.
 */
function prefixEnd({ adapter }: Family, name: Uint8Array, depth: number): number {
  if (adapter === "dynamodb") {
    const ordered = segmentEnd(name, 0, name.length);
    const end = ordered < 0 ? name.indexOf(BAR) + 1 : ordered;
    return depth > 0 && end < name.length ? end : 0;
  }
  const separator = adapter === "s3" ? SLASH : adapter === "redis" ? COLON : -1;
  let end = 0;
  for (let n = 0; n < depth; n++) {
    const at = name.indexOf(separator, end);
    if (at < 0) break;
    end = at + 1;
  }
  return end;
}

function nothing(): Usage {
  return { bytes: 0, versions: 0, garbageBytes: 0, garbageVersions: 0 };
}

function count(usage: Usage, size: number, isGarbage: boolean): void {
  usage.bytes += size;
  usage.versions++;
  if (!isGarbage) return;
  usage.garbageBytes += size;
  usage.garbageVersions++;
}

function add(usage: Usage, more: Usage): void {
  usage.bytes += more.bytes;
  usage.versions += more.versions;
  usage.garbageBytes += more.garbageBytes;
  usage.garbageVersions += more.garbageVersions;
}

/** FNV-1a. */
function hashOf(seed: number, bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}
