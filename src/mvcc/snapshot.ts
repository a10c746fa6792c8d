/**
 * A snapshot, opened: one or several files as one sorted table of live rows, and what is known about
 * them after one reading from end to end. It holds a sparse index and counts, and no rows.
 *
 * @module
 */

import { MAX_U64 } from "../bytes/integers.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { MergedTable } from "../container/merged_table.ts";
import type { SnapshotFile } from "../container/snapshot_file.ts";
import { UnsoundError, UsageError } from "../errors.ts";
import { groupOf } from "../keyspace/dist_keys.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { countWrites } from "./applied_writes.ts";
import { Authentication } from "./authentication.ts";
import { comparisonOf, isCurrent, type PlacedFile, placeFiles } from "./belonging.ts";
import type { KeyExample } from "./examples.ts";
import { isOfNode, type MetaRows, retainedFrom } from "./file_moments.ts";
import { findGroups, type Groups, readRoutes } from "./groups.ts";
import type { Keyring } from "./keyring.ts";
import { describeEncrypted, noneOfTheKeys } from "./missing_keys.ts";
import {
  checkReadable,
  guessedTimes,
  type Readable,
  type ReadMoment,
  timestampOf,
} from "./moments.ts";
import { isDamaged } from "./one_state.ts";
import { Opener } from "./opener.ts";
import { type Pass, passOver } from "./pass.ts";
import { totalsUnder } from "./prefix_totals.ts";
import { ProblemList } from "./problems.ts";
import { readFiles } from "./read_files.ts";
import type { Proof } from "./resolver.ts";
import { type ReadTimes, Rows } from "./rows.ts";
import type { Counts, Totals } from "./survey.ts";
import {
  type Overlay,
  type ResolvedTransactions,
  resolveTransactions,
  type Transactions,
} from "./transactions.ts";

/** One file to open. */
export interface SnapshotInput {
  source: Source;
  /** The group that it is from, where a folder's name says so. */
  group?: bigint;
}

/** How a snapshot is opened. */
export interface OpenOptions {
  /** Read the state of this moment instead of the newest. */
  at?: ReadMoment;
  /** The cluster's data keys. */
  keys?: Keyring;
  /** Groups that the cluster is known to have, besides those that its routes name. */
  groups?: readonly bigint[];
  /** Of a group of which two moments are given, take the newer; without it they are refused. */
  newest?: boolean;
  /** Refuse clear values of users. */
  requireEncrypted?: boolean;
  /** Take the SHA-256 of every file. */
  hash?: boolean;
  /** For what does not fit in memory; 64 MiB of memory unless given. */
  scratch?: Scratch;
  /** Stops the reading when it fires: the opening, and what is read of records afterwards. */
  signal?: AbortSignal;
  /** Called now and then with the bytes read so far and the bytes of all files. */
  progress?: (read: number, total: number) => void;
}

/** What is known about one file. */
export interface InputInfo {
  /** Name as the caller gave it. */
  name: string;
  /** What one reading from end to end has found. */
  file: SnapshotFile;
  /** The group that it is from, where it can be told. */
  group?: bigint;
  /** The last commit of its state; 0 = none. */
  lastCommitTs: bigint;
  /** The store's own rows: their numbers, where they are present. */
  meta: MetaRows;
  /** Name of the file that goes on from this one, of which only chunks of objects are read then. */
  newer?: string;
}

/** What is known about a snapshot after it has been opened. */
export interface SnapshotInfo {
  /** The files, in the order in which they were given. */
  inputs: InputInfo[];
  /** Least commit timestamp of anything that a client may have written; 0 = none. */
  firstCommitTs: bigint;
  /** Greatest commit timestamp of the headers and the versions; 0 = none. */
  lastCommitTs: bigint;
  /** The moment that is read, or `undefined` for the newest state. */
  at?: bigint;
  /** Moments that can be read, as timestamps of the store. */
  readable: Readable;
  /** Counts by family and scope. */
  totals: Totals[];
  /** Rows of the store itself. */
  systemRows: number;
  /** Entries that more than one file had. */
  copies: number;
  /** Data key id → live rows encrypted with it. */
  keyIds: ReadonlyMap<number, number>;
  /** Encrypted versions, and whether keys were given that could prove them; see `problems`. */
  encrypted: { versions: number; authenticated: boolean };
  /** Groups that the cluster has, and those of them that no file is from. */
  groups: Groups;
  /** What became of transactions that were caught half-way. */
  transactions: Transactions;
  /** Keys of the first locks whose transaction has no outcome. */
  undecidedExamples: KeyExample[];
  /** What is wrong, at most 10,000 of it, with keys of at most 1,024 bytes; empty = sound. */
  problems: UnsoundError[];
}

/** What a snapshot is made of; see {@link readSnapshot}. */
export interface SnapshotParts {
  /** The entries of all files, and the applied intents. */
  table: EntryTable;
  /** What is known. */
  info: SnapshotInfo;
  /** The times at which it is read. */
  times: ReadTimes;
  /** Turns stored values into clear ones. */
  opener: Opener;
  /** What tells how much of an entry may be believed. */
  proof: Proof;
  /** Lets go of the files. */
  close: () => void;
}

