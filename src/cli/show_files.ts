/** Which moment of which group each file is. @module */

import type { InspectedInput, Moment } from "../commands/inspect.ts";
import { printable } from "../text/printable.ts";
import { NARROW } from "./show_scopes.ts";
import { cutMiddle, size, table, width as lengthOf } from "./format.ts";

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

/**
 * Several files: each one's group and last commit, which count unless one moment of all is read.
 *
 * @param width Characters of a line of the terminal; absent: it is read by a program.
 */
export function filesText(
  inputs: readonly InspectedInput[],
  isOneMoment = false,
  width?: number,
): string {
  if (inputs.length === 1) return "";
  const isShort = width !== undefined;
  const columns = [
    { head: "file", isRight: false, of: named },
    { head: "group", isRight: true, of: ({ group = "" }: InspectedInput) => group },
    { head: "size", isRight: true, of: (one: InspectedInput) => size(one.size, isShort ? 1 : 2) },
    { head: "checksum", isRight: false, of: checksumOf },
    {
      head: "log entry",
      isRight: true,
      of: ({ applied_index = "" }: InspectedInput) => applied_index,
    },
    { head: "last commit", isRight: false, of: isShort ? shortCommitOf : commitOf },
  ].filter(({ head }) => !isShort || (width < NARROW ? IN_NARROW : IN_WIDE).includes(head));
  const rows = [
    columns.map(({ head }) => head),
    ...inputs.map((input) => columns.map(({ of }) => of(input))),
  ];
  const right = columns.map(({ isRight }) => isRight);
  return (isShort ? fitted(rows, right, width) : table(rows, right)) +
    (isOneMoment ? "" : instantsText(inputs));
}

const IN_WIDE = ["file", "group", "size", "checksum", "last commit"];
const IN_NARROW = ["file", "group", "checksum"];

function checksumOf({ crc32c, checksum }: InspectedInput): string {
  return crc32c ?? (checksum === "absent" ? "none" : checksum);
}

function commitOf({ commit_time, newer }: InspectedInput): string {
  return momentText(commit_time) + leftOut(newer);
}

function shortCommitOf({ commit_time, newer }: InspectedInput): string {
  return (commit_time?.rfc3339 ?? "none") + leftOut(newer);
}

function leftOut(newer: string | undefined): string {
  return newer === undefined ? "" : "; left out: an earlier moment";
}

/** A table whose first cells are cut in the middle where there is no room for them. */
function fitted(
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
  width: number,
): string {
  const others = table(rows.map((row) => row.slice(1)), right.slice(1));
  const left = Math.max(12, width - 2 - Math.max(...others.split("\n").map(lengthOf)));
  return table(rows.map(([name, ...more]) => [cutMiddle(name, left), ...more]), right);
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
