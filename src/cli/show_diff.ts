/** What `diff` prints. @module */

import type { Difference, Differences, ScopeChanges } from "../commands/diff.ts";
import { printable } from "../text/printable.ts";
import type { DiffFlags } from "./diff_command.ts";
import { count, counted } from "./format.ts";
import { escapeHidden } from "./json.ts";
import { type Column, listText, RowPrinter } from "./listing.ts";

const COUNTS: readonly Column<ScopeChanges>[] = (["added", "changed", "removed"] as const).map((
  name,
) => ({
  name,
  right: true,
  value: (scope: ScopeChanges) => scope[name],
  text: (scope: ScopeChanges) => count(scope[name]),
}));

const SCOPES: readonly Column<ScopeChanges>[] = [
  ...COUNTS,
  { name: "scope", value: ({ adapter, scope }) => `${adapter}/${scope}` },
];

const RECORDS: readonly Column<Difference>[] = [
  { name: "change", value: ({ change }) => change },
  { name: "adapter", value: ({ adapter }) => adapter },
  { name: "scope", value: ({ scope }) => scope },
  { name: "type", value: ({ type }) => type },
  { name: "key", value: ({ key }) => key },
  { name: "old", value: (difference) => difference.old },
  { name: "new", value: (difference) => difference.new },
];

const SIGNS = { added: "+", changed: "~", removed: "-" };
/** Characters that are shown of a key. */
const MAX_KEY = 200;

/** For people, how much is not the same: of each table, bucket, database and queue. */
export function changesText({ same, scopes }: Differences, flags: DiffFlags): string {
  if (flags.json || flags.format !== "table") return "";
  if (scopes.length === 0) return `${counted(same, "record is", "records are")} the same.\n`;
  return `${listText(SCOPES, scopes, flags)}${
    counted(same, "other record is", "other records are")
  } the same.\n\n`;
}

/** Prints the records that are not the same. */
export function differencePrinter(
  print: (text: string) => void,
  flags: DiffFlags,
): (difference: Difference) => void {
  if (flags.json || flags.format === "json") return (one) => print(jsonLine(one));
  const columns = flags.full ? RECORDS : RECORDS.slice(0, -2);
  const printer = new RowPrinter(print, columns, flags, lineOf);
  return (one) => printer.add(one);
}

/** Values go in as they are: their numbers can have more digits than a parser keeps. */
function jsonLine({ change, adapter, scope, type, key, old, new: now }: Difference): string {
  const members = JSON.stringify({ change, adapter, scope, type }).slice(0, -1);
  const values = Object.entries({ key, old, new: now })
    .map(([name, json]) => json === undefined ? "" : `,"${name}":${json}`);
  return escapeHidden(`${members}${values.join("")}}`) + "\n";
}

function lineOf({ change, adapter, scope, type, key, old, new: now }: Difference): string {
  const shown = printable(
    `${adapter}/${scope}  ${type}${key === undefined ? "" : ` ${key}`}`,
    MAX_KEY,
  );
  const values = [["-", old], ["+", now]].filter(([, json]) => json !== undefined)
    .map(([sign, json]) => `\n    ${sign} ${printable(json!, Infinity)}`);
  return `${SIGNS[change]} ${shown}${values.join("")}`;
}
