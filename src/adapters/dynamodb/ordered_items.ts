/**
 * The items of a table one after the other: first what is left in the generation that the table is
 * being moved from, then its own, each in the order of the keys' bytes. Ordered keys come in that
 * order; others are sorted.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import { appendKept, keptValue } from "../kept_values.ts";
import { checkedBefore, type CheckedItem, checkedItems, type ItemNotes } from "./checked_items.ts";
import type { ItemRows } from "./item_rows.ts";
import type { Table } from "./tables.ts";

/** Brings the items of one table into order. */
export class OrderedItems {
  readonly #context: AdapterContext;
  readonly #table: Table;
  readonly #notes: ItemNotes;
  readonly #take: (item: CheckedItem) => MaybePromise<void>;
  readonly #sorter: SpillSorter | undefined;
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();
  #written = 0;

  /** @param take Called for each item, in order. */
  constructor(
    context: AdapterContext,
    table: Table,
    notes: ItemNotes,
    take: (item: CheckedItem) => MaybePromise<void>,
  ) {
    this.#context = context;
    this.#table = table;
    this.#notes = notes;
    this.#take = take;
    if (!table.ordered) this.#sorter = new SpillSorter(context.scratch);
  }

  /** Takes a run of rows, and gives each row its fate. */
  async add(run: ItemRows): Promise<void> {
    for (const items of checkedItems(this.#context, run, this.#notes)) {
      for (const item of items) {
        const done = this.#sorter ? this.#sort(this.#sorter, run, item.row) : this.#give(item);
        if (isPromise(done)) await done;
      }
    }
  }

  /** Gives the items that had to be sorted. */
  async close(): Promise<void> {
    const sorted = await this.#sorter?.sorted();
    while (sorted) {
      const next = sorted.next();
      const record = isPromise(next) ? await next : next;
      if (!record) break;
      const kept = keptValue(this.#context.rows, record.value);
      const value = isPromise(kept) ? await kept : kept;
      const given = this.#give(checkedBefore(this.#table, value));
      if (isPromise(given)) await given;
    }
    this.#sorter?.close();
    this.#context.ledger.add("dynamodb", this.#table.label, "written", this.#written);
  }

  #give(item: CheckedItem): MaybePromise<void> {
    this.#written++;
    return this.#take(item);
  }

  #sort(sorter: SpillSorter, { batch, fromSource }: ItemRows, row: number): MaybePromise<void> {
    const key = this.#key.clear().byte(fromSource ? 0 : 1).append(rowKey(batch, row));
    appendKept(this.#value.clear(), batch, row);
    return sorter.add(key.view(), this.#value.view());
  }
}
