/** Looking at all entries of a stream. @module */

import {
  type EntryBatch,
  type EntryStream,
  hasSameValue,
  nextBatch,
} from "../container/entry_batch.ts";
import { EntryMerge } from "../container/entry_merge.ts";

/** What looks at entries: each stored key once, with the copies of it that other tables have. */
export interface EntryVisitor {
  /**
   * Takes entry `c` of a batch that is left out, as entry `k` of the batch that comes next has the same
   * stored key.
   *
   * @param isSame Whether the two have the same value, byte by byte.
   */
  addCopy(kept: EntryBatch, k: number, copy: EntryBatch, c: number, isSame: boolean): void;
  /** Takes the entries of a batch, which is the next one in stored order. */
  add(batch: EntryBatch): void;
}

/** Shows all entries of a stream to some visitors. */
export async function visitEntries(
  entries: EntryStream,
  visitors: readonly EntryVisitor[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (entries instanceof EntryMerge) {
    entries.onCopy = (kept, k, copy, c) => {
      const isSame = hasSameValue(kept, k, copy, c);
      for (const visitor of visitors) visitor.addCopy(kept, k, copy, c, isSame);
    };
  }
  for (
    let batch = await nextBatch(entries, signal);
    batch;
    batch = await nextBatch(entries, signal)
  ) {
    for (const visitor of visitors) visitor.add(batch);
  }
}
