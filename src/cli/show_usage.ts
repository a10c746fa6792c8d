/** What `du` prints. @module */

import type { NameUsage, ScopeUsage, UsageReport } from "../commands/usage.ts";
import type { Measure, Usage } from "../commands/usage_meter.ts";
import { count, size } from "./format.ts";
import { type Column, type ListFlags, listText } from "./listing.ts";

/** A line of any of the lists. */
interface Line extends Usage {
  kind: "total" | "scope" | "prefix" | "key";
  adapter?: string;
  scope?: string;
  family?: string;
  name?: string;
  missed?: number;
}

const AMOUNTS: readonly Column<Line>[] = [
  { name: "bytes", right: true, value: (line) => line.bytes, text: (line) => size(line.bytes) },
  {
    name: "versions",
    right: true,
    value: (line) => line.versions,
    text: (line) => count(line.versions),
  },
  {
    name: "garbage_bytes",
    title: "garbage",
    right: true,
    value: (line) => line.garbageBytes,
    text: (line) => size(line.garbageBytes),
  },
  {
    name: "garbage_versions",
    title: "versions",
    right: true,
    value: (line) => line.garbageVersions,
    text: (line) => count(line.garbageVersions),
  },
];

const FLAT: readonly Column<Line>[] = [
  { name: "kind", value: (line) => line.kind },
  { name: "adapter", value: (line) => line.adapter },
  { name: "scope", value: (line) => line.scope },
  { name: "family", value: (line) => line.family },
  { name: "name", value: (line) => line.name },
  ...AMOUNTS,
  { name: "missed", value: (line) => line.missed },
];

/** The lists one after the other: for people with a heading each, for programs as one. */
export function usageText(report: UsageReport, flags: ListFlags): string {
  const scopes = [
    { kind: "total" as const, ...report.total },
    ...report.scopes.map((scope) => ({ kind: "scope" as const, ...scope })),
  ];
  const prefixes = report.prefixes.map((name) => ({ kind: "prefix" as const, ...name }));
  const keys = report.keys.map((name) => ({ kind: "key" as const, ...name }));
  if (flags.json || flags.format !== "table") {
    return listText(FLAT, [...scopes, ...prefixes, ...keys], flags);
  }
  const named = (list: readonly Line[], title: string): string =>
    listText(columns(title, report.by, list.some(({ missed }) => missed! > 0)), list, flags);
  return [
    listText(columns("scope", report.by, false), scopes, flags),
    named(prefixes, "largest beginnings of names"),
    named(keys, "largest keys"),
  ].filter((part) => part !== "").join("\n");
}

function columns(title: string, by: Measure, isInexact: boolean): Column<Line>[] {
  const more: Column<Line> = {
    name: "missed",
    title: "+",
    right: true,
    value: (line) => line.missed,
    text: ({ missed = 0 }) => by === "versions" ? count(missed) : size(missed),
  };
  return [
    ...AMOUNTS,
    ...(isInexact ? [more] : []),
    { name: "name", title, value: addressOf },
  ];
}

function addressOf(line: Partial<ScopeUsage & NameUsage> & Line): string {
  const { kind, adapter, scope, family, name } = line;
  if (kind === "total") return "(all)";
  if (scope === undefined) return `(${family})`;
  return name === undefined ? `${adapter}/${scope}` : `${adapter}/${scope}/${name}`;
}
