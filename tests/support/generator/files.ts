/** Histories as the files of nodes. @module */

import { createCipheriv } from "node:crypto";
import { crc32c, digestOf } from "../../../src/bytes/digest.ts";
import { compare, concat, u32be, u64be, u64le } from "./encoding.ts";
import { latin1, type Write } from "./history.ts";
import type { Random } from "./random.ts";

/** Data keys, and from when on each is used. */
export interface Encryption {
  keys: ReadonlyMap<number, Uint8Array>;
  from: readonly { ts: bigint; id: number }[];
}

/** How a file is written. */
export interface FileOptions {
  /** Version of the header; 0 = none. Default 1. */
  header?: 0 | 1 | 2;
  /** Whether there is a checksum behind the payload. Default: yes. */
  footer?: boolean;
  /** Whether the store's own rows are written. Default: yes. */
  meta?: boolean;
  /** What the stream calls its last commit. */
  lastCommitTs: bigint;
  /** Versions that newer ones hid at this time are gone. */
  compactedTo?: bigint;
  /** Whether tombstones that decided at that time are gone, too. */
  dropsTombstones?: boolean;
  encryption?: Encryption;
  random: Random;
}

export function isChunkBlob(key: Uint8Array): boolean {
  return CHUNK_BLOB.every((b, i) => key[i] === b);
}
const CHUNK_BLOB = new TextEncoder().encode("!s3|chunkblob|");

/** The greatest commit time of what clients read by time. */
export function lastCommit(writes: readonly Write[]): bigint {
  let last = 0n;
  for (const { key, ts } of writes) if (ts > last && !isChunkBlob(key)) last = ts;
  return last;
}

/** A node's file of these writes. */
export function nodeFile(writes: readonly Write[], options: FileOptions): Uint8Array {
  const { random, compactedTo = 0n, dropsTombstones = false, encryption } = options;
  const kept = compactedTo > 0n ? compacted(writes, compactedTo, dropsTombstones) : writes;
  const rows = kept.map((write): [Uint8Array, Uint8Array] => {
    const key = concat(write.key, u64be(~write.ts));
    return [key, storedValue(write, key, encryption, random)];
  });
  // An entry of the log a write: so the same state has the same index, and a later one a greater.
  if (options.meta ?? true) rows.push(...metaRows(BigInt(writes.length), options));
  if (encryption) {
    for (const id of encryption.keys.keys()) {
      const key = concat("!encryption|writers|", u32be(id), "|", 0x7c, 0xd4);
      rows.push([key, concat(random.bytes(8), 0, 1, 0, 3)]);
    }
  }
  return sealed(stream(rows, options.lastCommitTs), options);
}

/** Every key's newest version at that time, and what came later. */
function compacted(writes: readonly Write[], time: bigint, dropsTombstones: boolean): Write[] {
  const newest = new Map<string, bigint>();
  for (const { key, ts } of writes) {
    const name = latin1(key);
    if (ts <= time && ts > (newest.get(name) ?? -1n)) newest.set(name, ts);
  }
  return writes.filter(({ key, ts, value }) =>
    ts > time || (newest.get(latin1(key)) === ts && (value || !dropsTombstones))
  );
}

function metaRows(
  appliedIndex: bigint,
  { lastCommitTs, compactedTo = 0n, random }: FileOptions,
): [Uint8Array, Uint8Array][] {
  const rows: [string, bigint][] = [
    ["_meta_applied_index", appliedIndex],
    ["_meta_last_commit_ts", lastCommitTs],
    ["_meta_min_retained_ts", compactedTo],
  ];
  if (random.chance(0.1)) rows.push(["_meta_pending_min_retained_ts", compactedTo]);
  return rows.map(([name, value]) => [concat(name), u64le(value)]);
}

/** Flags ‖ expiry ‖ body, which may be an envelope. */
function storedValue(
  { value, ts, expireAt }: Write,
  storedKey: Uint8Array,
  encryption: Encryption | undefined,
  random: Random,
): Uint8Array {
  if (!value) return concat(1, u64le(0));
  const id = encryption?.from.findLast((from) => from.ts <= ts)?.id;
  if (id === undefined) return concat(0, u64le(expireAt), value);
  const head = concat(1, 0, u32be(id));
  const header = concat(2, u64le(expireAt));
  const nonce = random.bytes(12);
  const cipher = createCipheriv("aes-256-gcm", encryption!.keys.get(id)!, nonce);
  cipher.setAAD(concat(head, header, storedKey));
  const sealed = concat(new Uint8Array(cipher.update(value)), new Uint8Array(cipher.final()));
  return concat(header, head, nonce, sealed, new Uint8Array(cipher.getAuthTag()));
}

/** A bare stream. */
export function stream(rows: [Uint8Array, Uint8Array][], lastCommitTs: bigint): Uint8Array {
  rows.sort(([a], [b]) => compare(a, b));
  return concat(
    "EKVPBBL1",
    u64le(lastCommitTs),
    ...rows.flatMap(([key, value]) => [u64le(key.length), key, u64le(value.length), value]),
  );
}

/** Header before it, checksum behind it. */
function sealed(
  payload: Uint8Array,
  { header = 1, footer = true, random }: FileOptions,
): Uint8Array {
  const ceiling = u64be(1_780_000_010_000);
  const extra = random.below(20);
  const headers = [
    [],
    ["EKVTHLC1", ceiling],
    ["EKVTHLC2", 0, 16 + extra, ceiling, u64be(77), random.bytes(extra)],
  ];
  const whole = concat(...headers[header], payload);
  return footer ? concat(whole, digestOf(crc32c, whole)) : whole;
}
