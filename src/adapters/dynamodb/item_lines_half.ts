/**
 * A line an item, as far as the kernel writes it: the half of `item_lines.ts` that needs rows alone.
 *
 * ```text
 * table  how many rows are left | of each row: where its line ends; of one that is left, where it would begin
 * bytes  the lines
 * ```
 *
 * @module
 */

import type { Half, HalfKind, HalfTools, Piece } from "../../jobs/half.ts";
import { ITEM_COLUMNS, ITEM_WRITTEN, type ItemForm, type Rows } from "../../kernels/kernels.ts";
import { ITEM_TEXT } from "./item_columns.ts";

const NOTHING = new Uint8Array(0);

/** Writes items as lines. */
export const itemLinesHalf: HalfKind<ItemForm> = {
  name: "dynamodb item lines",
  begin: (form, tools) => new ItemLinesHalf(form, tools),
};

class ItemLinesHalf implements Half {
  readonly #form: ItemForm;
  readonly #tools: HalfTools;

  constructor(form: ItemForm, tools: HalfTools) {
    this.#form = form;
    this.#tools = tools;
  }

  *run(rows: Rows, places: Uint32Array): Generator<Piece> {
    for (let done = 0; done < places.length;) {
      const given = this.#tools.kernels.transcodeItems(rows, places, done, this.#form);
      const { count } = given;
      const table = new Uint32Array(1 + count);
      let end = 0;
      for (let i = 0, t = 0; i < count; i++, t += ITEM_COLUMNS) {
        if (given.table[t] === ITEM_WRITTEN) end = given.table[t + ITEM_TEXT + 1];
        else table[0]++;
        table[1 + i] = end;
      }
      yield { count, table, bytes: given.bytes, notes: NOTHING };
      done += count;
    }
  }
}
