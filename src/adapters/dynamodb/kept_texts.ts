/**
 * Texts of items that wait until their turn comes, in the order of keys. They are kept in a sorter, which
 * spills; of a long one only its row's place is kept, and it is read again.
 *
 * ```text
 * value := length of note u16be ‖ note ‖ ( 1 ‖ text | 0 ‖ handle )
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { UnsoundError } from "../../errors.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { appendHandle, handleAt } from "../row_handles.ts";
import { type ItemReader, type ItemText, textOf } from "./values.ts";

/** Keeps texts, and gives them back. */
export class KeptTexts {
  readonly #context: AdapterContext;
  readonly #reader: ItemReader;
  readonly #sorter: SpillSorter;
  readonly #value = new ByteBuilder();

  /** @param reader The one that makes the texts. */
  constructor(context: AdapterContext, reader: ItemReader) {
    this.#context = context;
    this.#reader = reader;
    this.#sorter = new SpillSorter(context.scratch);
  }

  /**
   * Keeps the text of row `row` of `batch`.
   *
   * @param note Is given back with it: up to 64 KiB of UTF-8.
   */
  add(
    key: Uint8Array,
    text: ItemText,
    batch: RowBatch,
    row: number,
    note = "",
  ): MaybePromise<void> {
    const value = this.#value.clear().byte(0).byte(0).text(note);
    const length = value.length - 2;
    value.bytes[0] = length >> 8;
    value.bytes[1] = length;
    if (text instanceof Uint8Array) value.byte(1).append(text);
    else appendHandle(value.byte(0), batch, row);
    return this.#sorter.add(key, value.view());
  }

  /** Whether none is kept. */
  get isEmpty(): boolean {
    return this.#sorter.count === 0;
  }

  /** Gives the texts in the order of the keys' bytes, each valid until the next one. */
  async each(
    take: (text: ItemText, key: Uint8Array, note: string) => MaybePromise<unknown>,
  ): Promise<void> {
    const sorted = await this.#sorter.sorted();
    for (;;) {
      const next = sorted.next();
      const record = isPromise(next) ? await next : next;
      if (!record) break;
      const { key, value } = record;
      const at = 2 + ((value[0] << 8) | value[1]);
      const text = value[at] === 1 ? value.subarray(at + 1) : await this.#readAgain(value, at + 1);
      const taken = take(text, key, decodeUtf8(value, 2, at)!);
      if (isPromise(taken)) await taken;
    }
    this.#sorter.close();
  }

  async #readAgain(value: Uint8Array, at: number): Promise<ItemText> {
    const row = await this.#context.rows.read(handleAt(value, at));
    const items = this.#reader.readValue(row.value, (code, message) => {
      throw new UnsoundError(code, message, { key: row.key });
    });
    return textOf(items!, 0);
  }
}
