/**
 * Queues and messages as record lines.
 *
 * ```text
 * {"adapter":"sqs","scope":"orders","type":"queue","value":{ what _queue.json and _extra/sqs.jsonl hold }}
 * {"adapter":"sqs","scope":"orders","type":"message","key":"0011…eeff","value":{"message_id":"0011…eeff","body":…}}
 * {"adapter":"sqs","scope":"orders","type":"side_record","value":{"prefix":…,"key_hex":…,"value_b64":…}}
 * ```
 *
 * `value` is a line of `messages.jsonl` or `side_records.jsonl`. All queues come first; then, queue
 * for queue, messages in the order of the file, and side records where they are wanted. Messages
 * without a queue have the type `orphan_message`, and are there where orphans are wanted.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord } from "../record_line.ts";
import { type DocumentTaker, giveDocuments, type QueueDocument } from "./documents.ts";
import { writeQueueDocument } from "./queue_value.ts";
import type { QueueRow, Queues, QueueState } from "./queues.ts";

const BLOCK = 1 << 20;

/** Writes all queues, then the messages of each. */
export async function writeRecords(
  given: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const context = given.selecting("sqs", selection);
  const lines: RecordLines[] = [];
  await giveDocuments(context, (queues) => lines[0] = new RecordLines(queues, sink));
  await lines[0].flush(1);
}

class RecordLines implements DocumentTaker {
  readonly #queues: Queues;
  readonly #sink: RecordSink;
  readonly #out = new ByteBuilder(BLOCK);
  #queue: QueueState | undefined;
  /** Its whole name. */
  #name: Uint8Array = new Uint8Array(0);

  constructor(queues: Queues, sink: RecordSink) {
    this.#queues = queues;
    this.#sink = sink;
  }

  queue({ name, queue }: QueueRow): MaybePromise<void> {
    const json = beginRecord(this.#out, "sqs", name, "queue").name("value");
    return this.#write(json, writeQueueDocument(json, queue, name, true));
  }

  document(document: QueueDocument): MaybePromise<void> {
    const { queue, type, id, write } = document;
    if (queue !== this.#queue) return this.#enter(queue).then(() => this.document(document));
    const isOrphan = type === "message" && !queue.facts;
    const json = beginRecord(this.#out, "sqs", this.#name, isOrphan ? "orphan_message" : type);
    if (type === "message") json.name("key").stringBytes(id);
    return this.#write(json.name("value"), write(json));
  }

  /** Hands on what is there, if it is at least so many bytes. */
  flush(least: number): MaybePromise<void> {
    if (this.#out.length < least) return;
    const written = this.#sink.write(this.#out.view());
    if (isPromise(written)) return written.then(() => void this.#out.clear());
    this.#out.clear();
  }

  async #enter(queue: QueueState): Promise<void> {
    this.#name = await this.#queues.nameOf(queue);
    this.#queue = queue;
  }

  /** Writes a value, and ends the object and the line. */
  #write(json: JsonWriter, value: Pieces): MaybePromise<void> {
    const end = (): MaybePromise<void> => {
      json.endObject().out.byte(0x0a);
      return this.flush(BLOCK);
    };
    const poured = pour(value, this.#out, (bytes) => this.#sink.write(bytes));
    return isPromise(poured) ? poured.then(end) : end();
  }
}
