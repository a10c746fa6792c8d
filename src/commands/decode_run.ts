/**
 * What every decode does around the adapters: it opens the books, lets the adapters work, gives a fate
 * to the rows that no adapter books, and says what the result is worth.
 *
 * @module
 */

import type { AdapterModule } from "../adapters/adapter.ts";
import { AdapterContext, type Problem, type WarningFields } from "../adapters/context.ts";
import { dynamodb } from "../adapters/dynamodb/mod.ts";
import { redis } from "../adapters/redis/mod.ts";
import { s3 } from "../adapters/s3/mod.ts";
import { sqs } from "../adapters/sqs/mod.ts";
import { type Accepted, type Account, Ledger, type Reason, REASONS } from "../adapters/ledger.ts";
import { UnsoundError, UsageError } from "../errors.ts";
import { classify, FAMILY, type Family, type FamilyId } from "../keyspace/families.ts";
import { loadKernels } from "../kernels/kernels.ts";
import { scopeOf } from "../keyspace/scopes.ts";
import { type RowBatch, rowKey } from "../mvcc/row_batch.ts";
import { MAX_PROBLEMS } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { Totals } from "../mvcc/survey.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import type { AdapterName } from "../tree/manifest.ts";
import type { DecodeOptions } from "./decode_options.ts";

/** The adapters, in the order of a dump. */
export const ADAPTERS: readonly AdapterModule[] = [dynamodb, s3, redis, sqs];

/** A warning, with a stable event name. */
export interface Warning {
  /** Stable name. */
  event: string;
  /** Its values, in the order in which they are shown. */
  fields: WarningFields;
}

/** Why the result is not everything, by what `--accept` calls it. */
export interface Loss {
  /** What was lost. */
  kind: Accepted | "unsound" | "not-loadable";
  /** Rows, or groups. */
  count: number;
  /** Whether the caller has said that it is known. */
  accepted: boolean;
}

/** What a decode did. */
export interface DecodeReport {
  /** 0, 4, 8 or 9: see `docs/errors.md`. */
  exitCode: number;
  /** Whether everything that was asked for is in the output. */
  complete: boolean;
  /** What is wrong with the snapshot; empty = sound. */
  problems: Problem[];
  /** What is worth knowing, and is no defect. */
  warnings: Warning[];
  /** What a client could read and no file has. */
  losses: Loss[];
  /** By adapter and scope. */
  accounts: Account[];
  /** Sums over all accounts and versions. */
  balance: {
    versions: number;
    live: number;
    superseded: number;
    tombstones: number;
    expired: number;
    later: number;
  };
  /** Files and bytes that were written. */
  files: number;
  /** Bytes in them. */
  bytes: number;
}

const DATABASE = new TextEncoder().encode("0");

/** Warnings that are kept; further ones are counted by `warnings-cut`. */
const MAX_WARNINGS = 10_000;

/** One decode. */
export class DecodeRun {
  readonly snapshot: Snapshot;
  readonly options: DecodeOptions;
  readonly ledger: Ledger;
  readonly problems: Problem[];
  readonly warnings: Warning[] = [];
  /** The adapters that were asked for. */
  readonly adapters: readonly AdapterModule[];
  #warningsCut = 0;
  #rowsDone = 0;

  constructor(snapshot: Snapshot, options: DecodeOptions) {
    this.snapshot = snapshot;
    this.options = options;
    this.ledger = new Ledger(snapshot.info.totals);
    this.problems = snapshot.info.problems.map((error) => ({ error, adapter: "" }));
    const wanted = options.adapters ?? (options.scopes && Object.keys(options.scopes));
    this.adapters = ADAPTERS.filter(({ name }) => wanted?.includes(name) ?? true);
    if (this.adapters.length === 0) throw new UsageError("no adapter is selected");
  }

  /** Whether anything was left out on purpose. */
  get selective(): boolean {
    return this.options.scopes !== undefined || this.adapters.length < ADAPTERS.length;
  }

