/** What the counts of a snapshot say of the keys that begin with a prefix. @module */

import { startsWith } from "../bytes/compare.ts";
import { classify } from "../keyspace/families.ts";
import { isCutLabel } from "../keyspace/scope_labels.ts";
import { scopeRanges } from "../keyspace/scopes.ts";
import { type Counts, noCounts, type Totals } from "./survey.ts";

/**
 * Adds up what has keys under a prefix.
 *
 * @returns `undefined` when some counts have keys under the prefix and keys that are not, so that only a
 *   walk can tell.
 */
export function totalsUnder(prefix: Uint8Array, totals: readonly Totals[]): Counts | undefined {
  const sum = noCounts();
  for (const one of totals) {
    const share = shareUnder(prefix, one);
    if (share === "some") return undefined;
    if (share === "none") continue;
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += one[name];
  }
  return sum;
}

/** How many of the keys that are counted can begin with the prefix. */
function shareUnder(prefix: Uint8Array, { family, scope }: Totals): "all" | "some" | "none" {
  if (startsWith(family.bytes, prefix)) return "all";
  // Keys that begin so are of the family that the prefix is of, or of one with a longer prefix.
  if (classify(prefix, 0, prefix.length) !== family) return "none";
  if (!scope || isCutLabel(scope)) return "some";
  const shares = new Set(
    scopeRanges(family, scope).map(({ from }) =>
      startsWith(from, prefix) ? "all" : startsWith(prefix, from) ? "some" : "none"
    ),
  );
  return shares.size === 1 ? [...shares][0] : "some";
}
