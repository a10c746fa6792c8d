/**
 * What is known about a snapshot after it has been opened, as plain data for a program, a page or a
 * terminal.
 *
 * Numbers of 64 bits (timestamps, Raft indexes, group numbers) are decimal text: a JSON number would
 * be rounded by most readers.
 *
 * @module
 */

import type { ScopeThings } from "../adapters/things.ts";
import { STANDARD, toBase64 } from "../bytes/base64.ts";
import { compareBytes } from "../bytes/compare.ts";
import type { PayloadKind } from "../container/file_start.ts";
import type { FooterState } from "../container/file_sums.ts";
import { type DecantError, UnsupportedError } from "../errors.ts";
import { type Adapter, PARTS } from "../keyspace/families.ts";
import { scopeKey } from "../keyspace/scope_labels.ts";
import type { InputInfo, Snapshot } from "../mvcc/snapshot.ts";
import type { Totals } from "../mvcc/survey.ts";
import { MemoryScratch } from "../sources/scratch.ts";
import { rfc3339FromHlc } from "../text/rfc3339.ts";
import { nameText } from "../text/name_text.ts";
import { lookingContext } from "./looking.ts";
import { ADAPTERS } from "./selection.ts";

/** A moment of the store's clock. */
export interface Moment {
  /** Unix milliseconds << 16 | counter, in decimal digits. */
  hlc: string;
  /** The same without the counter, by RFC 3339. */
  rfc3339: string;
}

/** One file. */
export interface InspectedInput {
  /** As the caller gave it. */
  name: string;
  /** In bytes, unpacked. */
  size: number;
  /** What the payload is. */
  format: PayloadKind;
  /** Version of the header before it; 0 = none. */
  header_version: 0 | 1 | 2;
  /** Whether the checksum behind the payload was there and held. */
  checksum: FooterState;
  /** The checksum, 8 hex digits, where it held. */
  crc32c?: string;
  /** The group that it is from, where it can be told. */
  group?: string;
  /** The last commit of its state; the groups of a cluster are not cut at one instant. */
  commit_time?: Moment;
  /** Raft index of the last entry that the store had applied, where the file has it. */
  applied_index?: string;
  /** Name of the file that goes on from this one, of which only chunks of objects are read then. */
  newer?: string;
}

/** Counts of one scope, or of one key family that belongs to no scope. */
export interface InspectedScope {
  /** Whose rows they are. */
  adapter: Adapter;
  /** Name of the table, bucket, queue or database. */
  scope?: string;
  /** Id of the key family, where there is no scope. */
  family?: string;
  /** Whether clients can see it: `live`, `deleted`, or `orphan`, of which nothing says what it is. */
  state?: "live" | "deleted" | "orphan";
  /**
   * What there is of it: `items`, `objects`, `uploads`, keys by type (`strings`, `hashes`, `lists`, `sets`,
   * `zsets`, `streams`, `hyperloglogs`), `messages`. What there is none of is absent, and so is what only a
   * walk over all rows could count.
   */
  things?: { [name: string]: number };
  /** Keys with at least one version at or before the moment that is read. */
  keys: number;
  /** Keys that have a value then, or of which nobody knows whether they have. */
  live: number;
  /** The latter: their version does not authenticate, or says without proof that it has expired. */
  undecided: number;
  /** All that are stored. */
  versions: number;
  /** Versions that a newer one hides. */
  superseded: number;
  /** Keys whose deciding version says that they were deleted. */
  tombstones: number;
  /** Keys whose deciding version has expired. */
  expired: number;
  /** Versions after the moment that is read. */
  later: number;
  /** Of all versions: stored keys and values. */
  bytes: number;
  /** Of the versions that live keys have. */
  live_bytes: number;
  /** Of versions that a newer one hides. */
  superseded_bytes: number;
  /** Of tombstones, and of versions that have expired. */
  deleted_bytes: number;
  /** Live rows with a clear value. */
  clear: number;
  /** Live rows with an encrypted value. */
  encrypted: number;
  /** In base64, the first keys of a family of which nobody knows what it holds. */
  example_keys_b64?: string[];
}

