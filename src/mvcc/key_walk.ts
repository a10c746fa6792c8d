/** A walk over the versions of few keys that leaps over what lies between them. @module */

import {
  type EntryBatch,
  type EntryStream,
  firstAtOrAbove,
  nextBatch,
  storedKey,
} from "../container/entry_batch.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { PrefixKeys } from "./prefix_keys.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";
import type { Times } from "./times.ts";

/** Bytes that are read at once. */
const BUFFER_LENGTH = 64 << 10;

/** Batches that have all versions of some keys, and other entries besides. */
export class KeyWalk {
  /** The first entry of the batch that counts. */
  from = 0;
  readonly #keys: PrefixKeys;
  readonly #entries: EntryStream | undefined;
  readonly #signal: AbortSignal | undefined;
  /** Where the next version can lie. */
  #wanted: Uint8Array | undefined;

  /** @param bound Versions below it are not wanted; see {@link PrefixKeys.firstAtOrAbove}. */
  constructor(
    table: EntryTable,
    keys: PrefixKeys,
    bound: Uint8Array,
    signal: AbortSignal | undefined,
  ) {
    this.#keys = keys;
    this.#signal = signal;
    this.#wanted = keys.firstAtOrAbove(bound);
    this.#entries = this.#wanted &&
      table.walk({ from: this.#wanted, to: keys.behind }, { buffer: BUFFER_LENGTH });
  }

  /** The next batch. */
  async next(): Promise<EntryBatch | undefined> {
    while (this.#wanted) {
      const batch = await nextBatch(this.#entries!, this.#signal);
      if (!batch) return undefined;
      this.from = firstAtOrAbove(batch, this.#wanted);
      if (this.from === batch.count) continue;
      const last = storedKey(batch, batch.count - 1);
      const bound = new Uint8Array(last.length + 1);
      bound.set(last);
      this.#wanted = this.#keys.firstAtOrAbove(bound);
      if (this.#wanted) this.#entries!.skip(this.#wanted);
      return batch;
    }
    return undefined;
  }
}

/** The stored versions of one user key, newest first. */
export async function* versionsOf(
  table: EntryTable,
  key: Uint8Array,
  stored: Times,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ batch: EntryBatch; i: number }> {
  const keys = new PrefixKeys(key, key.length, key.length, stored);
  const walk = new KeyWalk(table, keys, key, signal);
  for (let batch = await walk.next(); batch; batch = await walk.next()) {
    const { bytes, ranges, count } = batch;
    for (let i = walk.from; i < count; i++) {
      if (keys.has(bytes, ranges[i * 4], ranges[i * 4 + 1] - TIMESTAMP_LENGTH)) yield { batch, i };
    }
  }
}
