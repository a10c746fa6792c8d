/** Decodes a snapshot into one stream: record lines, or the commands of a Redis client. @module */

import { beginRecord } from "../adapters/record_line.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import type { AdapterModule, RecordSink } from "../adapters/adapter.ts";
import type { AdapterContext } from "../adapters/context.ts";
import type { RecordSelection } from "../adapters/wanted_rows.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import { object } from "../text/json_shape.ts";
import { type Completeness, completeness } from "../tree/completeness.ts";
import type { DecodeOptions } from "./decode_options.ts";
import { completenessOf, type DecodeReport } from "./decode_report.ts";
import { DecodeRun } from "./decode_run.ts";

/** How an adapter writes into a stream. */
type WriteStream = (
  adapter: AdapterModule,
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
) => Promise<void>;

/**
 * Writes one JSON object a line: the scopes of an adapter, then its records. What the lines hold is
 * described in `docs/format/records.md`.
 *
 * A stream cannot be taken back. Whoever must not publish part of an unsound snapshot decodes into a
 * sink that discards everything first, and looks at the report. The last line says that there are no
 * more: a stream without it was cut short, or its snapshot is unsound.
 */
export async function decodeRecords(
  snapshot: Snapshot,
  sink: RecordSink,
  options: DecodeOptions = {},
  scratch?: Scratch,
): Promise<DecodeReport> {
  const report = await decodeStream(
    snapshot,
    sink,
    options,
    scratch,
    (adapter, context, selection, sink) => adapter.writeRecords(context, selection, sink),
  );
  if (report.exitCode === 4 || report.exitCode === 9) return report;
  const json = beginRecord(new ByteBuilder(), "decant", NO_SCOPE, "end").name("value");
  COMPLETENESS.write(json, completenessOf(report));
  await sink.write(json.endObject().out.byte(0x0a).view());
  return report;
}

const COMPLETENESS = object<Completeness>(completeness);
const NO_SCOPE = new Uint8Array(0);

/** Runs the adapters over one stream. */
export async function decodeStream(
  snapshot: Snapshot,
  sink: RecordSink,
  options: DecodeOptions,
  scratch: Scratch = new MemoryScratch(),
  write: WriteStream,
): Promise<DecodeReport> {
  const run = new DecodeRun(snapshot, options);
  try {
    return await runInto(run, sink, stoppable(scratch, options.signal), write);
  } catch (error) {
    throw await run.stop(error);
  }
}

async function runInto(
  run: DecodeRun,
  sink: RecordSink,
  scratch: Scratch,
  write: WriteStream,
): Promise<DecodeReport> {
  const context = await run.context(scratch);
  let bytes = 0;
  const counted: RecordSink = {
    write: (lines) => {
      bytes += lines.length;
      return sink.write(lines);
    },
  };
  for (const adapter of run.selection.adapters) {
    await write(adapter, context, run.selection.of(adapter.name), counted);
  }
  await run.bookOthers(context);
  await run.close();
  return run.report({ files: 0, bytes });
}
