/**
 * The table of scopes that `inspect` prints.
 *
 * A terminal gets what people ask for: things rather than rows, in as many columns as it has room for;
 * names that are too long are cut in the middle. Without a terminal every scope is one line, nothing is
 * cut, and every column is there.
 *
 * @module
 */

import { fromBase64, STANDARD } from "../bytes/base64.ts";
import type { InspectedScope } from "../commands/inspect.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import { printable } from "../text/printable.ts";
import { count, counted, cutMiddle, size, table, width as lengthOf } from "./format.ts";
import { scopeText } from "./show_scope.ts";

/** In which order scopes come: as in a dump, or those with the most bytes first. */
export type ScopeOrder = "name" | "bytes";

/** One line of the table, before it is known what fits. */
type Line = Counts & {
  adapter: string;
  name: string;
  things: readonly string[];
};

const COUNTS = [
  "keys",
  "live",
  "versions",
  "tombstones",
  "expired",
  "bytes",
  "live_bytes",
  "superseded_bytes",
  "deleted_bytes",
  "clear",
  "encrypted",
] as const;
type Counts = Pick<InspectedScope, (typeof COUNTS)[number]>;

interface Column {
  head: string;
  of: keyof Counts;
  isSize?: true;
}

const EVERY: readonly Column[] = [
  { head: "keys", of: "keys" },
  { head: "live", of: "live" },
  { head: "versions", of: "versions" },
  { head: "tombstones", of: "tombstones" },
  { head: "expired", of: "expired" },
  { head: "bytes", of: "bytes", isSize: true },
  { head: "live bytes", of: "live_bytes", isSize: true },
  { head: "old bytes", of: "superseded_bytes", isSize: true },
  { head: "deleted bytes", of: "deleted_bytes", isSize: true },
  { head: "clear", of: "clear" },
  { head: "encrypted", of: "encrypted" },
];
/** For a terminal, the most important first. */
const FEW: readonly Column[] = [
  { head: "live", of: "live_bytes", isSize: true },
  { head: "old", of: "superseded_bytes", isSize: true },
  { head: "deleted", of: "deleted_bytes", isSize: true },
  { head: "encrypted", of: "encrypted" },
  { head: "rows", of: "live" },
  { head: "versions", of: "versions" },
];

const NAME_LEAST = 10;
const NAME_MOST = 40;
const THINGS_LEAST = 14;
const THINGS_MOST = 26;
/** Terminals with fewer characters in a line have no column for adapters. */
export const NARROW = 60;
const BETWEEN = 2;

/**
 * The scopes and what belongs to none.
 *
 * @param width Characters of a line of the terminal; absent: it is read by a program.
 */
export function scopesText(
  scopes: readonly InspectedScope[],
  order: ScopeOrder,
  width: number | undefined,
): string {
  if (scopes.length === 0) return "There are no rows.\n";
  const sorted = order === "name" ? scopes : scopes.toSorted((a, b) => b.bytes - a.bytes);
  return (width === undefined ? wholeTable(sorted) : fittedTable(sorted, width)) +
    examplesText(scopes);
}

function wholeTable(scopes: readonly InspectedScope[]): string {
  const lines = scopes.map(lineOf);
  if (lines.length > 1) lines.push(totalOf(scopes));
  const rows = lines.map((line) => [
    line.adapter,
    line.name,
    line.things.join(", "),
    ...EVERY.map((column) => cell(line, column)),
  ]);
  return table(
    [["adapter", "scope", "what", ...EVERY.map(({ head }) => head)], ...rows],
    [false, false, false, ...EVERY.map(() => true)],
  );
}