  /** The surroundings of the adapters. */
  async context(
    scratch: Scratch,
    writeRaw?: (batch: RowBatch, i: number) => MaybePromise<void>,
  ): Promise<AdapterContext> {
    const { options, snapshot } = this;
    const total = this.#rowsToRead();
    return new AdapterContext({
      rows: snapshot,
      kernels: await loadKernels(options.kernel),
      scratch,
      ledger: this.ledger,
      options,
      signal: options.signal,
      selects: (adapter, scope) => this.#selects(adapter as AdapterName, scope),
      handlers: {
        onProblem: (problem) => this.#addProblem(problem),
        onWarning: (event, fields) => this.#addWarning({ event, fields }),
        onRows: (count) => {
          this.#rowsDone += count;
          options.progress?.(Math.min(this.#rowsDone, total), total);
        },
        writeRaw,
      },
    });
  }

  /** Live rows that the adapters will go through, about. */
  #rowsToRead(): number {
    const booked = this.#booked();
    return this.snapshot.info.totals.filter(({ family }) => booked.has(family.id))
      .reduce((n, { live }) => n + live, 0);
  }

  /** The families whose rows the adapters give a fate. */
  #booked(): Set<FamilyId> {
    return new Set(this.adapters.flatMap((adapter) => [...adapter.books(this.options)]));
  }

  /** Gives a fate to the rows that no adapter books. */
  async bookOthers(
    context: AdapterContext,
    writeRaw?: (batch: RowBatch, i: number) => MaybePromise<void>,
  ): Promise<void> {
    const booked = this.#booked();
    const others = this.snapshot.info.totals.filter(({ family, live }) =>
      live > 0 && !booked.has(family.id)
    );
    const raw = new Set<Family>();
    for (const totals of others) {
      if (this.#isWanted(totals) && writeRaw) raw.add(totals.family);
      else this.#book(totals);
    }
    const bare = others.filter(({ family }) => family.id === "bare")
      .reduce((n, { live }) => n + live, 0);
    if (bare > 0 && !writeRaw && this.#isWanted({ family: FAMILY.bare })) {
      context.warn("redis_bare_keys_skipped", {
        count: bare,
        hint: "keys without a family may be legacy Redis strings; --redis-bare-strings writes them",
      });
    }
    if (!writeRaw || raw.size === 0) return;
    const isRaw = (key: Uint8Array): boolean => raw.has(classify(key, 0, key.length));
    const rows = context.rows.scan({ from: new Uint8Array(0) }, {
      signal: context.signal,
      // The adapters have told of theirs.
      onUnsound: (error) => isRaw(error.key!) && context.unsound(error, error.key!),
    });
    for await (const batch of rows) {
      for (let i = 0; i < batch.count; i++) {
        const key = rowKey(batch, i);
        if (!isRaw(key)) continue;
        const family = classify(key, 0, key.length);
        this.ledger.add(family.adapter, scopeOf(family, key, 0, key.length), "written", 1);
        await writeRaw(batch, i);
      }
    }
  }

  #book({ family, scope, live }: Totals): void {
    const { adapter, kind } = family;
    const add = (fate: Parameters<Ledger["add"]>[2], rows: number): void =>
      this.ledger.add(adapter, scope, fate, rows);
    if (kind === "derivable" || kind === "operational") return add(kind, live);
    if (kind === "transaction") {
      const { undecidedLocks, undecidedIntents } = this.snapshot.info.transactions;
      const undecided = Math.min(
        live,
        family.id === "txn-lock"
          ? undecidedLocks
          : family.id === "txn-intent"
          ? undecidedIntents
          : 0,
      );
      add("transaction", undecided);
      return add("operational", live - undecided);
    }
    if (!this.#isWanted({ family })) return add("not-selected", live);
    add(family.id === "bare" ? "bare" : "unknown", live);
  }

  /**
   * Rows of no adapter belong to a selection of everything; those without a family also to one of
   * Redis, as clients may read them there.
   */
  #isWanted({ family }: { family: Family }): boolean {
    if (family.adapter === "system") {
      return !this.selective ||
        (family.id === "bare" && this.adapters.includes(redis) &&
          this.#selects("redis", DATABASE));
    }
    return this.adapters.some(({ name }) => name === family.adapter);
  }

  #selects(adapter: AdapterName, scope: Uint8Array): boolean {
    const names = this.options.scopes?.[adapter];
    return names === undefined || names.includes(decodeUtf8(scope) ?? "");
  }

