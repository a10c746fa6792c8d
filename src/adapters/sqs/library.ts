/** Queues by name, for programs. @module */

import { UsageError } from "../../errors.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import type { AdapterContext, WalkOptions } from "../context.ts";
import { messagesInOrder, type SqsMessage } from "./messages.ts";
import { type QueueAttributes, queueAttributes } from "./queue_value.ts";
import { queueRecords } from "./records.ts";

/**
 * The queues of a snapshot.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * using snap = await openSnapshot("0000000000000235.fsm");
 * for await (const queue of snap.sqs.queues()) {
 *   console.log(queue.name, await queue.attributes());
 *   for await (const { body } of queue.messages()) console.log(new TextDecoder().decode(body));
 * }
 * ```
 */
export class SqsQueues {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All queues, in the order of the base64 of their names. */
  async *queues(): AsyncGenerator<SqsQueue> {
    for await (const { name, receipt } of queueRecords(this.#context, {})) {
      receipt.written();
      yield new SqsQueue(this.#context, name);
    }
  }

  /**
   * One queue. Nothing is read before its messages or its attributes are asked for.
   *
   * @param name As text, as reports write it, or as bytes.
   * @throws {UsageError} for text that stands for no name.
   */
  queue(name: string | Uint8Array): SqsQueue {
    return new SqsQueue(this.#context, nameBytes(name));
  }
}

/** One queue. */
export class SqsQueue {
  /** The bytes of its name. */
  readonly rawName: Uint8Array;
  readonly #context: AdapterContext;

  /** By its raw name. */
  constructor(context: AdapterContext, rawName: Uint8Array) {
    this.#context = context;
    this.rawName = rawName;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.rawName);
  }

  /**
   * What the server keeps about it.
   *
   * @throws {UsageError} when there is no such queue.
   */
  async attributes(): Promise<QueueAttributes> {
    for await (const { value, receipt } of queueRecords(this.#context, this.#selection)) {
      receipt.written();
      return queueAttributes(value);
    }
    throw new UsageError(`there is no queue named ${JSON.stringify(this.name)}`);
  }

  /**
   * The messages that its clients could receive, now or later: by the time at which they were sent, then by
   * sequence number, then by id. All are read before the first one comes.
   *
   * @throws {UsageError} when there is no such queue.
   * @throws {UnsoundError} when a message is malformed.
   */
  async *messages(options: WalkOptions = {}): AsyncGenerator<SqsMessage> {
    await this.attributes();
    yield* messagesInOrder(this.#context.walking(options), this.#selection);
  }

  get #selection(): { scopes: Uint8Array[] } {
    return { scopes: [this.rawName] };
  }
}
