/**
 * Which groups of nodes a cluster has, and which of them the inputs are from.
 *
 * A snapshot does not name its group. The catalog of routes, which lies in one of the groups, says
 * which group owns which range of keys; so a file's group is known by the keys in it.
 *
 * @module
 */

import { nextBatch } from "../container/entry_batch.ts";
import type { SnapshotFile } from "../container/snapshot_file.ts";
import { groupOf, parseRoute, type Route, ROUTE_BOUND_LENGTH } from "../keyspace/dist_keys.ts";
import { classify, FAMILY } from "../keyspace/families.ts";
import { metaKey } from "../keyspace/meta_rows.ts";
import { prefixRange } from "./key_range.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";
import { rowCommitTs } from "./row_batch.ts";
import type { Rows } from "./rows.ts";

/** What is known of the cluster's groups. */
export interface Groups {
  /** Groups that the routes name or that the caller knows of, ascending; empty when there are none. */
  known: bigint[];
  /** Those of them that no input is from, ascending. */
  missing: bigint[];
  /** Whether the cluster may have others: an input is a node's, and none has the routes. */
  unknown: boolean;
}

/** A route that is in force, and since when. */
export interface CurrentRoute extends Route {
  /** When it was committed; 1 where a node wrote it when it first started. */
  commitTs: bigint;
}

/** Bytes of routes whose ranges are kept: 16 MiB. A cluster's have some KiB. */
const ROUTES_LENGTH = 16 << 20;
/** What a route takes besides its bounds. */
const ROUTE_COST = 400;

/**
 * The routes that are in force, their bounds cut to {@link ROUTE_BOUND_LENGTH} bytes. Of more than 16 MiB of
 * them, only the groups are known, and whether any was changed: each of these is a route of no keys.
 */
export async function readRoutes(
  rows: Rows,
  signal: AbortSignal | undefined,
): Promise<CurrentRoute[]> {
  const routes: CurrentRoute[] = [];
  const beyond = new Set<string>();
  let length = 0;
  // A route that cannot be read says nothing; whoever wants everything is told elsewhere.
  const skip = { onEncrypted: () => {}, onUnsound: () => {}, signal };
  for await (const batch of rows.scan(prefixRange(FAMILY["dist-route"].bytes), skip)) {
    for (let i = 0; i < batch.count; i++) {
      const route = parseRoute(batch.bytes, batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
      if (typeof route === "string") continue;
      const commitTs = rowCommitTs(batch, i);
      let start = route.start.slice(0, ROUTE_BOUND_LENGTH);
      let end = route.end?.slice(0, ROUTE_BOUND_LENGTH);
      length += ROUTE_COST + start.length + (end?.length ?? 0);
      if (length > ROUTES_LENGTH) {
        const what = `${route.group} ${commitTs > 1n}`;
        if (beyond.has(what)) continue;
        beyond.add(what);
        start = end = NO_KEY;
      }
      routes.push({ ...route, start, end, commitTs });
    }
  }
  return routes;
}

const NO_KEY = new Uint8Array(0);

/**
 * Which groups are there. A group whose keys are all gone cannot be told by them: a file without a row
 * that says whose it is stands in for none, unless the name of its folder tells.
 *
 * @param expected Groups that the cluster is known to have, besides those of the routes.
 * @param inputs The files, each with its group where it can be told.
 */
export function findGroups(
  routes: readonly Route[],
  expected: readonly bigint[],
  inputs: readonly { group?: bigint }[],
): Pick<Groups, "known" | "missing"> {
  const known = [...new Set([...expected, ...routes.map(({ group }) => group)])].sort(ascending);
  const missing = known.filter((group) => !inputs.some((input) => input.group === group));
  return { known, missing };
}

const FIRST_ENTRIES = 64 << 10;

/** Keys of a file that the routes give to one group. */
export interface KeysOfGroup {
  /** The group. */
  group: bigint;
  /** One of the keys. */
  key: Uint8Array;
  /** How many of those that were looked at. */
  count: number;
}

/** To which groups the routes give a file's first keys, and some from all over it; most first. */
export async function groupsOfKeys(
  { table, index }: SnapshotFile,
  routes: readonly Route[],
  signal: AbortSignal | undefined,
): Promise<KeysOfGroup[]> {
  const groups = new Map<bigint, KeysOfGroup>();
  const add = (bytes: Uint8Array, start: number, end: number): void => {
    const group = groupOfKey(bytes, start, end, routes);
    if (group === undefined) return;
    const known = groups.get(group);
    if (known) known.count++;
    else groups.set(group, { group, key: bytes.slice(start, end - TIMESTAMP_LENGTH), count: 1 });
  };
  if (routes.length > 0) {
    const entries = table.walk({ from: new Uint8Array(0) }, { buffer: FIRST_ENTRIES });
    const batch = await nextBatch(entries, signal);
    for (let i = 0; batch && i < batch.count; i++) {
      add(batch.bytes, batch.ranges[i * 4], batch.ranges[i * 4 + 1]);
    }
    for (const key of index.keys()) add(key, 0, key.length);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

function groupOfKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  routes: readonly Route[],
): bigint | undefined {
  if (metaKey(bytes, start, end)) return undefined;
  const key = bytes.subarray(start, Math.max(start, end - TIMESTAMP_LENGTH));
  const { adapter, id } = classify(key, 0, key.length);
  // Rows that every node writes, or that may be placed by a setting rather than by the routes.
  if ((adapter === "system" && id !== "bare") || adapter === "sqs") return undefined;
  return groupOf(routes, key);
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
