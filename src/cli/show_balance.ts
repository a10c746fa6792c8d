/** What `decode` prints at its end: what became of every row that was read. @module */

import { type Accepted, type Account, type Reason, REASONS } from "../adapters/ledger.ts";
import { scopeName } from "../commands/decode.ts";
import type { DecodeReport, Loss, Warning } from "../commands/decode_run.ts";
import { printable } from "../text/printable.ts";
import { count, counted, table } from "./format.ts";
import type { WantedScope } from "./options.ts";

const MAX_NAME = 40;
/** Warnings of one kind that are shown; the others are counted. */
const MAX_SHOWN = 10;

/** What can be done about a loss. */
const REMEDIES: { readonly [kind in Loss["kind"]]: string } = {
  unknown: "--raw writes them as they are stored",
  bare: "--redis-bare-strings takes them for Redis strings, --raw writes them as they are stored",
  orphans:
    "--include-orphans writes what can be told of them, --raw all of them as they are stored",
  transactions: "their outcome is in a group that was not given, or was never decided",
  groups: "name a snapshot of each group",
  "not-loadable": "the warnings say what they are; the other formats have them",
  unsound: "they are listed",
};

/** Warnings, a line each. */
export function warningsText(warnings: readonly Warning[]): string {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const { event, fields } of warnings) {
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
      account.adapter === adapter && account.scope && scopeName(account.scope) === name
    )
  ).map(({ adapter, name }) =>
    `decant: warning: there is nothing of --scope ${adapter}=${printable(name)} in the snapshot` +
    `${scopesOf(adapter, accounts)}\n`
  ).join("");
}

/** The names that there are. */
function scopesOf(adapter: string, accounts: readonly Account[]): string {
  const names = accounts.filter((account) => account.adapter === adapter && account.scope)
    .map(({ scope }) => printable(scopeName(scope!), MAX_NAME));
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
  return [sentence, accountsText(report), lossesText(report), sums(report)]
    .filter((part) => part !== "").join("\n");
}

/** What is called written: nothing was, where the snapshot is unsound or nothing was found. */
function writtenText({ exitCode }: DecodeReport): string {
  return exitCode === 4 || exitCode === 9 ? "sound" : "written";
}

function accountsText(report: DecodeReport): string {
  const { accounts } = report;
  const selected = accounts.filter(({ fates }) => fates.written || !fates["not-selected"]);
  if (selected.length === 0) return "";
  const rows = selected.map(({ adapter, scope, live, fates }) => [
    adapter,
    scope === undefined ? "" : printable(scopeName(scope), MAX_NAME),
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

/** Why rows are in no file, and what can be done about those that a client could read. */
function lossesText({ accounts, losses }: DecodeReport): string {
  const lines: string[] = [];
  for (const reason of reasons()) {
    const rows = accounts.reduce((n, { fates }) => n + (fates[reason] ?? 0), 0);
    if (rows === 0) continue;
    const { text, loss } = REASONS[reason] as { text: string; loss?: Loss["kind"] };
    lines.push(`left out: ${counted(rows, "row")} ${text}${remedy(losses, loss)}\n`);
  }
  const groups = losses.find(({ kind }) => kind === "groups");
  if (groups) {
    lines.push(
      `not given: ${counted(groups.count, "group")} of the cluster${remedy(losses, "groups")}\n`,
    );
  }
  return lines.join("");
}

function remedy(losses: readonly Loss[], kind: Loss["kind"] | undefined): string {
  const loss = losses.find((loss) => loss.kind === kind);
  if (!loss) return "";
  if (loss.accepted) return " (accepted)";
  const { kind: lost } = loss;
  const accept = lost === "unsound" || lost === "not-loadable" ? "" : `; ${acceptText(lost)}`;
  return `\n          ${REMEDIES[loss.kind]}${accept}`;
}

function acceptText(kind: Accepted): string {
  return `--accept ${kind} says that it is known`;
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
