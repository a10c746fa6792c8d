/**
 * The items of a table as lines: first what is left in the generation that the table is being moved from,
 * then its own, each in the order of the keys' bytes. Ordered keys come in that order; others are sorted.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import type { Piece } from "../../jobs/half.ts";
import type { Stage } from "../../jobs/jobs.ts";
import type { ItemForm } from "../../kernels/kernels.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { itemLinesHalf } from "./item_lines_half.ts";
import { KeptTexts } from "./kept_texts.ts";
import { type ItemsRecord, refuseIn } from "./records.ts";
import type { Table } from "./scopes.ts";
import { ItemReader, type ItemText, textOf } from "./values.ts";

/** Brings the items of one table into order. */
export class ItemLines {
  readonly #context: AdapterContext;
  readonly #table: Table;
  readonly #take: (lines: ItemText) => MaybePromise<void>;
  readonly #stage: Stage;
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
    this.#stage = context.jobs.stage(itemLinesHalf, form);
    this.#reader = new ItemReader(context.kernels, form);
    if (!table.ordered) this.#kept = new KeptTexts(context, this.#reader);
  }

  /** Takes items over. */
  add(record: ItemsRecord): MaybePromise<void> {
    record.receipt.later();
    return this.#stage.add(
      record.batch,
      record.rows,
      (piece, batch, places) => this.#takePiece(piece, { ...record, batch, rows: places }),
    );
  }

  #takePiece({ count, table, bytes }: Piece, record: ItemsRecord): MaybePromise<void> {
    if (table[0] > 0 || this.#kept) return this.#takeOneByOne(table, bytes, record);
    const taken = this.#take(bytes);
    if (isPromise(taken)) return taken.then(() => record.receipt.written(count));
    record.receipt.written(count);
  }

  /** Takes lines among which others come, or that are sorted. */
  async #takeOneByOne(table: Uint32Array, bytes: Uint8Array, record: ItemsRecord): Promise<void> {
    const { rows, receipt } = record;
    for (let i = 0, from = 0; i < rows.length;) {
      let to = i;
      while (to < rows.length && table[1 + to] > (to === 0 ? 0 : table[to])) {
        to++;
        if (this.#kept) break;
      }
      if (to > i) {
        const end = table[to];
        await this.#takeText(bytes.subarray(from, end), record, rows[i]);
        receipt.written(to - i);
        from = end;
        i = to;
      } else await this.#takeLeft(record, i++);
    }
  }

  /** Takes a row that was left. */
  async #takeLeft(record: ItemsRecord, i: number): Promise<void> {
    const { batch, rows, receipt } = record;
    const refuse = refuseIn(this.#context, record);
    for (const items of this.#reader.readLeft(batch, rows.subarray(i, i + 1), refuse)) {
      await this.#takeText(textOf(items, 0), record, rows[i]);
      receipt.written(1);
    }
  }

  #takeText(
    text: ItemText,
    { batch, fromSource }: ItemsRecord,
    row: number,
  ): MaybePromise<void> {
    if (!this.#kept) return this.#take(text);
    const key = this.#key.clear().byte(fromSource ? 0 : 1).append(rowKey(batch, row));
    return this.#kept.add(key.view(), text, batch, row);
  }

  /** Gives the lines that had to be sorted. */
  async close(): Promise<void> {
    await this.#context.jobs.drain();
    await this.#kept?.each(this.#take);
    this.#reader.warn(this.#context, this.#table.shownName);
  }
}
