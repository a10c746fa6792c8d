/** What `inspect` prints. @module */

import type { InspectedInput, InspectReport } from "../commands/inspect.ts";
import type { DecantError } from "../errors.ts";
import { count, counted, size, wrapped } from "./format.ts";
import { commitText, filesText, momentText, named } from "./show_files.ts";
import { problemsText } from "./show_error.ts";
import { type ScopeOrder, scopesText } from "./show_scopes.ts";

/** How the report is laid out. */
export interface InspectLayout {
  order: ScopeOrder;
  /** Characters of a line of the terminal; absent: it is read by a program. */
  width?: number;
}

/**
 * One sentence, what is wrong, what is known of the whole, and what there is of each scope.
 *
 * @param problems Those of the report.
 */
export function inspectText(
  report: InspectReport,
  problems: readonly DecantError[],
  { order, width }: InspectLayout,
): string {
  return [
    folded(sentence(report).trimEnd(), width),
    problemsText(problems),
    factsText(report, width),
    filesText(report.inputs, report.at !== undefined, width),
    scopesText(report.scopes, order, width),
  ].filter((part) => part !== "").join("\n");
}

function sentence({ sound, inputs, entries, problems }: InspectReport): string {
  const what = inputs.length === 1 ? named(inputs[0]) : counted(inputs.length, "file");
  const is = inputs.length === 1 ? "is" : "are";
  if (!sound) {
    return `${what} ${is} NOT sound: ${counted(problems.length, "problem")}. ` +
      "The counts are of what could be read.\n";
  }
  const [first] = inputs;
  if (inputs.every(({ checksum }) => checksum === "verified")) {
    const held = inputs.length === 1
      ? `its checksum ${first.crc32c} holds`
      : "every checksum holds";
    return `${what} ${is} sound: ${held}, and ${
      counted(entries, "entry is", "entries are")
    } well formed and in order.\n`;
  }
  return `${what} ${is} well formed, with ${counted(entries, "entry", "entries")} in order; but ${
    uncheckedText(inputs)
  }.\n`;
}

/** What a file without a checksum may hide. */
function uncheckedText(inputs: readonly InspectedInput[]): string {
  const unchecked = inputs.filter(({ checksum }) => checksum !== "verified");
  const lost = unchecked.filter(({ header_version }) => header_version > 0);
  const of = inputs.length === 1 ? "" : ` of ${named(lost[0] ?? unchecked[0])}`;
  return lost.length > 0
    ? `the checksum${of} that a node writes last is gone: it was cut off and rows may be missing, ` +
      "unless it is a payload that an object store holds"
    : `there is no checksum${of}: a changed value, or a cut between two entries, would not be seen`;
}

/** A name and what is said of it, in lines of which a terminal breaks none within a word. */
function folded(text: string, width: number | undefined, name = ""): string {
  const lines = width === undefined ? [text] : wrapped(text, Math.max(20, width - name.length));
  return name + lines.join("\n" + " ".repeat(name.length)) + "\n";
}

function factsText(report: InspectReport, width: number | undefined): string {
  const {
    first_commit_time,
    commit_time,
    at,
    readable,
    groups,
    key_ids,
    encrypted,
    transactions,
    inputs,
  } = report;
  const rows: [string, string][] = [];
  if (inputs.length === 1) {
    rows.push(["format", `${formatOf(inputs[0])}, ${size(inputs[0].size)}`]);
  }
  if (first_commit_time) rows.push(["first commit", momentText(first_commit_time)]);
  rows.push(["last commit", inputs.length === 1 ? commitText(inputs[0]) : momentText(commit_time)]);
  if (at) rows.push(["read at", momentText(at)]);
  if (readable) {
    rows.push(["readable", `from ${momentText(readable.from)}`]);
    rows.push(["", `to   ${momentText(readable.to)}`]);
  }
  rows.push(["groups", groupsText(groups, inputs)]);
  if (key_ids.length > 0) {
    rows.push([
      "encrypted",
      key_ids.map(({ id, live }) => `${counted(live, "live row")} with key ${id}`).join(", "),
    ]);
  }
  if (encrypted.versions > 0) rows.push(["genuine", genuineText(report)]);
  const { applied, rolled_back, undecided_locks, undecided_intents } = transactions;
  if (applied + rolled_back + undecided_locks + undecided_intents > 0) {
    rows.push([
      "transactions",
      `${counted(applied, "write")} of committed ones applied, ${
        count(rolled_back)
      } rolled back, ` +
      `${count(undecided_intents)} without an outcome (${counted(undecided_locks, "lock")})`,
    ]);
  }
  const indent = rows.reduce((most, [name]) => Math.max(most, name.length), 0) + 2;
  return rows.map(([name, text]) => folded(text, width, name.padEnd(indent))).join("");
}

/** What is known of encrypted versions. */
function genuineText({ encrypted, scopes, problems }: InspectReport): string {
  const all = counted(encrypted.versions, "encrypted version");
  const undecided = scopes.reduce((n, scope) => n + scope.undecided, 0);
  if (!encrypted.authenticated) {
    const expired = undecided === 0
      ? ""
      : `; ${counted(undecided, "live row")} may have expired: only the keys can prove it`;
    return `not known: ${all}, and no keys${expired}`;
  }
  return problems.some(({ code }) => code === "decrypt-failed")
    ? "NOT all: the problems name the versions that do not authenticate"
    : `${all} authenticated, with key, time and expiry`;
}

function formatOf({ format, header_version }: InspectedInput): string {
  const payload = {
    stream: "entry stream EKVPBBL1",
    bundle: "table bundle EKVSSTI1",
    empty: "empty store",
    tso: "clock state of a timestamp group, no data of users",
  }[format];
  return header_version === 0
    ? `${payload}, no header`
    : `${payload}, header EKVTHLC${header_version}`;
}

/** Which groups are there; how many there are is told by the routes alone. */
function groupsText(
  { known, missing, unknown }: InspectReport["groups"],
  inputs: readonly InspectedInput[],
): string {
  const given = new Set(inputs.flatMap(({ group }) => group ?? []));
  const parts = [
    known.length > 0
      ? `${known.length - missing.length} of ${known.length} given (${
        known.filter((group) => !missing.includes(group)).join(", ")
      })`
      : unknown && given.size > 0
      ? `${[...given].join(", ")} given`
      : "",
    missing.length > 0 ? `NOT given: ${missing.join(", ")}, whose rows are not counted here` : "",
    unknown
      ? "no file here has the cluster's routes, so how many there are is unknown"
      : known.length === 0
      ? `taken as whole: ${inputs.length === 1 ? "it has" : "they have"} no routes`
      : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}
