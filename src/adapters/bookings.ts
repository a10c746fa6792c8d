/** Books rows by what was said of the records that they make. @module */

import { UnsoundError } from "../errors.ts";
import type { Adapter } from "../keyspace/families.ts";
import type { RowHandle } from "../mvcc/row_batch.ts";
import type { AdapterContext } from "./context.ts";
import { BatchReceipt, type Receipt } from "./receipts.ts";

/** Whose rows they are. */
interface Owner {
  adapter: Adapter;
  /** Label of the scope's name. */
  scope: Uint8Array;
}

/** Books the rows of a batch. */
function bookRows(context: AdapterContext, owner: Owner, receipt: BatchReceipt): void {
  for (const { error } of receipt.refused) context.unsound(error, error.key!);
  context.ledger.add(owner.adapter, owner.scope, "written", receipt.rowsWritten);
}

/**
 * A receipt for the rows of a batch, by which they are booked.
 *
 * @param onBooked Called when that is done.
 */
export function batchReceipt(
  context: AdapterContext,
  owner: Owner,
  rows: number,
  onBooked?: (receipt: BatchReceipt) => void,
): BatchReceipt {
  return new BatchReceipt(rows, (receipt) => {
    bookRows(context, owner, receipt);
    onBooked?.(receipt);
  });
}

/** Books the one row of a record. */
export async function bookRow(
  context: AdapterContext,
  { adapter, scope }: Owner,
  row: RowHandle,
  { outcome }: Receipt,
): Promise<void> {
  if (outcome instanceof UnsoundError) context.unsound(outcome, outcome.key!);
  else if (outcome === "written") context.ledger.add(adapter, scope, "written", 1);
  else await context.leavePassed(row, adapter, scope, outcome);
}
