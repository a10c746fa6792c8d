/** The sentence with which `decode` says what it did. @module */

import type { DecodeReport } from "../commands/decode_report.ts";
import { printable } from "../text/printable.ts";
import type { DecodeFlags } from "./decode_command.ts";
import { counted, size } from "./format.ts";
import { wholeText } from "./show_losses.ts";
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
  const amount = format === "tree" || format === "tar"
    ? `${counted(files, "file")} (${size(bytes)})`
    : `${size(bytes)} of ${format === "resp" ? "commands" : "records"}`;
  const where = toStandardOutput ? "standard output" : printable(output, MAX_PATH);
  const done = dryRun ? `Would write ${amount}` : `Wrote ${amount} to ${where}`;
  return `${done}: ${verdict(report)}.\n`;
}

function verdict(report: DecodeReport): string {
  const { complete, exitCode } = report;
  if (complete) return wholeText(report);
  return exitCode === 0
    ? "NOT complete, but nothing is missing that was not accepted"
    : "NOT complete, see below";
}
