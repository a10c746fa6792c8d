/**
 * Transactions over several groups that the snapshot caught half-way.
 *
 * Each written key has a lock and an intent until the outcome is copied to it. A reader of the server
 * resolves the lock first, so an intent whose transaction has a commit record is already visible,
 * although the key's own row still says the old thing. Such intents are laid over the rows as one
 * more table of entries; all others are left alone.
 *
 * @module
 */

import { equalBytes } from "../bytes/compare.ts";
import { putU64be, putU64le } from "../bytes/integers.ts";
import type { EntryTable, Origin } from "../container/entry_table.ts";
import { nextBatch } from "../container/entry_batch.ts";
import { FrameTable } from "../container/frame_table.ts";
import { FrameReader } from "../container/frames.ts";
import { SparseIndex } from "../container/sparse_index.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import { FAMILY } from "../keyspace/families.ts";
import {
  lockedKey,
  lockKey,
  outcomeKey,
  parseCommit,
  parseIntent,
  parseLock,
} from "../keyspace/txn_keys.ts";
import { pause } from "../sources/pause.ts";
import { type Scratch, stoppable } from "../sources/scratch.ts";
import { SpillSorter } from "../sources/spill_sorter.ts";
import { addExample, type KeyExample } from "./examples.ts";
import { keyRange, prefixRange } from "./key_range.ts";
import { TIMESTAMP_LENGTH, VALUE_HEADER_LENGTH } from "./resolver.ts";
import { copyRow, type Row } from "./row_batch.ts";
import type { Rows } from "./rows.ts";

/** What became of the transactions in flight. */
export interface Transactions {
  /** Intents that are applied, because their transaction was committed. */
  applied: number;
  /** Intents that are not applied, because their transaction was rolled back. */
  rolledBack: number;
  /** Locks whose transaction has no outcome in the inputs. */
  undecidedLocks: number;
  /** Intents under such locks: writes that may or may not have happened. */
  undecidedIntents: number;
}

/** The same, and what is made of them. */
export interface ResolvedTransactions extends Transactions {
  /** Keys of the first such locks. */
  readonly undecidedExamples: KeyExample[];
  /** The last commit of an applied intent; 0 = none. */
  lastCommitTs: bigint;
  /** The applied intents; absent when there are none. */
  overlay?: Overlay;
}

/** Applied intents as entries, in scratch space. */
export interface Overlay {
  /** To be merged like one more file. */
  table: EntryTable;
  /** Lets go of the scratch space. */
  close(): void;
}

/** Where applied intents are from. */
export const INTENTS: Origin = { name: "intents" };

/** What the outcome of transactions depends on, and who is told of what is wrong. */
export interface TransactionHandlers {
  /** Whether the group that owns a key is surely among the inputs. */
  hasGroupOf(userKey: Uint8Array): boolean;
  /** Takes a damaged or malformed lock, intent or outcome; it decides nothing. */
  onProblem(problem: UnsoundError): void;
}

/** Looks at every lock. */
export async function resolveTransactions(
  rows: Rows,
  scratch: Scratch,
  readTime: bigint,
  { hasGroupOf, onProblem }: TransactionHandlers,
  signal: AbortSignal | undefined,
): Promise<ResolvedTransactions> {
  const result: ResolvedTransactions = {
    applied: 0,
    rolledBack: 0,
    undecidedLocks: 0,
    undecidedIntents: 0,
    undecidedExamples: [],
    lastCommitTs: 0n,
  };
  const entries = new SpillSorter(stoppable(scratch, signal));
  // What cannot be read, because it is damaged or has no key, cannot be decided either.
  const undecided = (key?: Uint8Array): void => {
    result.undecidedLocks++;
    result.undecidedIntents++;
    if (key) addExample(result.undecidedExamples, key);
  };
  const unsound = (problem: UnsoundError, key = problem.key): void => {
    onProblem(problem);
    undecided(key);
  };
  const unread = { onEncrypted: () => undecided(), onUnsound: unsound, signal };
  try {
    for await (const batch of rows.scan(prefixRange(FAMILY["txn-lock"].bytes), unread)) {
      for (let i = 0; i < batch.count; i++) {
        const row = copyRow(batch, i);
        try {
          await resolveLock(rows, row, readTime, hasGroupOf, result, entries, signal);
        } catch (error) {
          if (error instanceof UnsoundError) unsound(error, row.key);
          else if (error instanceof UnsupportedError) undecided(row.key);
          else throw error;
          if (!await hasIntent(rows, row.key, signal)) result.undecidedIntents--;
        }
      }
    }
    if (entries.count > 0) result.overlay = await overlayOf(entries, scratch, signal);
  } finally {
    entries.close();
  }
  return result;
}

