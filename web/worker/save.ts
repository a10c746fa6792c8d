/** Saving: the commands of the library, with the outputs that a browser has. @module */

import { MemoryScratch, type OpenSnapshot, TarSink } from "../../mod.ts";
import { scopeBalance } from "../../src/commands/decode_manifest.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { inspectProblem } from "../../src/commands/inspect.ts";
import type { AdapterName } from "../../src/keyspace/families.ts";
import { FolderSink } from "../save/folder_sink.ts";
import { memoryFile, type OutputFile, pickedFile, storedFile } from "../save/output_file.ts";
import { ZipSink } from "../save/zip_sink.ts";
import type { Work } from "./main.ts";
import type { Saved, Saving, Target } from "./protocol.ts";

/** What packed files and sorting may take: a tab has 2 to 4 GiB. */
export const SCRATCH: number = 768 << 20;

/** Saves. The target is taken before anything is decoded. */
export async function save(
  snapshot: OpenSnapshot,
  saving: Saving,
  { signal, progress }: Work,
): Promise<Saved> {
  const options: DecodeOptions = {
    scopes: saving.scopes && byAdapter(saving.scopes),
    dynamodbBundleMode: saving.perItem ? "per-item" : "jsonl",
    raw: saving.raw,
    keepGoing: saving.keepGoing,
    signal,
    progress: (done, total) => progress({ done, total, unit: "rows" }),
  };
  if (saving.target.to === "folder") {
    const sink = await FolderSink.begin(saving.target.folder);
    return savedOf(await snapshot.decode(sink, options));
  }
  const output = await outputFile(saving.target);
  const report = saving.format === "records"
    ? await saveRecords(snapshot, output, options)
    : await saveArchive(snapshot, saving.format, output, options);
  return { ...savedOf(report), file: output.file };
}

async function saveArchive(
  snapshot: OpenSnapshot,
  format: Saving["format"],
  output: OutputFile,
  options: DecodeOptions,
): Promise<DecodeReport> {
  const scratch = new MemoryScratch(SCRATCH);
  const sink = format === "zip" ? new ZipSink(output, scratch) : new TarSink(output, scratch);
  return await snapshot.decode(sink, options);
}

/** Lines cannot be taken back one by one, but all of them can. */
async function saveRecords(
  snapshot: OpenSnapshot,
  output: OutputFile,
  options: DecodeOptions,
): Promise<DecodeReport> {
  try {
    const report = await snapshot.writeRecords(output, options);
    const isKept = report.exitCode === 0 || report.exitCode === 8;
    await (isKept ? output.close() : output.abort());
    return report;
  } catch (error) {
    await output.abort();
    throw error;
  }
}

/** Where a file goes. */
export function outputFile(
  target: Exclude<Target, { to: "folder" }>,
): OutputFile | Promise<OutputFile> {
  switch (target.to) {
    case "file":
      return pickedFile(target.file);
    case "storage":
      return storedFile();
    case "memory":
      return memoryFile();
  }
}

function byAdapter(scopes: NonNullable<Saving["scopes"]>): DecodeOptions["scopes"] {
  const names: { [adapter in AdapterName]?: string[] } = {};
  for (const { adapter, scope } of scopes) (names[adapter] ??= []).push(scope);
  return names;
}

/** The report as plain data. */
function savedOf(report: DecodeReport): Omit<Saved, "file"> {
  const { exitCode, complete, files, bytes, balance, accounts, losses, problems } = report;
  return {
    exitCode,
    complete,
    files,
    bytes,
    balance,
    scopes: accounts.map(scopeBalance),
    losses: losses.map(({ kind, count }) => ({ kind, count })),
    problems: problems.map(({ error }) => inspectProblem(error)),
  };
}
