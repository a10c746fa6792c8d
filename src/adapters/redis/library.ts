/** Redis keys, for programs. @module */

import type { AdapterContext } from "../context.ts";
import { redisKeys, type RedisRecord } from "./records.ts";

/** The keys of a snapshot. */
export class RedisKeys {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /**
   * Every key that clients see, with its value. Elements of a collection are read when they are asked
   * for, before the next key.
   *
   * @throws {UnsoundError} at the first row that is malformed.
   */
  async *keys(): AsyncGenerator<RedisRecord> {
    for await (const record of redisKeys(this.#context)) if (record.live) yield record;
  }
}
