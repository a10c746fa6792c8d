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
import { classify } from "../../keyspace/families.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import { parseSqsKey, type SqsKey } from "../../keyspace/sqs_keys.ts";
import { batchOf, type RowHandle, rowKey } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { writeAll } from "../../tree/pieces.ts";
import type { AdapterContext } from "../context.ts";
import { LONG_VALUE } from "../kept_values.ts";
import { appendHandle, handleAt } from "../row_handles.ts";
import { messageAt, readMessages, type SqsRow } from "./message_rows.ts";
import { type StoredMessage, writeMessageDocument } from "./message_value.ts";
import { type QueueRow, type Queues, type QueueState, readQueues } from "./queues.ts";
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
  /** Writes it as JSON without white space. */
  write(json: JsonWriter): Pieces;
}

/** Takes what a dump holds. */
export interface DocumentTaker {
  /** Takes a queue: all of them come first. */
  queue(queue: QueueRow): MaybePromise<void>;
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
export async function giveDocuments(
  context: AdapterContext,
  makeTaker: (queues: Queues) => DocumentTaker,
): Promise<void> {
  const queues = await readQueues(context);
  const taker = makeTaker(queues);
  const sorter = new SpillSorter(context.scratch, SORTED_AT_ONCE);
  try {
    const key = new ByteBuilder();
    const kept = new KeptDocument();
    await readMessages(context, queues, (queue, row, message) => {
      appendMessageOrder(key.clear().ascii(queue.segment).byte(0).byte(MESSAGE), message);
      return sorter.add(key.view(), kept.of(row, (json) => writeMessageDocument(json, message)));
    });
    if (context.options.includeSqsSideRecords) {
      await readSideRecords(context, queues, (queue, row) => {
        key.clear().ascii(queue.segment).byte(0).byte(SIDE_RECORD);
        return sorter.add(key.view(), kept.of(row, (json) => writeSideRecord(json, row)));
      });
    }

    for (const queue of queues.known) await taker.queue(await queues.rowOf(queue));
    const sorted = await sorter.sorted();
    let record = await sorted.next();
    for (const queue of queues.all) {
      warnOf(context, queue);
      const prefix = key.clear().ascii(queue.segment).byte(0).take();
      while (record && startsWith(record.key, prefix)) {
        const type = record.key[prefix.length] === MESSAGE ? "message" : "side_record";
        const id = record.key.subarray(prefix.length - 1 + BEFORE_ID);
        const write = kept.read(context, type, record.value);
        const document = {
          queue,
          type,
          id,
          write: isPromise(write) ? await write : write,
        } as const;
        const taken = taker.document(document);
        if (isPromise(taken)) await taken;
        const next = sorted.next();
        record = isPromise(next) ? await next : next;
      }
    }
  } finally {
    sorter.close();
  }
}

type WriteDocument = QueueDocument["write"];

/**
 * What is sorted: a finished text, or of a row with a long value the place, so that it is read again.
 *
 * ```text
 * 1 ‖ JSON        0 ‖ handle
 * ```
 */
class KeptDocument {
  readonly #out = new ByteBuilder();
  readonly #json = new JsonWriter(this.#out, { indent: false, html: false });

  /** What is kept of a row; valid until the next one. */
  of({ batch, i }: SqsRow, write: WriteDocument): Uint8Array {
    const length = batch.ranges[i * 4 + 3] - batch.ranges[i * 4 + 2];
    if (length > LONG_VALUE) appendHandle(this.#out.clear().byte(0), batch, i);
    else {
      this.#out.clear().byte(1);
      writeAll(write(this.#json));
    }
    return this.#out.view();
  }

  /** How the document of which `kept` is left is written. */
  read(
    context: AdapterContext,
    type: QueueDocument["type"],
    kept: Uint8Array,
  ): MaybePromise<WriteDocument> {
    if (kept[0] === 1) return (json) => raw(json, kept.subarray(1));
    return this.#readAgain(context, type, handleAt(kept, 1));
  }

  async #readAgain(
    context: AdapterContext,
    type: QueueDocument["type"],
    handle: RowHandle,
  ): Promise<WriteDocument> {
    const batch = batchOf(await context.rows.read(handle), handle);
    const key = rowKey(batch, 0);
    const family = classify(key, 0, key.length);
    if (type === "side_record") return (json) => writeSideRecord(json, { family, batch, i: 0 });
    const parsed = parseSqsKey(family, key, 0, key.length) as SqsKey;
    return (json) => writeMessageDocument(json, messageAt(context, batch, 0, parsed)!);
  }
}

function* raw(json: JsonWriter, bytes: Uint8Array): Pieces {
  if (json.raw(bytes).isFull) yield;
}

/** Appends what messages of one queue are sorted by. */
export function appendMessageOrder(out: ByteBuilder, message: StoredMessage): void {
  appendU64(out, message.send_timestamp_millis + SIGN);
  appendU64(out, message.sequence_number ?? 0n);
  out.append(message.message_id);
}
