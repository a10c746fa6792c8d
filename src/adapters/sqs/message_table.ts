/** The messages of one record as documents, and what they are sorted by: a batch in, bytes and a table out. */

import { ByteBuilder } from "../../bytes/builder.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { writeAll } from "../../tree/pieces.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { writeMessage } from "./message_text.ts";
import type { MessagesRecord } from "./records.ts";
import { MessageValue } from "./values.ts";

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
  readonly #message = new MessageValue();
  readonly #json = new JsonWriter(this.documents, { indent: false, html: false });

  /** Reads and writes the messages of a record. */
  fill({ batch, rows, keys }: MessagesRecord, preserveVisibility: boolean): this {
    const { documents, orders } = this;
    documents.clear();
    orders.clear();
    this.wrong.clear();
    if (this.ends.length < rows.length * 2) this.ends = new Uint32Array(rows.length * 2);
    for (let k = 0; k < rows.length; k++) {
      const i = rows[k];
      const wrong = this.#message.read(batch, i, keys);
      if (wrong !== undefined) this.wrong.set(k, wrong);
      else {
        const length = batch.ranges[i * 4 + 3] - batch.ranges[i * 4 + 2];
        if (length <= LONG_VALUE) {
          writeAll(writeMessage(this.#json, this.#message, preserveVisibility));
        }
        this.#message.appendOrder(orders);
      }
      this.ends[k * 2] = documents.length;
      this.ends[k * 2 + 1] = orders.length;
    }
    return this;
  }
}
