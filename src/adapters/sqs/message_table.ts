/** The messages of one record as documents, and what they are sorted by: a batch in, bytes and a table out. */

import { ByteBuilder } from "../../bytes/builder.ts";
import { type Kernels, MESSAGE_COLUMNS, MESSAGE_WRITTEN } from "../../kernels/kernels.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { writeAll } from "../../tree/pieces.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { writeMessage } from "./message_text.ts";
import type { MessagesRecord } from "./records.ts";
import { type MessageKeys, MessageValue } from "./message_value.ts";

/**
 * A table of messages, filled again for each record. Row `k` is the message at `record.rows[k]`:
 *
 * ```text
 * documents   … {"message_id":…} {"message_id":…} …      row k ends at ends[2k]
 * orders      … sent ‖ sequence ‖ id …                    row k ends at ends[2k + 1]
 * ```
 *
 * A message with a long value has an empty document here, and one that is unsound has an empty order.
 */
export class MessageTable {
  /** JSON texts, one behind the other. */
  readonly documents: ByteBuilder = new ByteBuilder(1 << 16);
  /** See {@link MessageValue.appendOrder}. */
  readonly orders: ByteBuilder = new ByteBuilder(1 << 12);
  /** Two columns a row: where its document and its order end. */
  ends: Uint32Array = new Uint32Array(0);
  /** What is wrong with rows that are unsound, by their number in the table. */
  readonly wrong: Map<number, string> = new Map();
  readonly #kernels: Kernels;
  readonly #preserveVisibility: boolean;
  readonly #message = new MessageValue();
  readonly #json = new JsonWriter(this.documents, { indent: false, html: false });

  /** @param kernels Write the messages that are spelled as servers spell them; others are read here. */
  constructor(kernels: Kernels, preserveVisibility: boolean) {
    this.#kernels = kernels;
    this.#preserveVisibility = preserveVisibility;
  }

  /** Reads and writes the messages of a record. */
  fill({ batch, rows, keys }: MessagesRecord): this {
    const { documents, orders } = this;
    documents.clear();
    orders.clear();
    this.wrong.clear();
    if (this.ends.length < rows.length * 2) this.ends = new Uint32Array(rows.length * 2);
    const form = { ...keys, preserveVisibility: this.#preserveVisibility };
    for (let k = 0; k < rows.length;) {
      const some = this.#kernels.transcodeMessages(batch, rows, k, form);
      const { table } = some;
      for (let t = 0; t < table.length; t += MESSAGE_COLUMNS, k++) {
        if (table[t] === MESSAGE_WRITTEN) {
          documents.append(some.documents, table[t + 1], table[t + 2]);
          orders.append(some.orders, table[t + 3], table[t + 4]);
        } else this.#addOne(batch, rows[k], k, keys);
        this.ends[k * 2] = documents.length;
        this.ends[k * 2 + 1] = orders.length;
      }
    }
    return this;
  }

  /** Reads the message at row `i`, the `k`th of the record. */
  #addOne(batch: RowBatch, i: number, k: number, keys: MessageKeys): void {
    const wrong = this.#message.read(batch, i, keys);
    if (wrong !== undefined) {
      this.wrong.set(k, wrong);
      return;
    }
    const length = batch.ranges[i * 4 + 3] - batch.ranges[i * 4 + 2];
    if (length <= LONG_VALUE) {
      writeAll(writeMessage(this.#json, this.#message, this.#preserveVisibility));
    }
    this.#message.appendOrder(this.orders);
  }
}
