/** One file an item: `items/<hash>.json` or `items/<hash>/<range>.json`. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { toHex } from "../../bytes/hex.ts";
import { OutputError } from "../../errors.ts";
import type { Piece } from "../../jobs/half.ts";
import type { Stage } from "../../jobs/jobs.ts";
import { itemKey } from "../../keyspace/dynamodb_keys.ts";
import { rowCommitTs, rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { recordAt } from "../../sources/spill_sorter.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { Make, TreeOutput } from "../../tree/output.ts";
import { clashSuffix } from "../../tree/segment.ts";
import type { TwinPlan, Twins } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import { ClashPlan } from "./clash_plan.ts";
import { ITEM_FILE_FORM } from "./item_columns.ts";
import { itemFilesHalf, type ItemFilesSetup } from "./item_files_half.ts";
import { type Kind, KINDS } from "./item_message.ts";
import { KeptTexts } from "./kept_texts.ts";
import { ITEM_ENDING, type ItemNames } from "./names.ts";
import { type ItemsRecord, refuseIn } from "./records.ts";
import { DUPLICATE_KEY, type ItemRule, SMALL_ITEM } from "./restorable.ts";
import { type Table, Tables } from "./scopes.ts";
import { digestOf, ItemReader, type Items, type ItemText, textOf } from "./values.ts";

/** A table of more items than this is better had as files of many items. */
const MANY_ITEMS = 1_000_000;

const NOTHING = new Uint8Array(0);

/** Stands before the path of an item that waits: whether it counts as a repeated one where it clashes. */
const REPEATS = "+";
const EXPECTED = "-";

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
 * order of their keys: they get a suffix where they do clash. Before them all others are written, by
 * whoever works on batches. By the portable rule names that may clash always get a suffix, nothing waits,
 * and this thread writes all.
 */
export class ItemFiles {
  readonly #context: AdapterContext;
  readonly #output: TreeOutput;
  readonly #table: Table;
  readonly #names: ItemNames;
  readonly #twins: Twins;
  readonly #rule: ItemRule;
  /** Bytes of ordered keys before their payloads. */
  readonly #payloadAt: number;
  /** Where nearly all items go; absent where this thread must write all. */
  readonly #stage: Stage | undefined;
  readonly #reader: ItemReader;
  readonly #waiting: KeptTexts;
  readonly #piece = new ByteBuilder();
  /** Whether other items of the table, which may have the paths, are not written. */
  #needsPlan: boolean;
  #name: Uint8Array | undefined;
  #written = 0;
  #outOfBounds = 0;

  /**
   * @param name Raw name of the table.
   * @param twins Of the items of all tables, in their order.
   * @param rule Which items can be restored.
   */
  constructor(
    context: AdapterContext,
    output: TreeOutput,
    table: Table,
    name: Uint8Array,
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
    this.#needsPlan = output.keepsNothing;
    const digests = !output.keepsNothing;
    const form = { ...table.keyNames, ...ITEM_FILE_FORM, name: names.form, digests };
    this.#payloadAt = itemKey(name, table.generation, NOTHING).length;
    this.#stage = output.keepsNothing ? undefined : this.#newStage(name);
    this.#reader = new ItemReader(context.kernels, form);
    this.#waiting = new KeptTexts(context, this.#reader);
  }

  #newStage(name: Uint8Array): Stage | undefined {
    const { keyNames, hash, range } = this.#table;
    const { why, indexes } = this.#rule;
    if (this.#output.names.portable || name.length >= SMALL_ITEM) return undefined;
    const setup: ItemFilesSetup = {
      ...keyNames,
      hashKind: KINDS.indexOf(hash.type as Kind),
      rangeKind: range ? KINDS.indexOf(range.type as Kind) : 0,
      before: this.#output.unrestorable.rootOf(why) + this.#names.folder,
      behind: ITEM_ENDING,
      payloadAt: this.#payloadAt,
      restorable: why === undefined ? { indexes: indexes.list, longest: SMALL_ITEM } : undefined,
    };
    return this.#context.jobs.stage(itemFilesHalf, setup, this.#output.folder);
  }

