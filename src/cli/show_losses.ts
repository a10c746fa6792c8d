/** What is in no file and why, a statement each; and what a result is, if nothing is missing. @module */

import { ACCEPTABLE, type Reason, REASONS } from "../adapters/ledger.ts";
import type { DecodeReport } from "../commands/decode_report.ts";
import type { Assumption, Example, Loss } from "../commands/losses.ts";
import { rfc3339FromHlc } from "../text/rfc3339.ts";
import { printable } from "../text/printable.ts";
import { counted, wrapped } from "./format.ts";

const MAX_KEY = 120;
const MAX_PATH = 500;
const INDENT = " ".repeat(10);
/** Characters of a line that says what to do. */
const WIDTH = 80;

/** What is missing. Rows are described by {@link REASONS}. */
const WHAT: { readonly [kind in Loss["kind"]]?: (count?: number) => string } = {
  groups: (n) =>
    n === undefined
      ? "the cluster's routes, which one of its groups has: nobody knows whether there are others"
      : `${counted(n, "group")} of the cluster`,
  checksum: (n = 0) => `the checksum of ${counted(n, "file")}`,
  unsound: (n) =>
    n === undefined
      ? "what the damage took with it: the problems above say where"
      : `${counted(n, "row")} found unsound: the problems above say why`,
};

/** What can be done about it. */
const REMEDIES: { readonly [kind in Loss["kind"]]: string } = {
  groups: "name a snapshot of each group, or the data directory that has them",
  checksum:
    "a node writes it last, so the file was cut off and rows may be missing. Only payloads " +
    "that an object store holds have none",
  unknown: "--raw writes them as they are stored",
  bare: "--redis-bare-strings takes them for Redis strings, --raw writes them as they are stored",
  orphans:
    "--include-orphans writes what can be told of them, --raw all of them as they are stored",
  transactions: "their outcome is in a group that was not given, or was not decided by then",
  "not-loadable": "the other formats have them",
  unsound: "",
};

const ASSUMED: { readonly [fact in Assumption]: string } = {
  groups: "no routes",
  checksum: "no checksum",
  keys: "no keys for its encrypted versions",
  commits: "no commits up to then",
};

/** How rows that are in no file can be had, where that is no loss. */
const WRITTEN_BY: { readonly [reason in Reason]?: string } = {
  "incomplete-upload": " (--include-incomplete-uploads writes most of them)",
};

/** A statement of each loss, and of each other reason why rows are in no file. */
export function lossesText({ accounts, losses }: DecodeReport): string {
  const lines: string[] = [];
  for (const [reason, { text, loss }] of Object.entries(REASONS) as [Reason, Described][]) {
    const rows = accounts.reduce((n, { fates }) => n + (fates[reason] ?? 0), 0);
    if (rows > 0 && loss === undefined) {
      lines.push(
        statement("left out", `${counted(rows, "row")} ${text}${WRITTEN_BY[reason] ?? ""}`),
      );
    }
  }
  return lines.join("") + losses.map(lossText).join("");
}

type Described = { text: string; loss?: Loss["kind"] };

function lossText(loss: Loss): string {
  const { kind, count, accepted } = loss;
  const rows = Object.values(REASONS as Record<string, Described>).find(({ loss }) =>
    loss === kind
  );
  const what = WHAT[kind]?.(count) ?? `${counted(count ?? 0, "row")} ${rows?.text}`;
  if (accepted) return statement("accepted", what, ...examplesOf(loss));
  const isAcceptable = (ACCEPTABLE as readonly string[]).includes(kind);
  const accept = isAcceptable ? `; --accept ${kind} says that it is known` : "";
  const remedy = wrapped(REMEDIES[kind] + accept, WIDTH - INDENT.length);
  return statement("missing", what, ...examplesOf(loss), ...remedy);
}

function statement(label: string, ...lines: string[]): string {
  const [first, ...more] = lines.filter((line) => line !== "");
  return `${`${label}:`.padEnd(INDENT.length)}${first}\n` +
    more.map((line) => `${INDENT}${line}\n`).join("");
}

/** A line for each; the problems have named what is unsound. */
function examplesOf({ kind, count = Infinity, examples }: Loss): string[] {
  if (kind === "unsound" || examples.length === 0) return [];
  const lines = examples.map((example) => `  ${exampleText(example)}`);
  return count > examples.length ? [...lines, "  …"] : lines;
}

function exampleText(example: Example): string {
  if ("key" in example) return `"${printable(example.key, MAX_KEY, example.cut?.length)}"`;
  return "group" in example ? `group ${example.group}` : printable(example.file, MAX_PATH);
}

/** What a complete result is: never more than what is proven. */
export function wholeText({ selective, at, assumed }: DecodeReport): string {
  const when = at === undefined ? "" : ` at ${rfc3339FromHlc(at)}`;
  if (assumed.length === 0 && !selective) return "everything that a client could read" + when;
  const what = (selective ? "all that was asked for" : "all that a client could read") + when;
  if (assumed.length === 0) return what;
  const lacks = assumed.map((fact) => ASSUMED[fact]).join(", ").replace(/, ([^,]*)$/, " and $1");
  return `${what} in what was given (taken as whole: it has ${lacks})`;
}
