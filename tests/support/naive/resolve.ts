/**
 * What a reader sees of some files at some time, by definition: a map of all versions of all keys,
 * and for each key the newest of them. Nothing here is clever.
 *
 * @module
 */

import { createDecipheriv } from "node:crypto";
import { familyOf, isOfTheStore, scopeOf } from "./families.ts";
import { bytesOf, latin1, parseFile, Refused } from "./parse.ts";
import { dispensable } from "./replicas.ts";
import { groupOfKey, parseRoutes } from "./routes.ts";
import { parseCommit, parseIntent, parseLock } from "./transactions.ts";

/** One file and the group that it is from. */
export interface NaiveInput {
  bytes: Uint8Array;
  group?: bigint;
}

/** How it is read. */
export interface NaiveOptions {
  at?: bigint;
  keys?: ReadonlyMap<number, Uint8Array>;
}

/** A version of a key. */
export interface NaiveVersion {
  stored: string;
  key: string;
  ts: bigint;
  /** Flags ‖ expiry ‖ body. */
  value: Uint8Array;
  /** What is wrong with it. */
  defect?: string;
  /** Whether that is that it does not authenticate: the key may have a value or not. */
  forged?: true;
}

/** A row that a reader sees. */
export interface NaiveRow {
  key: string;
  value: string;
  ts: bigint;
  expireAt: bigint;
}

/** Counts of one family in one scope. */
export interface NaiveTotals {
  versions: number;
  keys: number;
  live: number;
  undecided: number;
  superseded: number;
  tombstones: number;
  expired: number;
  later: number;
  encrypted: number;
  bytes: number;
  liveBytes: number;
  supersededBytes: number;
  deletedBytes: number;
  collections: number;
}

/** What became of the locks. */
export interface NaiveTransactions {
  applied: number;
  rolledBack: number;
  undecidedLocks: number;
  undecidedIntents: number;
}

const META = [
  "_meta_applied_index",
  "_meta_last_commit_ts",
  "_meta_min_retained_ts",
  "_meta_pending_min_retained_ts",
];
const MAX_TIME = 0xffff_ffff_ffff_ffffn;

/** Everything that can be said about some files. */
export class NaiveSnapshot {
  /** Codes of what is wrong: each file's damage in the order of files, then rows in stored order. */
  readonly problems: string[] = [];
  /** Key → versions, newest first. */
  readonly versions = new Map<string, NaiveVersion[]>();
  /** Entries that more than one file had. */
  copies = 0;
  systemRows = 0;
  /** The greatest commit time of the headers and of what clients read by time. */
  last = 0n;
  /** Up to when older versions were removed. */
  retained = 0n;
  readonly transactions: NaiveTransactions = {
    applied: 0,
    rolledBack: 0,
    undecidedLocks: 0,
    undecidedIntents: 0,
  };
  readonly #time: bigint;
  readonly #now: bigint;
  readonly #keys: ReadonlyMap<number, Uint8Array> | undefined;

  /** @throws {Refused} when a file is refused as a whole. */
  constructor(inputs: readonly NaiveInput[], { at, keys }: NaiveOptions = {}) {
    this.#time = at ?? MAX_TIME;
    this.#keys = keys;
    const stored = new Map<string, Uint8Array>();
    const files = inputs.map(({ bytes, group }) => ({ file: parseFile(bytes), group }));
    const left = dispensable(files);
    // What sound files say counts before what others say.
    const [sound, damaged] = [true, false].map((is) => files.filter((f) => !f.file.problem === is));
    for (const { file } of [...sound, ...damaged]) {
      if (file.problem) this.problems.push(file.problem);
      const isLeft = left.has(file);
      if (!isLeft && file.lastCommitTs > this.last) this.last = file.lastCommitTs;
      for (const { key, value } of file.entries) {
        if (isLeft && !key.startsWith("!s3|chunkblob|")) continue;
        if (META[2] === key || META[3] === key) this.#retain(value);
        if (stored.has(key)) this.#copy(key, stored.get(key)!, value, true);
        else stored.set(key, value);
      }
    }
    for (const key of [...stored.keys()].sort()) this.#add(key, stored.get(key)!);
    const ids = this.#encryptedIds();
    if (keys && ids.length > 0 && !ids.some((id) => keys.has(id))) throw new Refused("encrypted");
    // What decides about writes in flight expires as any row; the writes themselves come later.
    this.#now = at ?? (this.last || MAX_TIME);
    this.#applyIntents(inputs);
    this.#now = at ?? (this.last || MAX_TIME);
    for (const versions of this.versions.values()) {
      for (const { defect } of versions) if (defect) this.problems.push(defect);
    }
  }

