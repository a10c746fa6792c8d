/**
 * Which files make one snapshot: the files of a cluster's groups, and of each group one state. Replicas
 * have the same state; two moments of one group are not merged, as what was deleted in between, and
 * removed for good by compaction, would come back from the earlier one.
 *
 * @module
 */

import { MAX_U64 } from "../bytes/integers.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { RangeTable } from "../container/range_table.ts";
import type { SnapshotFile } from "../container/snapshot_file.ts";
import { groupOf, type Route } from "../keyspace/dist_keys.ts";
import { FAMILY } from "../keyspace/families.ts";
import type { Authentication } from "./authentication.ts";
import { type CurrentRoute, groupsOfKeys, type KeysOfGroup, readRoutes } from "./groups.ts";
import { prefixRange } from "./key_range.ts";
import { kinshipOf } from "./kinship.ts";
import { compareLineages, type Lineage } from "./lineage.ts";
import { type FileMoment, fileMomentOf, momentText } from "./file_moments.ts";
import { Opener } from "./opener.ts";
import { groupText, otherHistory, otherMoment } from "./refusals.ts";
import { type ReadTimes, Rows } from "./rows.ts";
import { ANY_TIME } from "./times.ts";

/** A file in its place. */
export interface PlacedFile extends FileMoment {
  /** The group that it is from, where it can be told. */
  group?: bigint;
  /** What is read of it: all, or the chunks of objects where a newer file goes on from it. */
  table: EntryTable;
  /** The file that goes on from it. */
  newer?: SnapshotFile;
}

/** All files in their places. */
export interface Placement {
  /** In the order in which they were given. */
  files: PlacedFile[];
  /** The cluster's routes, as its newest file has them; none where no file has any. */
  routes: CurrentRoute[];
}

/** How files are placed. */
export interface PlaceOptions {
  /** Opens encrypted routes. */
  authentication: Authentication;
  /** Whether of two moments of a group the newer is taken. */
  newest?: boolean;
  signal?: AbortSignal;
}

/**
 * Finds out which group and moment each file is, and what of it is read.
 *
 * @param named The group of each file where the caller knows it, from the name of a folder.
 * @throws {UsageError} `another-moment` or `another-history` when the files are not one snapshot.
 */
export async function placeFiles(
  files: readonly SnapshotFile[],
  named: readonly (bigint | undefined)[],
  options: PlaceOptions,
): Promise<Placement> {
  const moments: FileMoment[] = [];
  for (const file of files) moments.push(await fileMomentOf(file, options.signal));
  const { groups, routes } = await groupsOf(moments, named, options);
  const kin = await kinshipOf(moments, groups, options.signal);
  const placed = moments.map((moment, i): PlacedFile => ({
    ...moment,
    group: groups[kin[i]],
    table: moment.file.table,
  }));
  for (const one of new Set(kin)) {
    await settle(placed.filter((_, i) => kin[i] === one), options);
  }
  return { files: placed, routes };
}

const NEWEST: ReadTimes = { at: MAX_U64, now: MAX_U64, stored: ANY_TIME };
const CATALOG = new TextEncoder().encode("!dist|meta|version");

/** The group of each file, by the folder's name, its own routes, or those of the newest file. */
async function groupsOf(
  moments: readonly FileMoment[],
  named: readonly (bigint | undefined)[],
  { authentication, signal }: PlaceOptions,
): Promise<{ groups: (bigint | undefined)[]; routes: CurrentRoute[] }> {
  const opener = new Opener(authentication);
  const catalogs: CurrentRoute[][] = [];
  let newest: number | undefined;
  for (const [i, { file }] of moments.entries()) {
    const rows = new Rows(file.table, NEWEST, opener, authentication);
    catalogs.push(await readRoutes(rows, signal));
    if (catalogs[i].length === 0) continue;
    if (newest === undefined || isLater(moments[i], moments[newest])) newest = i;
  }
  const groups: (bigint | undefined)[] = [];
  for (const [i, moment] of moments.entries()) {
    const hasRoutes = catalogs[i].length > 0;
    const catalog = hasRoutes ? i : newest;
    const routes = catalog === undefined ? [] : catalogs[catalog];
    const places = await groupsOfKeys(moment.file, routes, signal);
    const group = named[i] ?? places.at(0)?.group ??
      (hasRoutes ? groupOf(routes, CATALOG) : undefined);
    if (catalog !== undefined && catalog !== i) {
      refuseForeignKeys(moment, group, places, moments[catalog], routes);
    }
    groups.push(group);
  }
  refuseTwoCatalogs(moments, groups, catalogs);
  return { groups, routes: newest === undefined ? [] : catalogs[newest] };
}

