/**
 * Where every live row went. The counts come from the adapters; the counts that they are compared
 * with come from the survey of the whole snapshot. The two must agree.
 *
 * @module
 */

import { equalBytes } from "../bytes/compare.ts";
import { type Adapter, PARTS } from "../keyspace/families.ts";
import { scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import { addExample, type KeyExample, MAX_EXAMPLES } from "../mvcc/examples.ts";
import type { Totals } from "../mvcc/survey.ts";

/** Kinds of loss that the exit code may be told to accept: the values of `--accept`. */
export const ACCEPTABLE: readonly Accepted[] = [
  "groups",
  "checksum",
  "unknown",
  "bare",
  "orphans",
  "transactions",
];

/** A kind of loss that can be accepted. */
export type Accepted = "groups" | "checksum" | "unknown" | "bare" | "orphans" | "transactions";

/** What a client could read and no file has. */
export type LossKind = Accepted | "not-loadable" | "unsound";

/** Why a row is in no file, and what that means to somebody who wants everything. */
export const REASONS: { readonly [reason in Reason]: { text: string; loss?: LossKind } } = {
  "not-selected": { text: "not selected" },
  "stale-generation": { text: "of an older generation, which clients cannot read" },
  "deleted": { text: "of a deleted table, bucket or queue, which clients cannot read" },
  "hidden": { text: "hidden from clients by a newer form of the same thing" },
  "incomplete-upload": { text: "of an upload that was not completed" },
  "unreachable": { text: "in a place where the server does not look" },
  "unknown": { text: "of a family that Decant does not decode", loss: "unknown" },
  "bare": { text: "without a family: legacy Redis strings or raw rows", loss: "bare" },
  "orphan": { text: "whose table, bucket, queue or key is missing", loss: "orphans" },
  "transaction": { text: "of a transaction without an outcome", loss: "transactions" },
  "not-loadable": { text: "that a Redis server cannot be given", loss: "not-loadable" },
  "unsound": { text: "found unsound", loss: "unsound" },
};

/** Why a row is in no file. */
export type Reason =
  | "not-selected"
  | "stale-generation"
  | "deleted"
  | "hidden"
  | "incomplete-upload"
  | "unreachable"
  | "unknown"
  | "bare"
  | "orphan"
  | "transaction"
  | "not-loadable"
  | "unsound";

/** What became of a row. */
export type Fate = "written" | "derivable" | "operational" | Reason;

/** What kind of loss a fate is, if it is one. */
export function lossOf(fate: Fate): LossKind | undefined {
  return fate in REASONS ? REASONS[fate as Reason].loss : undefined;
}

/** The accounts of one adapter's scope. */
export interface Account {
  /** Whose rows they are. */
  adapter: Adapter;
  /** Label of its name; absent for rows that belong to none. */
  scope?: Uint8Array;
  /** Live rows by the survey. */
  live: number;
  /** Live rows by what became of them; their sum must be `live`. */
  fates: Partial<Record<Fate, number>>;
}

/** Counts rows by adapter, scope and fate. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  /** The one that was used last: rows of a scope come together. */
  #last: Account | undefined;
  readonly #examples = new Map<Fate, KeyExample[]>();

  /** @param totals The survey that everything must add up to. */
  constructor(totals: readonly Totals[]) {
    for (const { family, scope, live } of totals) {
      if (live > 0) this.#account(family.adapter, scope).live += live;
    }
  }

  /**
   * Books rows of a scope, whose name may be its label.
   *
   * @param key Of one of them, where they are lost: the first few are kept.
   */
  add(
    adapter: Adapter,
    scope: Uint8Array | undefined,
    fate: Fate,
    rows: number,
    key?: Uint8Array,
  ): void {
    if (rows === 0) return;
    const { fates } = this.#account(adapter, scope);
    fates[fate] = (fates[fate] ?? 0) + rows;
    if (key && lossOf(fate) !== undefined) addExample(this.#examplesOf(fate), key);
  }

  /** Adds keys to those that a fate is shown by. */
  addExamples(fate: Fate, examples: readonly KeyExample[]): void {
    this.#examplesOf(fate).push(...examples);
  }

  /** The first keys that were booked with a fate. */
  examples(fate: Fate): readonly KeyExample[] {
    return this.#examplesOf(fate).slice(0, MAX_EXAMPLES);
  }

  #examplesOf(fate: Fate): KeyExample[] {
    let examples = this.#examples.get(fate);
    if (!examples) this.#examples.set(fate, examples = []);
    return examples;
  }

  /** All accounts: adapters in the order of the dump, scopes by the bytes of their names. */
  get accounts(): Account[] {
    return [...this.#accounts.entries()].sort(([a], [b]) => a < b ? -1 : 1).map(([, account]) =>
      account
    );
  }

  /** The accounts that do not add up; empty when all is well. */
  get unbalanced(): Account[] {
    return this.accounts.filter(({ live, fates }) => live !== sum(fates));
  }

  /** Rows of one fate in all accounts. */
  count(fate: Fate): number {
    return this.accounts.reduce((n, { fates }) => n + (fates[fate] ?? 0), 0);
  }

  #account(adapter: Adapter, scope: Uint8Array | undefined): Account {
    const last = this.#last;
    if (last && scope && last.adapter === adapter && last.scope && equalBytes(last.scope, scope)) {
      return last;
    }
    const name = `${PARTS.indexOf(adapter)}${scope ? "=" + scopeKey(scope) : ""}`;
    let account = this.#accounts.get(name);
    if (!account) {
      account = { adapter, scope: scope && scopeLabel(scope), live: 0, fates: {} };
      this.#accounts.set(name, account);
    }
    return this.#last = account;
  }
}

function sum(fates: Account["fates"]): number {
  return Object.values(fates).reduce((a, b) => a + b, 0);
}
