/** One file an item: `items/<hash>.json` or `items/<hash>/<range>.json`. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { toHex } from "../../bytes/hex.ts";
import { UnsoundError } from "../../errors.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { isPromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { clashSuffix } from "../../tree/segment.ts";
import type { AdapterContext } from "../context.ts";
import { checkedBefore, checkedItems, type ItemNotes } from "./checked_items.ts";
import { type ItemName, itemNames, type Nameable } from "./item_names.ts";
import { writeItem } from "./item_json.ts";
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
  readonly #body = new ByteBuilder(1 << 12);
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
    const legacyKey = run.fromSource || this.#table.schema.keyEncodingVersion < 2n;
    for (const items of checkedItems(this.#context, run, this.#notes)) {
      const nameable = items.map(({ bytes, key }): Nameable => ({ bytes, key, legacyKey }));
      const names = itemNames(this.#context.kernels, this.#table, nameable);
      for (const [i, item] of items.entries()) {
        const userKey = rowKey(run.batch, item.row);
        if (names[i].mayClash) {
          await this.#waiting.add(userKey, tagged(legacyKey, rowValue(run.batch, item.row)));
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
      const item = checkedBefore(this.#table, value, 1, value.length);
      const nameable = { bytes: item.bytes, key: item.key, legacyKey: value[0] === 1 };
      const [name] = itemNames(this.#context.kernels, this.#table, [nameable]);
      await this.#write(name, item, key);
    }
    this.#waiting.close();
    const { shownName } = this.#table;
    this.#context.ledger.add("dynamodb", this.#table.name, "written", this.#written);
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

  #write(name: ItemName, item: ParsedItem, userKey: Uint8Array): void | Promise<void> {
    if (name.outOfBounds) this.#outOfBounds++;
    const json = new JsonWriter(this.#body.clear(), { indent: true, html: true });
    writeItem(json, item.bytes, item.members);
    const folder = name.folder === undefined ? "" : name.folder + "/";
    const done = this.#output.put(`${this.#folder}${folder}${name.file}.json`, this.#body.view());
    if (isPromise(done)) return done.then((ok) => this.#placed(ok, name, userKey));
    return this.#placed(done, name, userKey);
  }

  #placed(ok: boolean, name: ItemName, userKey: Uint8Array): void | Promise<void> {
    if (!ok) return this.#writeElsewhere(name, userKey);
    this.#written++;
  }

  /** The plain name is taken: a suffix from the key tells the file, or its folder, apart. */
  async #writeElsewhere({ folder, file }: ItemName, userKey: Uint8Array): Promise<void> {
    const suffix = clashSuffix(userKey);
    const names = folder === undefined
      ? [`${file}${suffix}.json`]
      : [`${folder}/${file}${suffix}.json`, `${folder}${suffix}/${file}.json`];
    const paths = names.map((name) => this.#folder + name);
    for (const path of paths) {
      if (!await this.#output.put(path, this.#body.view())) continue;
      this.#written++;
      this.#context.warn("ddb_item_path_collision", {
        table: this.#table.shownName,
        path,
        key_hex: toHex(userKey),
      });
      return;
    }
    this.#context.ledger.add("dynamodb", this.#table.name, "unsound", 1, userKey);
    this.#context.problem({
      error: new UnsoundError("name-collision", `no file name is left for the item: ${paths[0]}`, {
        key: userKey.slice(),
      }),
      adapter: "dynamodb",
      scope: this.#table.name,
    });
  }
}

function tagged(legacyKey: boolean, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + value.length);
  bytes[0] = legacyKey ? 1 : 0;
  bytes.set(value, 1);
  return bytes;
}
