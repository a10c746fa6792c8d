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
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import { beginRecord } from "../record_line.ts";
import { giveDocuments } from "./documents.ts";
import { writeQueueDocument } from "./queue_value.ts";

const BLOCK = 1 << 20;

/** Writes all queues, then the messages of each. */
export async function writeRecords(context: AdapterContext, sink: RecordSink): Promise<void> {
  const out = new ByteBuilder(BLOCK);
  const flush = (least: number): MaybePromise<void> => {
    if (out.length < least) return;
    const written = sink.write(out.view());
    if (isPromise(written)) return written.then(() => void out.clear());
    out.clear();
  };
  await giveDocuments(context, {
    queue({ name, meta, text }) {
      const json = beginRecord(out, "sqs", name, "queue").name("value");
      writeQueueDocument(json, meta, text, true);
      json.endObject().out.byte(0x0a);
      return flush(BLOCK);
    },
    document({ queue, type, id, json: value }) {
      const isOrphan = type === "message" && !queue.meta;
      const json = beginRecord(out, "sqs", queue.name, isOrphan ? "orphan_message" : type);
      if (type === "message") json.name("key").stringBytes(id);
      json.name("value").raw(value).endObject().out.byte(0x0a);
      return flush(BLOCK);
    },
  });
  await flush(1);
}
