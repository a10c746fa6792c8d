/** What is malformed about entries. @module */

import type { EntryBatch } from "../container/entry_batch.ts";
import { UnsoundError } from "../errors.ts";
import { entryDefect, TIMESTAMP_LENGTH } from "./resolver.ts";

const DEFECTS = {
  "short-key": "the stored key is shorter than its timestamp of 8 bytes",
  "short-value": "the stored value is shorter than its header of 9 bytes",
  "reserved-bits": "the value header has bits that no version defines",
} as const;

/** What is malformed about an entry that is no row of the store itself; `undefined` if nothing is. */
export function defectOf(batch: EntryBatch, i: number, file: string): UnsoundError | undefined {
  const { bytes, ranges, positions } = batch;
  const r = i * 4;
  const defect = entryDefect(bytes, ranges[r], ranges[r + 1], ranges[r + 2], ranges[r + 3]);
  return defect && new UnsoundError(defect, DEFECTS[defect], {
    file,
    offset: positions[i],
    key: bytes.slice(ranges[r], Math.max(ranges[r], ranges[r + 1] - TIMESTAMP_LENGTH)),
    hint: "the row is damaged: take another replica's snapshot",
  });
}