  /** The first moment that can be read: that of the first version which a client may have written. */
  get from(): bigint {
    const times = [...this.versions.values()].flat()
      .filter(({ defect, key }) => !defect && !isOfTheStore(familyOf(key)))
      .map(({ ts }) => ts);
    const first = times.reduce((a, b) => a < b ? a : b, MAX_TIME);
    return first === MAX_TIME || first < this.retained ? this.retained : first;
  }

  /** All keys that have a version. */
  get keys(): string[] {
    return [...this.versions.keys()];
  }

  /** The version that decides what a key is, and what it is then. */
  deciding(
    key: string,
  ): {
    version?: NaiveVersion;
    state: "none" | "bad" | "undecided" | "deleted" | "expired" | "live";
  } {
    // With keys, the time of a version that is not sound may be any.
    const version = this.versions.get(key)?.find(({ ts, defect }) =>
      ts <= this.#time || key.startsWith("!s3|chunkblob|") || (this.#keys && defect)
    );
    if (!version) return { state: "none" };
    if (version.forged) return { version, state: "undecided" };
    if (version.defect) return { version, state: "bad" };
    if (version.value[0] & 1) return { version, state: "deleted" };
    const expireAt = expiryOf(version);
    if (expireAt !== 0n && expireAt <= this.#now) {
      const isProven = this.#keys !== undefined || !(version.value[0] & 2);
      return { version, state: isProven ? "expired" : "undecided" };
    }
    return { version, state: "live" };
  }

  /** The row of a key, if a reader sees one. @throws {Refused} when nobody knows what it is. */
  get(key: string): NaiveRow | undefined {
    const { version, state } = this.deciding(key);
    if (state === "bad") throw new Refused(version!.defect!);
    if (!version || (state !== "live" && state !== "undecided")) return undefined;
    return { key, value: this.open(version), ts: version.ts, expireAt: expiryOf(version) };
  }

  /** All rows that a reader sees, in stored order. */
  live(): NaiveRow[] {
    const deciding = this.keys.flatMap((key) => {
      const { version, state } = this.deciding(key);
      return version && (state === "live" || state === "undecided") ? [version] : [];
    });
    deciding.sort((a, b) => a.stored < b.stored ? -1 : 1);
    return deciding.map(({ key }) => this.get(key)!);
  }

