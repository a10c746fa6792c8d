/**
 * Which version of each key is alive.
 *
 * ```text
 * stored key := user key ‖ u64BE(^commitTS)              newest version of a key first
 * value      := flags u8 ‖ expireAt u64LE ‖ body         flags: bit 0 tombstone, bits 1–2 encryption
 * ```
 *
 * The newest version at or before the read time decides: a tombstone or a passed expiry hides the
 * key, and nothing older is looked at. A version that is not what the store wrote decides as well,
 * whatever time it says that it is of: what is older may no longer be true, and it neither hides the
 * key nor gives it a value, but leaves it undecided.
 *
 * Versions of one key need not be adjacent: where one key is a prefix of another, their versions can
 * lie between each other's. Every key that can still get versions is a prefix of the current stored
 * key, so the lengths of the keys already decided are all that has to be remembered.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { startsWith } from "../bytes/compare.ts";
import { putU64be, u32le } from "../bytes/integers.ts";
import { BATCH_ENTRIES, type EntryBatch } from "../container/entry_batch.ts";
import type { Code } from "../errors.ts";
import { isWriterKey, metaKey } from "../keyspace/meta_rows.ts";

/** Bytes of the inverted timestamp behind a user key. */
export const TIMESTAMP_LENGTH = 8;
/** Bytes of the header before a value's body. */
export const VALUE_HEADER_LENGTH = 9;

/** What an entry is to a reader at one time. */
export const Verdict = {
  /** The value that the key has. */
  LIVE: 0,
  /** Older than the version that decides. */
  SUPERSEDED: 1,
  /** The version that decides, and it is a tombstone. */
  DELETED: 2,
  /** The version that decides, and its expiry has passed. */
  EXPIRED: 3,
  /** Newer than the time that is read at. */
  LATER: 4,
  /** The store's own row, without versions: not user data. */
  SYSTEM: 5,
  /** Malformed, or not what the store wrote: it says nothing. */
  UNSOUND: 6,
  /**
   * It decides, and cannot be believed: it does not authenticate, or there is no key to prove the
   * expiry that it names. Whether the key has a value, nobody knows.
   */
  UNDECIDED: 7,
} as const;

/** What tells how much of an entry may be believed. */
export interface Proof {
  /** Whether what the header of an encrypted value says counts. */
  readonly believesHeaders: boolean;
  /** Whether an entry may not hold: that one counts, whatever time it says that it is of. */
  readonly mayFail: boolean;
  /** Whether an entry is what the store wrote, as far as can be told. */
  holds(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    input: number,
  ): boolean;
  /** Whether a key may have a clear value; the range is that of the user key. */
  allowsClear(bytes: Uint8Array, keyStart: number, keyEnd: number, input: number): boolean;
}

/** Nothing can be proven: there are no keys. */
export const NO_PROOF: Proof = {
  believesHeaders: false,
  mayFail: false,
  holds: () => true,
  allowsClear: () => true,
};

/** Flag of a value header: the key is deleted. */
export const TOMBSTONE = 1;
/** Flag of a value header: the body is an envelope. */
export const ENCRYPTED = 2;
const RESERVED = 0xfc;
const ANY_TIME = 0xffff_ffff_ffff_ffffn;
const CHUNK_BLOB = new TextEncoder().encode("!s3|chunkblob|");

/** Whether the value that starts at `valueStart` has an encrypted body. */
export function isEncrypted(bytes: Uint8Array, valueStart: number): boolean {
  return (bytes[valueStart] & ENCRYPTED) !== 0;
}

/**
 * Whether a user key is read at whatever time its version has: the server writes chunks of objects
 * beside its log, with timestamps that may be ahead of it, and names them by their digest.
 */
export function isTimeless(bytes: Uint8Array, keyStart: number, keyEnd: number): boolean {
  return startsWith(bytes, CHUNK_BLOB, keyStart, keyEnd);
}

/** The code of what is wrong with an entry that is no system row, or `undefined`. */
export function entryDefect(
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
): Code & ("short-key" | "short-value" | "reserved-bits") | undefined {
  if (keyEnd - keyStart < TIMESTAMP_LENGTH) return "short-key";
  if (valueEnd - valueStart < VALUE_HEADER_LENGTH) return "short-value";
  const flags = bytes[valueStart];
  // A tombstone is never encrypted: so labelled, it would hide a row without proof.
  if ((flags & RESERVED) !== 0 || flags === (TOMBSTONE | ENCRYPTED)) return "reserved-bits";
  return undefined;
}

/** Whether entry `i` says nothing at all. */
export function isMalformed({ bytes, ranges }: EntryBatch, i: number): boolean {
  const r = i * 4;
  return entryDefect(bytes, ranges[r], ranges[r + 1], ranges[r + 2], ranges[r + 3]) !== undefined;
}

/** Decides entries one after the other, in stored order; begin a new one for each scan. */
export class Resolver {
  /** Whether any version that decided had an expiry, passed or not. */
  sawExpiry = false;

  /** `^readTime`: a timestamp suffix below it is of a later version. */
  readonly #limit: Uint8Array = new Uint8Array(TIMESTAMP_LENGTH);
  readonly #filtersTime: boolean;
  readonly #now: bigint;
  readonly #proof: Proof;
  /** Lengths of the keys that are decided and that are prefixes of the last stored key. */
  #decided = new Uint32Array(8);
  #decidedCount = 0;
  readonly #last = new ByteBuilder();
  #verdicts: Uint8Array | undefined;

