/**
 * The rows of the adapters' families that are not wanted: they are booked by the survey's counts, and
 * nothing is read of them.
 *
 * Rows whose keys name no table, bucket or queue are in no scope, and no adapter comes upon them where
 * only some scopes are wanted. They are looked for and refused: one of them may be a row of what is
 * wanted.
 *
 * @module
 */

import { classify, type Family, type FamilyId } from "../keyspace/families.ts";
import { scopeOf } from "../keyspace/scopes.ts";
import { prefixRange } from "../mvcc/key_range.ts";
import type { Totals } from "../mvcc/survey.ts";
import type { AdapterContext } from "./context.ts";
import type { WantedRows } from "./wanted_rows.ts";

/**
 * Gives the rows that no adapter came upon their fate.
 *
 * @param families Those that the adapters give a fate.
 */
export async function bookUnwanted(
  context: AdapterContext,
  wanted: WantedRows,
  totals: readonly Totals[],
  families: ReadonlySet<FamilyId>,
): Promise<void> {
  const { ledger } = context;
  for (const { family, scope, live } of totals) {
    if (live === 0 || !families.has(family.id) || wanted.hasAll(family.adapter)) continue;
    if (scope !== undefined) {
      if (!wanted.has(family.adapter, scope)) {
        ledger.add(family.adapter, scope, "not-selected", live);
      }
    } else if (family.scope !== undefined) {
      if (family.kind === "user") await refuseNameless(context, family);
      else ledger.add(family.adapter, undefined, "not-selected", live);
    }
  }
}

async function refuseNameless(context: AdapterContext, family: Family): Promise<void> {
  for await (const batch of context.scanRanges([prefixRange(family.bytes)], false)) {
    const { bytes, ranges } = batch;
    for (let i = 0; i < batch.count; i++) {
      const start = ranges[i * 4];
      const end = ranges[i * 4 + 1];
      if (classify(bytes, start, end) !== family) continue;
      if (scopeOf(family, bytes, start, end) !== undefined) continue;
      context.refuse(
        batch,
        i,
        "malformed-key",
        `the key does not say of which ${family.scope} it is`,
      );
    }
  }
}
