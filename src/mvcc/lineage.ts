/**
 * Whether the state in one file goes on from the state in another.
 *
 * A node never removes a version, but for compaction: up to a time that it writes down, it keeps of
 * each key only the newest version, and may drop that one, too, if it is a tombstone. So every version
 * of an earlier state is in a later one, unless compaction explains why it is not. A version that
 * nothing explains shows another history: another cluster, or one that was restored from a backup.
 *
 * Timestamps alone do not tell: a transaction that began in another group is applied late, so a later
 * state can have versions that are older than the last commit of an earlier one.
 *
 * @module
 */

import { equalBytes, startsWith } from "../bytes/compare.ts";
import { MAX_U64, putU64be } from "../bytes/integers.ts";
import { type Place, sideBySide } from "../container/side_by_side.ts";
import { parseRoute } from "../keyspace/dist_keys.ts";
import { classify, FAMILY } from "../keyspace/families.ts";
import { isWriterKey, metaKey } from "../keyspace/meta_rows.ts";
import type { FileMoment } from "./file_moments.ts";
import { OpenKeys } from "./open_keys.ts";
import {
  isEncrypted,
  isTimeless,
  TIMESTAMP_LENGTH,
  TOMBSTONE,
  VALUE_HEADER_LENGTH,
} from "./resolver.ts";

/** What comparing an earlier or equal state with a later one has shown. */
export interface Lineage {
  /** Whether the earlier one has any version that all replicas have. */
  isEmpty: boolean;
  /** Whether both have a version in common. */
  isShared: boolean;
  /**
   * Whether the two are not one state: the later one has something that the earlier one would have, if
   * it were no earlier, or has no longer what the earlier one reads.
   */
  isBehind: boolean;
  /** Whether the later file ends, without a proof that this is its end, before the other one. */
  isCut: boolean;
  /** A key of which the earlier one has a version that the later one should have, and does not. */
  stray?: Uint8Array;
  /** A key of which both have a version, and say something else of it. */
  conflict?: Uint8Array;
}

/** Compares files of one group with the latest of them, in one walk over all. */
export async function compareLineages(
  later: FileMoment,
  earlier: readonly FileMoment[],
  signal?: AbortSignal,
): Promise<Lineage[]> {
  const comparisons = earlier.map((moment) => new Comparison(later, moment));
  const tables = [later, ...earlier].map(({ file }) => file.table);
  await sideBySide(tables, (places) => {
    if (places[0].table > 0) {
      for (const place of places) comparisons[place.table - 1].visit(undefined, place);
      return;
    }
    let next = 1;
    for (const [i, comparison] of comparisons.entries()) {
      const has = next < places.length && places[next].table === i + 1;
      comparison.visit(places[0], has ? places[next++] : undefined);
    }
  }, signal);
  return comparisons.map((comparison) => comparison.finish());
}

/** Whether an entry is part of the state that all replicas of a group have in common. */
export function isReplicated(bytes: Uint8Array, start: number, end: number): boolean {
  const keyEnd = end - TIMESTAMP_LENGTH;
  return keyEnd >= start && !metaKey(bytes, start, end) && !isWriterKey(bytes, start, end) &&
    !isTimeless(bytes, start, keyEnd) && !isOfBootstrap(bytes, start, end);
}

const CATALOG = FAMILY.dist.bytes;
const ROUTE = FAMILY["dist-route"].bytes;
const BOOTSTRAP = limitOf(1n);

/** Each node writes the first rows of the catalog of routes by itself, at time 1. */
function isOfBootstrap(bytes: Uint8Array, start: number, end: number): boolean {
  return startsWith(bytes, CATALOG, start, end) && !isAbove(bytes, end, BOOTSTRAP);
}

/** What is noted of an open key. */
const Note = {
  /** The later file has a version of it that compaction keeps in place of older ones. */
  KEPT: 1,
  /** The earlier file has a version that the later one lacks, and no newer one explains it yet. */
  LACKING: 2,
  /** Neither, but a version of it has come. */
  SEEN: 3,
} as const;

class Comparison {
  readonly #keys = new OpenKeys();
  readonly #laterFloor: Uint8Array;
  readonly #bothFloor: Uint8Array;
  readonly #mayBeCut: { later: boolean; earlier: boolean };
  readonly #lineage: Lineage = { isEmpty: true, isShared: false, isBehind: false, isCut: false };
  // What one file lacks behind the last entry of it that was seen, which may be its end.
  #lackedByEarlier = false;
  #goneInLater = false;
  #lackedByLater: Uint8Array | undefined;

  constructor(later: FileMoment, earlier: FileMoment) {
    const { retainedFrom: laterFloor = MAX_U64 } = later;
    const { retainedFrom: earlierFloor = MAX_U64 } = earlier;
    this.#laterFloor = limitOf(laterFloor);
    this.#bothFloor = limitOf(laterFloor > earlierFloor ? laterFloor : earlierFloor);
    this.#mayBeCut = { later: mayBeCut(later), earlier: mayBeCut(earlier) };
  }