/** An open snapshot. */
export class Snapshot extends Rows {
  /** What is known about it. */
  readonly info: SnapshotInfo;
  readonly #close: () => void;

  /** From what {@link readSnapshot} returns. */
  constructor({ table, info, times, opener, proof, close }: SnapshotParts) {
    super(table, times, opener, proof);
    this.info = info;
    this.#close = close;
  }

  /**
   * Counts of the keys that begin with a prefix, where opening has counted just them: those of a family,
   * of a table, bucket or queue, or of several of these. `undefined` if only a walk can tell.
   */
  totalsUnder(prefix: Uint8Array): Counts | undefined {
    return totalsUnder(prefix, this.info.totals);
  }

  /** Lets go of the files. */
  close(): void {
    this.end();
    this.#close();
  }
}

/** Opens files as one snapshot; see {@link readSnapshot}. */
export async function openSnapshotInputs(
  inputs: readonly SnapshotInput[],
  options: OpenOptions = {},
): Promise<Snapshot> {
  return new Snapshot(await readSnapshot(inputs, options));
}

/** Inputs have numbers of 16 bits, and the applied intents are one more. */
const MAX_INPUTS = 0xffff;

/**
 * Reads files as one snapshot: replicas of a group, groups of a cluster, or both.
 *
 * @throws {UnsupportedError} when a file is not a snapshot that is read here.
 * @throws {UnsoundError} when a file is too damaged to say anything about it.
 * @throws {UsageError} when `at` lies outside of what can be read, or there are no files or too many;
 *   `another-moment` or `another-history` when the files are not one snapshot.
 */
export async function readSnapshot(
  inputs: readonly SnapshotInput[],
  options: OpenOptions = {},
): Promise<SnapshotParts> {
  if (inputs.length === 0) throw new UsageError("no snapshot was given");
  const overlays: Overlay[] = [];
  const close = (): void => {
    for (const overlay of overlays.splice(0)) overlay.close();
    for (const { source } of inputs) source.close();
  };
  try {
    if (inputs.length > MAX_INPUTS) {
      throw new UsageError(
        `${inputs.length} snapshots were given, and at most ${MAX_INPUTS} are read`,
      );
    }
    const { keys, newest, requireEncrypted, signal } = options;
    const authentication = new Authentication({ keys, requireEncrypted, files: inputs.length });
    const sources = inputs.map(({ source }) => source);
    const named = inputs.map(({ group }) => group);
    const lineage = comparisonOf(named);
    const { files, pass } = await readFiles(sources, options, authentication, lineage);
    const unseen = new Authentication({
      keys,
      requireEncrypted,
      requireOutcomes: requireEncrypted,
    });
    const placing = { authentication: unseen, newest, signal };
    const placed = await placeFiles(files, named, lineage, placing);
    const place = { placed, pass, authentication, unseen, overlays, close };
    if (!isAllRead(place)) place.pass = await countAnew(place, options);
    return await assemble(place, options);
  } catch (error) {
    close();
    throw error;
  }
}

/** Files that were read, and what they are to each other. */
interface Place {
  placed: PlacedFile[];
  /** What was counted of them, at a moment that may not be the one which is asked for. */
  pass: Pass;
  authentication: Authentication;
  /** For rows that decide about others, before all of them were authenticated. */
  unseen: Authentication;
  /** Scratch space that {@link Place.close} lets go of. */
  overlays: Overlay[];
  /** Lets go of the files and of scratch space. */
  close: () => void;
}

/** Whether the first reading has counted just the rows that will be read. */
function isAllRead({ placed, pass }: Place): boolean {
  // The first reading took all of each file, and of several files that have one version the first one's.
  return placed.every(isCurrent) &&
    (!pass.disagrees || precedence(placed).every((n, i) => n === i));
}

/** Counts what is read of the files: nothing of the others may move the moment. */
async function countAnew(
  { placed, authentication }: Place,
  { at, signal }: OpenOptions,
): Promise<Pass> {
  const last = max(placed.filter(isCurrent).map(({ file }) => file.lastCommitTs));
  const { proof } = authentication;
  const options = { ...guessedTimes(at, last), authentication, proof };
  return await passOver(merged(placed), options, signal);
}

