/**
 * The rows of transactions that span groups. While one is in flight, each key K that it writes has a
 * lock and an intent; its outcome stands beside one of those keys, the primary one.
 *
 * ```text
 * key                          value
 * !txn|lock| K                 01 start(8) expiry(8) flags(1) length(8) primary key
 * !txn|int|  K                 01 start(8) operation(1) length(8) new value
 * !txn|cmt|  primary start(8)  01 commit(8)
 * !txn|rb|   primary start(8)  01
 * ```
 *
 * All integers are big-endian; start, expiry and commit are timestamps of the store.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { u64be } from "../bytes/integers.ts";
import { FAMILY } from "./families.ts";
import { appendU64, FieldReader } from "./fields.ts";

const VERSION = 1;
const PRIMARY = 1;

/** The user key that a `txn-lock` or `txn-intent` key is about, as a view. */
export function lockedKey(
  family: "txn-lock" | "txn-intent",
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  return bytes.subarray(start + FAMILY[family].bytes.length, end);
}

/** The `txn-lock` or `txn-intent` key of a user key. */
export function lockKey(family: "txn-lock" | "txn-intent", userKey: Uint8Array): Uint8Array {
  return new ByteBuilder().append(FAMILY[family].bytes).append(userKey).take();
}

/** What identifies a transaction. */
export interface Transaction {
  /** The user key beside which its outcome stands. */
  primaryKey: Uint8Array;
  /** When it began; the timestamp of its locks and intents, too. */
  startTime: bigint;
}

/**
 * The transaction of a `txn-commit` or `txn-rollback` key, its primary key as a view, or what is
 * wrong with the key.
 */
export function parseOutcomeKey(
  family: "txn-commit" | "txn-rollback",
  bytes: Uint8Array,
  start: number,
  end: number,
): Transaction | string {
  const at = start + FAMILY[family].bytes.length;
  if (end - at < 8) return "the start time is cut off";
  return { primaryKey: bytes.subarray(at, end - 8), startTime: u64be(bytes, end - 8) };
}

/** The `txn-commit` or `txn-rollback` key of a transaction. */
export function outcomeKey(
  family: "txn-commit" | "txn-rollback",
  { primaryKey, startTime }: Transaction,
): Uint8Array {
  return appendU64(new ByteBuilder().append(FAMILY[family].bytes).append(primaryKey), startTime)
    .take();
}

/** The value of a `txn-lock` row. */
export interface Lock extends Transaction {
  /** From when on others may end the transaction. */
  expiry: bigint;
  /** Whether the locked key is the primary one. */
  primary: boolean;
}

/** The lock that a value holds, its primary key as a view, or what is wrong with the value. */
export function parseLock(bytes: Uint8Array, start: number, end: number): Lock | string {
  const fields = readVersion(bytes, start, end);
  const startTime = fields.u64("start time");
  const expiry = fields.u64("expiry");
  const primary = (fields.byte("flags") & PRIMARY) !== 0;
  const primaryKey = fields.counted("primary key");
  return fields.finish() ?? { startTime, expiry, primary, primaryKey };
}

/** The value of a `txn-lock` row. */
export function buildLock({ startTime, expiry, primary, primaryKey }: Lock): Uint8Array {
  const out = appendU64(new ByteBuilder().byte(VERSION), startTime);
  appendU64(out, expiry).byte(primary ? PRIMARY : 0);
  return appendU64(out, BigInt(primaryKey.length)).append(primaryKey).take();
}

/** The value of a `txn-intent` row: what the key shall become. */
export interface Intent {
  /** When the transaction began. */
  startTime: bigint;
  /** The new value, or `undefined` where the key is to be deleted. */
  value: Uint8Array | undefined;
}

const PUT = 0;
const DELETE = 1;

/** The intent that a value holds, its new value as a view, or what is wrong with the value. */
export function parseIntent(bytes: Uint8Array, start: number, end: number): Intent | string {
  const fields = readVersion(bytes, start, end);
  const startTime = fields.u64("start time");
  const operation = fields.byte("operation");
  if (operation > DELETE) fields.reason ??= `the operation ${operation} is unknown`;
  const value = fields.counted("new value");
  return fields.finish() ?? { startTime, value: operation === PUT ? value : undefined };
}

/** The value of a `txn-intent` row. */
export function buildIntent({ startTime, value }: Intent): Uint8Array {
  const out = appendU64(new ByteBuilder().byte(VERSION), startTime);
  out.byte(value === undefined ? DELETE : PUT);
  return appendU64(out, BigInt(value?.length ?? 0)).append(value ?? new Uint8Array(0)).take();
}

/** The commit time that the value of a `txn-commit` row holds, or what is wrong with the value. */
export function parseCommit(bytes: Uint8Array, start: number, end: number): bigint | string {
  const fields = readVersion(bytes, start, end);
  const commitTime = fields.u64("commit time");
  return fields.finish() ?? commitTime;
}

/** The value of a `txn-commit` row. */
export function buildCommit(commitTime: bigint): Uint8Array {
  return appendU64(new ByteBuilder().byte(VERSION), commitTime).take();
}

/** What is wrong with the value of a `txn-rollback` row, or `undefined`: it says no more than its key. */
export function checkRollback(bytes: Uint8Array, start: number, end: number): string | undefined {
  return readVersion(bytes, start, end).finish();
}

/** The value of a `txn-rollback` row. */
export function buildRollback(): Uint8Array {
  return Uint8Array.of(VERSION);
}

function readVersion(bytes: Uint8Array, start: number, end: number): FieldReader {
  const fields = new FieldReader(bytes, start, end);
  const version = fields.byte("version");
  if (version !== VERSION) fields.reason ??= `the version ${version} is unknown`;
  return fields;
}
