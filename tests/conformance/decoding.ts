/** Decodes a file into memory the way in which the command does. @module */

import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import type { Keyring } from "../../src/mvcc/keyring.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { inflated } from "../../src/sources/spool.ts";
import { withoutExtra } from "../support/decode.ts";

/** What came out. */
export interface Outcome {
  report: DecodeReport;
  /** Path → contents of the files that the reference writes, too. */
  files: Map<string, Uint8Array>;
  /** The same of those that only Decant writes. */
  extra: Map<string, Uint8Array>;
  directories: Set<string>;
  /** Whether the dump was published. */
  published: boolean;
}

/** Decodes snapshot files that are in memory, packed or not. */
export async function decodeBytes(
  inputs: Record<string, Uint8Array>,
  options: DecodeOptions & { at?: bigint; keys?: Keyring } = {},
): Promise<Outcome> {
  const scratch = new MemoryScratch(1 << 30);
  const sources = [];
  for (const [name, bytes] of Object.entries(inputs)) {
    sources.push({ source: await inflated(new BytesSource(bytes, name), scratch) });
  }
  const snapshot = await openSnapshotInputs(sources, {
    at: options.at,
    keys: options.keys,
    hash: true,
    scratch,
  });
  const sink = new MemorySink();
  const report = await decode(snapshot, sink, options, scratch);
  return {
    report,
    ...withoutExtra(sink.files),
    directories: sink.directories,
    published: sink.finished,
  };
}
