/** Queues by name, for programs. @module */

import { UsageError } from "../../errors.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import type { AdapterContext } from "../context.ts";
import { queueMessages, type SqsMessage, type SqsQueue, sqsQueues } from "./records.ts";

/** The queues of a snapshot. */
export class SqsQueues {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All queues, in the order of the base64 of their names. */
  async *queues(): AsyncGenerator<QueueReader> {
    for await (const { name } of sqsQueues(this.#context)) {
      yield new QueueReader(this.#context, name);
    }
  }

  /**
   * One queue. Nothing is read before its messages or its attributes are asked for.
   *
   * @param name As text, as reports write it, or as bytes.
   * @throws {UsageError} for text that stands for no name.
   */
  queue(name: string | Uint8Array): QueueReader {
    return new QueueReader(this.#context, nameBytes(name));
  }
}

/** One queue. */
export class QueueReader {
  readonly #context: AdapterContext;
  readonly #name: Uint8Array;

  /** By its raw name. */
  constructor(context: AdapterContext, name: Uint8Array) {
    this.#context = context;
    this.#name = name;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.#name);
  }

  /**
   * What `_queue.json` of a dump is made from.
   *
   * @throws {UsageError} when there is no such queue.
   */
  async attributes(): Promise<SqsQueue> {
    for await (const queue of sqsQueues(this.#context.selecting("sqs", { scopes: [this.#name] }))) {
      return queue;
    }
    throw new UsageError(`there is no queue named ${JSON.stringify(this.name)}`);
  }

  /**
   * Its messages: by the time at which they were sent, then by sequence number, then by id.
   *
   * @throws {UsageError} when there is no such queue.
   * @throws {UnsoundError} at the first message that is malformed.
   */
  async *messages(): AsyncGenerator<SqsMessage> {
    yield* queueMessages(this.#context, await this.attributes());
  }
}
