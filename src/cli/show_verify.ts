/** What `verify` prints of a dump. @module */

import type { DecodeReport } from "../commands/decode_report.ts";
import type { Fault } from "../commands/faults.ts";
import type { AgainstReport } from "../commands/verify_against.ts";
import { NOT_PROVEN, type TreeReport } from "../commands/verify_tree.ts";
import { printable } from "../text/printable.ts";
import { count, counted, size, table } from "./format.ts";
import { wholeText } from "./show_losses.ts";

const MAX_PATH = 500;
/** Faults that are shown; the others are counted. */
const MAX_SHOWN = 50;

/** What a fault means. */
const MEANINGS: { readonly [kind in Fault["kind"]]: string } = {
  missing: "missing",
  extra: "not part of it",
  special: "no file",
  changed: "changed",
  size: "wrong length",
  untrue: "not true",
};

/** A snapshot by what came of decoding it. */
export function snapshotSentence(
  inputs: readonly { name: string }[],
  report: DecodeReport,
): string {
  const { exitCode, problems, losses, assumed } = report;
  const what = inputs.length === 1
    ? `${printable(inputs[0].name, MAX_PATH)} is`
    : `${counted(inputs.length, "file")} are`;
  if (exitCode === 4) return `${what} NOT sound: ${counted(problems.length, "problem")}.\n`;
  const unchecked = assumed.includes("checksum") || losses.some(({ kind }) => kind === "checksum");
  const sound = unchecked
    ? `${what} well-formed, but without the checksum that would show damage`
    : `${what} sound`;
  return report.complete
    ? `${sound}, and ${wholeText(report)} can be decoded.\n`
    : `${sound}; NOT all that a client could read can be decoded, see below.\n`;
}

/** A dump by its own CHECKSUMS. */
export function treeText(path: string, report: TreeReport): string {
  const { files, bytes, faults, faultCount, manifest } = report;
  const name = printable(path, MAX_PATH);
  const sentence = faultCount > 0
    ? `${name} is NOT what was written: ${counted(faultCount, "fault")}.\n`
    : `${name} is what was written: all ${counted(files, "file")} (${size(bytes)}) have the ` +
      "SHA-256 that CHECKSUMS says, and there are no others.\n";
  return [sentence, faultsText(faults, faultCount), completeText(manifest), NOT_PROVEN + "\n"]
    .filter((part) => part !== "").join("\n");
}

/** A dump by the snapshot that it was made from. */
export function againstText(path: string, report: AgainstReport): string {
  const { tree, faults, faultCount, exitCode } = report;
  const name = printable(path, MAX_PATH);
  const sentence = exitCode === 7
    ? `${name} is NOT what the snapshot holds: ${counted(faultCount, "difference")}, and ` +
      `${counted(tree.faultCount, "fault")} by its own CHECKSUMS.\n`
    : `${name} is what the snapshot holds: all ${counted(tree.files, "file")} are the same when ` +
      "it is decoded again.\n";
  return [
    sentence,
    faultsText(faults, faultCount),
    faultsText(tree.faults, tree.faultCount),
    completeText(tree.manifest),
  ].filter((part) => part !== "").join("\n");
}

function faultsText(faults: readonly Fault[], faultCount: number): string {
  const shown = faults.slice(0, MAX_SHOWN);
  const rows = shown.map(({ kind, path, detail }) => [
    `  ${MEANINGS[kind]}`,
    printable(path, MAX_PATH) + (detail === undefined ? "" : `: ${printable(detail, MAX_PATH)}`),
  ]);
  const more = faultCount > shown.length
    ? `  … and ${count(faultCount - shown.length)} more\n`
    : "";
  return table(rows, [false, false]) + more;
}

function completeText(manifest: TreeReport["manifest"]): string {
  const { complete, problems = 0, losses = [], accepted = [] } = manifest;
  if (problems > 0) {
    return `Its snapshot was NOT sound: ERRORS.jsonl lists ${
      counted(problems, "problem")
    }, and the ` +
      "dump has what was sound, as far as anybody can tell.\n";
  }
  if (complete !== false) return "";
  const missing = losses.map(({ kind, count: n }) =>
    (n === undefined ? kind : `${kind} ${count(n)}`) +
    (accepted.includes(kind) ? " (accepted)" : "")
  );
  const what = missing.length === 0 ? "" : `: ${printable(missing.join(", "), MAX_PATH)}`;
  return `It is NOT complete: MANIFEST.json says what is missing${what}.\n`;
}
