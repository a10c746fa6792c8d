/**
 * The `sqs/` folder.
 *
 * ```text
 * sqs/NAME/_queue.json                            a queue
 * sqs/NAME/messages.jsonl                         its messages, if it has any: one a line
 * sqs/NAME/_internals/side_records.jsonl          its side records, if they are wanted
 * sqs/BASE64.orphan/…                             the same without a queue, if orphans are wanted
 * _extra/sqs.jsonl                                what clients see of queues and _queue.json does not have
 * ```
 *
 * `NAME` is the queue's name by the rules of path segments, `BASE64` the same as it stands in keys;
 * `BASE64.orphan` is a segment, too.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes } from "../../bytes/compare.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { pour } from "../../tree/pieces.ts";
import { ScopeFolders } from "../../tree/scope_folders.ts";
import { clashSuffix } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import { UNRESTORABLE_FOLDER } from "../../tree/unrestorable.ts";
import type { AdapterContext } from "../context.ts";
import { beginExtra, extraFile } from "../extra.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { MESSAGES_FILE, orphanFolder } from "./names.ts";
import { hasQueueExtra, writeQueueDocument, writeQueueExtra } from "./queue_text.ts";
import { type MessagesRecord, type QueueRecord, records, type SideRecords } from "./records.ts";
import { MessageRule, whyNotQueue } from "./restorable.ts";
import { nameOf, type QueueState, rowOf } from "./scopes.ts";
import { type QueueDocument, SortedDocuments } from "./sorted_documents.ts";

const BLOCK = 1 << 18;

const FILE_NAMES: { readonly [type in QueueDocument["type"]]: string } = {
  message: MESSAGES_FILE,
  side_record: "_internals/side_records.jsonl",
};

/** Writes all queues; returns the labels of their names. */
export async function writeTree(
  context: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const scopes = new ScopeFolders("sqs/", output.names, context.scopesOf("sqs"));
  const files = new QueueFiles(context, output, scopes);
  const sorted = new SortedDocuments(context);
  // Messages that are put apart from others of their queue.
  const apart = new SortedDocuments(context);
  try {
    for await (const record of records(context, selection)) {
      if (record.type === "queue") await files.queue(record);
      else {
        const rows = record.type === "messages" ? files.rowsApart(record) : [];
        await sorted.take(without(record, rows));
        if (rows.length > 0) await apart.take({ ...record, rows: Uint32Array.from(rows) });
        await files.countWithQueue(record);
      }
    }
    await sorted.give((document) => files.document(document));
    await files.beginApart();
    await apart.give((document) => files.document(document));
    await files.end();
  } finally {
    sorted.close();
    apart.close();
  }
  return files.labels;
}

function without<T extends MessagesRecord | SideRecords>(record: T, rows: readonly number[]): T {
  if (rows.length === 0) return record;
  const left = new Set(rows);
  return { ...record, rows: record.rows.filter((row) => !left.has(row)) };
}

class QueueFiles {
  /** Labels of the queues. */
  readonly labels: Uint8Array[] = [];
  readonly #context: AdapterContext;
  readonly #output: TreeOutput;
  readonly #scopes: ScopeFolders;
  /** Why queues cannot be restored, of those that cannot. */
  readonly #whyNot = new Map<QueueState, string>();
  readonly #rule = new MessageRule();
  /** What stands before the paths of documents. */
  #root = "";
  /** Folders of queues and orphans. About 300 bytes of memory a name. */
  readonly #folders = new Map<QueueState, string>();
  readonly #taken = new Set<string>();
  readonly #lines = new ByteBuilder(BLOCK);
  readonly #json = new JsonWriter(this.#lines, { indent: false, html: false });
  /** The queues that have something that `_queue.json` has no place for. */
  readonly #extra: QueueState[] = [];
  #current: { queue: QueueState; type: QueueDocument["type"]; file: SinkFile } | undefined;

  constructor(context: AdapterContext, output: TreeOutput, scopes: ScopeFolders) {
    this.#context = context;
    this.#output = output;
    this.#scopes = scopes;
  }