  /** Takes the next stored key that one of the two has, or both. */
  visit(later: Place | undefined, earlier: Place | undefined): void {
    const place = later ?? earlier!;
    const { batch: { bytes, ranges }, at } = place;
    const start = ranges[at * 4];
    const end = ranges[at * 4 + 1];
    const hasLater = later !== undefined;
    const hasEarlier = earlier !== undefined;
    if (hasLater) {
      this.#takeStray(this.#lackedByLater);
      if (this.#goneInLater) this.#lineage.isBehind = true;
    }
    if (hasEarlier && this.#lackedByEarlier) this.#lineage.isBehind = true;
    if (later && earlier) this.#compareValues(valueAt(later), valueAt(earlier), bytes, start, end);
    if (!isReplicated(bytes, start, end)) return;

    const note = this.#keys.seek(bytes, start, end);
    // Compaction never removes the newest version of a key, unless that is a tombstone.
    const isLast = note === 0 && !isTombstone(place);
    if (note === 0) this.#keys.note(Note.SEEN);
    if (hasEarlier) this.#lineage.isEmpty = false;
    if (isLast && !hasLater) this.#goneInLater = true;
    if (hasLater) {
      const isKept = !isAbove(bytes, end, this.#laterFloor);
      // An older version of the key was kept, and the one in between that hid it was not.
      if (isKept && note === Note.LACKING) this.#takeStray(userKey(bytes, start, end));
      if (isKept) this.#keys.note(Note.KEPT);
      if (hasEarlier) this.#lineage.isShared = true;
      else this.#lackedByEarlier ||= isLast || isAbove(bytes, end, this.#bothFloor);
    } else if (isAbove(bytes, end, this.#laterFloor)) {
      this.#lackedByLater ??= userKey(bytes, start, end);
    } else if (note !== Note.KEPT) this.#keys.note(Note.LACKING);
  }

  finish(): Lineage {
    const { later, earlier } = this.#mayBeCut;
    if (!earlier && this.#lackedByEarlier) this.#lineage.isBehind = true;
    if (!later) {
      this.#takeStray(this.#lackedByLater);
      if (this.#goneInLater) this.#lineage.isBehind = true;
    } else if (this.#lackedByLater) this.#lineage.isCut = true;
    return this.#lineage;
  }

  #takeStray(key: Uint8Array | undefined): void {
    this.#lineage.stray ??= key;
    this.#lackedByLater = undefined;
  }

  #compareValues(
    a: Uint8Array,
    b: Uint8Array,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (equalBytes(a, b)) return;
    if (startsWith(bytes, CATALOG, start, end)) {
      if (startsWith(bytes, ROUTE, start, end) && !isSameRoute(a, b)) {
        this.#takeStray(userKey(bytes, start, end));
      }
    } else if (isReplicated(bytes, start, end) && !isSameValue(a, b)) {
      // A lock may be set at the very time at which the one before it was released.
      if (classify(bytes, start, end - TIMESTAMP_LENGTH).kind === "transaction") {
        this.#lineage.isBehind = true;
      } else this.#lineage.conflict ??= userKey(bytes, start, end);
    }
  }
}

function valueAt({ batch, at }: Place): Uint8Array {
  return batch.bytes.subarray(batch.ranges[at * 4 + 2], batch.ranges[at * 4 + 3]);
}

function isTombstone({ batch: { bytes, ranges }, at }: Place): boolean {
  return (bytes[ranges[at * 4 + 2]] & TOMBSTONE) !== 0;
}

/** Encrypted values have random parts: of those, only whether and until when they live is compared. */
function isSameValue(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length < VALUE_HEADER_LENGTH || b.length < VALUE_HEADER_LENGTH) return false;
  if (!isEncrypted(a, 0) && !isEncrypted(b, 0)) return false;
  return (a[0] & TOMBSTONE) === (b[0] & TOMBSTONE) &&
    equalBytes(a.subarray(1, VALUE_HEADER_LENGTH), b.subarray(1, VALUE_HEADER_LENGTH));
}

/** Whether two values of `!dist|route|` give the same range to the same group. */
function isSameRoute(a: Uint8Array, b: Uint8Array): boolean {
  const x = parseRoute(a, VALUE_HEADER_LENGTH, a.length);
  const y = parseRoute(b, VALUE_HEADER_LENGTH, b.length);
  if (typeof x === "string" || typeof y === "string") return true; // it is told elsewhere
  return x.group === y.group && equalBytes(x.start, y.start) &&
    (x.end === undefined ? y.end === undefined : y.end !== undefined && equalBytes(x.end, y.end));
}

/** Without a checksum behind the last entry, others may have come after it. */
function mayBeCut({ file }: FileMoment): boolean {
  return file.footer !== "verified" || file.problems.length > 0;
}

function userKey(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.slice(start, end - TIMESTAMP_LENGTH);
}

/** The stored form of a time: what is below it was committed later. */
function limitOf(time: bigint): Uint8Array {
  const limit = new Uint8Array(TIMESTAMP_LENGTH);
  putU64be(limit, 0, ~time);
  return limit;
}

/** Whether the stored key that ends at `end` was committed after the time of a limit. */
function isAbove(bytes: Uint8Array, end: number, limit: Uint8Array): boolean {
  const start = end - TIMESTAMP_LENGTH;
  for (let i = 0; i < TIMESTAMP_LENGTH; i++) {
    const difference = bytes[start + i] - limit[i];
    if (difference !== 0) return difference < 0;
  }
  return false;
}
