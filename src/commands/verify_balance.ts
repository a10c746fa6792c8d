/** Adds up the balance of a manifest again. @module */

import type { Balance } from "../tree/manifest.ts";

/** One sentence for each sum that is not what it should be. */
export function balanceFaults({ scopes, ...versions }: Balance): string[] {
  const faults: string[] = [];
  const compare = (what: string, said: number, added: number): void => {
    if (said !== added) faults.push(`${what}: ${said} are named and ${added} are accounted for`);
  };
  const { live, superseded, tombstones, expired, later = 0 } = versions;
  compare("versions", versions.versions, live + superseded + tombstones + expired + later);
  compare("live rows", live, scopes.reduce((sum, scope) => sum + scope.live, 0));
  for (const { adapter, scope, live, written, derivable, operational, left_out } of scopes) {
    const left = Object.values(left_out).reduce((sum, n) => sum + n, 0);
    const what = `live rows of ${adapter}${scope === "" ? "" : ` ${scope}`}`;
    compare(what, live, written + derivable + operational + left);
  }
  return faults;
}
