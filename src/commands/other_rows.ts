/** The rows that no adapter reads: what becomes of them. @module */

import type { AdapterContext } from "../adapters/context.ts";
import type { Fate, Ledger } from "../adapters/ledger.ts";
import type { WantedRows } from "../adapters/wanted_rows.ts";
import { type Family, type FamilyId, familyRanges, matches } from "../keyspace/families.ts";
import { scopeOf } from "../keyspace/scopes.ts";
import type { KeyExample } from "../mvcc/examples.ts";
import { type RowBatch, rowKey } from "../mvcc/row_batch.ts";
import type { SnapshotInfo } from "../mvcc/snapshot.ts";
import type { Totals } from "../mvcc/survey.ts";
import type { MaybePromise } from "../sources/source.ts";

/** Writes a row as it is stored. */
export type WriteRaw = (batch: RowBatch, i: number) => MaybePromise<void>;

/** What is known of the rows. */
export interface OtherRows {
  /** What the snapshot says of itself. */
  info: SnapshotInfo;
  /** The families whose rows the adapters give a fate. */
  booked: ReadonlySet<FamilyId>;
  /** The rows of the selected scopes. */
  wanted: WantedRows;
  /** Whether a family was asked for. */
  isWanted(family: Family): boolean;
}

/** Gives a fate to every live row of the other families; writes those that were asked for. */
export async function bookOtherRows(
  context: AdapterContext,
  { info, booked, wanted, isWanted }: OtherRows,
  writeRaw?: WriteRaw,
): Promise<void> {
  const { ledger } = context;
  const raw = new Set<Family>();
  for (const one of info.totals) {
    const { family, scope, live } = one;
    if (live === 0 || booked.has(family.id)) continue;
    const { adapter } = family;
    const isIn = scope ? wanted.has(adapter, scope) : !family.scope || wanted.hasAll(adapter);
    const selected = isIn && isWanted(family);
    if (writeRaw && selected) raw.add(family);
    else book(ledger, one, info, selected);
  }
  for (const family of raw) await writeRows(context, wanted, family, writeRaw!);
}

async function writeRows(
  context: AdapterContext,
  wanted: WantedRows,
  family: Family,
  writeRaw: WriteRaw,
): Promise<void> {
  const ranges = family.scope ? wanted.rangesOf(family) : familyRanges(family);
  for await (const batch of context.scanRanges(ranges)) {
    for (let i = 0; i < batch.count; i++) {
      const key = rowKey(batch, i);
      // Keys of some families lie among those of another.
      if (!matches(family, key, 0, key.length)) continue;
      context.ledger.add(family.adapter, scopeOf(family, key, 0, key.length), "written", 1);
      await writeRaw(batch, i);
    }
  }
}

function book(
  ledger: Ledger,
  { family, scope, live, examples = [] }: Totals,
  { transactions, undecidedExamples }: SnapshotInfo,
  wanted: boolean,
): void {
  const { adapter, kind, id } = family;
  const add = (fate: Fate, rows: number, examples: readonly KeyExample[] = []): void => {
    ledger.add(adapter, scope, fate, rows);
    ledger.addExamples(fate, examples);
  };
  if (kind === "derivable" || kind === "operational") add(kind, live);
  else if (kind === "transaction") {
    const { undecidedLocks, undecidedIntents } = transactions;
    const undecided = Math.min(
      live,
      id === "txn-lock" ? undecidedLocks : id === "txn-intent" ? undecidedIntents : 0,
    );
    add("transaction", undecided, id === "txn-lock" ? undecidedExamples : []);
    add("operational", live - undecided);
  } else if (!wanted) add("not-selected", live);
  else add(id === "bare" ? "bare" : "unknown", live, examples);
}