  async queue({ queue, name, value, receipt }: QueueRecord): Promise<void> {
    const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
    const why = whyNotQueue(value, name);
    if (why !== undefined) this.#whyNot.set(queue, why);
    const folder = this.#output.unrestorable.count("sqs", why) + this.#scopes.of(name);
    const pieces = writeQueueDocument(json, value, name);
    this.#output.describe?.({ type: "queue" });
    await this.#output.putPiecesNew(`${folder}/_queue.json`, json.out, pieces);
    this.#folders.set(queue, folder);
    this.#taken.add(folder);
    this.labels.push(queue.label);
    if (hasQueueExtra(value)) this.#extra.push(queue);
    receipt.written();
  }

  /** Counts the messages that cannot be restored, and gives those that are put apart from their queue. */
  rowsApart(record: MessagesRecord): number[] {
    if (this.#whyNot.has(record.queue)) return [];
    const { unrestorable } = this.#output;
    const rows: number[] = [];
    for (const { row, why } of this.#rule.unrestorable(record)) {
      unrestorable.count("sqs", why);
      if (unrestorable.apart) rows.push(row);
    }
    return rows;
  }

  /** Counts the messages of a queue that cannot be restored. */
  async countWithQueue({ type, queue, receipt }: MessagesRecord | SideRecords): Promise<void> {
    const why = this.#whyNot.get(queue);
    if (type !== "messages" || why === undefined) return;
    await this.#context.jobs.drain();
    this.#output.unrestorable.count("sqs", why, receipt.rowsWritten);
  }

  /** Goes on with the documents that are put apart. */
  async beginApart(): Promise<void> {
    await this.#close();
    this.#root = UNRESTORABLE_FOLDER;
  }

  document(document: QueueDocument): MaybePromise<void> {
    const { queue, type, text } = document;
    if (queue !== this.#current?.queue || type !== this.#current.type) return this.#next(document);
    const { file } = this.#current;
    if (text instanceof Uint8Array) {
      this.#lines.append(text);
      return this.#endLine();
    }
    const poured = pour(text(this.#json), this.#lines, (bytes) => file.write(bytes));
    return isPromise(poured) ? poured.then(() => this.#endLine()) : this.#endLine();
  }

  #endLine(): MaybePromise<void> {
    this.#lines.byte(0x0a);
    if (this.#lines.length >= BLOCK) return this.#flush();
  }

  /** Ends the last file, and writes the list of what has no place in the others. */
  async end(): Promise<void> {
    await this.#close();
    if (this.#extra.length > 0) await this.#writeExtra();
  }

  async #close(): Promise<void> {
    if (!this.#current) return;
    await this.#flush();
    await this.#current.file.close();
    this.#current = undefined;
  }

  /** Begins the file that a document is the first of. */
  async #next(document: QueueDocument): Promise<void> {
    await this.#close();
    const { queue, type } = document;
    let folder = this.#folders.get(queue);
    if (folder === undefined) {
      folder = this.#orphanFolder(await nameOf(queue, this.#context.rows));
      this.#folders.set(queue, folder);
    }
    if (type === "message") this.#output.describe?.({ type: "messages" });
    const file = await this.#output.createNew(`${this.#root}${folder}/${FILE_NAMES[type]}`);
    this.#current = { queue, type, file };
    await this.document(document);
  }

  /** Where documents without a queue go. All queues have their folders, and one may be called like it. */
  #orphanFolder(name: Uint8Array): string {
    const folder = "sqs/" + orphanFolder(this.#output.names, name);
    return this.#taken.has(folder) ? folder + clashSuffix(name) : folder;
  }

  /** Writes what `_queue.json` has no place for, queues in the order of their labels. */
  async #writeExtra(): Promise<void> {
    const file = await this.#output.createNew(extraFile("sqs"));
    for (const queue of this.#extra.sort((a, b) => compareBytes(a.label, b.label))) {
      const { name, value } = await rowOf(queue, this.#context.rows);
      const json = beginExtra(name, "queue");
      await pour(writeQueueExtra(json, value), json.out, (bytes) => file.write(bytes));
      await file.write(json.endObject().out.byte(0x0a).view());
    }
    await file.close();
  }

  #flush(): MaybePromise<void> {
    const written = this.#current?.file.write(this.#lines.view());
    if (isPromise(written)) return written.then(() => void this.#lines.clear());
    this.#lines.clear();
  }
}
