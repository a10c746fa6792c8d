/**
 * What there is of a scope as its owner counts it: items and objects rather than rows.
 *
 * It is told by the counts of the one reading and by the rows of the scopes alone, so that it costs next
 * to nothing.
 *
 * @module
 */

import type { AdapterName, FamilyId } from "../keyspace/families.ts";
import { type Generation, readGeneration } from "../keyspace/generations.ts";
import { scopeKey } from "../keyspace/scope_labels.ts";
import type { Totals } from "../mvcc/survey.ts";

/**
 * Whether clients can see a scope: `live`, or `deleted`, when it was and something of it is left; `orphan`
 * when the snapshot has records of it and nothing that says what it is.
 */
export type ScopeState = "live" | "deleted" | "orphan";

/** What there is of one scope. */
export interface ScopeThings {
  /** Label of the table, bucket, queue or database. */
  readonly scope: Uint8Array;
  readonly state: ScopeState;
  /**
   * How many, by what they are called; those that clients can see, or that are left of what was deleted.
   * Of something that only a walk over all rows could count, nothing is said.
   */
  readonly things: { readonly [name: string]: number };
}

/** The counts of one scope by family. */
export class ScopeCounts {
  readonly #families = new Map<FamilyId, Totals>();

  /** @param scope Its label. */
  constructor(readonly scope: Uint8Array) {}

  /** The scopes of an adapter that have rows of any kind. */
  static of(adapter: AdapterName, totals: readonly Totals[]): ScopeCounts[] {
    const scopes = new Map<string, ScopeCounts>();
    for (const one of totals) {
      if (one.family.adapter !== adapter || !one.scope) continue;
      const key = scopeKey(one.scope);
      let counts = scopes.get(key);
      if (!counts) scopes.set(key, counts = new ScopeCounts(one.scope));
      counts.#families.set(one.family.id, one);
    }
    return [...scopes.values()];
  }

  /** Live rows of a family. */
  live(family: FamilyId): number {
    return this.#families.get(family)?.live ?? 0;
  }

  /** Redis collections that have live elements in a family. */
  collections(family: FamilyId): number {
    return this.#families.get(family)?.collections ?? 0;
  }

  /**
   * Live rows of a family by generation; `undefined` when there are too many generations to know.
   *
   * @param isWanted Which generations count.
   */
  ofGenerations(family: FamilyId, isWanted: (one: Generation) => boolean): number | undefined {
    const totals = this.#families.get(family);
    if (!totals) return 0;
    return totals.generations?.reduce((sum, { bytes, live }) => {
      const generation = readGeneration(totals.family, bytes);
      return generation && isWanted(generation) ? sum + live : sum;
    }, 0);
  }
}

/** The counts that are known and of which there is something. */
export function known(counts: { [name: string]: number | undefined }): { [name: string]: number } {
  return Object.fromEntries(
    Object.entries(counts).filter((one): one is [string, number] => (one[1] ?? 0) > 0),
  );
}
