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
import { classify, FAMILY } from "../keyspace/families.ts";
import { groupOf, parseRoute, type Route } from "../keyspace/dist_keys.ts";
import { metaKey } from "../keyspace/meta_rows.ts";
import { prefixRange } from "./key_range.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";
import type { Rows } from "./rows.ts";

/** What is known of the cluster's groups. */
export interface Groups {
  /** Groups that the routes name or that the caller knows of, ascending; empty when there are none. */
  known: bigint[];
  /** Those of them that no input is from, ascending. */
  missing: bigint[];
  /** The group of each input, where it can be told. */
  ofInput: (bigint | undefined)[];
  /** The routes that are in force. */
  routes: Route[];
}

const FIRST_ENTRIES = 64 << 10;

/**
 * A group whose keys are all gone cannot be told by them. So when just one group is missing, an input
 * that has rows of the store and none by which it can be placed is taken for it. A file without any
 * entry is no such input: the group that hands out timestamps writes them.
 *
 * @param named The group of each input where the caller knows it, from the name of a folder.
 * @param expected Groups that the cluster is known to have.
 */
export async function findGroups(
  rows: Rows,
  files: readonly SnapshotFile[],
  named: readonly (bigint | undefined)[],
  expected: readonly bigint[],
  signal: AbortSignal | undefined,
): Promise<Groups> {
  const routes: Route[] = [];
  // A route that cannot be read says nothing; whoever wants everything is told elsewhere.
  const skip = { onEncrypted: () => {}, onUnsound: () => {}, signal };
  for await (const batch of rows.scan(prefixRange(FAMILY["dist-route"].bytes), skip)) {
    for (let i = 0; i < batch.count; i++) {
      const route = parseRoute(batch.bytes, batch.ranges[i * 4 + 2], batch.ranges[i * 4 + 3]);
      if (typeof route !== "string") {
        routes.push({ ...route, start: route.start.slice(), end: route.end?.slice() });
      }
    }
  }
  const known = [...new Set([...expected, ...routes.map((route) => route.group)])].sort(ascending);
  const ofInput: (bigint | undefined)[] = [];
  for (const [i, file] of files.entries()) {
    ofInput.push(named[i] ?? await groupOfFile(file, routes, signal));
  }
  const missing = known.filter((group) => !ofInput.includes(group));
  const isThere = missing.length === 1 &&
    files.some(({ entries }, i) => ofInput[i] === undefined && entries.start < entries.end);
  return { known, missing: isThere ? [] : missing, ofInput, routes };
}

async function groupOfFile(
  { table }: SnapshotFile,
  routes: Route[],
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  const entries = table.walk({ from: new Uint8Array(0) }, { buffer: FIRST_ENTRIES });
  const batch = await nextBatch(entries, signal);
  if (!batch) return undefined;
  const { bytes, ranges, count } = batch;
  for (let i = 0; i < count; i++) {
    if (metaKey(bytes, ranges[i * 4], ranges[i * 4 + 1])) continue;
    const key = bytes.subarray(
      ranges[i * 4],
      Math.max(ranges[i * 4], ranges[i * 4 + 1] - TIMESTAMP_LENGTH),
    );
    const { adapter, id } = classify(key, 0, key.length);
    // Rows that every node writes, or that may be placed by a setting rather than by the routes.
    if ((adapter === "system" && id !== "bare") || adapter === "sqs") continue;
    const group = groupOf(routes, key);
    if (group !== undefined) return group;
  }
  return undefined;
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
