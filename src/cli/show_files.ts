/** Which moment of which group each file is. @module */

import type { InspectedInput, Moment } from "../commands/inspect.ts";
import { printable } from "../text/printable.ts";
import { size, table } from "./format.ts";

const MAX_PATH = 500;

/** The name of a file as it can be printed. */
export function named({ name }: InspectedInput): string {
  return printable(name, MAX_PATH);
}

/** A time of the store's clock. */
export function momentText(moment: Moment | undefined): string {
  return moment ? `${moment.hlc} = ${moment.rfc3339}` : "none";
}

/** The last commit, and the entry of the log that came to be applied last. */
export function commitText({ commit_time, applied_index }: InspectedInput): string {
  const entry = applied_index === undefined ? "" : `, log entry ${applied_index}`;
  return momentText(commit_time) + entry;
}

/** One file: a line with its group and moment. Several: a table of them. */
export function momentsText(inputs: readonly InspectedInput[], isOneMoment: boolean): string {
  if (inputs.length > 1) return filesText(inputs, isOneMoment);
  const [input] = inputs;
  const group = input.group === undefined ? "" : `group ${input.group}, `;
  return `of:       ${group}last commit ${commitText(input)}\n`;
}

/** Several files: each one's group and last commit, which count unless one moment of all is read. */
export function filesText(inputs: readonly InspectedInput[], isOneMoment = false): string {
  if (inputs.length === 1) return "";
  const rows = inputs.map((input) => [
    named(input),
    input.group ?? "",
    size(input.size),
    input.crc32c ?? (input.checksum === "absent" ? "none" : input.checksum),
    input.applied_index ?? "",
    momentText(input.commit_time) +
    (input.newer === undefined ? "" : "; left out: an earlier moment"),
  ]);
  return table(
    [["file", "group", "size", "checksum", "log entry", "last commit"], ...rows],
    [false, true, true, false, true, false],
  ) + (isOneMoment ? "" : instantsText(inputs));
}

/** Groups are cut one after the other. */
function instantsText(inputs: readonly InspectedInput[]): string {
  const cut = inputs.filter(({ group, commit_time, newer }) => group && commit_time && !newer);
  const groups = new Set(cut.map(({ group }) => group));
  const moments = new Set(cut.map(({ commit_time }) => commit_time?.hlc));
  return groups.size > 1 && moments.size > 1
    ? "The groups are not cut at one instant: each is as it was at its own last commit.\n"
    : "";
}