  /** The counts by `prefix of the family ‖ scope`. */
  totals(): Map<string, NaiveTotals> {
    const all = new Map<string, NaiveTotals>();
    const collections = new Set<string>();
    for (const [key, versions] of this.versions) {
      const family = familyOf(key);
      const name = `${family} ${scopeOf(family, key) ?? ""}`;
      const totals = all.get(name) ?? {
        versions: 0,
        keys: 0,
        live: 0,
        undecided: 0,
        superseded: 0,
        tombstones: 0,
        expired: 0,
        later: 0,
        encrypted: 0,
        bytes: 0,
        liveBytes: 0,
        supersededBytes: 0,
        deletedBytes: 0,
        collections: 0,
      };
      const { version: decides, state } = this.deciding(key);
      for (const version of versions) {
        if (version.defect && !(version === decides && state === "undecided")) continue;
        const size = version.stored.length + version.value.length;
        totals.versions++;
        totals.bytes += size;
        if (version === decides) {
          totals.keys++;
          if (state === "live" || state === "undecided") {
            totals.live++;
            totals.liveBytes += size;
            const collection = collectionOf(key);
            if (collection !== undefined && !collections.has(collection)) {
              collections.add(collection);
              totals.collections++;
            }
            if (state === "undecided") totals.undecided++;
            if (version.value[0] & 2) totals.encrypted++;
          } else {
            totals.deletedBytes += size;
            if (state === "deleted") totals.tombstones++;
            else totals.expired++;
          }
        } else if (version.ts > this.#time && !key.startsWith("!s3|chunkblob|")) totals.later++;
        else {
          totals.superseded++;
          totals.supersededBytes += size;
        }
      }
      if (totals.versions > 0) all.set(name, totals);
    }
    return all;
  }

  /** The clear body of a version. */
  open({ stored, value, defect }: NaiveVersion): string {
    if (defect) throw new Refused(defect);
    const body = value.subarray(9);
    if (!(value[0] & 2)) return latin1(body);
    if (!this.#keys) throw new Refused("encrypted");
    if (body.length < 34 || body[0] !== 1) throw new Refused("decrypt-failed");
    const id = new DataView(body.buffer, body.byteOffset).getUint32(2);
    if (id === 0) throw new Refused("decrypt-failed");
    const key = this.#keys.get(id);
    if (!key) throw new Refused("decrypt-failed");
    const clear = unsealed(key, body, value.subarray(0, 9), stored);
    if (clear === undefined || body[1] !== 0) throw new Refused("decrypt-failed");
    return clear;
  }

  /** What is wrong with a version that its data key can tell; without keys nobody can. */
  #forgery(stored: string, value: Uint8Array): string | undefined {
    if (!this.#keys) return undefined;
    if (value[0] & 2) {
      return this.#opened(stored, value) === undefined ? "decrypt-failed" : undefined;
    }
    const body = value.subarray(9);
    if (body.length < 34 || body[0] !== 1 || body[1] !== 0) return undefined;
    const key = this.#keys.get(new DataView(body.buffer, body.byteOffset).getUint32(2));
    if (!key) return undefined;
    const headers = [[...value.subarray(1, 9)], Array(8).fill(0)].map((expiry) => [2, ...expiry]);
    const isSealed = headers.some((header) =>
      unsealed(key, body, Uint8Array.from(header), stored) !== undefined
    );
    return isSealed ? "cleartext-envelope" : undefined;
  }

  /** The clear body, or `undefined` if it cannot be opened. */
  #opened(stored: string, value: Uint8Array): string | undefined {
    try {
      return this.open({ stored, key: "", ts: 0n, value });
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** The ids of data keys in all envelopes. */
  #encryptedIds(): number[] {
    const ids: number[] = [];
    for (const versions of this.versions.values()) {
      for (const { value, defect, forged } of versions) {
        if ((defect && !forged) || !(value[0] & 2) || value.length < 43 || value[9] !== 1) continue;
        const id = new DataView(value.buffer, value.byteOffset).getUint32(11);
        if (id > 0) ids.push(id);
      }
    }
    return ids;
  }

  #retain(value: Uint8Array): void {
    if (value.length < 8) return;
    const time = new DataView(value.buffer, value.byteOffset).getBigUint64(0, true);
    if (time > this.retained) this.retained = time;
  }

  /** Two tables have the same version: both must be genuine, and say the same. */
  #copy(stored: string, kept: Uint8Array, copy: Uint8Array, isFromFile: boolean): void {
    this.copies++;
    if (latin1(kept) === latin1(copy) || isSystem(stored)) return;
    if (!malformed(stored, kept) && !malformed(stored, copy)) {
      const forgery = isFromFile ? this.#forgery(stored, copy) : undefined;
      if (forgery) this.problems.push(forgery);
      if (forgery || this.#forgery(stored, kept)) return;
      const isSame = (kept[0] & 1) === (copy[0] & 1) &&
        expiryOf({ value: kept }) === expiryOf({ value: copy }) &&
        (!this.#keys || this.#opened(stored, kept) === this.#opened(stored, copy));
      if (((kept[0] | copy[0]) & 2) && isSame) return;
    }
    if (!stored.startsWith("!dist|")) this.problems.push("conflict");
  }

  #add(stored: string, value: Uint8Array): void {
    if (isSystem(stored)) {
      this.systemRows++;
      return;
    }
    if (stored.length < 8) {
      this.problems.push("short-key");
      return;
    }
    const key = stored.slice(0, -8);
    const suffix = BigInt("0x" + hex(stored.slice(-8)));
    const ts = MAX_TIME - suffix;
    const version: NaiveVersion = { stored, key, ts, value };
    const forgery = malformed(stored, value) ? undefined : this.#forgery(stored, value);
    version.defect = malformed(stored, value) ?? forgery;
    if (forgery) version.forged = true;
    else if (!version.defect && ts > this.last && !key.startsWith("!s3|chunkblob|")) this.last = ts;
    const versions = this.versions.get(key) ?? [];
    versions.push(version);
    versions.sort((a, b) => a.ts > b.ts ? -1 : 1);
    this.versions.set(key, versions);
  }

  /** Looks at every lock: a committed transaction's write counts although its row does not say so. */
  #applyIntents(inputs: readonly NaiveInput[]): void {
    const routes = parseRoutes(this.#liveValues("!dist|route|").map(([, value]) => value));
    const supplied = new Set(inputs.map(({ group }) => group));
    const hasGroupOf = (key: string): boolean => {
      const group = groupOfKey(routes, key);
      return group !== undefined && supplied.has(group);
    };
    const locks = this.#liveValues("!txn|lock|");
    const applied: NaiveVersion[] = [];
    for (const [key, value] of locks) {
      try {
        const write = this.#applyLock(key, value, hasGroupOf);
        if (write) applied.push(write);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === "malformed-value") this.problems.push(error.code);
        this.transactions.undecidedLocks++;
        if (this.#isThere(`!txn|int|${key}`)) this.transactions.undecidedIntents++;
      }
    }
    for (const { stored, value } of applied) {
      const ts = MAX_TIME - BigInt("0x" + hex(stored.slice(-8)));
      const there = this.versions.get(stored.slice(0, -8))?.find((version) => version.ts === ts);
      if (there) this.#copy(stored, there.value, value, false);
      else this.#add(stored, value);
    }
  }

  /**
   * Counts what becomes of a lock; returns the version that a committed write would have stored.
   *
   * @throws {Refused} when that is not known, because a row cannot be read.
   */
  #applyLock(
    key: string,
    value: string,
    hasGroupOf: (key: string) => boolean,
  ): NaiveVersion | undefined {
    const lock = parseLock(value);
    const intentRow = this.get(`!txn|int|${key}`);
    const intent = intentRow && parseIntent(intentRow.value);
    if (!lock || (intentRow && !intent)) throw new Refused("malformed-value");
    const { start, primary } = lock;
    const commitRow = this.get(`!txn|cmt|${primary}${start}`);
    const ts = commitRow && parseCommit(commitRow.value);
    if (commitRow && ts === undefined) throw new Refused("malformed-value");
    const isWritten = intent?.start === start;
    if (ts !== undefined) {
      if (!isWritten || ts > this.#time) return undefined;
      this.transactions.applied++;
      const body = bytesOf(intent.value ?? "");
      const value = new Uint8Array(9 + body.length);
      value[0] = intent.value === undefined ? 1 : 0;
      value.set(body, 9);
      const suffix = MAX_TIME - ts;
      const stored = key + unhex(suffix.toString(16).padStart(16, "0"));
      return { stored, key, ts, value };
    }
    const isRolledBack = (): boolean => {
      if (this.get(`!txn|rb|${primary}${start}`)) return true;
      if (primary === key) return false;
      const primaryLock = this.get(`!txn|lock|${primary}`);
      if (!primaryLock) return hasGroupOf(primary);
      const other = parseLock(primaryLock.value);
      return other !== undefined && other.start !== start;
    };
    if (isRolledBack()) {
      if (isWritten) this.transactions.rolledBack++;
    } else {
      this.transactions.undecidedLocks++;
      if (intent) this.transactions.undecidedIntents++;
    }
    return undefined;
  }

  /** Whether a row is there, although it may have no key that opens it. */
  #isThere(key: string): boolean {
    try {
      return this.get(key) !== undefined;
    } catch (error) {
      if (error instanceof Refused) return error.code === "encrypted";
      throw error;
    }
  }