/** Rows of the store itself are one line here. */
function fittedTable(scopes: readonly InspectedScope[], width: number): string {
  const isNarrow = width < NARROW;
  const lines = scopes.filter((scope) => !isStoresOwn(scope)).map(lineOf);
  const own = scopes.filter(isStoresOwn);
  if (own.length > 0) {
    const sum = sumOf(own);
    const things = [counted(sum.versions, "row")];
    lines.push({ ...sum, adapter: "system", name: "(the store's own)", things });
  }
  if (lines.length > 1) lines.push(totalOf(scopes));

  const things = lines.map((line) => inLines(line.things, isNarrow ? THINGS_LEAST : THINGS_MOST));
  const adapters = lines.map(({ adapter }) => adapter);
  const names = lines.map(({ name }, i) => isNarrow ? join(adapters[i], name) : name);
  const most = Math.min(NAME_MOST, widest([...names, "scope"]));
  let left = width - (isNarrow ? 0 : widest([...adapters, "adapter"]) + BETWEEN) - most -
    BETWEEN - widest([...things.flat(), "what"]);
  const columns: Column[] = [];
  for (const column of FEW) {
    if (lines.every((line) => line[column.of] === 0)) continue;
    const needs = BETWEEN + widest([column.head, ...lines.map((line) => cell(line, column, true))]);
    // Names give way to the first ones.
    const room = columns.length < 3 ? left + most - NAME_LEAST : left;
    if (needs > room) break;
    columns.push(column);
    left -= needs;
  }
  const name = Math.max(NAME_LEAST, most + Math.min(0, left));

  const rows = lines.flatMap((line, i) => {
    const first = isNarrow ? [] : [line.adapter];
    const [what = "", ...more] = things[i];
    const cells = columns.map((column) => cell(line, column, true));
    return [
      [...first, cutMiddle(names[i], name), what, ...cells],
      ...more.map((what) => [...first.map(() => ""), "", what]),
    ];
  });
  const head = ["scope", "what", ...columns.map(({ head }) => head)];
  return table(
    [isNarrow ? head : ["adapter", ...head], ...rows],
    [...isNarrow ? [] : [false], false, false, ...columns.map(() => true)],
  );
}

function join(adapter: string, name: string): string {
  return name === "" ? adapter : `${adapter}/${name}`;
}

/** Whether no client can read it, and it is no scope. */
function isStoresOwn({ adapter, scope, example_keys_b64 }: InspectedScope): boolean {
  return adapter === "system" && scope === undefined && example_keys_b64 === undefined;
}

function lineOf(scope: InspectedScope): Line {
  const { adapter, state, family } = scope;
  const mark = state === "deleted" ? " (deleted)" : state === "orphan" ? " (orphan)" : "";
  const name = scope.scope === undefined ? `(${family})` : scopeText(scope.scope) + mark;
  return { ...scope, adapter, name, things: thingsOf(scope) };
}

function thingsOf({ things, state, live, versions }: InspectedScope): string[] {
  if (!things) return [counted(live || versions, "row")];
  const all = Object.entries(things).map(([name, n]) => counted(n, ONE[name] ?? name, name));
  if (all.length === 0) return [state === "live" ? "empty" : "nothing left"];
  return state === "deleted" ? [...all.slice(0, -1), all.at(-1)! + " left"] : all;
}

const ONE: { readonly [name: string]: string } = {
  items: "item",
  objects: "object",
  uploads: "upload",
  strings: "string",
  hashes: "hash",
  lists: "list",
  sets: "set",
  zsets: "zset",
  streams: "stream",
  hyperloglogs: "hyperloglog",
  messages: "message",
};

function totalOf(scopes: readonly InspectedScope[]): Line {
  return { ...sumOf(scopes), adapter: "total", name: "", things: [] };
}

function sumOf(scopes: readonly InspectedScope[]): Counts {
  const sum = Object.fromEntries(COUNTS.map((name) => [name, 0])) as unknown as Counts;
  for (const scope of scopes) for (const name of COUNTS) sum[name] += scope[name];
  return sum;
}

function cell(line: Line, { of, isSize }: Column, isShort = false): string {
  const n = line[of];
  if (isShort && n === 0) return "";
  return isSize ? size(n, isShort ? 1 : undefined) : count(n);
}

/** Several things, as many in a line as fit. */
function inLines(things: readonly string[], most: number): string[] {
  const lines: string[] = [];
  for (const thing of things) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + thing.length + 2 <= most) {
      lines[lines.length - 1] = `${last}, ${thing}`;
    } else {
      if (last !== undefined) lines[lines.length - 1] = last + ",";
      lines.push(thing);
    }
  }
  return lines;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, lengthOf(text)), 0);
}

/** A few keys of what nobody knows the meaning of. */
function examplesText(scopes: readonly InspectedScope[]): string {
  return scopes.filter(({ example_keys_b64 }) => example_keys_b64?.length).map((scope) => {
    const keys = scope.example_keys_b64!.map((key) =>
      `"${printable(fromBase64(STANDARD, encodeUtf8(key))!, 40)}"`
    );
    const more = scope.live > keys.length ? ", …" : "";
    return `(${scope.family}) keys: ${keys.join(", ")}${more}\n`;
  }).join("");
}