/** Something that is wrong with the snapshot. */
export interface InspectedProblem {
  /** Stable; `docs/errors.md` says what each means. */
  code: string;
  /** What is wrong. */
  message: string;
  /** Name of the file. */
  file?: string;
  /** In bytes. */
  offset?: number;
  /** The key, in base64 with padding: at most 1,024 bytes of it. */
  key_b64?: string;
  /** Bytes of the whole key, where that is only its beginning. */
  key_length?: number;
  /** Of the whole key, as hex digits. */
  key_sha256?: string;
  /** What to do. */
  hint?: string;
}

/** What is in a snapshot. */
export interface InspectReport {
  /** Version of this shape; members may be added without a new one. */
  format_version: 1;
  /** Whether nothing is wrong with it. Of values, only encrypted ones are looked at. */
  sound: boolean;
  /** The files, in the order in which they were given. */
  inputs: InspectedInput[];
  /** Entries that were read, copies in several files once. */
  entries: number;
  /** The first commit of anything that is there; absent in an empty snapshot. */
  first_commit_time?: Moment;
  /** The last commit; absent in an empty snapshot. */
  commit_time?: Moment;
  /** The moment whose state the counts are of; absent for the newest. */
  at?: Moment;
  /** Moments whose state can be read; both ends belong to it. */
  readable?: { from: Moment; to: Moment };
  /**
   * Groups of the cluster, as far as its routes and the folders of nodes name them. There may be others
   * where `unknown` is true: no file of a node has the routes.
   */
  groups: { known: string[]; missing: string[]; unknown: boolean };
  /** Adapters in the order of a dump, and their scopes by the bytes of their names. */
  scopes: InspectedScope[];
  /** Data keys that live rows are encrypted with. */
  key_ids: { id: number; live: number }[];
  /** Encrypted versions, and whether there were keys to authenticate them with. */
  encrypted: { versions: number; authenticated: boolean };
  /** Transactions over several groups that the snapshot caught half-way. */
  transactions: {
    applied: number;
    rolled_back: number;
    undecided_locks: number;
    undecided_intents: number;
  };
  /** What is wrong; empty when the snapshot is sound. */
  problems: InspectedProblem[];
}

/**
 * Says what is in a snapshot. The rows of tables, buckets and queues themselves are read for it, and
 * nothing else.
 */
export async function inspect(snapshot: Snapshot, signal?: AbortSignal): Promise<InspectReport> {
  const { info } = snapshot;
  const { applied, rolledBack, undecidedLocks, undecidedIntents } = info.transactions;
  return {
    format_version: 1,
    sound: info.problems.length === 0,
    inputs: info.inputs.map(inspectInput),
    entries: info.totals.reduce((n, { versions }) => n + versions, info.systemRows),
    first_commit_time: moment(info.firstCommitTs),
    commit_time: moment(info.lastCommitTs),
    at: info.at === undefined ? undefined : moment(info.at),
    readable: info.lastCommitTs === 0n ? undefined : {
      from: exactMoment(info.readable.from),
      to: exactMoment(info.readable.to),
    },
    groups: {
      known: info.groups.known.map(String),
      missing: info.groups.missing.map(String),
      unknown: info.groups.unknown,
    },
    scopes: inspectScopes(info.totals, await allThings(snapshot, signal)),
    encrypted: info.encrypted,
    key_ids: [...info.keyIds].sort(([a], [b]) => a - b).map(([id, live]) => ({ id, live })),
    transactions: {
      applied,
      rolled_back: rolledBack,
      undecided_locks: undecidedLocks,
      undecided_intents: undecidedIntents,
    },
    problems: info.problems.map(inspectProblem),
  };
}

/** What is known about one file. */
export function inspectInput(input: InputInfo): InspectedInput {
  const { name, file, group, lastCommitTs, meta, newer } = input;
  return {
    name,
    size: file.size,
    format: file.kind,
    header_version: file.header.version,
    checksum: file.footer,
    crc32c: file.footer === "verified" ? file.crc32c : undefined,
    group: group?.toString(),
    commit_time: moment(lastCommitTs),
    applied_index: meta._meta_applied_index?.toString(),
    newer,
  };
}

