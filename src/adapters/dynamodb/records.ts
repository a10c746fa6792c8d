/**
 * What is in a snapshot, as records: the only way out of the adapter.
 *
 * All tables come first, in the order of their names' bytes. Then the items, in stored order: table by
 * table in the order of their names' base64, and of a table that is being moved the old generation before
 * or after the new one, as their numbers sort.
 *
 * Items come as many as a batch has, and are not looked into: that is {@link ItemReader}'s work, which
 * needs nothing but the record.
 *
 * @module
 */

import { batchReceipt, bookRow } from "../bookings.ts";
import type { AdapterContext } from "../context.ts";
import { type BatchReceipt, Receipt } from "../receipts.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { isBounded } from "./key_bounds.ts";
import { type ItemRows, readItemRows } from "./rows.ts";
import { type StoredTable, type Table, Tables } from "./scopes.ts";
import type { Refuse } from "./values.ts";
import { WantedItems } from "./wanted_items.ts";

/** A table. */
export interface TableRecord extends StoredTable {
  type: "table";
  /** Takes what became of it. */
  receipt: Receipt;
}

/** Items of one table, valid until the next record is asked for. */
export interface ItemsRecord extends ItemRows {
  type: "items";
  /** Whether there may be other items of the table that are not wanted. */
  isPart: boolean;
  /** Takes what became of them. */
  receipt: BatchReceipt;
}

/** A table, or items of one. */
export type DynamoRecord = TableRecord | ItemsRecord;

/**
 * Gives the records one after the other. Each must have its answers before the next one is asked for;
 * the rows are booked by them.
 *
 * @param selection `from` and `to` are payloads of stored keys, see key_bounds.ts. There are no bodies.
 */
export async function* records(
  context: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<DynamoRecord> {
  const within = context.selecting("dynamodb", selection);
  const tables = await Tables.read(within);
  yield* recordsOf(within, tables);
  const { filter } = selection;
  const wanted = filter && new WantedItems(within, tables, filter);
  for await (const given of readItemRows(within, tables, selection)) {
    const rows = wanted ? await wanted.of(given) : given;
    if (rows.rows.length === 0) continue;
    const receipt = batchReceipt(within, ownerOf(rows.table), rows.rows.length);
    const isPart = isBounded(selection) || selection.prefix !== undefined ||
      (filter?.isPartial(rows.table.label) ?? false);
    yield { type: "items", ...rows, isPart, receipt };
    receipt.settle();
  }
}

/** Gives the records of the tables alone. */
export async function* tableRecords(context: AdapterContext): AsyncGenerator<TableRecord> {
  yield* recordsOf(context, await Tables.read(context));
}

async function* recordsOf(context: AdapterContext, tables: Tables): AsyncGenerator<TableRecord> {
  for await (const { place, ...row } of tables.rows()) {
    const receipt = new Receipt();
    yield { type: "table", ...row, receipt };
    await bookRow(context, ownerOf(row.table), place, receipt);
  }
}

function ownerOf({ label }: Table): { adapter: "dynamodb"; scope: Uint8Array } {
  return { adapter: "dynamodb", scope: label };
}

/** Says of rows that are read, and are not sound, what is wrong with them. */
export function refuseIn(context: AdapterContext, { batch, receipt }: ItemsRecord): Refuse {
  return (row, code, message) => {
    receipt.refuse(row, context.defect(batch, row, code, message));
  };
}