/** What is made of the files, once it is known which moment is read. */
async function assemble(place: Place, options: OpenOptions): Promise<SnapshotParts> {
  const { placed, authentication, overlays, close } = place;
  const { at, keys, signal } = options;
  const current = placed.filter(isCurrent);
  const lastOf = ({ survey }: Pass, written: bigint): bigint =>
    max([survey.lastCommitTs, written, ...current.map(({ file }) => file.lastCommitTs)]);

  const isRelative = typeof at === "object" && "beforeLastMs" in at;
  let ts = at === undefined || isRelative ? undefined : timestampOf(at, 0n);
  let decided = await decideWrites(place, options, ts, lastOf(place.pass, 0n));
  if (isRelative) {
    // Only now it is known when the last commit was.
    const last = lastOf(place.pass, decided.transactions.lastCommitTs);
    for (const overlay of overlays.splice(0)) overlay.close();
    ts = timestampOf(at, last);
    decided = await decideWrites(place, options, ts, last);
  }
  const { groups, problems: transactionProblems } = decided;
  const { overlay, undecidedExamples, lastCommitTs: written, ...transactions } =
    decided.transactions;

  const now = ts ?? (lastOf(place.pass, written) || MAX_U64);
  const { proof } = authentication;
  const pass = isCounted(place.pass, ts, now)
    ? place.pass
    : await passOver(merged(placed), { at: ts, now, authentication, proof }, signal);
  const table = merged(placed, overlay);
  if (overlay) {
    await countWrites(pass, table, overlay.table, authentication.proof, signal);
  }
  if (authentication.hasNoneOfTheKeys) throw noneOfTheKeys(authentication.missingIds);
  const { survey } = pass;
  const last = lastOf(pass, written);

  const retained = max(current.map(({ meta }) => retainedFrom(meta)));
  const problems = new ProblemList();
  for (const { file, sound } of placed) {
    for (const error of file.problems) {
      problems.add({ error: sound ? dispensable(error, sound) : error, adapter: "" });
    }
  }
  for (const problem of pass.problems.list) problems.add(problem);
  for (const problem of transactionProblems.list) problems.addOnce(problem);
  const info: SnapshotInfo = {
    inputs: placed.map(({ file, group, lastCommitTs, meta, newer }) => ({
      name: file.name,
      file,
      group,
      lastCommitTs,
      meta,
      newer: newer?.name,
    })),
    firstCommitTs: survey.firstCommitTs ?? 0n,
    lastCommitTs: last,
    at: ts,
    readable: { from: max([retained, survey.firstCommitTs ?? 0n]), to: last },
    totals: survey.totals,
    systemRows: survey.systemRows,
    copies: pass.copies,
    keyIds: survey.keyIds,
    encrypted: { versions: survey.encryptedVersions, authenticated: keys !== undefined },
    groups,
    transactions,
    undecidedExamples,
    problems: problems.list.map(({ error }) => error),
  };
  if (ts !== undefined) checkReadable(options.at!, ts, info.readable, retained);
  return {
    table,
    info,
    times: { at: ts ?? MAX_U64, now, stored: survey.times },
    opener: new Opener(authentication, () => describeEncrypted(survey)),
    proof: authentication.proof,
    close,
  };
}

/** Whether what was counted is what is asked for. */
function isCounted(pass: Pass, at: bigint | undefined, now: bigint): boolean {
  return pass.at === at && (pass.now === now || !pass.resolver.sawExpiry);
}

/** Writes in flight at a moment, and the groups that know what becomes of them. */
interface DecidedWrites {
  groups: Groups;
  transactions: ResolvedTransactions;
  problems: ProblemList;
}

/** @param last The last commit, as far as it is known. */
async function decideWrites(
  { placed, pass, unseen, overlays }: Place,
  options: OpenOptions,
  ts: bigint | undefined,
  last: bigint,
): Promise<DecidedWrites> {
  const { signal } = options;
  const at = ts ?? MAX_U64;
  const times = { at, now: ts ?? (last || MAX_U64), stored: pass.survey.times };
  const rows = new Rows(merged(placed), times, new Opener(unseen), unseen);
  const routes = await readRoutes(rows, signal);
  const groups: Groups = {
    ...findGroups(routes, options.groups ?? [], placed),
    unknown: routes.length === 0 && placed.some(isOfNode),
  };
  const scratch = options.scratch ?? new MemoryScratch();
  const problems = new ProblemList();
  const transactions = await resolveTransactions(rows, scratch, at, {
    hasGroupOf: (key) => {
      const group = groupOf(routes, key);
      return group !== undefined && !groups.missing.includes(group);
    },
    onProblem: (error) => problems.add({ error, adapter: "" }),
  }, signal);
  if (transactions.overlay) overlays.push(transactions.overlay);
  return { groups, transactions, problems };
}

/** The same problem, of a file that nobody needs. */
function dispensable(error: UnsoundError, { name }: SnapshotFile): UnsoundError {
  const { code, message, file, offset, key, cut, cause } = error;
  const hint = `leave out ${file}: ${name} is sound and holds the same moment`;
  return new UnsoundError(code, message, { file, offset, key, cut, hint }, { cause });
}

function max(values: bigint[]): bigint {
  return values.reduce((a, b) => a > b ? a : b, 0n);
}

function merged(placed: readonly PlacedFile[], overlay?: Overlay): EntryTable {
  const tables = placed.map(({ table }) => table);
  const order = precedence(placed);
  if (overlay) order.push(tables.push(overlay.table) - 1);
  return tables.length === 1 ? tables[0] : new MergedTable(tables, order);
}

/** Numbers of the files, sound ones first: what a damaged one says counts where no sound one says it. */
function precedence(placed: readonly PlacedFile[]): number[] {
  return [...placed.keys()].sort((a, b) =>
    Number(isDamaged(placed[a])) - Number(isDamaged(placed[b]))
  );
}
