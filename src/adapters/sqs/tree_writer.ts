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
 * `NAME` is the queue's name by the rules of path segments, `BASE64` the same as it stands in keys.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { OutputError } from "../../errors.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { clashSuffix, encodeSegment } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import { beginExtra, extraFile } from "../extra.ts";
import { type DocumentTaker, giveDocuments, type QueueDocument } from "./documents.ts";
import { writeQueueDocument, writeQueueExtra } from "./queue_value.ts";
import type { KnownQueue, QueueState } from "./queues.ts";

const BLOCK = 1 << 18;

const FILE_NAMES: { readonly [type in QueueDocument["type"]]: string } = {
  message: "messages.jsonl",
  side_record: "_internals/side_records.jsonl",
};

/** Writes all queues; returns their names. */
export async function writeTree(
  context: AdapterContext,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const files = new QueueFiles(output);
  await giveDocuments(context, files);
  await files.end();
  return files.names;
}

class QueueFiles implements DocumentTaker {
  /** Raw names of the queues. */
  readonly names: Uint8Array[] = [];
  readonly #output: TreeOutput;
  /** Folders of queues and orphans. About 300 bytes of memory a name. */
  readonly #folders = new Map<QueueState, string>();
  readonly #taken = new Set<string>();
  readonly #lines = new ByteBuilder(BLOCK);
  readonly #extra: SortedLines;
  #current: { queue: QueueState; type: QueueDocument["type"]; file: SinkFile } | undefined;

  constructor(output: TreeOutput) {
    this.#output = output;
    this.#extra = output.lines(extraFile("sqs"));
  }

  async queue(queue: KnownQueue): Promise<void> {
    const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
    writeQueueDocument(json, queue.meta, queue.text);
    await this.#claim(
      queue,
      "sqs/" + encodeSegment(queue.name),
      (folder) => this.#output.put(`${folder}/_queue.json`, json.out.view()),
    );
    this.names.push(queue.name);
    const extra = beginExtra(queue.name, "queue");
    if (writeQueueExtra(extra, queue.meta)) {
      await this.#extra.add(queue.name, extra.endObject().out.byte(0x0a).view());
    }
  }

  document(document: QueueDocument): MaybePromise<void> {
    const { queue, type, json } = document;
    if (queue !== this.#current?.queue || type !== this.#current.type) return this.#next(document);
    this.#lines.append(json).byte(0x0a);
    if (this.#lines.length >= BLOCK) return this.#flush();
  }

  /** Ends the last file, and the list of what has no place in the others. */
  async end(): Promise<void> {
    await this.close();
    await this.#extra.close();
  }

  /** Ends the file at hand. */
  async close(): Promise<void> {
    if (!this.#current) return;
    await this.#flush();
    await this.#current.file.close();
    this.#current = undefined;
  }

  /** Begins the file that a document is the first of. */
  async #next(document: QueueDocument): Promise<void> {
    await this.close();
    const { queue, type } = document;
    const folder = this.#folders.get(queue);
    const file = folder !== undefined
      ? await this.#output.createNew(`${folder}/${FILE_NAMES[type]}`)
      : await this.#claim(
        queue,
        `sqs/${queue.segment}.orphan`,
        (folder) => this.#output.create(`${folder}/${FILE_NAMES[type]}`),
      );
    this.#current = { queue, type, file };
    await this.document(document);
  }

  /**
   * Makes the first file of a folder. The name can be taken: by a queue that is called like an
   * orphan's folder, or where file names do not tell letters of two cases apart.
   */
  async #claim<T>(
    queue: QueueState,
    plain: string,
    make: (folder: string) => MaybePromise<T | undefined>,
  ): Promise<T> {
    for (const folder of [plain, plain + clashSuffix(queue.name)]) {
      const made = this.#taken.has(folder) ? undefined : await make(folder);
      if (!made) continue;
      this.#taken.add(folder);
      this.#folders.set(queue, folder);
      return made;
    }
    throw new OutputError("output-failed", "the name of a queue's folder is taken", {
      file: plain,
    });
  }

  #flush(): MaybePromise<void> {
    const written = this.#current?.file.write(this.#lines.view());
    if (isPromise(written)) return written.then(() => void this.#lines.clear());
    this.#lines.clear();
  }
}
