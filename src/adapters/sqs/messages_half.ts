/**
 * Messages of one queue, generation and partition as documents: the half of `sorted_documents.ts` that
 * needs rows alone. It leaves those that the kernel leaves.
 *
 * ```text
 * table  places of the rows that are left …
 * notes  of each other row, as it is sorted: length of key u32le ‖ length of document u32le ‖ key ‖ document
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { type Half, type HalfKind, type HalfTools, type Piece, piece } from "../../jobs/half.ts";
import {
  type Kernels,
  MESSAGE_COLUMNS,
  MESSAGE_WRITTEN,
  type MessageForm,
  type Rows,
  type TranscodedMessages,
} from "../../kernels/kernels.ts";
import { appendRecord } from "../../sources/spill_sorter.ts";

/** Messages that are sorted together. */
export interface MessagesSetup extends MessageForm {
  /** What the keys that they are sorted by begin with. */
  readonly prefix: Uint8Array;
}

/** Writes messages as documents, with what they are sorted by. */
export const messagesHalf: HalfKind<MessagesSetup> = {
  name: "sqs messages",
  begin: (setup, { kernels }: HalfTools) => new MessagesHalf(setup, kernels),
};

class MessagesHalf implements Half {
  readonly #setup: MessagesSetup;
  readonly #kernels: Kernels;
  readonly #records = new ByteBuilder(1 << 16);
  readonly #key: ByteBuilder;

  constructor(setup: MessagesSetup, kernels: Kernels) {
    this.#setup = setup;
    this.#kernels = kernels;
    this.#key = new ByteBuilder().append(setup.prefix);
  }

  *run(rows: Rows, places: Uint32Array): Generator<Piece> {
    for (let done = 0; done < places.length;) {
      const some = this.#kernels.transcodeMessages(rows, places, done, this.#setup);
      yield this.#pieceOf(some);
      done += some.count;
    }
  }

  #pieceOf({ count, documents, orders, table }: TranscodedMessages): Piece {
    const left: number[] = [];
    const key = this.#key;
    this.#records.clear();
    for (let i = 0, t = 0; i < count; i++, t += MESSAGE_COLUMNS) {
      if (table[t] !== MESSAGE_WRITTEN) {
        left.push(i);
        continue;
      }
      key.length = this.#setup.prefix.length;
      key.append(orders, table[t + 3], table[t + 4]);
      appendRecord(this.#records, key.view(), documents.subarray(table[t + 1], table[t + 2]));
    }
    return piece(count, Uint32Array.from(left), { notes: this.#records.view() });
  }
}
