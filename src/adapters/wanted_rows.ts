/** Which rows of the adapters are wanted, and where they lie. @module */

import { compareBytes, startsWith } from "../bytes/compare.ts";
import type { Adapter, Family } from "../keyspace/families.ts";
import { scopeKey } from "../keyspace/scope_labels.ts";
import { scopeRanges } from "../keyspace/scopes.ts";
import { type KeyRange, prefixRange } from "../mvcc/key_range.ts";
import type { Totals } from "../mvcc/survey.ts";

/** Which rows are wanted. */
export interface WantedRows {
  /** Whether all rows of an adapter are wanted that are in the snapshot. */
  hasAll(adapter: Adapter): boolean;
  /** Whether the rows of a scope are wanted. */
  has(adapter: Adapter, scope: Uint8Array): boolean;
  /** Where the wanted rows of a family lie: ranges of user keys, ascending. */
  rangesOf(family: Family): KeyRange[];
}

/** Every row is wanted. */
export const ALL_ROWS: WantedRows = {
  hasAll: () => true,
  has: () => true,
  rangesOf: (family) => [prefixRange(family.bytes)],
};

/** What is wanted of the records of one adapter. */
export interface RecordSelection {
  /** Raw names of tables, buckets, the database or queues; all unless given. */
  scopes?: readonly Uint8Array[];
  /** Only records whose keys are not below this one, within each scope. Each adapter says what keys are. */
  from?: Uint8Array;
  /** Only records whose keys are below this one, within each scope. */
  to?: Uint8Array;
  /**
   * Only records whose keys begin with this, as clients know them: of items the hash attribute, where the
   * table's keys are in the order of its bytes. Rows that are passed over have no fates.
   */
  prefix?: Uint8Array;
  /** Which of these records are wanted; all unless given. The others are booked as not selected. */
  filter?: RecordFilter;
  /** `false`: bodies will not be read, so that nothing is read of them; `true` unless given. */
  bodies?: boolean;
}

/**
 * Says of single records whether they are wanted: of items, objects and keys of Redis, and of the messages
 * of a queue as a whole. Tables, buckets and queues themselves are given with what is in them.
 */
export interface RecordFilter {
  /** Whether there are records of a scope that are wanted, and may be others that are not. */
  isPartial(scope: Uint8Array): boolean;
  /**
   * Whether a record of such a scope is wanted.
   *
   * @param path Of its file in a dump, by the plain rule of names, in the layout of one file a record.
   * @param key As clients know it; absent where the record has none.
   * @param beside A second file of the record, by which it may have been asked for as well. What is to be
   *   left out is told by the first one.
   */
  has(path: string, key?: Uint8Array, beside?: string): boolean;
}

/** Raw names of scopes by adapter; of an adapter that is absent, all are meant. */
export type ScopeNames = { readonly [adapter in Adapter]?: readonly Uint8Array[] };

/**
 * The rows of the scopes with these names. Where a snapshot has none of them, nothing is read.
 *
 * @param totals What the snapshot has.
 */
export function selectedRows(totals: readonly Totals[], names: ScopeNames): WantedRows {
  const live = totals.filter(({ live }) => live > 0);
  const byKey: { [adapter in Adapter]?: ReadonlyMap<string, Uint8Array> } = {};
  for (const [adapter, list] of Object.entries(names)) {
    byKey[adapter as Adapter] = new Map(list.map((name) => [scopeKey(name), name]));
  }
  const has = (adapter: Adapter, scope: Uint8Array): boolean =>
    byKey[adapter]?.has(scopeKey(scope)) ?? true;
  const partial = new Set(
    live.filter(({ family, scope }) => scope !== undefined && !has(family.adapter, scope))
      .map(({ family }) => family.adapter),
  );
  return {
    hasAll: (adapter) => !partial.has(adapter),
    has,
    rangesOf(family) {
      const { adapter, bytes } = family;
      // Keys of some families lie among those of another.
      const own = live.filter((totals) => startsWith(totals.family.bytes, bytes));
      if (own.length === 0) return [];
      const selected = byKey[adapter];
      if (!selected || !partial.has(adapter)) return [prefixRange(bytes)];
      return own.flatMap(({ family, scope }) => {
        const name = scope && selected.get(scopeKey(scope));
        return name ? scopeRanges(family, name) : [];
      }).sort((a, b) => compareBytes(a.from, b.from));
    },
  };
}
