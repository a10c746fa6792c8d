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
import { appendJsonString } from "../../text/json_string.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { pour, type Write } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import { beginRecord } from "../record_line.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { writeQueueDocument } from "./queue_text.ts";
import { type QueueRecord, records } from "./records.ts";
import { nameOf, type QueueState } from "./scopes.ts";
import { type QueueDocument, SortedDocuments } from "./sorted_documents.ts";

const BLOCK = 1 << 20;

/** Writes all queues, then the messages of each. */
export async function writeRecords(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const lines = new QueueLines(context, sink);
  const sorted = new SortedDocuments(context);
  try {
    for await (const record of records(context, selection)) {
      if (record.type === "queue") await lines.queue(record);
      else await sorted.take(record);
    }
    await sorted.give((document) => lines.document(document));
    await lines.end();
  } finally {
    sorted.close();
  }
}

class QueueLines {
  readonly #context: AdapterContext;
  readonly #write: Write;
  readonly #out = new ByteBuilder(BLOCK);
  readonly #json = new JsonWriter(this.#out, { indent: false, html: false });
  #queue: QueueState | undefined;
  #type: QueueDocument["type"] | undefined;
  /** What the lines of the queue and type begin with. */
  #beginning: Uint8Array = new Uint8Array(0);

  constructor(context: AdapterContext, sink: RecordSink) {
    this.#context = context;
    this.#write = (bytes) => sink.write(bytes);
  }

  async queue({ name, value, receipt }: QueueRecord): Promise<void> {
    const json = beginRecord(this.#out, "sqs", name, "queue").name("value");
    await pour(writeQueueDocument(json, value, name, true), this.#out, this.#write);
    await this.#endLine();
    receipt.written();
  }

  document(document: QueueDocument): MaybePromise<void> {
    const { queue, type, id, text } = document;
    if (queue !== this.#queue || type !== this.#type) {
      return this.#enter(queue, type).then(() => this.document(document));
    }
    this.#out.append(this.#beginning);
    if (type === "message") {
      this.#out.append(KEY);
      appendJsonString(this.#out, id, 0, id.length, false);
    }
    this.#out.append(VALUE);
    if (text instanceof Uint8Array) {
      this.#out.append(text);
      return this.#endLine();
    }
    const poured = pour(text(this.#json), this.#out, this.#write);
    return isPromise(poured) ? poured.then(() => this.#endLine()) : this.#endLine();
  }

  /** Hands on what is left. */
  async end(): Promise<void> {
    if (this.#out.length > 0) await this.#flush();
  }

  async #enter(queue: QueueState, type: QueueDocument["type"]): Promise<void> {
    const name = await nameOf(queue, this.#context.rows);
    const isOrphan = type === "message" && !queue.facts;
    const beginning = new ByteBuilder();
    beginRecord(beginning, "sqs", name, isOrphan ? "orphan_message" : type);
    this.#beginning = beginning.view();
    this.#queue = queue;
    this.#type = type;
  }

  /** Ends a record and its line. */
  #endLine(): MaybePromise<void> {
    this.#out.append(END);
    if (this.#out.length >= BLOCK) return this.#flush();
  }

  #flush(): MaybePromise<void> {
    const written = this.#write(this.#out.view());
    if (isPromise(written)) return written.then(() => void this.#out.clear());
    this.#out.clear();
  }
}

const KEY = encodeUtf8(`,"key":`);
const VALUE = encodeUtf8(`,"value":`);
const END = encodeUtf8("}\n");
