/**
 * The items of a table as lines: first what is left in the generation that the table is being moved from,
 * then its own, each in the order of the keys' bytes. Ordered keys come in that order; others are sorted.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import type { ItemForm } from "../../kernels/kernels.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { KeptTexts } from "./kept_texts.ts";
import { type ItemsRecord, refuseIn } from "./records.ts";
import type { Table } from "./scopes.ts";
import { ItemReader, type Items, type ItemText, textsOf } from "./values.ts";

/** Brings the items of one table into order. */
export class ItemLines {
  readonly #context: AdapterContext;
  readonly #table: Table;
  readonly #take: (lines: ItemText) => MaybePromise<void>;
  readonly #reader: ItemReader;
  readonly #kept: KeptTexts | undefined;
  readonly #key = new ByteBuilder();

  /**
   * @param form How items are written: in one line each, with what stands before and behind it.
   * @param take Takes lines, in order: one that is long, or some as they are.
   */
  constructor(
    context: AdapterContext,
    table: Table,
    form: ItemForm,
    take: (lines: ItemText) => MaybePromise<void>,
  ) {
    this.#context = context;
    this.#table = table;
    this.#take = take;
    this.#reader = new ItemReader(context.kernels, form);
    if (!table.ordered) this.#kept = new KeptTexts(context, this.#reader);
  }

  /** Takes items over. */
  async add(record: ItemsRecord): Promise<void> {
    const { batch, rows, receipt } = record;
    for (const items of this.#reader.read(batch, rows, refuseIn(this.#context, record))) {
      const done = this.#kept ? this.#keep(this.#kept, items, record) : this.#take(textsOf(items));
      if (isPromise(done)) await done;
      receipt.written(items.count);
    }
  }

  async #keep(kept: KeptTexts, items: Items, { batch, fromSource }: ItemsRecord): Promise<void> {
    for (let i = 0; i < items.count; i++) {
      const key = this.#key.clear().byte(fromSource ? 0 : 1).append(rowKey(batch, items.rows[i]));
      const added = kept.add(key.view(), items, i, batch);
      if (isPromise(added)) await added;
    }
  }

  /** Gives the lines that had to be sorted. */
  async close(): Promise<void> {
    await this.#kept?.each(this.#take);
    this.#reader.warn(this.#context, this.#table.shownName);
  }
}
