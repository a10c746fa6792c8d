/**
 * The documents of messages and side records in the order of a dump: queues by the base64 of their names,
 * in each of them messages by when they were sent, and then side records.
 *
 * Messages lie in the order of their random ids. Their documents are made once, while their rows go by,
 * and sorted as finished text: reading a million rows again, each at another place, would cost more than
 * writing the text to scratch and reading it from end to end. Of a message with a long value only its
 * place is sorted, and it is read again. The keys that are sorted by:
 *
 * ```text
 * queue's base64 ‖ 00 ‖ 00 ‖ sent i64 with its sign flipped ‖ sequence u64 ‖ message id    a message
 * queue's base64 ‖ 00 ‖ 01                                                                 a side record
 * ```
 *
 * What is equal there stays in stored order.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { startsWith } from "../../bytes/compare.ts";
import { classify, FAMILY, type Family } from "../../keyspace/families.ts";
import { runHere, type Stage, type Take } from "../../jobs/jobs.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import { batchOf, type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { writeAll } from "../../tree/pieces.ts";
import type { AdapterContext } from "../context.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { appendHandle, HANDLE_SIZE, handleAt } from "../row_handles.ts";
import { writeMessage } from "./message_text.ts";
import type { MessagesRecord, SideRecords } from "./records.ts";
import { messageKeys } from "./rows.ts";
import type { QueueState } from "./scopes.ts";
import { writeSideRecord } from "./side_text.ts";
import { type MessageKeys, MessageValue } from "./message_value.ts";
import { messagesHalf, type MessagesSetup } from "./messages_half.ts";

/** A document; valid until the next one. */
export interface QueueDocument {
  readonly queue: QueueState;
  readonly type: "message" | "side_record";
  /** A message's id. */
  readonly id: Uint8Array;
  /** JSON without white space; of a long one, what writes it in pieces. */
  readonly text: Uint8Array | ((json: JsonWriter) => Pieces);
}

const MESSAGE = 0;
const SIDE_RECORD = 1;
/** So few messages are not worth a way to a worker and back. */
const FEW = 64;
/** Bytes that are sorted at once: parsing makes garbage of about the same size beside them. */
const SORTED_AT_ONCE = 16 << 20;
/** Bytes of a message's key between the queue's name and the message's id. */
const BEFORE_ID = 18;

/** Takes records over, and gives their documents in order. */
export class SortedDocuments {
  readonly #context: AdapterContext;
  readonly #sorter: SpillSorter;
  readonly #queues = new Set<QueueState>();
  readonly #message = new MessageValue();
  #stage: { keys: MessageKeys; stage: Stage } | undefined;
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();
  readonly #json = new JsonWriter(this.#value, { indent: false, html: false });
  readonly #preserve: boolean;

  /** Sorts through the scratch space of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
    this.#preserve = context.options.preserveSqsVisibility ?? false;
    this.#sorter = new SpillSorter(context.scratch, SORTED_AT_ONCE);
  }

  /** Takes the rows of a record over, and says so. */
  async take(record: MessagesRecord | SideRecords): Promise<void> {
    this.#queues.add(record.queue);
    if (record.type === "side_records") await this.#takeSide(record);
    else await this.#takeMessages(record);
  }

