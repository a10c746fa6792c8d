/**
 * What became of the records from one snapshot to another. Records are compared as clients read them: a
 * row that is stored in another way, and reads the same, is no change.
 *
 * The record lines of both are gone through side by side, in the order in which they come. Where they are
 * not the same, both sides' records wait in a sorter until all have gone by. So a record that comes at
 * another place in the other snapshot costs some bytes of scratch space, and no truth.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { u32be } from "../bytes/integers.ts";
import { appendU32 } from "../keyspace/fields.ts";
import type { AdapterName } from "../keyspace/families.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import { SpillSorter } from "../sources/spill_sorter.ts";
import { nameText } from "../text/name_text.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";
import { checkSelected, lookingContext, type LookOptions } from "./looking.ts";
import { bytesOf, identityOf, orderOf } from "./record_order.ts";
import { type LineRecord, RecordStream } from "./record_stream.ts";
import { ADAPTERS, Selection } from "./selection.ts";

/** Which records are compared, and how. */
export interface DiffOptions extends LookOptions {
  /** Also give the values of both sides; `false`. */
  full?: boolean;
}

/** What became of a record. */
export type Change = "added" | "changed" | "removed";

/** A record that is not the same. */
export interface Difference {
  /** What became of it. */
  change: Change;
  /** Whose it is. */
  adapter: AdapterName;
  /** Name of the table, bucket, database or queue. */
  scope: string;
  /** Type of the record, as record lines name it. */
  type: string;
  /** The member `key` of its record line, as JSON; absent for tables, buckets and queues themselves. */
  key?: string;
  /**
   * What its record line had besides, as a JSON object, if values are wanted; of one of more than 1 MiB
   * only `length` and `sha256` of the line.
   */
  old?: string;
  /** What it has now. */
  new?: string;
}

/** What became of the records of one table, bucket, database or queue. */
export interface ScopeChanges {
  /** Whose it is. */
  adapter: AdapterName;
  /** Its name. */
  scope: string;
  /** Records that are only in the newer snapshot. */
  added: number;
  /** Records that are in both, and are not the same. */
  changed: number;
  /** Records that are only in the older snapshot. */
  removed: number;
}

/** What is not the same in two snapshots. Close it. */
export interface Differences extends Disposable {
  /** Records that are the same in both. */
  same: number;
  /** Those of which anything is not the same, in the order of adapters and names. */
  scopes: ScopeChanges[];
  /** All records that are not the same, once. */
  differences(): AsyncGenerator<Difference>;
}

/** Bytes of a line that are kept where values are not wanted. */
const SHORT = 4 << 10;
/** The same where they are. */
const LONG = 1 << 20;

/** Which side a record is of. */
const OLD = 0;
const NEW = 1;
const DIGEST_LENGTH = 32;

/**
 * Compares the records of two snapshots. Memory does not grow with them; scratch space grows with what is
 * not the same.
 *
 * @throws {UnsoundError} at the first row of either that is malformed, unless `onProblem` takes it.
 * @throws {NothingSelectedError} when neither has anything of what was selected.
 */
