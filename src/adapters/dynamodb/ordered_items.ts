/**
 * The items of a table one after the other: first what is left in the generation that the table is
 * being moved from, then its own, each in the order of the keys' bytes. Ordered keys come in that
 * order; others are sorted.
 *
 * @module
 */

import { rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import { type CheckedItem, checkedItems, type ItemNotes } from "./checked_items.ts";
import { type ItemKeyAttributes, keyAttributes } from "./item_keys.ts";
import type { ItemRows } from "./item_rows.ts";
import { itemIn, type ParsedItem } from "./item_values.ts";
import type { Table } from "./tables.ts";

/** Brings the items of one table into order. */
export class OrderedItems {
  readonly #context: AdapterContext;
  readonly #table: Table;
  readonly #notes: ItemNotes;
  readonly #take: (item: ParsedItem, key: ItemKeyAttributes) => MaybePromise<void>;
  #sorter: SpillSorter | undefined;
  #written = 0;

  /** @param take Called for each item, in order. */
  constructor(
    context: AdapterContext,
    table: Table,
    notes: ItemNotes,
    take: (item: ParsedItem, key: ItemKeyAttributes) => MaybePromise<void>,
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
        const done = this.#sorter
          ? this.#sort(this.#sorter, run, item)
          : this.#take(item, item.key);
        if (isPromise(done)) await done;
        this.#written++;
      }
    }
  }

  /** Gives the items that had to be sorted. */
  async close(): Promise<void> {
    this.#context.ledger.add("dynamodb", this.#table.name, "written", this.#written);
    if (!this.#sorter) return;
    const sorted = await this.#sorter.sorted();
    for (;;) {
      const record = await sorted.next();
      if (!record) break;
      const item = itemIn(record.value, 0, record.value.length) as ParsedItem;
      await this.#take(item, keyAttributes(this.#table, item) as ItemKeyAttributes);
    }
    this.#sorter.close();
  }

  #sort(sorter: SpillSorter, run: ItemRows, { row }: CheckedItem): MaybePromise<void> {
    const userKey = rowKey(run.batch, row);
    const key = new Uint8Array(1 + userKey.length);
    key[0] = run.fromSource ? 0 : 1;
    key.set(userKey, 1);
    const { bytes, ranges } = run.batch;
    return sorter.add(key, bytes.subarray(ranges[row * 4 + 2], ranges[row * 4 + 3]));
  }
}
