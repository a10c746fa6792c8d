/** The items that a selection wants, where it is about single ones. @module */

import { rowKey } from "../../mvcc/row_batch.ts";
import { FileNames } from "../../tree/file_names.ts";
import { ScopeFolders } from "../../tree/scope_folders.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordFilter } from "../wanted_rows.ts";
import { ClashPlan } from "./clash_plan.ts";
import { ItemNames } from "./names.ts";
import type { ItemRows } from "./rows.ts";
import type { Table, Tables } from "./scopes.ts";
import { ItemReader } from "./values.ts";

const PLAIN = new FileNames(false);

/** Takes out the rows that are not wanted, and books them. */
export class WantedItems {
  readonly #context: AdapterContext;
  readonly #tables: Tables;
  readonly #filter: RecordFilter;
  readonly #folders = new ScopeFolders("dynamodb/", PLAIN, []);
  #table: Table | undefined;
  #names!: ItemNames;
  #plan: ClashPlan | undefined;

  /** Over the rows of some tables. */
  constructor(context: AdapterContext, tables: Tables, filter: RecordFilter) {
    this.#context = context;
    this.#tables = tables;
    this.#filter = filter;
  }

  /** Those of some rows that are wanted. Rows that are not sound are among them: their reader refuses them. */
  async of(given: ItemRows): Promise<ItemRows> {
    const { table, name, batch, rows, legacyKeys } = given;
    if (!this.#filter.isPartial(table.label)) return given;
    if (table !== this.#table) {
      this.#table = table;
      this.#names = new ItemNames(PLAIN, table, `${this.#folders.of(name)}/items/`);
      this.#plan = undefined;
    }
    const names = this.#names;
    const unwanted = new Set<number>();
    // The plan needs the reader's kernel, which is at work here.
    const waiting: { row: number; path: string; key: Uint8Array }[] = [];
    const reader = new ItemReader(this.#context.kernels, names.readerForm);
    for (const items of reader.read(batch, rows, () => {})) {
      for (let i = 0; i < items.count; i++) {
        const { path, mayClash } = names.of(items, i, legacyKeys);
        const key = names.keyOf(items, i);
        const row = items.rows[i];
        if (mayClash) waiting.push({ row, path, key: key.slice() });
        else if (!this.#filter.has(path, key)) unwanted.add(row);
      }
    }
    for (const { row, path, key } of waiting) {
      this.#plan ??= await ClashPlan.of(this.#context, this.#tables, name, names);
      const planned = this.#plan.pathOf(rowKey(batch, row)) ?? path;
      if (!this.#filter.has(planned, key)) unwanted.add(row);
    }
    this.#context.ledger.add("dynamodb", table.label, "not-selected", unwanted.size);
    return { ...given, rows: rows.filter((row) => !unwanted.has(row)) };
  }
}
