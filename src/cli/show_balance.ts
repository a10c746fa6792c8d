/** What `decode` prints at its end: what became of every row that was read. @module */

import { type Account, type LossKind, type Reason, REASONS } from "../adapters/ledger.ts";
import type { DecodeReport } from "../commands/decode_report.ts";
import { nameText } from "../text/name_text.ts";
import { printable } from "../text/printable.ts";
import { count, counted, table } from "./format.ts";
import type { WantedScope } from "./options.ts";
import { momentsText } from "./show_files.ts";
import { lossesText } from "./show_losses.ts";
import { scopeText } from "./show_scope.ts";

/** Warnings of one kind that are shown; the others are counted. */
const MAX_SHOWN = 10;

/** Warnings of what is also counted as a loss: the statement about the loss says it. */
const TOLD: { readonly [event: string]: LossKind } = {
  ddb_orphan_items: "orphans",
  s3_orphan_chunks: "orphans",
  sqs_orphan_messages: "orphans",
  redis_not_loadable: "not-loadable",
};

/** Warnings, a line each. */
export function warningsText(
  { warnings, losses }: Pick<DecodeReport, "warnings" | "losses">,
): string {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const { event, fields } of warnings) {
    if (losses.some(({ kind }) => kind === TOLD[event])) continue;
    // The command line knows what it was called with, and says which scopes there are.
    if (event === "scope_not_found") continue;
    const times = (seen.get(event) ?? 0) + 1;
    seen.set(event, times);
    if (times > MAX_SHOWN) continue;
    const values = Object.entries(fields).map(([k, v]) => ` ${k}=${quoted(printable(`${v}`))}`);
    lines.push(`decant: warning: ${event}${values.join("")}\n`);
  }
  for (const [event, times] of seen) {
    if (times > MAX_SHOWN) {
      lines.push(`decant: warning: … and ${count(times - MAX_SHOWN)} more of ${event}\n`);
    }
  }
  return lines.join("");
}

function quoted(value: string): string {
  return value === "" || /[\s"=]/.test(value) ? JSON.stringify(value) : value;
}

/** A warning for each scope that was asked for and is not there. */
export function missingScopesText(
  wanted: readonly WantedScope[],
  accounts: readonly Account[],
): string {
  return wanted.filter(({ adapter, name }) =>
    !accounts.some((account) =>
      account.adapter === adapter && account.scope && nameText(account.scope) === name
    )
  ).map(({ adapter, name }) =>
    `decant: warning: there is nothing of --scope ${adapter}=${scopeText(name)} in the snapshot` +
    `${scopesOf(adapter, accounts)}\n`
  ).join("");
}

/** The names that there are. */
function scopesOf(adapter: string, accounts: readonly Account[]): string {
  const names = accounts.filter((account) => account.adapter === adapter && account.scope)
    .map(({ scope }) => scopeText(nameText(scope!)));
  if (names.length === 0) return "";
  const more = names.length > MAX_SHOWN ? ", …" : "";
  return `, but of ${names.slice(0, MAX_SHOWN).join(", ")}${more}`;
}

/**
 * The accounts of each scope, what was left out, and the balance of all rows.
 *
 * @param sentence What comes first.
 */
export function balanceText(report: DecodeReport, sentence: string): string {
  const moments = momentsText(report.inputs, report.at !== undefined);
  const head = report.inputs.length === 1 ? [sentence + moments] : [sentence, moments];
  return [...head, accountsText(report), lossesText(report), sums(report)]
    .filter((part) => part !== "").join("\n");
}

/** What is called written: nothing was, where the snapshot is unsound. */
function writtenText({ exitCode }: DecodeReport): string {
  return exitCode === 4 ? "sound" : "written";
}

function accountsText(report: DecodeReport): string {
  const { accounts } = report;
  const selected = accounts.filter(({ fates }) => fates.written || !fates["not-selected"]);
  if (selected.length === 0) return "";
  const rows = selected.map(({ adapter, scope, live, fates }) => [
    adapter,
    scope === undefined ? "" : scopeText(nameText(scope)),
    ...[live, fates.written, fates.derivable, fates.operational, leftOut({ fates })]
      .map((n) => count(n ?? 0)),
  ]);
  return table(
    [
      ["adapter", "scope", "live", writtenText(report), "derivable", "operational", "left out"],
      ...rows,
    ],
    [false, false, true, true, true, true, true],
  );
}

function leftOut({ fates }: Pick<Account, "fates">): number {
  return reasons().reduce((n, reason) => n + (fates[reason] ?? 0), 0);
}

function reasons(): Reason[] {
  return Object.keys(REASONS) as Reason[];
}

function sums(report: DecodeReport): string {
  const { balance, accounts } = report;
  const { versions, live, superseded, tombstones, expired, later } = balance;
  const of = (fate: keyof Account["fates"]): number =>
    accounts.reduce((n, { fates }) => n + (fates[fate] ?? 0), 0);
  const left = accounts.reduce((n, account) => n + leftOut(account), 0);
  const parts = (terms: [number, string][]): string =>
    terms.map(([n, name]) => `${count(n)} ${name}`).join(" + ");
  return `balance: ${counted(versions, "version")} read = ${
    parts([
      [live, "live"],
      [superseded, "superseded"],
      [tombstones, "tombstones"],
      [expired, "expired"],
      ...(later > 0 ? [[later, "later"] as [number, string]] : []),
    ])
  }\n         ${counted(live, "live row")} = ${
    parts([
      [of("written"), writtenText(report)],
      [of("derivable"), "derivable"],
      [of("operational"), "operational"],
      [left, "left out"],
    ])
  }\n`;
}
