/**
 * What an SQS dump holds, in its order: all queues by the base64 of their names, then for each queue
 * its messages and its side records.
 *
 * Messages lie in the order of their random ids. Their documents are made once, in one walk over the
 * rows, and sorted as finished text: reading a million rows again, each at another place, would cost
 * more than writing the text to scratch and reading it from end to end. So no more than the sorter's
 * memory holds bodies. The keys that are sorted by:
 *
 * ```text
 * queue's base64 ‖ 00 ‖ 00 ‖ sent i64 with its sign flipped ‖ sequence u64 ‖ message id    a message
 * queue's base64 ‖ 00 ‖ 01                                                                 a side record
 * ```
 *
 * What is equal there, and side records, stay in stored order.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { startsWith } from "../../bytes/compare.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { AdapterContext } from "../context.ts";
import { readMessages } from "./message_rows.ts";
import { type SqsMessage, writeMessageDocument } from "./message_value.ts";
import { type KnownQueue, type QueueState, readQueues } from "./queues.ts";
import { readSideRecords, writeSideRecord } from "./side_records.ts";
import { warnOf } from "./warnings.ts";

/** A message or a side record; valid until the next one. */
export interface QueueDocument {
  /** Its queue; without a row of its own if the message is an orphan. */
  queue: QueueState;
  /** What it is. */
  type: "message" | "side_record";
  /** A message's id. */
  id: Uint8Array;
  /** JSON without white space. */
  json: Uint8Array;
}

/** Takes what a dump holds. */
export interface DocumentTaker {
  /** Takes a queue: all of them come first. */
  queue(queue: KnownQueue): MaybePromise<void>;
  /** Takes one of its documents. */
  document(document: QueueDocument): MaybePromise<void>;
}

const MESSAGE = 0;
const SIDE_RECORD = 1;
const SIGN = 1n << 63n;
/** Bytes that are sorted at once: parsing makes garbage of about the same size beside them. */
const SORTED_AT_ONCE = 16 << 20;
/** Bytes of a message's key between the queue's name and the message's id. */
const BEFORE_ID = 18;

/** Reads everything, gives each row its fate, and hands on what is to be written. */
export async function giveDocuments(context: AdapterContext, taker: DocumentTaker): Promise<void> {
  const queues = await readQueues(context);
  const sorter = new SpillSorter(context.scratch, SORTED_AT_ONCE);
  try {
    const key = new ByteBuilder();
    const out = new ByteBuilder();
    const json = new JsonWriter(out, { indent: false, html: false });
    await readMessages(context, queues, (queue, message) => {
      appendMessageOrder(key.clear().ascii(queue.segment).byte(0).byte(MESSAGE), message);
      out.clear();
      writeMessageDocument(json, message);
      return sorter.add(key.view(), out.view());
    });
    if (context.options.includeSqsSideRecords) {
      await readSideRecords(context, queues, (queue, row) => {
        key.clear().ascii(queue.segment).byte(0).byte(SIDE_RECORD);
        out.clear();
        writeSideRecord(json, row);
        return sorter.add(key.view(), out.view());
      });
    }

    for (const queue of queues.known) await taker.queue(queue);
    const sorted = await sorter.sorted();
    let record = await sorted.next();
    for (const queue of queues.all) {
      warnOf(context, queue);
      const prefix = key.clear().ascii(queue.segment).byte(0).take();
      while (record && startsWith(record.key, prefix)) {
        const type = record.key[prefix.length] === MESSAGE ? "message" : "side_record";
        const id = record.key.subarray(prefix.length - 1 + BEFORE_ID);
        const taken = taker.document({ queue, type, id, json: record.value });
        if (isPromise(taken)) await taken;
        const next = sorted.next();
        record = isPromise(next) ? await next : next;
      }
    }
  } finally {
    sorter.close();
  }
}

/** Appends what messages of one queue are sorted by. */
export function appendMessageOrder(out: ByteBuilder, message: SqsMessage): void {
  appendU64(out, message.send_timestamp_millis + SIGN);
  appendU64(out, message.sequence_number ?? 0n);
  out.text(message.message_id);
}
