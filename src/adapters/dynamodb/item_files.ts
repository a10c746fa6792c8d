/** One file an item: `items/<hash>.json` or `items/<hash>/<range>.json`. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { toHex } from "../../bytes/hex.ts";
import { UnsoundError } from "../../errors.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { Make, TreeOutput } from "../../tree/output.ts";
import { clashSuffix } from "../../tree/segment.ts";
import type { AdapterContext } from "../context.ts";
import { appendKept, keptValue } from "../kept_values.ts";
import { checkedBefore, checkedItems, type ItemNotes } from "./checked_items.ts";
import { type ItemName, itemNames, type Nameable } from "./item_names.ts";
import { ItemText } from "./item_json.ts";
import type { ItemRows } from "./item_rows.ts";
import type { ParsedItem } from "./item_values.ts";
import type { Table } from "./tables.ts";

/** A table of more items than this is better had as files of many items. */
const MANY_ITEMS = 1_000_000;

/** The item files of one table. Items whose names may clash are written last, in the order of their keys. */
export class ItemFiles {
  readonly #context: AdapterContext;
  readonly #output: TreeOutput;
  readonly #table: Table;
  readonly #folder: string;
  readonly #notes: ItemNotes;
  readonly #text = new ItemText();
  readonly #body = new ByteBuilder(1 << 12);
  readonly #kept = new ByteBuilder();
  readonly #waiting: SpillSorter;
  #written = 0;
  #outOfBounds = 0;

  /** @param folder Path of the folder of items, with its `/`. */
  constructor(
    context: AdapterContext,
    output: TreeOutput,
    table: Table,
    folder: string,
    notes: ItemNotes,
  ) {
    this.#context = context;
    this.#output = output;
    this.#table = table;
    this.#folder = folder;
    this.#notes = notes;
    this.#waiting = new SpillSorter(context.scratch);
  }

  /** Writes the items of a run of rows, and gives each row its fate. */
  async add(run: ItemRows): Promise<void> {
    const legacyKey = run.fromSource || this.#table.keyEncodingVersion < 2n;
    for (const items of checkedItems(this.#context, run, this.#notes)) {
      const nameable = items.map(({ bytes, key }): Nameable => ({ bytes, key, legacyKey }));
      const names = itemNames(this.#context.kernels, this.#table, nameable);
      for (const [i, item] of items.entries()) {
        const userKey = rowKey(run.batch, item.row);
        if (names[i].mayClash) {
          await this.#waiting.add(userKey, this.#keep(legacyKey, run.batch, item.row));
        } else {
          const done = this.#write(names[i], item, userKey);
          if (isPromise(done)) await done;
        }
      }
    }
  }

  /** Writes the items that had to wait. */
  async close(): Promise<void> {
    const sorted = await this.#waiting.sorted();
    for (;;) {
      const record = await sorted.next();
      if (!record) break;
      const { key, value } = record;
      const kept = await keptValue(this.#context.rows, value.subarray(1));
      const item = checkedBefore(this.#table, kept);
      const nameable = { bytes: item.bytes, key: item.key, legacyKey: value[0] === 1 };
      const [name] = itemNames(this.#context.kernels, this.#table, [nameable]);
      await this.#write(name, item, key);
    }
    this.#waiting.close();
    const { shownName } = this.#table;
    this.#context.ledger.add("dynamodb", this.#table.label, "written", this.#written);
    if (this.#outOfBounds > 0) {
      this.#context.warn("ddb_number_key_out_of_bounds", {
        table: shownName,
        count: this.#outOfBounds,
        hint: "numbers too large to bring to lowest terms: their files are named by the literal",
      });
    }
    if (this.#written >= MANY_ITEMS) {
      this.#context.warn("ddb_many_items", { table: shownName, items: this.#written });
    }
  }

  #write(name: ItemName, item: ParsedItem, userKey: Uint8Array): MaybePromise<void> {
    if (name.outOfBounds) this.#outOfBounds++;
    const json = new JsonWriter(this.#body.clear(), { indent: true, html: true });
    const done = this.#output.putPieces(
      this.#text.write(json, item),
      this.#body,
      (make) => this.#place(make, name, userKey),
    );
    if (isPromise(done)) return done.then((placed) => this.#book(placed, name, userKey));
    this.#book(done, name, userKey);
  }

  #place<T>(make: Make<T>, name: ItemName, userKey: Uint8Array): MaybePromise<T | undefined> {
    const folder = name.folder === undefined ? "" : name.folder + "/";
    const made = make(`${this.#folder}${folder}${name.file}.json`);
    if (isPromise(made)) {
      return made.then((found) => found || this.#placeElsewhere(make, name, userKey));
    }
    return made || this.#placeElsewhere(make, name, userKey);
  }

  /** The plain name is taken: a suffix from the key tells the file, or its folder, apart. */
  async #placeElsewhere<T>(
    make: Make<T>,
    name: ItemName,
    userKey: Uint8Array,
  ): Promise<T | undefined> {
    for (const path of this.#pathsElsewhere(name, userKey)) {
      const made = await make(path);
      if (!made) continue;
      this.#context.warn("ddb_item_path_collision", {
        table: this.#table.shownName,
        path,
        key_hex: toHex(userKey),
      });
      return made;
    }
    return undefined;
  }

  #pathsElsewhere({ folder, file }: ItemName, userKey: Uint8Array): string[] {
    const suffix = clashSuffix(userKey);
    const names = folder === undefined
      ? [`${file}${suffix}.json`]
      : [`${folder}/${file}${suffix}.json`, `${folder}${suffix}/${file}.json`];
    return names.map((name) => this.#folder + name);
  }

  #book(placed: boolean, name: ItemName, userKey: Uint8Array): void {
    if (placed) {
      this.#written++;
      return;
    }
    const [path] = this.#pathsElsewhere(name, userKey);
    const key = userKey.slice();
    this.#context.ledger.add("dynamodb", this.#table.label, "unsound", 1, key);
    this.#context.problem({
      error: new UnsoundError("name-collision", `no file name is left for the item: ${path}`, {
        key,
      }),
      adapter: "dynamodb",
      scope: this.#table.label,
    });
  }

  /** What is kept of an item that waits: whether its key is a legacy one, and its value. */
  #keep(legacyKey: boolean, batch: RowBatch, i: number): Uint8Array {
    appendKept(this.#kept.clear().byte(legacyKey ? 1 : 0), batch, i);
    return this.#kept.view();
  }
}
