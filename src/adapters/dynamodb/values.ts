/**
 * The values of items: read where they are in a batch, checked, and written as JSON.
 *
 * Most rows have just what servers write today. The kernel turns as many of them as it is given into texts,
 * in one go: places in a batch go in, bytes and a table come out. Rows that it leaves are read here one by
 * one: values of old servers, messages that no server writes, long ones, and those that are wrong.
 *
 * @module
 */

import { startsWith } from "../../bytes/compare.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import type { Code } from "../../errors.ts";
import { itemName } from "../../kernels/js/item_names.ts";
import {
  DIGEST_LENGTH,
  ITEM_COLUMNS,
  ITEM_WRITTEN,
  type ItemForm,
  type Kernels,
  type TranscodedItems,
} from "../../kernels/kernels.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { PIECE, type Pieces } from "../../text/json_writer.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { whyMalformed } from "./item_check.ts";
import { ITEM_NAME, ITEM_RANGE, ITEM_TEXT } from "./item_columns.ts";
import { ITEM_MAGIC, KINDS } from "./item_message.ts";
import { orderItem } from "./item_order.ts";
import {
  isKeyKind,
  ItemWalk,
  type KeyAttributeNames,
  type ValuePlace,
  WALK_DONE,
  WALK_ODD,
  WALK_PAUSED,
} from "./item_walk.ts";
import { isJson, upgradeLegacyItem } from "./legacy_json.ts";

/** Bytes of the longest text of an item that is kept as a whole: 1 MiB. */
const LONGEST_TEXT = 1 << 20;

/** Where the message of an item is. */
export interface ItemMessage {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Items that were read, and all of them have a usable key; valid until the next ones are asked for. */
export interface Items {
  /** How many there are. */
  count: number;
  /** The places of their rows in the batch. */
  rows: Uint32Array;
  /** What values point into. */
  bytes: Uint8Array;
  /** The texts. */
  text: Uint8Array;
  /** `ITEM_COLUMNS` an item, as the kernel of items has them. */
  table: Uint32Array;
  /** The names, if they are wanted. */
  names: string;
  /** The SHA-256 of the texts, `DIGEST_LENGTH` each, where the kernel has made it. */
  digests?: Uint8Array;
  /** The message of an item. */
  message(i: number): ItemMessage;
  /** Of one item whose text is not in `text`, but long. */
  long?: LongText;
}

/** The text of an item. */
export type ItemText = Uint8Array | LongText;

/** The text of item `i`. */
export function textOf({ text, table, long }: Items, i: number): ItemText {
  const column = i * ITEM_COLUMNS + ITEM_TEXT;
  return long ?? text.subarray(table[column], table[column + 1]);
}

/** The SHA-256 of the text of item `i`, if it is known. */
export function digestOf({ digests }: Items, i: number): Uint8Array | undefined {
  return digests?.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH);
}

/** A text that is written in pieces. */
export interface LongText {
  /** Its bytes. */
  length: number;
  /** Writes it. */
  write(out: ByteBuilder): Pieces;
}

/** Takes a row that is not sound, and why. */
export type Refuse = (
  row: number,
  code: Code & ("malformed-value" | "invalid-item"),
  message: string,
) => void;

/** Reads items of one table. */
export class ItemReader {
  /** Items that an old server wrote as JSON. */
  legacyJson = 0;
  /** Items that the server itself answers with an error. */
  unreadable = 0;
  readonly #kernels: Kernels;
  readonly #form: ItemForm | undefined;
  readonly #walk: ItemWalk;
  /** Of an item that is read by itself. */
  readonly #text = new ByteBuilder();
  readonly #row = new Uint32Array(ITEM_COLUMNS);

  /** @param form How items are written. With names of key attributes alone, they have no texts. */
  constructor(kernels: Kernels, form: ItemForm | KeyAttributeNames) {
    this.#kernels = kernels;
    this.#form = "before" in form ? form : undefined;
    this.#walk = new ItemWalk(form);
  }

