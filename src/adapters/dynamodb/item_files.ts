/** One file an item: `items/<hash>.json` or `items/<hash>/<range>.json`. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { toHex } from "../../bytes/hex.ts";
import { OutputError } from "../../errors.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { Make, TreeOutput } from "../../tree/output.ts";
import { clashSuffix } from "../../tree/segment.ts";
import type { TwinPlan, Twins } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import { KeptTexts } from "./kept_texts.ts";
import { ITEM_ENDING, type ItemNames } from "./names.ts";
import { type ItemsRecord, refuseIn } from "./records.ts";
import { DUPLICATE_KEY, type ItemRule } from "./restorable.ts";
import type { Table } from "./scopes.ts";
import { digestOf, ItemReader, type ItemText, textOf } from "./values.ts";

/** A table of more items than this is better had as files of many items. */
const MANY_ITEMS = 1_000_000;

const NOTHING = new Uint8Array(0);
const FORM = { plain: false, indent: true, html: true, before: NOTHING, behind: NOTHING } as const;

/** Gives a plan the paths of items, in the order in which they are written by the portable rule. */
export async function planItems(
  context: AdapterContext,
  record: ItemsRecord,
  names: ItemNames,
  plan: TwinPlan,
): Promise<void> {
  const { table, batch, rows, receipt, legacyKeys } = record;
  const reader = new ItemReader(context.kernels, table.keyNames);
  for (const items of reader.read(batch, rows, refuseIn(context, record))) {
    for (let i = 0; i < items.count; i++) {
      const { path, mayClash } = names.of(items, i, legacyKeys);
      await plan.note(mayClash ? suffixed(path, rowKey(batch, items.rows[i])) : path);
    }
    receipt.written(items.count);
  }
}

/**
 * The item files of one table. By the plain rule, items whose names may clash are written last, in the
 * order of their keys: they get a suffix where they do clash. By the portable rule they always get it,
 * and nothing waits.
 */
export class ItemFiles {
  readonly #context: AdapterContext;
  readonly #output: TreeOutput;
  readonly #table: Table;
  readonly #names: ItemNames;
  readonly #twins: Twins;
  readonly #rule: ItemRule;
  readonly #reader: ItemReader;
  readonly #waiting: KeptTexts;
  readonly #piece = new ByteBuilder();
  #written = 0;
  #outOfBounds = 0;

  /**
   * @param twins Of the items of all tables, in their order.
   * @param rule Which items can be restored.
   */
  constructor(
    context: AdapterContext,
    output: TreeOutput,
    table: Table,
    names: ItemNames,
    twins: Twins,
    rule: ItemRule,
  ) {
    this.#context = context;
    this.#output = output;
    this.#table = table;
    this.#names = names;
    this.#twins = twins;
    this.#rule = rule;
    const form = { ...table.keyNames, ...FORM, name: names.form, digests: true };
    this.#reader = new ItemReader(context.kernels, form);
    this.#waiting = new KeptTexts(context, this.#reader);
  }

  /** Takes items over. */
  async add(record: ItemsRecord): Promise<void> {
    const { batch, rows, receipt, legacyKeys, plan } = record;
    const { unrestorable, names: { portable } } = this.#output;
    this.#rule.begin(record);
    for (const items of this.#reader.read(batch, rows, refuseIn(this.#context, record))) {
      for (let i = 0; i < items.count; i++) {
        const { path, mayClash, outOfBounds } = this.#names.of(items, i, legacyKeys);
        if (outOfBounds) this.#outOfBounds++;
        const key = rowKey(batch, items.rows[i]);
        const why = this.#rule.why(items, i, mayClash);
        const root = unrestorable.count("dynamodb", why);
        if (mayClash && !portable && plan) {
          const planned = (await plan()).pathOf(key) ?? path;
          await this.#write(root + planned, textOf(items, i), key, false);
          continue;
        }
        if (mayClash && !portable) {
          await this.#waiting.add(key, items, i, batch, root + path);
          continue;
        }
        const twin = this.#twins.next();
        const isTwin = isPromise(twin) ? await twin : twin;
        const own = isTwin ? this.#names.hashed(items, i) : path;
        const named = root + (mayClash ? suffixed(own, key) : own);
        const mayRepeat = why === undefined;
        const done = this.#write(named, textOf(items, i), key, mayRepeat, digestOf(items, i));
        if (isPromise(done)) await done;
      }
      receipt.written(items.count);
      this.#written += items.count;
    }
  }

  /** Writes the items that had to wait. */
  async close(): Promise<void> {
    // Their names are expected to clash.
    await this.#waiting.each((text, key, path) => this.#write(path, text, key, false));
    const { shownName: table } = this.#table;
    this.#reader.warn(this.#context, table);
    if (this.#outOfBounds > 0) {
      this.#context.warn("ddb_number_key_out_of_bounds", {
        table,
        count: this.#outOfBounds,
        hint: "numbers too large to bring to lowest terms: their files are named by the literal",
      });
    }
    if (this.#written >= MANY_ITEMS) {
      this.#context.warn("ddb_many_items", { table, items: this.#written });
    }
  }

  /** @param mayRepeat Whether the item counts as a repeated one where another has the path. */
  #write(
    path: string,
    text: ItemText,
    key: Uint8Array,
    mayRepeat: boolean,
    digest?: Uint8Array,
  ): MaybePromise<unknown> {
    if (text instanceof Uint8Array) {
      return this.#place((path) => this.#output.put(path, text, digest), path, key, mayRepeat);
    }
    const pieces = text.write(this.#piece.clear());
    const place = <T>(make: Make<T>) => this.#place(make, path, key, mayRepeat);
    return this.#output.putPieces(pieces, this.#piece, place);
  }

  #place<T>(make: Make<T>, path: string, key: Uint8Array, mayRepeat: boolean): MaybePromise<T> {
    const made = make(path);
    if (!isPromise(made)) return made || this.#placeElsewhere(make, path, key, mayRepeat);
    return made.then((found) => found || this.#placeElsewhere(make, path, key, mayRepeat));
  }

  /**
   * An item has the path, or the folder on the way: digits from the key tell the two apart. Besides items
   * that wait for their names, these are rows of damaged files: whose key is not that of their item, but
   * that of the other one.
   */
  async #placeElsewhere<T>(
    make: Make<T>,
    path: string,
    key: Uint8Array,
    mayRepeat: boolean,
  ): Promise<T> {
    const root = mayRepeat ? this.#output.unrestorable.count("dynamodb", DUPLICATE_KEY) : "";
    const at = path.indexOf(this.#names.folder);
    const before = root + path.slice(0, at);
    const others = this.#names.others(path.slice(at), key).map((other) => before + other);
    for (const other of root === "" ? others : [root + path, ...others]) {
      const made = await make(other);
      if (!made) continue;
      this.#context.warn("ddb_item_path_collision", {
        table: this.#table.shownName,
        path: other,
        key_hex: toHex(key),
      });
      return made;
    }
    throw new OutputError("output-failed", "no file of any name can be made for an item", {
      file: path,
      key: key.slice(),
      hint: "something else writes into this folder: choose another one",
    });
  }
}

function suffixed(path: string, key: Uint8Array): string {
  return path.slice(0, -ITEM_ENDING.length) + clashSuffix(key) + ITEM_ENDING;
}
