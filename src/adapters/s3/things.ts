/** How many objects buckets have. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { isCutLabel } from "../../keyspace/scope_labels.ts";
import type { AdapterContext } from "../context.ts";
import { known, ScopeCounts, type ScopeThings } from "../things.ts";
import { Buckets } from "./scopes.ts";

/** Objects by bucket, and uploads that were never completed. */
export async function things(context: AdapterContext): Promise<ScopeThings[]> {
  const buckets = await Buckets.read(context);
  const all: ScopeThings[] = [];
  const scopes = ScopeCounts.of("s3", context.totals);
  for (const counts of scopes.sort((a, b) => compareBytes(a.scope, b.scope))) {
    const { scope } = counts;
    const uploads = counts.live("s3-upload");
    if (isCutLabel(scope)) {
      all.push({ scope, state: "live", things: known({ uploads }) });
      continue;
    }
    const { active, deleted, exists } = await buckets.of(scope);
    const objects = deleted || active === undefined
      ? counts.live("s3-object")
      : counts.ofGenerations("s3-object", ({ generation }) => generation === active);
    const state = deleted ? "deleted" : exists ? "live" : "orphan";
    all.push({ scope, state, things: known({ objects, uploads }) });
  }
  return all;
}