  async #takeMessages(record: MessagesRecord): Promise<void> {
    const { batch, rows, receipt } = record;
    // Plain kernels leave all.
    if (this.#context.kernels.name === "js") return await this.#takeLeft(record);
    receipt.later();
    const take: Take = async ({ count, table, notes }, batch, places) => {
      await this.#sorter.addAll(notes);
      receipt.written(count - table.length);
      if (table.length === 0) return;
      await this.#takeLeft({ ...record, batch, rows: table.map((i) => places[i]) });
    };
    const { jobs, kernels } = this.#context;
    if (rows.length >= FEW) await this.#stageOf(record).add(batch, rows, take);
    else {
      await jobs.drain();
      await runHere(messagesHalf.begin(this.#setupOf(record), { kernels }), batch, rows, take);
    }
  }

  /** Where messages go whose keys have the same in common. */
  #stageOf(record: MessagesRecord): Stage {
    const { keys } = record;
    if (this.#stage?.keys !== keys) {
      const stage = this.#context.jobs.stage(messagesHalf, this.#setupOf(record));
      this.#stage = { keys, stage };
    }
    return this.#stage.stage;
  }

  #setupOf({ queue, keys }: MessagesRecord): MessagesSetup {
    return { ...keys, preserveVisibility: this.#preserve, prefix: messagePrefix(queue) };
  }

  /** Takes messages that no kernel knows. */
  async #takeLeft({ queue, batch, rows, keys, receipt }: MessagesRecord): Promise<void> {
    const message = this.#message;
    for (const i of rows) {
      const wrong = message.read(batch, i, keys);
      if (wrong !== undefined) {
        receipt.refuse(i, this.#context.defect(batch, i, "malformed-value", wrong));
        continue;
      }
      message.appendOrder(this.#key.clear().append(messagePrefix(queue)));
      const added = this.#sorter.add(this.#key.view(), this.#documentOf(batch, i));
      if (isPromise(added)) await added;
      receipt.written(1);
    }
  }

  /** The document of the message at row `i`, which has been read; of a long one its place. */
  #documentOf(batch: RowBatch, i: number): Uint8Array {
    if (batch.ranges[i * 4 + 3] - batch.ranges[i * 4 + 2] > LONG_VALUE) {
      return this.#handleOf(batch, i);
    }
    this.#value.clear();
    writeAll(writeMessage(this.#json, this.#message, this.#preserve));
    return this.#value.view();
  }

  async #takeSide({ queue, family, batch, rows, receipt }: SideRecords): Promise<void> {
    const key = this.#key.clear().ascii(queue.segment).byte(0).byte(SIDE_RECORD).view();
    for (const i of rows) {
      const added = this.#sorter.add(key, this.#sideText(family, batch, i));
      if (isPromise(added)) await added;
    }
    receipt.written(rows.length);
  }

  #sideText(family: Family, batch: RowBatch, i: number): Uint8Array {
    const length = batch.ranges[i * 4 + 3] - batch.ranges[i * 4];
    if (length > LONG_VALUE) return this.#handleOf(batch, i);
    this.#value.clear();
    writeAll(writeSideRecord(this.#json, family, batch, i));
    return this.#value.view();
  }

  #handleOf(batch: RowBatch, i: number): Uint8Array {
    appendHandle(this.#value.clear(), batch, i);
    return this.#value.view();
  }

  /** Gives all documents; nothing can be taken afterwards. */
  async give(taker: (document: QueueDocument) => MaybePromise<void>): Promise<void> {
    await this.#context.jobs.drain();
    const sorted = await this.#sorter.sorted();
    let next = sorted.next();
    let record = isPromise(next) ? await next : next;
    const queues = [...this.#queues].sort((a, b) => a.segment < b.segment ? -1 : 1);
    for (const queue of queues) {
      const prefix = this.#key.clear().ascii(queue.segment).byte(0).take();
      while (record && startsWith(record.key, prefix)) {
        const type = record.key[prefix.length] === MESSAGE ? "message" : "side_record";
        const id = record.key.subarray(prefix.length - 1 + BEFORE_ID);
        const { value } = record;
        // No document is so short.
        const text = value.length === HANDLE_SIZE ? await this.#longText(value) : value;
        const taken = taker({ queue, type, id, text });
        if (isPromise(taken)) await taken;
        next = sorted.next();
        record = isPromise(next) ? await next : next;
      }
    }
  }

  /** What writes the document of a long row, which is read again. */
  async #longText(place: Uint8Array): Promise<(json: JsonWriter) => Pieces> {
    const handle = handleAt(place, 0);
    const batch = batchOf(await this.#context.rows.read(handle), handle);
    const key = rowKey(batch, 0);
    const family = classify(key, 0, key.length);
    if (family !== FAMILY["sqs-message"]) return (json) => writeSideRecord(json, family, batch, 0);
    const keys = messageKeys(parseSqsKey(family, key, 0, key.length) as SqsKey, key.length);
    const message = new MessageValue();
    message.read(batch, 0, keys);
    return (json) => writeMessage(json, message, this.#preserve);
  }

  /** Lets go of the scratch space. */
  close(): void {
    this.#sorter.close();
  }
}

function messagePrefix({ segment }: QueueState): Uint8Array {
  return new ByteBuilder().ascii(segment).byte(0).byte(MESSAGE).take();
}
