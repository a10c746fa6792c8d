/** Reads a snapshot file from end to end. @module */

import { type EntryBatch, nextBatch } from "../../src/container/entry_batch.ts";
import {
  type OpenFileOptions,
  openSnapshotFile,
  type SnapshotFile,
} from "../../src/container/snapshot_file.ts";
import type { Source } from "../../src/sources/source.ts";

/** Opens a file and reads all of its entries. */
export async function readFile(
  source: Source,
  { onBatch, ...options }: OpenFileOptions & { onBatch?: (batch: EntryBatch) => void } = {},
): Promise<SnapshotFile> {
  const { entries, finish } = await openSnapshotFile(source, options);
  for (;;) {
    const batch = await nextBatch(entries, options.signal);
    if (!batch) return await finish();
    onBatch?.(batch);
  }
}
