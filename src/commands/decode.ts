/** Decodes a snapshot into a tree of ordinary files. @module */

import { STANDARD } from "../bytes/base64.ts";
import type { AdapterContext } from "../adapters/context.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import type { AdapterName } from "../keyspace/families.ts";
import type { Problem } from "../mvcc/problems.ts";
import { nameText } from "../text/name_text.ts";
import type { RowBatch } from "../mvcc/row_batch.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import { JsonWriter } from "../text/json_writer.ts";
import type { Manifest } from "../tree/manifest.ts";
import { FileNames } from "../tree/file_names.ts";
import { TreeOutput } from "../tree/output.ts";
import type { Sink } from "../tree/sink.ts";
import { Unrestorable } from "../tree/unrestorable.ts";
import { baseName, manifestOf, scopeLists } from "./decode_manifest.ts";
import { checkRestorable, type DecodeOptions } from "./decode_options.ts";
import type { DecodeReport } from "./decode_report.ts";
import { DecodeRun } from "./decode_run.ts";
import { refuseManyFiles } from "./many_files.ts";
import { RawRows } from "./raw_rows.ts";

/** List of what is wrong, in a dump that was published all the same. */
export const ERRORS_FILE = "ERRORS.jsonl";

const WHY_PORTABLE =
  "the output changes or refuses some names, or takes two of them for one: what it " +
  "would not keep has another name";

const WHAT_IS_APART = "it is in _unrestorable/: elastickv's encoder takes the rest, and not that";
const WHAT_IS_NOT_APART =
  "elastickv's encoder makes no snapshot of a tree with it: --restorable puts it apart";

/**
 * Writes the dump of a snapshot.
 *
 * When something is unsound and `keepGoing` was not asked for, everything is read and listed, and the
 * sink is told to take back what it got: `report.exitCode` is 4 then. So it is when a selection matches
 * nothing: 9.
 *
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {UsageError} `too-many-files`, or when the options contradict each other.
 * @throws {DecantError} when the input is encrypted, the output fails or the signal fires. After any
 *   error the sink has taken back what it got.
 */
export async function decode(
  snapshot: Snapshot,
  sink: Sink,
  options: DecodeOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<DecodeReport> {
  scratch = stoppable(scratch, options.signal);
  const keepsNames = await asked(sink);
  const names = new FileNames(options.portableNames === true || !keepsNames);
  const unrestorable = new Unrestorable(options.restorable === true);
  const output = new TreeOutput(sink, scratch, names, unrestorable);
  let run: DecodeRun | undefined;
  try {
    checkRestorable(options);
    run = new DecodeRun(snapshot, options);
    refuseManyFiles(run);
    const raw = options.raw ? new RawRows(snapshot, scratch) : undefined;
    const writeRaw = raw && ((batch: RowBatch, i: number) => raw.add(batch, i));
    const context = await run.context(scratch, writeRaw);
    if (!keepsNames) context.warn("portable_names", { hint: WHY_PORTABLE });
    const adapters: Manifest["adapters"] = {};
    for (const adapter of run.selection.adapters) {
      adapters[adapter.name] = scopeLists(
        adapter.name,
        await adapter.writeTree(context, run.selection.of(adapter.name), output),
      );
      warnOfUnrestorable(context, unrestorable, adapter.name);
    }
    await run.bookOthers(context, writeRaw);
    await run.close();
    await raw?.write(output);
    const report = run.report({ files: 0, bytes: 0 });
    if (report.exitCode === 4 || report.exitCode === 9) {
      await output.abort();
      return report;
    }
    if (report.problems.length > 0) await writeErrors(output, report.problems);
    await output.finish(manifestOf(run, report, adapters, names));
    return { ...report, files: output.files, bytes: output.bytes };
  } catch (error) {
    const first = run ? await run.stop(error) : error;
    try {
      await output.abort();
    } catch {
      // The first error says why.
    }
    throw first;
  }
}

/** Warns of what an adapter has that elastickv's encoder would refuse. */
function warnOfUnrestorable(
  context: AdapterContext,
  unrestorable: Unrestorable,
  adapter: AdapterName,
): void {
  const counts = unrestorable.countsOf(adapter);
  if (counts.length === 0) return;
  context.warn("not_restorable", {
    adapter,
    count: counts.reduce((sum, [, count]) => sum + count, 0),
    ...Object.fromEntries(counts),
    hint: unrestorable.apart ? WHAT_IS_APART : WHAT_IS_NOT_APART,
  });
}

/** Whether the sink keeps names. */
async function asked(sink: Sink): Promise<boolean> {
  try {
    return await sink.keepsNames();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function writeErrors(output: TreeOutput, problems: readonly Problem[]): Promise<void> {
  const lines = output.lines(ERRORS_FILE);
  for (const problem of problems) {
    const line = new ByteBuilder();
    writeProblem(new JsonWriter(line, { indent: false, html: false }), problem);
    line.byte(0x0a);
    await lines.add(line.view(), line.view());
  }
  await lines.close();
}

/**
 * Writes a problem as an object: `code`, `file`, `offset`, `key_b64` (and `key_length` and `key_sha256`
 * where that is only the key's beginning), `adapter`, `scope`, `message`.
 */
function writeProblem(json: JsonWriter, { error, adapter, scope }: Problem): void {
  json.beginObject().name("code").string(error.code);
  // Where the file lay is no part of it: the same snapshot must give the same bytes.
  if (error.file !== undefined) json.name("file").string(baseName(error.file));
  if (error.offset !== undefined) json.name("offset").integer(error.offset);
  if (error.key !== undefined) json.name("key_b64").base64(STANDARD, error.key);
  if (error.cut !== undefined) {
    json.name("key_length").integer(error.cut.length).name("key_sha256").string(error.cut.sha256);
  }
  if (adapter !== "") json.name("adapter").string(adapter);
  if (scope !== undefined) json.name("scope").string(nameText(scope));
  json.name("message").string(error.message).endObject();
}