/** What there is of each scope, by adapter and label; without the keys, only of scopes whose rows are clear. */
async function allThings(
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
): Promise<Map<string, ScopeThings>> {
  const context = await lookingContext(snapshot, new MemoryScratch(), {
    signal,
    onProblem: () => {},
  });
  const all = new Map<string, ScopeThings>();
  for (const adapter of ADAPTERS) {
    try {
      for (const one of await adapter.things(context)) {
        all.set(`${adapter.name} ${scopeKey(one.scope)}`, one);
      }
    } catch (error) {
      if (!(error instanceof UnsupportedError && error.code === "encrypted")) throw error;
    }
  }
  return all;
}

/** Adds up the families of each scope: adapters in the order of a dump, scopes by their bytes. */
function inspectScopes(
  totals: readonly Totals[],
  things: ReadonlyMap<string, ScopeThings>,
): InspectedScope[] {
  const sorted = totals.toSorted((a, b) =>
    PARTS.indexOf(a.family.adapter) - PARTS.indexOf(b.family.adapter) ||
    Number(a.scope === undefined) - Number(b.scope === undefined) ||
    (a.scope && b.scope ? compareBytes(a.scope, b.scope) : a.family.index - b.family.index)
  );
  const scopes: InspectedScope[] = [];
  let last: Totals | undefined;
  for (const one of sorted) {
    if (!last || !isSameScope(last, one)) {
      const { adapter } = one.family;
      scopes.push(emptyScope(one, one.scope && things.get(`${adapter} ${scopeKey(one.scope)}`)));
    }
    addTotals(scopes[scopes.length - 1], one);
    last = one;
  }
  return scopes;
}

function isSameScope(a: Totals, b: Totals): boolean {
  return a.family.adapter === b.family.adapter && a.scope !== undefined && b.scope !== undefined &&
    compareBytes(a.scope, b.scope) === 0;
}

function emptyScope(
  { family, scope, examples }: Totals,
  things: ScopeThings | undefined,
): InspectedScope {
  return {
    adapter: family.adapter,
    ...(scope ? { scope: nameText(scope) } : { family: family.id }),
    ...(things && { state: things.state, things: things.things }),
    ...(examples && { example_keys_b64: examples.map(({ key }) => toBase64(STANDARD, key)) }),
    keys: 0,
    live: 0,
    undecided: 0,
    versions: 0,
    superseded: 0,
    tombstones: 0,
    expired: 0,
    later: 0,
    bytes: 0,
    live_bytes: 0,
    superseded_bytes: 0,
    deleted_bytes: 0,
    clear: 0,
    encrypted: 0,
  };
}

function addTotals(scope: InspectedScope, totals: Totals): void {
  scope.keys += totals.keys;
  scope.live += totals.live;
  scope.undecided += totals.undecided;
  scope.versions += totals.versions;
  scope.superseded += totals.superseded;
  scope.tombstones += totals.tombstones;
  scope.expired += totals.expired;
  scope.later += totals.later;
  scope.bytes += totals.bytes;
  scope.live_bytes += totals.liveBytes;
  scope.superseded_bytes += totals.supersededBytes;
  scope.deleted_bytes += totals.deletedBytes;
  scope.clear += totals.live - totals.encrypted;
  scope.encrypted += totals.encrypted;
}

/** A problem as plain data. */
export function inspectProblem(error: DecantError): InspectedProblem {
  const { code, message, file, offset, key, cut, hint } = error;
  return {
    code,
    message,
    file,
    offset,
    key_b64: key && toBase64(STANDARD, key),
    key_length: cut?.length,
    key_sha256: cut?.sha256,
    hint,
  };
}

/** A timestamp, or nothing for 0. */
function moment(ts: bigint): Moment | undefined {
  return ts === 0n ? undefined : exactMoment(ts);
}

/** A timestamp, for a program and for people. */
export function exactMoment(ts: bigint): Moment {
  return { hlc: ts.toString(), rfc3339: rfc3339FromHlc(ts) };
}
