/** Proves that a snapshot can be decoded, without writing anything. @module */

import type { Snapshot } from "../mvcc/snapshot.ts";
import { CountingSink } from "../sinks/counting_sink.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import { decode } from "./decode.ts";
import type { DecodeOptions } from "./decode_options.ts";
import type { DecodeReport } from "./decode_report.ts";

/**
 * Decodes everything and throws it away. The report is that of the decode: what is malformed, what
 * would be lost, and whether the rows add up.
 *
 * DynamoDB items are decoded into files of many items, if nothing else is asked for: what is checked is
 * the same, and nothing is remembered of each item.
 *
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {DecantError} when the input is encrypted or the signal fires.
 */
export function verifySnapshot(
  snapshot: Snapshot,
  options: DecodeOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<DecodeReport> {
  const layout = { dynamodbBundleMode: "jsonl", ...options } as const;
  return decode(snapshot, new CountingSink(), layout, scratch);
}