  /** The items of some rows, in their order, some at a time. */
  *read(batch: RowBatch, places: Uint32Array, refuse: Refuse): Generator<Items> {
    for (let done = 0; done < places.length;) {
      if (this.#form) {
        const given = this.#kernels.transcodeItems(batch, places, done, this.#form);
        yield* this.#given(batch, places.subarray(done, done + given.count), given, refuse);
        done += given.count;
      } else yield* this.readLeft(batch, places.subarray(done, ++done), refuse);
    }
  }

  /** The same for rows that the kernel has left. It is not called: what it has made stays as it is. */
  *readLeft(batch: RowBatch, places: Uint32Array, refuse: Refuse): Generator<Items> {
    for (let i = 0; i < places.length; i++) {
      const item = this.#readRow(batch, places.subarray(i, i + 1), refuse);
      if (item) yield item;
    }
  }

  /** The one item of a value; `undefined` when it is refused. */
  readValue(
    value: Uint8Array,
    refuse: (code: Parameters<Refuse>[1], message: string) => void,
  ): Items | undefined {
    const row = Uint32Array.of(0);
    return this.#readOne(value, 0, value.length, row, (_, code, why) => refuse(code, why));
  }

  /** Warns of what was counted. */
  warn(context: AdapterContext, table: string): void {
    const { legacyJson, unreadable } = this;
    if (legacyJson > 0) {
      context.warn("ddb_legacy_json_value", { table, family: "item", count: legacyJson });
    }
    if (unreadable > 0) {
      context.warn("ddb_unreadable_item", {
        table,
        count: unreadable,
        hint: "the server stores such values and cannot return them; they are written as stored",
      });
    }
  }