  #addProblem(problem: Problem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
    else if (this.problems.length === MAX_PROBLEMS) {
      const error = new UnsoundError(
        "malformed-value",
        "… and more problems, which are not listed",
      );
      this.problems.push({ error, adapter: "" });
    }
  }

  #addWarning(warning: Warning): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(warning);
    else this.#warningsCut++;
  }

  /** A node's file without routes is one of a cluster's groups, and not the one that has them. */
  #warnOfUnknownGroups(): void {
    const { groups, inputs } = this.snapshot.info;
    const isNodes = inputs.some(({ file }) =>
      file.header.version > 0 && file.entries.end > file.entries.start
    );
    if (groups.known.length > 0 || !isNodes) return;
    this.#addWarning({
      event: "groups_unknown",
      fields: {
        hint: "no file has the cluster's routes, so nobody knows how many groups it has: " +
          "give the snapshots of all",
      },
    });
  }

  /** A node's own files have a checksum; without one, nobody knows whether the end is there. */
  #warnOfMissingChecksums(): void {
    for (const { name, file } of this.snapshot.info.inputs) {
      if (file.header.version === 0 || file.footer !== "absent") continue;
      this.#addWarning({
        event: "checksum_absent",
        fields: {
          file: name,
          hint:
            "the file has no checksum at its end: if it is not a copy from an object store, it " +
            "was cut off, and rows may be missing",
        },
      });
    }
  }

  /** Closes the books. Rows that cannot be accounted for are a problem of their own. */
  report(written: { files: number; bytes: number }): DecodeReport {
    const { info } = this.snapshot;
    for (const account of this.ledger.unbalanced) {
      const { adapter, scope, live, fates } = account;
      this.problems.push({
        error: new UnsoundError(
          "unbalanced",
          `${live} live rows were read, but ${JSON.stringify(fates)} are accounted for`,
          { hint: "this is a defect of the program: please report it" },
        ),
        adapter,
        scope,
      });
    }
    this.#warnOfUnknownGroups();
    this.#warnOfMissingChecksums();
    if (this.#warningsCut > 0) {
      this.warnings.push({ event: "warnings_cut", fields: { count: this.#warningsCut } });
    }
    const losses = this.#losses();
    const lost = losses.some(({ accepted }) => !accepted);
    const unsound = this.problems.length > 0;
    const nothing = this.selective && this.ledger.count("written") === 0;
    const sum = (
      of: keyof Totals & ("versions" | "live" | "superseded" | "tombstones" | "expired" | "later"),
    ): number => info.totals.reduce((n, totals) => n + totals[of], 0);
    return {
      exitCode: unsound && !this.options.keepGoing ? 4 : unsound || lost ? 8 : nothing ? 9 : 0,
      complete: !unsound && !lost,
      problems: this.problems,
      warnings: this.warnings,
      losses,
      accounts: this.ledger.accounts,
      balance: {
        versions: sum("versions"),
        live: sum("live"),
        superseded: sum("superseded"),
        tombstones: sum("tombstones"),
        expired: sum("expired"),
        later: sum("later"),
      },
      ...written,
    };
  }

  #losses(): Loss[] {
    const counts = new Map<Loss["kind"], number>();
    for (
      const [reason, { loss }] of Object.entries(REASONS) as [Reason, { loss?: Loss["kind"] }][]
    ) {
      const count = this.ledger.count(reason);
      if (loss && count > 0) counts.set(loss, (counts.get(loss) ?? 0) + count);
    }
    const missing = this.snapshot.info.groups.missing.length;
    if (missing > 0) counts.set("groups", missing);
    return [...counts].map(([kind, count]) => ({
      kind,
      count,
      accepted: this.options.accept?.includes(kind as Accepted) ?? false,
    }));
  }
}