  /** Takes items over. */
  async add(record: ItemsRecord): Promise<void> {
    this.#needsPlan ||= record.isPart;
    this.#name = record.name;
    if (!this.#stage || record.legacyKeys) {
      await this.#context.jobs.drain();
      const { batch, rows } = record;
      const items = this.#reader.read(batch, rows, refuseIn(this.#context, record));
      return await this.#addHere(record, items);
    }
    record.receipt.later();
    await this.#stage.add(
      record.batch,
      record.rows,
      (piece, batch, rows) => this.#takePiece(piece, { ...record, batch, rows }),
    );
  }

  /** Takes what a half has made: files, or what is to be in them. */
  async #takePiece(piece: Piece, record: ItemsRecord): Promise<void> {
    const { rows, receipt } = record;
    const [leftRows, left, size] = leftIn(piece.table, rows);
    const written = piece.count - left.length;
    this.#output.unrestorable.count("dynamodb", this.#rule.why, written);
    const isDone = this.#output.folder !== undefined;
    const done = isDone
      ? this.#output.wrote(written, size, piece.notes)
      : this.#putAll(piece, record, left);
    if (isPromise(done)) await done;
    receipt.written(written);
    this.#written += written;
    if (left.length === 0) return;
    const refuse = refuseIn(this.#context, record);
    await this.#addHere(record, this.#reader.readLeft(record.batch, leftRows, refuse));
  }

  /** Writes the texts that a half has made. */
  async #putAll(
    { table, bytes, notes }: Piece,
    { batch, rows }: ItemsRecord,
    left: Uint32Array,
  ): Promise<void> {
    let column = 2 + left.length;
    let at = 0;
    for (let i = 0, nextLeft = 0; i < rows.length; i++) {
      if (i === left[nextLeft]) {
        nextLeft++;
        continue;
      }
      const { key, value, end } = recordAt(notes, at);
      at = end;
      const text = bytes.subarray(table[column++], table[column++]);
      const path = decodeUtf8(key)!;
      const mayRepeat = this.#rule.why === undefined;
      const put = this.#write(path, text, rowKey(batch, rows[i]), mayRepeat, value);
      if (isPromise(put)) await put;
    }
  }

  /** Writes items in this thread: nothing is taken for granted of them. */
  async #addHere(record: ItemsRecord, found: Iterable<Items>): Promise<void> {
    const { batch, receipt, legacyKeys } = record;
    const { unrestorable, names: { portable } } = this.#output;
    this.#rule.begin(record);
    for (const items of found) {
      for (let i = 0; i < items.count; i++) {
        const { path, mayClash, outOfBounds } = this.#names.of(items, i, legacyKeys);
        if (outOfBounds) this.#outOfBounds++;
        const key = rowKey(batch, items.rows[i]);
        const why = this.#rule.whyNot(items, i, mayClash);
        const root = unrestorable.count("dynamodb", why);
        const mayRepeat = why === undefined && !mayClash;
        if (
          !portable &&
          (mayClash || !(legacyKeys || this.#rule.hasOwnKey(items, i, this.#payloadAt)))
        ) {
          const note = (mayRepeat ? REPEATS : EXPECTED) + root + path;
          await this.#waiting.add(key, textOf(items, i), batch, items.rows[i], note);
          continue;
        }
        const twin = this.#twins.next();
        const isTwin = isPromise(twin) ? await twin : twin;
        const own = isTwin ? this.#names.hashed(items, i) : path;
        const named = root + (mayClash ? suffixed(own, key) : own);
        this.#output.describe?.({
          type: "item",
          key: this.#names.keyOf(items, i).slice(),
          commitTs: rowCommitTs(batch, items.rows[i]),
        });
        const done = this.#write(named, textOf(items, i), key, mayRepeat, digestOf(items, i));
        if (isPromise(done)) await done;
      }
      receipt.written(items.count);
      this.#written += items.count;
    }
  }

  /** Writes the items that had to wait. */
  async close(): Promise<void> {
    await this.#context.jobs.drain();
    const plan = this.#needsPlan && !this.#waiting.isEmpty ? await this.#plan() : undefined;
    await this.#waiting.each((text, key, note) => {
      const natural = note.slice(1);
      const root = natural.slice(0, natural.indexOf(this.#names.folder));
      const planned = plan?.pathOf(key);
      const path = planned === undefined ? natural : root + planned;
      this.#output.describe?.({ type: "item" });
      return this.#write(path, text, key, note[0] === REPEATS);
    });
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

  /** The paths of the items that clash, where they cannot be found out by trying. */
  async #plan(): Promise<ClashPlan> {
    const tables = await Tables.read(this.#context.silent());
    return await ClashPlan.of(this.#context, tables, this.#name!, this.#names);
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

/** The rows that a half has left, their numbers in the piece, and the bytes of all texts that it has made. */
function leftIn(
  table: Uint32Array,
  rows: Uint32Array,
): [rows: Uint32Array, left: Uint32Array, size: number] {
  const left = table.subarray(1, 1 + table[0]);
  return [left.map((i) => rows[i]), left, table[1 + table[0]]];
}

function suffixed(path: string, key: Uint8Array): string {
  return path.slice(0, -ITEM_ENDING.length) + clashSuffix(key) + ITEM_ENDING;
}
