/**
 * The records of SQS: what every output is made from.
 *
 * Queues come first, by the base64 of their names. Then come messages in stored order, many at once: those
 * that clients see, and where orphans are wanted those whose queue is not there. At last, where they are
 * wanted, the server's own rows about messages.
 *
 * @module
 */

import type { Family } from "../../keyspace/families.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { batchReceipt, bookRow } from "../bookings.ts";
import { type BatchReceipt, Receipt } from "../receipts.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import type { StoredQueue } from "./queue_value.ts";
import { messageRuns, sideRuns } from "./rows.ts";
import { nameOf, type Queues, type QueueState, readQueues, rowOf } from "./scopes.ts";
import { messagesPath } from "./names.ts";
import type { MessageKeys } from "./message_value.ts";
import { warnOf } from "./warnings.ts";

/** A record; valid until the next one is asked for. */
export type SqsRecord = QueueRecord | MessagesRecord | SideRecords;

/** A queue. */
export interface QueueRecord {
  readonly type: "queue";
  readonly queue: QueueState;
  /** Raw name. */
  readonly name: Uint8Array;
  /** What its row says. */
  readonly value: StoredQueue;
  readonly receipt: Receipt;
}

/** Rows of one queue that lie in one batch. */
interface BatchRecord {
  /** The queue; what is known about a name, if there is none. */
  readonly queue: QueueState;
  readonly batch: RowBatch;
  /** Their places in the batch, ascending. */
  readonly rows: Uint32Array;
  readonly receipt: BatchReceipt;
}

/** Messages of one queue, generation and partition. Their values may turn out to be unsound. */
export interface MessagesRecord extends BatchRecord {
  readonly type: "messages" | "orphan_messages";
  /** What their keys have in common. */
  readonly keys: MessageKeys;
}

/** The server's own rows of one family. */
export interface SideRecords extends BatchRecord {
  readonly type: "side_records";
  readonly family: Family;
}

/**
 * All records of the selected queues; rows get their fates while they are gone through.
 *
 * The keys that `from` and `to` are compared with are what stands behind the queue's name in stored keys:
 * a message's partition, if it has one, its generation and the base64 of its id. So a queue can be read in
 * parts. Queues themselves are in every part.
 *
 * @throws {RangeError} for a range of keys without the names of queues.
 */
export async function* records(
  given: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<SqsRecord, void> {
  const context = given.selecting("sqs", selection);
  const queues = await readQueues(context);
  yield* recordsOf(context, queues);

  const { filter } = selection;
  const wanted = new Map<QueueState, boolean>();
  const isWanted = async (queue: QueueState): Promise<boolean> => {
    if (!filter?.isPartial(queue.label)) return true;
    const known = wanted.get(queue) ??
      filter.has(messagesPath(await nameOf(queue, context.rows), queue.facts !== undefined));
    wanted.set(queue, known);
    return known;
  };
  for await (const run of messageRuns(context, queues, selection)) {
    if (!await isWanted(run.queue)) {
      context.ledger.add("sqs", run.queue.label, "not-selected", run.rows.length);
      continue;
    }
    const type = run.queue.facts ? "messages" : "orphan_messages";
    const receipt = batchReceipt(context, ownerOf(run.queue), run.rows.length, (receipt) => {
      if (type === "orphan_messages") run.queue.orphans += receipt.rowsWritten;
    });
    yield { type, ...run, receipt };
    receipt.settle();
  }
  if (context.options.includeSqsSideRecords) {
    for await (const run of sideRuns(context, queues, selection)) {
      if (!await isWanted(run.queue)) {
        context.ledger.add("sqs", run.queue.label, "not-selected", run.rows.length);
        continue;
      }
      const receipt = batchReceipt(context, ownerOf(run.queue), run.rows.length, (receipt) => {
        run.queue.sideRecords += receipt.rowsWritten;
      });
      yield { type: "side_records", ...run, receipt };
      receipt.settle();
    }
  }
  for (const queue of queues.all) warnOf(context, queue);
}

/** The selected queues alone. */
export async function* queueRecords(
  given: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<QueueRecord, void> {
  const context = given.selecting("sqs", selection);
  yield* recordsOf(context, await readQueues(context));
}

async function* recordsOf(context: AdapterContext, queues: Queues): AsyncGenerator<QueueRecord> {
  for (const queue of queues.known) {
    const receipt = new Receipt();
    yield { type: "queue", queue, ...await rowOf(queue, context.rows), receipt };
    await bookRow(context, ownerOf(queue), queue.row, receipt);
  }
}

function ownerOf({ label }: QueueState): { adapter: "sqs"; scope: Uint8Array } {
  return { adapter: "sqs", scope: label };
}