/** Whether there is a live intent under a lock, readable or not. */
async function hasIntent(
  rows: Rows,
  lock: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const intent = lockKey("txn-intent", lockedKey("txn-lock", lock, 0, lock.length));
  const options = { values: false, onUnsound: () => {}, signal };
  for await (const _ of rows.scan(keyRange(intent), options)) return true;
  return false;
}

async function resolveLock(
  rows: Rows,
  row: Row,
  readTime: bigint,
  hasGroupOf: (userKey: Uint8Array) => boolean,
  result: ResolvedTransactions,
  entries: SpillSorter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const key = lockedKey("txn-lock", row.key, 0, row.key.length);
  const lock = parseLock(row.value, 0, row.value.length);
  const found = await rows.get(lockKey("txn-intent", key), { signal });
  const intent = found && parseIntent(found.value, 0, found.value.length);
  if (typeof lock === "string") throw malformed(row.key, lock);
  if (typeof intent === "string") throw malformed(found!.key, intent);
  const written = intent !== undefined && intent.startTime === lock.startTime;
  const committed = await rows.get(outcomeKey("txn-commit", lock), { signal });
  const commitTime = committed && parseCommit(committed.value, 0, committed.value.length);
  if (typeof commitTime === "string") throw malformed(committed!.key, commitTime);
  if (commitTime !== undefined) {
    if (!written || commitTime > readTime) return;
    result.applied++;
    if (commitTime > result.lastCommitTs) result.lastCommitTs = commitTime;
    await addEntry(entries, key, commitTime, intent.value);
  } else if (await isRolledBack(rows, key, lock, hasGroupOf, signal)) {
    if (written) result.rolledBack++;
  } else {
    result.undecidedLocks++;
    addExample(result.undecidedExamples, row.key);
    if (intent !== undefined) result.undecidedIntents++;
  }
}

function malformed(key: Uint8Array, message: string): UnsoundError {
  return new UnsoundError("malformed-value", message, {
    key,
    hint: "what the transaction has written is not known: take another replica's snapshot",
  });
}

/** Without an outcome, a transaction is rolled back once its primary lock is gone. */
async function isRolledBack(
  rows: Rows,
  key: Uint8Array,
  transaction: { primaryKey: Uint8Array; startTime: bigint },
  hasGroupOf: (userKey: Uint8Array) => boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { primaryKey, startTime } = transaction;
  if (await rows.get(outcomeKey("txn-rollback", transaction), { signal })) return true;
  if (equalBytes(key, primaryKey)) return false;
  const primary = await rows.get(lockKey("txn-lock", primaryKey), { signal });
  if (!primary) return hasGroupOf(primaryKey);
  const lock = parseLock(primary.value, 0, primary.value.length);
  return typeof lock !== "string" && lock.startTime !== startTime;
}

/** Adds the entry that applying an intent would have stored. */
function addEntry(
  entries: SpillSorter,
  key: Uint8Array,
  commitTime: bigint,
  value: Uint8Array | undefined,
): void | Promise<void> {
  const storedKey = new Uint8Array(key.length + TIMESTAMP_LENGTH);
  storedKey.set(key);
  putU64be(storedKey, key.length, ~commitTime);
  const stored = new Uint8Array(VALUE_HEADER_LENGTH + (value?.length ?? 0));
  if (value) stored.set(value, VALUE_HEADER_LENGTH);
  else stored[0] = 1;
  return entries.add(storedKey, stored);
}

/** The sorted entries, framed like a snapshot's own stream, in a scratch file. */
async function overlayOf(
  entries: SpillSorter,
  scratch: Scratch,
  signal: AbortSignal | undefined,
): Promise<Overlay> {
  const stream = scratch.create();
  const close = (): void => stream.close();
  try {
    const records = await entries.sorted();
    const length = new Uint8Array(8);
    for (let record = await records.next(); record; record = await records.next()) {
      await pause(signal);
      for (const part of [record.key, record.value]) {
        putU64le(length, 0, BigInt(part.length));
        await stream.append(length);
        await stream.append(part);
      }
    }
    const origin = INTENTS;
    const range = { start: 0, end: stream.size };
    const index = new SparseIndex();
    const reader = new FrameReader({
      stream,
      file: origin.name,
      ...range,
      input: 0,
      footer: false,
    });
    for (
      let batch = await nextBatch(reader, signal);
      batch;
      batch = await nextBatch(reader, signal)
    ) {
      index.addBatch(batch);
    }
    return { table: new FrameTable({ origin, stream, ...range, index }), close };
  } catch (error) {
    close();
    throw error;
  }
}