/** Where routes were never changed, no row can have stayed behind in another group. */
function refuseForeignKeys(
  moment: FileMoment,
  group: bigint | undefined,
  places: readonly KeysOfGroup[],
  catalog: FileMoment,
  routes: readonly CurrentRoute[],
): void {
  const foreign = places.find((place) => place.group !== group);
  if (!foreign || routes.some(({ commitTs }) => commitTs > 1n)) return;
  throw otherHistory(
    `${momentText(moment)} is of ${groupText(group)}, and has a key that the routes in ` +
      `${momentText(catalog)} give to ${groupText(foreign.group)}`,
    [moment, catalog],
    foreign.key,
  );
}

/** The catalog lies in one group of a cluster. */
function refuseTwoCatalogs(
  moments: readonly FileMoment[],
  groups: readonly (bigint | undefined)[],
  catalogs: readonly Route[][],
): void {
  const first = catalogs.findIndex((routes) => routes.length > 0);
  const other = catalogs.findIndex((routes, i) => routes.length > 0 && groups[i] !== groups[first]);
  if (other < 0) return;
  throw otherHistory(
    "two catalogs of routes, which one cluster has in one group: " +
      `${momentText(moments[first])} is of ${groupText(groups[first])}, ` +
      `${momentText(moments[other])} of ${groupText(groups[other])}`,
    [moments[first], moments[other]],
  );
}

/** Of the files of one group, the newest and its replicas are read. */
async function settle(files: PlacedFile[], { newest, signal }: PlaceOptions): Promise<void> {
  const latest = files.reduce((a, b) => isLater(b, a) ? b : a);
  const others = files.filter((file) => file !== latest);
  if (others.length === 0) return;
  const lineages = await compareLineages(latest, others, signal);
  for (const [i, file] of others.entries()) {
    if (!isEarlier(file, latest, lineages[i])) continue;
    if (!newest) throw otherMoment(file, latest, file.group);
    file.newer = latest.file;
    // They are named by their digests, and each node has only some of them.
    file.table = new RangeTable(file.table, CHUNKS);
  }
}

const CHUNKS = prefixRange(FAMILY["s3-chunkblob"].bytes);

/** Equal states are told apart no further than that the one with more history comes later. */
function isLater(a: FileMoment, b: FileMoment): boolean {
  if (a.lastCommitTs !== b.lastCommitTs) return a.lastCommitTs > b.lastCommitTs;
  const { appliedIndex: x = -1n, retainedFrom: from = MAX_U64 } = a;
  const { appliedIndex: y = -1n, retainedFrom: otherFrom = MAX_U64 } = b;
  return x === y ? from < otherFrom : x > y;
}

/**
 * Whether a file is an earlier state than the latest of its group, or else the same one.
 *
 * @throws {UsageError} when neither is proven.
 */
function isEarlier(file: PlacedFile, latest: PlacedFile, lineage: Lineage): boolean {
  const { isEmpty, isShared, isBehind, isCut, stray, conflict } = lineage;
  const isSameCommit = file.lastCommitTs === latest.lastCommitTs;
  if (isEmpty) return false;
  // What a damaged replica lacks or says otherwise is told as damage, when the two are merged.
  if (isSameCommit && [file, latest].some(({ file }) => file.problems.length > 0)) return false;
  const disproven = (key?: Uint8Array): Error =>
    otherHistory(
      `${momentText(latest)} does not go on from ${momentText(file)}, though both are of ` +
        groupText(file.group),
      [file, latest],
      key,
    );
  if (stray) throw disproven(stray);
  if (isSameCommit && !isBehind) return false;
  if (conflict) throw disproven(conflict);
  const unproven = (why: string): Error =>
    otherHistory(
      `nothing proves that ${momentText(latest)} goes on from ${
        momentText(file)
      }, though both are ` +
        `of ${groupText(file.group)}: ${why}`,
      [file, latest],
    );
  if (isCut) throw unproven("the later one is cut off");
  if (latest.retainedFrom === undefined) {
    throw unproven("the later one does not say which versions it has kept");
  }
  if (!isShared) throw unproven("they have no version in common");
  if (isSameCommit && file.appliedIndex === latest.appliedIndex) throw disproven();
  return true;
}
