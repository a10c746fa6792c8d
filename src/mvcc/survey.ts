/**
 * What is in a snapshot, counted by key family and scope in one walk over all entries. The counts of
 * live rows are what every decode is balanced against.
 *
 * @module
 */

import { equalBytes, startsWith } from "../bytes/compare.ts";
import { MAX_U64 } from "../bytes/integers.ts";
import type { EntryBatch } from "../container/entry_batch.ts";
import { classify, type Family, matches } from "../keyspace/families.ts";
import { generationEnd, hasGenerations } from "../keyspace/generations.ts";
import { scopeKey } from "../keyspace/scope_labels.ts";
import { scopeEnd, scopeOf } from "../keyspace/scopes.ts";
import { envelopeKeyId } from "./envelope.ts";
import { CollectionNames, isElement } from "./collections.ts";
import { addExample, type KeyExample, MAX_EXAMPLES, removeExample } from "./examples.ts";
import {
  isEncrypted,
  isTimeless,
  NO_PROOF,
  type Proof,
  TIMESTAMP_LENGTH,
  VALUE_HEADER_LENGTH,
  Verdict,
} from "./resolver.ts";
import { type Times, TimeSpan } from "./times.ts";

/** Counts of keys and their versions, whatever their family and scope. */
export interface Counts {
  /** Stored versions, tombstones among them. */
  versions: number;
  /** Keys with at least one version at or before the read time. */
  keys: number;
  /** Keys that have a value, or of which nobody knows whether they have. */
  live: number;
  /** Those of the live ones of which nobody knows. */
  undecided: number;
  /** Versions that a newer one of the same key hides. */
  superseded: number;
  /** Keys whose deciding version is a tombstone. */
  tombstones: number;
  /** Keys whose deciding version has expired. */
  expired: number;
  /** Versions newer than the read time. */
  later: number;
  /** Bytes of all versions: stored keys and values. */
  bytes: number;
  /** Those of the live keys' deciding versions. */
  liveBytes: number;
  /** Those of versions that a newer one hides. */
  supersededBytes: number;
  /** Those of deciding versions that are tombstones or have expired. */
  deletedBytes: number;
  /** Live rows with an encrypted value. */
  encrypted: number;
}

/** Nothing was counted yet. */
export function noCounts(): Counts {
  return {
    versions: 0,
    keys: 0,
    live: 0,
    undecided: 0,
    superseded: 0,
    tombstones: 0,
    expired: 0,
    later: 0,
    bytes: 0,
    liveBytes: 0,
    supersededBytes: 0,
    deletedBytes: 0,
    encrypted: 0,
  };
}

/** Counts of one family in one scope. */
export interface Totals extends Counts {
  /** The family that is counted. */
  readonly family: Family;
  /** Label of the table, bucket, queue or database; absent where the family has none. */
  readonly scope?: Uint8Array;
  /** The first keys that have a value, where nobody knows what the family holds. */
  readonly examples?: KeyExample[];
  /**
   * Live rows that may be stored behind the row of a greater key, at most: a key can only come behind
   * keys that begin with it. While there are none, stored order is the order of keys.
   */
  late: number;
  /** How many collections there are, where a live key is an element of one. */
  collections?: number;
  /** Where keys name a generation of their scope: its live keys. Absent when there are too many. */
  generations?: GenerationCount[];
}

/** Live keys of one generation of a scope. */
export interface GenerationCount {
  /** What keys have behind the scope: see `keyspace/generations.ts`. */
  readonly bytes: Uint8Array;
  /** The live ones. */
  live: number;
}

/** Generations of one scope that are counted each for itself; partitions of a queue among them. */
const MAX_GENERATIONS = 256;
/** Ids of data keys that are counted each for itself. */
const MAX_KEY_IDS = 1000;

/** Adds up a snapshot's entries. 500 to 2,000 bytes of memory a scope and family. */
export class Survey {
  /** Rows of the store itself, which have no versions. */
  systemRows = 0;
  /** Malformed entries. */
  unsound = 0;
  /** Versions that are encrypted, whatever they are to a reader. */
  encryptedVersions = 0;
  /** Data key id → live rows encrypted with it; 0 for those of no id, and of more ids than are kept. */
  readonly keyIds: Map<number, number> = new Map();

