/** Runs `decode`. @module */

import type { RecordSink } from "../adapters/adapter.ts";
import { writeResp } from "../adapters/redis/mod.ts";
import { endDigestThreads } from "../bytes/digest.ts";
import { decode } from "../commands/decode.ts";
import type { DecodeOptions } from "../commands/decode_options.ts";
import { decodeRecords, decodeStream } from "../commands/decode_records.ts";
import { type DecodeReport, nothingSelected } from "../commands/decode_report.ts";
import { OutputError } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { DenoOutputFile } from "../sinks/deno_output_file.ts";
import type { Scratch } from "../sources/scratch.ts";
import { endWorkers, jobsFor, keepWorkers } from "../workers/start.ts";
import type { DecodeFlags } from "./decode_command.ts";
import { checkFlags, decodeOptions } from "./decode_options.ts";
import { type DecodeOutput, makeOutput, measured, nowhere } from "./decode_output.ts";
import { size } from "./format.ts";
import { type ClosedSnapshot, findSnapshot, openSnapshot } from "./open.ts";
import { selectOptions } from "./select_options.ts";
import { type CliContext, runInShell, type Shell } from "./shell.ts";
import { balanceText, missingScopesText, warningsText } from "./show_balance.ts";
import { decodeSentence } from "./show_decode.ts";
import { errorText, problemsText } from "./show_error.ts";
import { decodeJson } from "./show_report.ts";
import { STANDARD_OUTPUT } from "./standard_output.ts";

/** Decodes a snapshot and prints the balance. */
export async function runDecode(
  this: CliContext,
  flags: DecodeFlags,
  ...paths: string[]
): Promise<void> {
  checkFlags(flags);
  if (flags.jobs === 1) endDigestThreads();
  const inputs = [...(flags.input ?? []), ...paths];
  const { encryptionKeys, kek, spool, fromList, report: reportPath } = flags;
  const output = flags.dryRun || flags.output === STANDARD_OUTPUT ? undefined : flags.output;
  const needs = {
    read: [
      ...inputs,
      encryptionKeys,
      kek,
      fromList,
      flags.format === "tree" ? output : undefined,
      spool,
    ],
    write: [output, reportPath, spool],
  };
  await runInShell(this, flags, needs, async (shell) => {
    const found = await findSnapshot(shell, inputs, flags);
    const report = await reported(reportPath, () => decodeFound(shell, flags, found));
    shell.progress.end();
    show(shell, flags, report);
    return report.exitCode;
  });
}

/** Makes the file for the report first, so that a long decode does not end without a place for it. */
async function reported(
  path: string | undefined,
  action: () => Promise<DecodeReport>,
): Promise<DecodeReport> {
  if (path === undefined) return await action();
  const file = new DenoOutputFile(path);
  try {
    const report = await action();
    file.write(new TextEncoder().encode(decodeJson(report)));
    file.close();
    return report;
  } catch (error) {
    file.abort();
    throw error;
  }
}

async function decodeFound(
  shell: Shell,
  flags: DecodeFlags,
  found: ClosedSnapshot,
): Promise<DecodeReport> {
  const output = makeOutput(flags, shell.signal);
  const tell = (): void => {
    if (shell.progress.written > MUCH) shell.complain(TAKING_BACK);
  };
  if (output.sink?.takesBack && !flags.dryRun) shell.signal.addEventListener("abort", tell);
  try {
    const snapshot = await opened(shell, flags, found, output);
    const jobs = flags.jobs ?? jobsFor(snapshot.info.totals);
    try {
      await keepWorkers(jobs, flags.kernel);
      if (output.isIrrevocable && flags.precheck) {
        const check = nowhere(flags, output.scratch);
        const report = await write(shell, flags, jobs, snapshot, check, "checking");
        if (report.exitCode === 4 || report.exitCode === 9) return report;
      }
      return await write(shell, flags, jobs, snapshot, output, "decoding");
    } catch (error) {
      throw withNeed(error, snapshot, shell.progress.written);
    } finally {
      snapshot.close();
    }
  } finally {
    shell.signal.removeEventListener("abort", tell);
    endWorkers();
    output.scratch.close();
  }
}

/** Bytes of files that it takes a while to remove, if they are small ones. */
const MUCH = 4 << 20;
const TAKING_BACK =
  "decant: note: interrupted: what was written is being removed. A second Ctrl-C leaves the rest, " +
  "marked as not complete, and decant clean removes it\n";

/** A full disk's error, with how much was to be written. */
function withNeed(error: unknown, { info }: Snapshot, written: number): unknown {
  if (!(error instanceof OutputError) || error.code !== "no-space") return error;
  const stored = info.totals.reduce((sum, { liveBytes }) => sum + liveBytes, 0);
  const { code, message, file, hint } = error;
  const need = `all rows together have about ${size(stored)}, and ${size(written)} were written`;
  return new OutputError(code, message, { file, hint: `${need}: ${hint}` }, { cause: error });
}

/** Opens the snapshot; when that fails, the output is taken back. */
async function opened(
  shell: Shell,
  flags: DecodeFlags,
  found: ClosedSnapshot,
  output: DecodeOutput,
): Promise<Snapshot> {
  try {
    const hash = output.sink !== undefined && !flags.dryRun;
    return await openSnapshot(shell, found, output.scratch, { ...flags, hash });
  } catch (error) {
    await (output.sink ?? output.stream!).abort();
    throw error;
  }
}

async function write(
  shell: Shell,
  flags: DecodeFlags,
  jobs: number,
  snapshot: Snapshot,
  { sink, stream, scratch }: DecodeOutput,
  phase: string,
): Promise<DecodeReport> {
  const { signal, progress } = shell;
  const options: DecodeOptions = {
    ...decodeOptions(flags),
    ...selectOptions(flags),
    jobs,
    signal,
    progress: progress.rows(phase),
  };
  const count = (bytes: number): void => void (progress.written += bytes);
  if (sink) return await decode(snapshot, measured(sink, count), options, scratch);
  const lines = {
    write(bytes: Uint8Array) {
      count(bytes.length);
      return stream!.write(bytes);
    },
  };
  try {
    const report = await decodeInto(flags.format, snapshot, lines, options, scratch);
    const isNothing = report.exitCode === 4 || report.exitCode === 9;
    await (isNothing ? stream!.abort() : stream!.close());
    return report;
  } catch (error) {
    await stream!.abort();
    throw error;
  }
}

/** Only Redis has commands that write a value again. */
function decodeInto(
  format: DecodeFlags["format"],
  snapshot: Snapshot,
  lines: RecordSink,
  options: DecodeOptions,
  scratch: Scratch,
): Promise<DecodeReport> {
  if (format === "records") return decodeRecords(snapshot, lines, options, scratch);
  const redis: DecodeOptions = { ...options, adapters: ["redis"] };
  return decodeStream(
    snapshot,
    lines,
    redis,
    scratch,
    (_, ...parts) => writeResp(...parts),
  );
}

function show(shell: Shell, flags: DecodeFlags, report: DecodeReport): void {
  if (report.exitCode === 9) return shell.complain(errorText(nothingSelected(report)));
  shell.tell(warningsText(report) + missingScopesText(flags.scope ?? [], report.accounts));
  shell.complain(problemsText(report.problems.map(({ error }) => error)));
  const text = balanceText(report, decodeSentence(report, flags));
  if (flags.output === STANDARD_OUTPUT && !flags.dryRun) shell.tell(text);
  else shell.report(text);
}
