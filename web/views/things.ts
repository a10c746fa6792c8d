/** What there is of each scope, as the page shows it. @module */

import type { InspectReport } from "../../src/commands/inspect.ts";
import type { AdapterName } from "../../src/keyspace/families.ts";

/** What one scope has. */
export interface Things {
  /** Whose they are. */
  adapter: AdapterName;
  /** Name of the table, bucket, database or queue, as reports write it. */
  scope: string;
  /** Items, objects, keys or messages. */
  count: number;
  /** Whether a client sees the table, bucket or queue: it may have been deleted, and its rows not yet. */
  exists: boolean;
  /** Of all versions of all rows of the scope: stored keys and values. */
  bytes: number;
  /** Of these, what clients see, what newer versions hide, and what was deleted or has expired. */
  live: number;
  old: number;
  deleted: number;
}

/** The scopes of a report; what is no table, bucket, database or queue is left out. */
export function thingsOf({ scopes }: InspectReport): Things[] {
  return scopes.flatMap((one) => {
    const { adapter, scope, state, things, bytes } = one;
    if (adapter === "system" || scope === undefined) return [];
    const { uploads: _, ...clients } = things ?? {};
    const count = Object.values(clients).reduce((sum, n) => sum + n, 0);
    return [{
      adapter,
      scope,
      count,
      exists: state === "live",
      bytes,
      live: one.live_bytes,
      old: one.superseded_bytes,
      deleted: one.deleted_bytes,
    }];
  });
}