  /** Runs of items that are written, and one by one those that are left. */
  *#given(
    batch: RowBatch,
    rows: Uint32Array,
    { bytes: text, table, names, digests }: TranscodedItems,
    refuse: Refuse,
  ): Generator<Items> {
    let first = 0;
    for (let i = 0; i <= rows.length; i++) {
      if (i < rows.length && table[i * ITEM_COLUMNS] === ITEM_WRITTEN) continue;
      if (i > first) {
        const run = rows.subarray(first, i);
        yield {
          count: i - first,
          rows: run,
          bytes: batch.bytes,
          text,
          table: table.subarray(first * ITEM_COLUMNS, i * ITEM_COLUMNS),
          names,
          digests: digests?.subarray(first * DIGEST_LENGTH, i * DIGEST_LENGTH),
          message: (i) => messageOf(batch, run[i]),
        };
      }
      first = i + 1;
      const left = i < rows.length && this.#readRow(batch, rows.subarray(i, i + 1), refuse);
      if (left) yield left;
    }
  }

  #readRow(batch: RowBatch, rows: Uint32Array, refuse: Refuse): Items | undefined {
    const { bytes, ranges } = batch;
    return this.#readOne(bytes, ranges[4 * rows[0] + 2], ranges[4 * rows[0] + 3], rows, refuse);
  }

  /** The one item of a value, whatever server wrote it; `undefined` when it is refused. */
  #readOne(
    bytes: Uint8Array,
    start: number,
    end: number,
    rows: Uint32Array,
    refuse: Refuse,
  ): Items | undefined {
    const found = messageIn(bytes, start, end);
    if (typeof found === "string") return void refuse(rows[0], "malformed-value", found);
    const { isLegacy } = found;
    let message: ItemMessage = found;
    let length = this.#write(message);
    if (length === undefined) {
      const ordered = inOrder(message);
      if (typeof ordered === "string") return void refuse(rows[0], "malformed-value", ordered);
      message = ordered;
      length = this.#write(message);
      if (length === undefined) throw new Error("an item cannot be brought into order");
    }
    const wrong = this.#wrongKey();
    if (wrong !== undefined) return void refuse(rows[0], "invalid-item", wrong);
    if (isLegacy) this.legacyJson++;
    if (this.#walk.unreadable) this.unreadable++;
    const text = this.#text.view();
    const isWhole = text.length === length;
    return {
      count: 1,
      rows,
      bytes: message.bytes,
      text,
      table: this.#row,
      names: this.#fillRow(message.bytes, isWhole ? length : 0),
      message: () => message,
      long: isWhole ? undefined : { length, write: (out) => this.#writeLong(message, out) },
    };
  }

  /** Fills the columns of the item that was walked over, and returns its name. */
  #fillRow(bytes: Uint8Array, length: number): string {
    const { hash, range } = this.#walk;
    const row = this.#row;
    row.set([ITEM_WRITTEN, 0, length, hash.kind, hash.start, hash.end], 0);
    row.set([range.kind, range.start, range.end, 0, 0, 0], ITEM_RANGE);
    if (!this.#form?.name) return "";
    const { flags, name } = itemName(bytes, row, this.#form.name);
    row[ITEM_NAME] = flags;
    row[ITEM_NAME + 2] = name.length;
    return name;
  }

  /**
   * Walks over a message and returns the length of its text, which is kept if it is not long; `undefined`
   * if the message has another form than servers write.
   */
  #write({ bytes, start, end }: ItemMessage): number | undefined {
    const out = this.#text.clear();
    if (!this.#walk.begin(bytes, start, end)) return undefined;
    for (let length = 0;; out.clear()) {
      const state = this.#walk.run(out, LONGEST_TEXT);
      length += out.length;
      if (state === WALK_ODD) return undefined;
      if (state === WALK_DONE) return length;
    }
  }

  *#writeLong({ bytes, start, end }: ItemMessage, out: ByteBuilder): Pieces {
    this.#walk.begin(bytes, start, end);
    while (this.#walk.run(out, PIECE) === WALK_PAUSED) yield;
  }

  /** What is wrong with the key attributes of the item that was walked over, or `undefined`. */
  #wrongKey(): string | undefined {
    const { names, hash, range } = this.#walk;
    return wrongKey(hash, names.hash, "hash") ??
      (names.range && wrongKey(range, names.range, "range"));
  }
}

function wrongKey(place: ValuePlace, name: Uint8Array, which: string): string | undefined {
  if (isKeyKind(place)) return undefined;
  const shown = JSON.stringify(decodeUtf8(name));
  return place.kind === 0
    ? `the item has no ${which} key attribute ${shown}`
    : `the ${which} key attribute ${shown} is of type ${KINDS[place.kind]}`;
}

/** The message of a row that has been written. */
function messageOf({ bytes, ranges }: RowBatch, row: number): ItemMessage {
  return { bytes, start: ranges[4 * row + 2] + ITEM_MAGIC.length, end: ranges[4 * row + 3] };
}

/** The message that `bytes[start, end)` holds, or what is wrong with the value. */
function messageIn(
  bytes: Uint8Array,
  start: number,
  end: number,
): ItemMessage & { isLegacy: boolean } | string {
  if (!isJson(bytes, start, end)) {
    return startsWith(bytes, ITEM_MAGIC, start, end)
      ? { bytes, start: start + ITEM_MAGIC.length, end, isLegacy: false }
      : "the magic number of items is missing";
  }
  const upgraded = upgradeLegacyItem(bytes.subarray(start, end));
  return typeof upgraded === "string"
    ? upgraded
    : { bytes: upgraded, start: 0, end: upgraded.length, isLegacy: true };
}

/** The same item in the form that servers write, or what is wrong with it. */
function inOrder({ bytes, start, end }: ItemMessage): ItemMessage | string {
  const wrong = whyMalformed(bytes, start, end);
  if (wrong !== undefined) return wrong;
  const ordered = orderItem(bytes, start, end);
  return { bytes: ordered, start: 0, end: ordered.length };
}
