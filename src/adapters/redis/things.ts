/** How many keys of which type the database has. @module */

import type { AdapterContext } from "../context.ts";
import { known, ScopeCounts, type ScopeThings } from "../things.ts";

/**
 * Keys by type: those that have expired since are among them, and one that is stored in two ways counts
 * for each.
 */
export function things(context: AdapterContext): Promise<ScopeThings[]> {
  return Promise.resolve(
    ScopeCounts.of("redis", context.totals).map((counts): ScopeThings => ({
      scope: counts.scope,
      state: "live",
      things: known({
        strings: counts.live("redis-string"),
        hashes: counts.collections("hash-field") + counts.live("redis-hash-blob"),
        lists: counts.collections("list-item"),
        sets: counts.collections("set-member") + counts.live("redis-set-blob"),
        zsets: counts.collections("zset-member") + counts.live("redis-zset-blob"),
        streams: counts.live("stream-meta"),
        hyperloglogs: counts.live("redis-hll"),
      }),
    })),
  );
}