export async function diff(
  older: Snapshot,
  newer: Snapshot,
  options: DiffOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<Differences> {
  const sides = await Promise.all([older, newer].map(async (snapshot) => ({
    snapshot,
    selection: new Selection(options, snapshot.info.totals),
    context: await lookingContext(snapshot, scratch, options),
  })));
  const room = stoppable(scratch, options.signal);
  const unequal = new SpillSorter(room);
  let same = 0;
  try {
    for (const [place, adapter] of ADAPTERS.entries()) {
      const [a, b] = sides.map(({ selection, context }) =>
        selection.adapters.includes(adapter)
          ? new RecordStream(
            adapter,
            context,
            selection.of(adapter.name),
            options.full ? LONG : SHORT,
          )
          : undefined
      );
      try {
        same += await compare(a, b, (side, record) => unequal.add(...entryOf(place, side, record)));
      } finally {
        await a?.close();
        await b?.close();
      }
    }
    checkEither(sides, options);
    return await settle(unequal, new SpillSorter(room), same, options.full ?? false);
  } finally {
    unequal.close();
  }
}

function checkEither(
  sides: readonly { snapshot: Snapshot; selection: Selection }[],
  options: DiffOptions,
): void {
  const [older, newer] = sides;
  const problems = sides.flatMap(({ snapshot }) => snapshot.info.problems);
  try {
    checkSelected(newer.selection, options, { ...newer.snapshot.info, problems });
  } catch {
    checkSelected(older.selection, options, { ...older.snapshot.info, problems });
  }
}

/** Goes through both side by side, and hands on what is not the same at its place; returns how many are. */
async function compare(
  older: RecordStream | undefined,
  newer: RecordStream | undefined,
  add: (side: number, record: LineRecord) => void | Promise<void>,
): Promise<number> {
  let same = 0;
  let a = await older?.next();
  let b = await newer?.next();
  while (a || b) {
    const order = !a ? 1 : !b ? -1 : compareRecords(a, b);
    if (a && b && order === 0 && isSame(a, b)) same++;
    else {
      if (a && order <= 0) await add(OLD, a);
      if (b && order >= 0) await add(NEW, b);
    }
    if (order <= 0) a = await older!.next();
    if (order >= 0) b = await newer!.next();
  }
  return same;
}

function compareRecords(a: LineRecord, b: LineRecord): number {
  if (equalBytes(a.identity, b.identity)) return 0;
  // Two records can have one order: then either may go first.
  return compareBytes(orderOf(a), orderOf(b)) || compareBytes(a.identity, b.identity);
}

function isSame(a: LineRecord, b: LineRecord): boolean {
  if (a.length !== b.length) return false;
  if (a.isWhole && b.isWhole) return equalBytes(a.text, b.text);
  return equalBytes(a.digest(), b.digest());
}

/**
 * What waits of a record:
 *
 * ```text
 * key     place of the adapter u8 ‖ identity ‖ 00 ‖ side u8
 * value   SHA-256 (32) ‖ what stands behind the identity
 * ```
 */
function entryOf(
  place: number,
  side: number,
  { identity, text, isWhole, length, digest }: LineRecord,
): [key: Uint8Array, value: Uint8Array] {
  const key = new ByteBuilder().byte(place).append(identity).byte(0).byte(side).take();
  const sum = digest();
  const rest = isWhole
    ? text.subarray(identity.length)
    : encodeUtf8(`,"length":${length},"sha256":"${toHex(sum)}"}`);
  return [key, new ByteBuilder().append(sum).append(rest).take()];
}

/** Matches what waited; what is not the same then, is not the same. */
async function settle(
  unequal: SpillSorter,
  changes: SpillSorter,
  same: number,
  full: boolean,
): Promise<Differences> {
  const scopes = new Map<string, ScopeChanges>();
  const take = async (older: Waiting | undefined, newer: Waiting | undefined): Promise<void> => {
    if (older && newer && equalBytes(older.digest, newer.digest)) {
      same++;
      return;
    }
    const change = !older ? "added" : !newer ? "removed" : "changed";
    const { identity } = (older ?? newer)!;
    const { adapter, scope } = identityOf({ identity });
    const name = nameText(bytesOf(scope));
    const id = `${adapter}/${name}`;
    let counts = scopes.get(id);
    if (!counts) {
      counts = { adapter: adapter as AdapterName, scope: name, added: 0, changed: 0, removed: 0 };
      scopes.set(id, counts);
    }
    counts[change]++;
    const nothing = { rest: NOTHING };
    const [old, now] = full ? [older ?? nothing, newer ?? nothing] : [nothing, nothing];
    const value = new ByteBuilder().byte(CHANGES.indexOf(change));
    appendU32(value, old.rest.length);
    await changes.add((older ?? newer)!.record, value.append(old.rest).append(now.rest).view());
  };
  const sorted = await unequal.sorted();
  let older: Waiting | undefined;
  for (let next = await sorted.next(); next; next = await sorted.next()) {
    const waiting = waitingOf(next.key, next.value);
    if (older && (waiting.side === OLD || !equalBytes(older.identity, waiting.identity))) {
      await take(older, undefined);
      older = undefined;
    }
    if (waiting.side === OLD) older = waiting;
    else {
      await take(older, waiting);
      older = undefined;
    }
  }
  if (older) await take(older, undefined);
  return {
    same,
    scopes: [...scopes.values()],
    differences: () => differencesOf(changes),
    [Symbol.dispose]: () => changes.close(),
  };
}

const NOTHING = new Uint8Array(0);
const CHANGES: readonly Change[] = ["added", "changed", "removed"];

/** What waited of a record, with bytes of its own. */
interface Waiting {
  /** Place of the adapter and identity. */
  record: Uint8Array;
  identity: Uint8Array;
  side: number;
  digest: Uint8Array;
  /** What stands behind the identity in its line. */
  rest: Uint8Array;
}

function waitingOf(key: Uint8Array, value: Uint8Array): Waiting {
  const record = key.slice(0, -2);
  return {
    record,
    identity: record.subarray(1),
    side: key.at(-1)!,
    digest: value.slice(0, DIGEST_LENGTH),
    rest: value.slice(DIGEST_LENGTH),
  };
}

async function* differencesOf(changes: SpillSorter): AsyncGenerator<Difference> {
  const sorted = await changes.sorted();
  for (let next = await sorted.next(); next; next = await sorted.next()) {
    const { key: record, value } = next;
    const identity = record.subarray(1);
    const { adapter, scope, type } = identityOf({ identity });
    const text = decodeUtf8(identity)!;
    // Within a text, its quotes would be escaped.
    const at = text.indexOf(KEY);
    const newAt = 5 + u32be(value, 1);
    yield {
      change: CHANGES[value[0]],
      adapter: adapter as AdapterName,
      scope: nameText(bytesOf(scope)),
      type,
      key: at < 0 ? undefined : text.slice(at + KEY.length),
      old: objectOf(value.subarray(5, newAt)),
      new: objectOf(value.subarray(newAt)),
    };
  }
}

const KEY = ',"key":';

/** The members of a line that are left, as an object. */
function objectOf(rest: Uint8Array): string | undefined {
  if (rest.length === 0) return undefined;
  const text = decodeUtf8(rest)!;
  return text.startsWith(",") ? `{${text.slice(1)}` : `{${text}`;
}