  /**
   * @param readTime Versions committed after it are not looked at.
   * @param now The time that expiry is compared with.
   * @param proof What tells how much of an entry may be believed.
   */
  constructor(readTime: bigint = ANY_TIME, now: bigint = readTime, proof: Proof = NO_PROOF) {
    this.#filtersTime = readTime !== ANY_TIME;
    putU64be(this.#limit, 0, ~readTime);
    this.#now = now;
    this.#proof = proof;
  }

  /** The verdict of each entry of the batch that was resolved last. */
  get verdicts(): Uint8Array {
    return this.#verdicts ??= new Uint8Array(BATCH_ENTRIES);
  }

  /** Fills `verdicts[from, to)` for these entries of the batch. */
  resolve(batch: EntryBatch, from = 0, to: number = batch.count): void {
    const { bytes, ranges, inputs } = batch;
    const { verdicts } = this;
    let previous = this.#last.view();
    let previousStart = 0;
    let previousEnd = previous.length;
    for (let i = from; i < to; i++) {
      const r = i * 4;
      const keyStart = ranges[r];
      const keyEnd = ranges[r + 1];
      this.#forget(previous, previousStart, bytes, keyStart, keyEnd);
      verdicts[i] = this.#decide(
        bytes,
        keyStart,
        keyEnd,
        ranges[r + 2],
        ranges[r + 3],
        inputs[i],
      );
      previous = bytes;
      previousStart = keyStart;
      previousEnd = keyEnd;
    }
    if (to > from) this.#last.clear().append(previous, previousStart, previousEnd);
  }

  /** The verdict of one entry, without the array of those of a batch. */
  decide({ bytes, ranges, inputs }: EntryBatch, i: number): number {
    const [keyStart, keyEnd, valueStart, valueEnd] = ranges.subarray(i * 4, i * 4 + 4);
    this.#forget(this.#last.bytes, 0, bytes, keyStart, keyEnd);
    this.#last.clear().append(bytes, keyStart, keyEnd);
    return this.#decide(bytes, keyStart, keyEnd, valueStart, valueEnd, inputs[i]);
  }

  #decide(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    input: number,
  ): number {
    if (metaKey(bytes, keyStart, keyEnd) || isWriterKey(bytes, keyStart, keyEnd)) {
      return Verdict.SYSTEM;
    }
    const defect = entryDefect(bytes, keyStart, keyEnd, valueStart, valueEnd);
    if (defect === "short-key") return Verdict.UNSOUND;
    const proof = this.#proof;
    const holds = !proof.mayFail ||
      proof.holds(bytes, keyStart, keyEnd, valueStart, valueEnd, input);
    const suffix = keyEnd - TIMESTAMP_LENGTH;
    // The time is in the key: that of a version that does not hold may be any.
    if (
      holds && this.#filtersTime && this.#isLater(bytes, suffix) &&
      !isTimeless(bytes, keyStart, suffix)
    ) return defect ? Verdict.UNSOUND : Verdict.LATER;
    const length = suffix - keyStart;
    if (!this.#isFirst(length)) return defect || !holds ? Verdict.UNSOUND : Verdict.SUPERSEDED;
    if (defect) return Verdict.UNSOUND;
    if (!holds) return Verdict.UNDECIDED;
    if (bytes[valueStart] & TOMBSTONE) return Verdict.DELETED;
    const encrypted = isEncrypted(bytes, valueStart);
    if (!encrypted && !proof.allowsClear(bytes, keyStart, suffix, input)) return Verdict.UNDECIDED;
    if (!this.#hasExpired(bytes, valueStart + 1)) return Verdict.LIVE;
    return encrypted && !proof.believesHeaders ? Verdict.UNDECIDED : Verdict.EXPIRED;
  }

  /** Forgets the keys that are prefixes of the last stored key, and none of this one. */
  #forget(
    last: Uint8Array,
    lastStart: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
  ): void {
    const count = this.#decidedCount;
    const decided = this.#decided;
    const most = keyEnd - keyStart;
    let common = 0;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const length = decided[i];
      if (length > most) continue;
      // Keys that follow each other mostly differ near their end.
      let at = length - 1;
      while (at >= common && last[lastStart + at] === bytes[keyStart + at]) at--;
      if (at >= common) continue;
      if (common < length) common = length;
      decided[kept++] = length;
    }
    this.#decidedCount = kept;
  }

  /** Notes that the key of this length is decided; `false` if it was before. */
  #isFirst(length: number): boolean {
    const count = this.#decidedCount;
    for (let i = 0; i < count; i++) if (this.#decided[i] === length) return false;
    if (count === this.#decided.length) {
      const grown = new Uint32Array(count * 2);
      grown.set(this.#decided);
      this.#decided = grown;
    }
    this.#decided[count] = length;
    this.#decidedCount = count + 1;
    return true;
  }

  #isLater(bytes: Uint8Array, suffix: number): boolean {
    for (let i = 0; i < TIMESTAMP_LENGTH; i++) {
      const difference = bytes[suffix + i] - this.#limit[i];
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  #hasExpired(bytes: Uint8Array, at: number): boolean {
    const low = u32le(bytes, at);
    const high = u32le(bytes, at + 4);
    if (low === 0 && high === 0) return false;
    this.sawExpiry = true;
    return ((BigInt(high) << 32n) | BigInt(low)) <= this.#now;
  }
}
