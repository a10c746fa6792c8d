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
import { groupOf } from "../keyspace/dist_keys.ts";
import { FAMILY } from "../keyspace/families.ts";
import type { Authentication } from "./authentication.ts";
import { type CurrentRoute, groupsOfKeys, type KeysOfGroup, readRoutes } from "./groups.ts";
import { prefixRange } from "./key_range.ts";
import { Lineage } from "./lineage.ts";
import { type FileMoment, fileMomentOf, momentText } from "./file_moments.ts";
import { earlierStates, isLater, keyOf } from "./one_state.ts";
import { Opener } from "./opener.ts";
import { groupText, otherHistory, otherMoment } from "./refusals.ts";
import { Rows } from "./rows.ts";
import { ANY_TIME } from "./times.ts";

/** A file in its place. */
export interface PlacedFile extends FileMoment {
  /** The group that it is from, where it can be told. */
  group?: bigint;
  /** What is read of it: all, or where another file is read instead, the chunks of objects. */
  table: EntryTable;
  /** The file that goes on from it. */
  newer?: SnapshotFile;
  /** The sound file of the same moment, where this one is damaged. */
  sound?: SnapshotFile;
}

/** How files are placed. */
export interface PlaceOptions {
  /** Opens encrypted routes. */
  authentication: Authentication;
  /** Whether of two moments of a group the newer is taken. */
  newest?: boolean;
  signal?: AbortSignal;
}

/** A comparison of the files, made while they were read: needed unless each is of a group of its own. */
export function comparisonOf(named: readonly (bigint | undefined)[]): Lineage | undefined {
  const isClear = !named.includes(undefined) && new Set(named).size === named.length;
  return isClear || named.length === 1 ? undefined : new Lineage(named);
}

/**
 * Finds out which group and moment each file is, and what of it is read.
 *
 * @param named The group of each file where the caller knows it, from the name of a folder.
 * @param lineage What {@link comparisonOf} has made, and has seen all entries.
 * @throws {UsageError} `another-moment` or `another-history` when the files are not one snapshot.
 */
export async function placeFiles(
  files: readonly SnapshotFile[],
  named: readonly (bigint | undefined)[],
  lineage: Lineage | undefined,
  options: PlaceOptions,
): Promise<PlacedFile[]> {
  const moments: FileMoment[] = [];
  for (const file of files) moments.push(await fileMomentOf(file, options.signal));
  const groups = await groupsOf(moments, named, options);
  const placed = moments.map((moment, i): PlacedFile => ({
    ...moment,
    group: groups[i],
    table: moment.file.table,
  }));
  if (lineage) await settle(placed, lineage, options);
  return placed;
}

/** Whether the rows of a file are read, and not those of another one instead. */
export function isCurrent({ newer, sound }: PlacedFile): boolean {
  return newer === undefined && sound === undefined;
}

/** Finds out which files are of one group, and of each takes one state. */
async function settle(
  files: PlacedFile[],
  lineage: Lineage,
  { newest, signal }: PlaceOptions,
): Promise<void> {
  const { kin, strangers } = lineage.kinship.settle(files.map(({ group }) => group));
  if (strangers) {
    const [one, other] = [files[strangers.a], files[strangers.b]];
    throw otherHistory(
      `${momentText(one)} and ${momentText(other)} both have this key, and nothing in common`,
      [one, other],
      await keyOf(strangers.version, files),
    );
  }
  for (const [i, file] of files.entries()) file.group = kin.groupOf(i);
  for (const members of kin.members) {
    if (members.length < 2) continue;
    const states = members.map((i) => files[i]);
    const { latest, earlier, damaged } = await earlierStates(states, files, lineage, signal);
    for (const file of earlier) {
      if (!newest) throw otherMoment(file, latest, file.group);
      file.newer = latest.file;
    }
    // A row that only a damaged replica has may be one that was deleted, or never was.
    for (const file of damaged) file.sound = latest.file;
    for (const file of [...earlier, ...damaged]) {
      // They are named by their digests, and each node has only some of them.
      file.table = new RangeTable(file.table, CHUNKS);
    }
  }
}

const CHUNKS = prefixRange(FAMILY["s3-chunkblob"].bytes);
const CATALOG = new TextEncoder().encode("!dist|meta|version");

/** The group of each file, by the folder's name, its own routes, or those of the newest file. */
async function groupsOf(
  moments: readonly FileMoment[],
  named: readonly (bigint | undefined)[],
  { authentication, signal }: PlaceOptions,
): Promise<(bigint | undefined)[]> {
  const opener = new Opener(authentication);
  const groups = [...named];
  const owners: number[] = [];
  // Every replica of one group has the catalog: one at a time is in memory, and the newest.
  let newest: Catalog | undefined;
  for (const [i, moment] of moments.entries()) {
    const times = { at: MAX_U64, now: moment.lastCommitTs || MAX_U64, stored: ANY_TIME };
    const rows = new Rows(moment.file.table, times, opener, authentication);
    const routes = await readRoutes(rows, signal);
    if (routes.length === 0) continue;
    owners.push(i);
    groups[i] ??= (await groupsOfKeys(moment.file, routes, signal)).at(0)?.group ??
      groupOf(routes, CATALOG);
    if (!newest || isLater(moment, newest.moment)) newest = { moment, routes };
  }
  for (const [i, moment] of moments.entries()) {
    if (!newest || owners.includes(i)) continue;
    const places = await groupsOfKeys(moment.file, newest.routes, signal);
    groups[i] ??= places.at(0)?.group;
    refuseForeignKeys(moment, groups[i], places, newest);
  }
  refuseTwoCatalogs(moments, groups, owners);
  return groups;
}

/** Routes, and the file that they are from. */
interface Catalog {
  moment: FileMoment;
  routes: CurrentRoute[];
}

/** Where routes were never changed, no row can have stayed behind in another group. */
function refuseForeignKeys(
  moment: FileMoment,
  group: bigint | undefined,
  places: readonly KeysOfGroup[],
  { moment: catalog, routes }: Catalog,
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
  owners: readonly number[],
): void {
  const [first] = owners;
  const other = owners.find((i) => groups[i] !== groups[first]);
  if (other === undefined) return;
  throw otherHistory(
    "two catalogs of routes, which one cluster has in one group: " +
      `${momentText(moments[first])} is of ${groupText(groups[first])}, ` +
      `${momentText(moments[other])} of ${groupText(groups[other])}`,
    [moments[first], moments[other]],
  );
}