  /** A row that can be opened: if one cannot, whoever reads all rows is refused in the end. */
  #readable(key: string): NaiveRow | undefined {
    try {
      return this.get(key);
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** What follows the prefix, and the clear value, of the live rows of a prefix. */
  #liveValues(prefix: string): [string, string][] {
    return this.keys.filter((key) => key.startsWith(prefix)).flatMap((key) => {
      const row = this.#readable(key);
      return row ? [[key.slice(prefix.length), row.value] as [string, string]] : [];
    });
  }
}

/** When a version expires; 0 = never. */
export function expiryOf({ value }: Pick<NaiveVersion, "value">): bigint {
  return new DataView(value.buffer, value.byteOffset).getBigUint64(1, true);
}

/** What is wrong with an entry, whatever is in it. */
function malformed(stored: string, value: Uint8Array): string | undefined {
  if (stored.length < 8) return "short-key";
  if (value.length < 9) return "short-value";
  // A tombstone is never encrypted: its label would hide a row without a proof.
  return value[0] > 3 || (value[0] & 3) === 3 ? "reserved-bits" : undefined;
}

/** What is in an envelope, if it was sealed with this key, header and stored key. */
function unsealed(
  key: Uint8Array,
  body: Uint8Array,
  header: Uint8Array,
  stored: string,
): string | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, body.subarray(6, 18));
  decipher.setAAD(bytesOf(latin1(body.subarray(0, 6)) + latin1(header) + stored));
  decipher.setAuthTag(body.subarray(body.length - 16));
  try {
    const clear = latin1(decipher.update(body.subarray(18, body.length - 16)));
    decipher.final();
    return clear;
  } catch {
    return undefined;
  }
}

function hex(s: string): string {
  return Array.from(s, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function unhex(s: string): string {
  return s.replace(/../g, (digits) => String.fromCharCode(parseInt(digits, 16)));
}

/** The store's own rows, which have no versions. */
function isSystem(stored: string): boolean {
  return META.includes(stored) ||
    (stored.length === 27 && stored.startsWith("!encryption|writers|") && stored[24] === "|");
}

/** What the keys of all elements of a collection begin with, if the key is one of them. */
function collectionOf(key: string): string | undefined {
  if (key.startsWith("!lst|itm|")) return key.length < 17 ? undefined : key.slice(0, -8);
  const prefix = ["!hs|fld|", "!st|mem|", "!zs|mem|"].find((prefix) => key.startsWith(prefix));
  if (prefix === undefined || key.length < prefix.length + 4) return undefined;
  const length = new DataView(bytesOf(key).buffer).getUint32(prefix.length);
  const end = prefix.length + 4 + length;
  return end > key.length ? undefined : key.slice(0, end);
}
