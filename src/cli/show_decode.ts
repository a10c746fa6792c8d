/** The sentence with which `decode` says what it did. @module */

import type { DecodeReport } from "../commands/decode_run.ts";
import { printable } from "../text/printable.ts";
import type { DecodeFlags } from "./decode_command.ts";
import { counted, size } from "./format.ts";
import { STANDARD_OUTPUT } from "./standard_output.ts";

const MAX_PATH = 500;

/** What was written, and what it is worth. */
export function decodeSentence(report: DecodeReport, flags: DecodeFlags): string {
  const { exitCode, problems, files, bytes } = report;
  const { output = "", dryRun, format, precheck } = flags;
  const toStandardOutput = output === STANDARD_OUTPUT;
  if (exitCode === 4) {
    const what = toStandardOutput && !dryRun && !precheck
      ? "What was written to standard output must not be used"
      : "Nothing was written";
    return `${what}: the snapshot is NOT sound, with ${counted(problems.length, "problem")}. ` +
      "--keep-going writes what is sound and lists the rest.\n";
  }
  if (exitCode === 9) {
    return "Nothing was written: nothing of what was asked for is in the snapshot.\n";
  }
  const amount = format === "tree" || format === "tar"
    ? `${counted(files, "file")} (${size(bytes)})`
    : `${size(bytes)} of ${format === "resp" ? "commands" : "records"}`;
  const where = toStandardOutput ? "standard output" : printable(output, MAX_PATH);
  const done = dryRun ? `Would write ${amount}` : `Wrote ${amount} to ${where}`;
  return `${done}: ${verdict(report)}.\n`;
}

function verdict({ complete, losses, warnings }: DecodeReport): string {
  if (!complete) return "NOT everything that a client could read, see below";
  // Nobody knows whether there are other groups.
  const of = warnings.some(({ event }) => event === "groups_unknown") ? "in these files " : "";
  return losses.length > 0
    ? `everything ${of}that a client could read, but for what is accepted`
    : `everything ${of}that was asked for and that a client could read`;
}