  /** Where keys can prove times, one that they do not prove says nothing. */
  readonly #believesHeaders: boolean;
  readonly #totals = new Map<string, Totals>();
  #current: Totals | undefined;
  #generation: GenerationCount | undefined;
  readonly #names = new CollectionNames();
  #prefix: Uint8Array = new Uint8Array(0);
  /** The last stored key of the batches so far. */
  #last: Uint8Array = new Uint8Array(0);
  /** Of the versions that clients read by time, and of unsound ones among them. */
  readonly #sound = new TimeSpan();
  /** Of the versions among them that a client may have written. */
  readonly #written = new TimeSpan();
  readonly #unsound = new TimeSpan();

  /** @param proof What the verdicts are made with. */
  constructor({ believesHeaders }: Proof = NO_PROOF) {
    this.#believesHeaders = believesHeaders;
  }

  /** All counts, in the order in which their families and scopes first came. */
  get totals(): Totals[] {
    return [...this.#totals.values()];
  }

  /** Greatest commit timestamp of any version that clients read by time; 0 = none. */
  get lastCommitTs(): bigint {
    return this.#sound.latest;
  }

  /** The first commit of anything that a client may have written; absent when there is nothing. */
  get firstCommitTs(): bigint | undefined {
    const { earliest } = this.#written;
    return earliest === MAX_U64 ? undefined : earliest;
  }

  /** The timestamps of all versions that clients read by time, also of those that are unsound. */
  get times(): Times {
    const { earliest, latest } = this.#unsound;
    return {
      earliest: earliest < this.#sound.earliest ? earliest : this.#sound.earliest,
      latest: latest > this.#sound.latest ? latest : this.#sound.latest,
    };
  }

  /** Counts the next batch in stored order. */
  add(batch: EntryBatch, verdicts: Uint8Array): void {
    const { bytes, ranges, count } = batch;
    let last = this.#last;
    let start = 0;
    let end = last.length;
    for (let i = 0; i < count; i++) {
      const r = i * 4;
      const mayBeLate = beginsWith(last, start, end, bytes, ranges[r], ranges[r + 1]);
      this.count(batch, i, verdicts[i], 1, mayBeLate);
      last = bytes;
      start = ranges[r];
      end = ranges[r + 1];
    }
    this.#last = last.slice(start, end);
  }

  /**
   * Counts one entry by its verdict, or takes back (−1) what it was counted as.
   *
   * @param mayBeLate Whether the key of the entry that is stored before it may begin with its key.
   */
  count(
    { bytes, ranges }: EntryBatch,
    i: number,
    verdict: number,
    n: 1 | -1,
    mayBeLate = true,
  ): void {
    const r = i * 4;
    const end = ranges[r + 1] - TIMESTAMP_LENGTH;
    if (verdict === Verdict.SYSTEM) this.systemRows += n;
    else if (verdict === Verdict.UNSOUND) {
      this.unsound += n;
      if (end >= ranges[r] && !isTimeless(bytes, ranges[r], end)) this.#unsound.add(bytes, end);
    } else {
      const totals = this.#totalsOf(bytes, ranges[r], end);
      const { live } = totals;
      this.#count(totals, verdict, n, bytes, ranges[r], end, ranges[r + 2], ranges[r + 3]);
      if (mayBeLate && totals.live > live) totals.late++;
    }
  }

  #count(
    totals: Totals,
    verdict: number,
    n: 1 | -1,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    totals.versions += n;
    if (isEncrypted(bytes, valueStart)) this.encryptedVersions += n;
    const size = n * (keyEnd + TIMESTAMP_LENGTH - keyStart + valueEnd - valueStart);
    totals.bytes += size;
    const isUnproven = verdict === Verdict.UNDECIDED && this.#believesHeaders;
    const { id, adapter, kind } = totals.family;
    if (id !== "s3-chunkblob") {
      (isUnproven ? this.#unsound : this.#sound).add(bytes, keyEnd);
      if (!isUnproven && (adapter !== "system" || kind === "unknown")) {
        this.#written.add(bytes, keyEnd);
      }
    }
    switch (verdict) {
      case Verdict.SUPERSEDED:
        totals.superseded += n;
        totals.supersededBytes += size;
        return;
      case Verdict.LATER:
        totals.later += n;
        return;
      case Verdict.DELETED:
        totals.tombstones += n;
        totals.deletedBytes += size;
        break;
      case Verdict.EXPIRED:
        totals.expired += n;
        totals.deletedBytes += size;
        break;
      default: {
        totals.live += n;
        totals.liveBytes += size;
        if (this.#generation) this.#generation.live += n;
        if (n > 0 && totals.collections !== undefined) {
          if (this.#names.isNext(totals.family, bytes, keyStart, keyEnd)) totals.collections++;
        }
        if (verdict === Verdict.UNDECIDED) totals.undecided += n;
        const { examples } = totals;
        if (examples && n < 0) removeExample(examples, bytes.subarray(keyStart, keyEnd));
        else if (examples && examples.length < MAX_EXAMPLES) {
          addExample(examples, bytes.subarray(keyStart, keyEnd));
        }
        const body = valueStart + VALUE_HEADER_LENGTH;
        if (isEncrypted(bytes, valueStart)) {
          totals.encrypted += n;
          let id = envelopeKeyId(bytes, body, valueEnd) ?? 0;
          if (!this.keyIds.has(id) && this.keyIds.size >= MAX_KEY_IDS) id = 0;
          this.#countId(id, n);
        }
      }
    }
    totals.keys += n;
  }

  #countId(id: number, n: number): void {
    const count = (this.keyIds.get(id) ?? 0) + n;
    if (count > 0) this.keyIds.set(id, count);
    else this.keyIds.delete(id);
  }

  /** Whether a key that begins with the prefix of the last one is counted with it. */
  #isSame(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#generation) return true;
    const { family, scope, generations } = this.#current!;
    if (generations || family.extended && !matches(family, bytes, start, end)) return false;
    // In base64, the name of one table or queue may begin with the whole name of another.
    return !scope || scopeEnd(family, bytes, start, end) === start + this.#prefix.length;
  }

  #totalsOf(bytes: Uint8Array, start: number, end: number): Totals {
    const current = this.#current;
    if (current && startsWith(bytes, this.#prefix, start, end) && this.#isSame(bytes, start, end)) {
      return current;
    }

    const family = current && matches(current.family, bytes, start, end)
      ? current.family
      : classify(bytes, start, end);
    const scope = scopeOf(family, bytes, start, end);
    const name = scope ? `${family.index}:${scopeKey(scope)}` : String(family.index);
    let totals = this.#totals.get(name);
    if (!totals) {
      totals = {
        family,
        scope,
        ...noCounts(),
        late: 0,
        ...(family.kind === "unknown" ? { examples: [] } : {}),
        ...(hasGenerations(family) ? { generations: [] } : {}),
        ...(isElement(family) ? { collections: 0 } : {}),
      };
      this.#totals.set(name, totals);
    }
    // A key whose scope cannot be found says nothing about the keys that begin like it.
    this.#current = scope || !family.scope ? totals : undefined;
    const behind = scope ? scopeEnd(family, bytes, start, end) : start + family.bytes.length;
    const to = scope ? generationEnd(family, bytes, behind, end) : -1;
    this.#generation = to < 0 ? undefined : generationOf(totals, bytes.subarray(behind, to));
    this.#prefix = bytes.slice(start, this.#generation ? to : behind);
    return totals;
  }
}

/** Whether a stored key begins with the user key of the one that follows it. */
function beginsWith(
  last: Uint8Array,
  lastStart: number,
  lastEnd: number,
  bytes: Uint8Array,
  start: number,
  storedEnd: number,
): boolean {
  const length = storedEnd - TIMESTAMP_LENGTH - start;
  if (length > lastEnd - lastStart) return false;
  // Keys that follow each other mostly differ near their end.
  for (let i = length - 1; i >= 0; i--) if (last[lastStart + i] !== bytes[start + i]) return false;
  return true;
}

/** The count of a generation; of none where there are too many. */
function generationOf(totals: Totals, bytes: Uint8Array): GenerationCount | undefined {
  const { generations } = totals;
  const known = generations?.find((one) => equalBytes(one.bytes, bytes));
  if (known || !generations) return known;
  const added = { bytes: bytes.slice(), live: 0 };
  if (generations.length < MAX_GENERATIONS) generations.push(added);
  else delete totals.generations;
  return totals.generations && added;
}
