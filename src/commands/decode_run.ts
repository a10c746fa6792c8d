/**
 * What every decode does around the adapters: it opens the books, lets the adapters work, gives a fate
 * to the rows that no adapter books, and says what the result is worth.
 *
 * @module
 */

import { AdapterContext, type WarningFields } from "../adapters/context.ts";
import { Ledger } from "../adapters/ledger.ts";
import { bookUnwanted } from "../adapters/unwanted_rows.ts";
import { selectedRows } from "../adapters/wanted_rows.ts";
import { AbortedError, UnsoundError } from "../errors.ts";
import type { AdapterName, FamilyId } from "../keyspace/families.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { loadKernels } from "../kernels/kernels.ts";
import { BoundedList, ProblemList, shortText } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { Totals } from "../mvcc/survey.ts";
import type { Scratch } from "../sources/scratch.ts";
import { startJobs } from "../workers/start.ts";
import { nameText } from "../text/name_text.ts";
import type { DecodeOptions } from "./decode_options.ts";
import type { DecodeReport, Warning } from "./decode_report.ts";
import { inspectInput } from "./inspect.ts";
import { assumptionsOf, lossesOf } from "./losses.ts";
import { bookOtherRows, type WriteRaw } from "./other_rows.ts";
import { Selection } from "./selection.ts";

/** One decode. */
export class DecodeRun {
  readonly snapshot: Snapshot;
  readonly options: DecodeOptions;
  readonly ledger: Ledger;
  /** What was asked for. */
  readonly selection: Selection;
  readonly #problems = new ProblemList();
  readonly #warnings = new BoundedList<Warning>();
  #rowsDone = 0;
  #jobs: Jobs | undefined;

  constructor(snapshot: Snapshot, options: DecodeOptions) {
    this.snapshot = snapshot;
    this.options = options;
    this.ledger = new Ledger(snapshot.info.totals);
    for (const error of snapshot.info.problems) this.#problems.add({ error, adapter: "" });
    this.selection = new Selection(options, snapshot.info.totals);
  }

  /** The surroundings of the adapters. */
  async context(scratch: Scratch, writeRaw?: WriteRaw): Promise<AdapterContext> {
    const { options, snapshot } = this;
    const total = this.#rowsToRead();
    const kernels = await loadKernels(options.kernel);
    this.#jobs = await startJobs(options.jobs ?? 1, kernels);
    return new AdapterContext({
      rows: snapshot,
      kernels,
      jobs: this.#jobs,
      scratch,
      ledger: this.ledger,
      options,
      signal: options.signal,
      totals: snapshot.info.totals,
      handlers: {
        onProblem: (problem) => this.#problems.addOnce(problem),
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
    const { selection, snapshot } = this;
    const booked = this.#booked();
    return snapshot.info.totals
      .filter(({ family, scope }) =>
        booked.has(family.id) && (!scope || selection.selects(family.adapter as AdapterName, scope))
      )
      .reduce((n, { live }) => n + live, 0);
  }

  /** The families whose rows the adapters give a fate. */
  #booked(): Set<FamilyId> {
    return new Set(
      this.selection.adapters.flatMap((adapter) => [...adapter.books(this.options)]),
    );
  }

  /** Gives a fate to the rows that no adapter books. */
  async bookOthers(context: AdapterContext, writeRaw?: WriteRaw): Promise<void> {
    const booked = this.#booked();
    const { info } = this.snapshot;
    const wanted = selectedRows(info.totals, this.selection.names);
    await bookUnwanted(context, wanted, info.totals, booked);
    await bookOtherRows(context, {
      info,
      booked,
      wanted,
      isWanted: (family) => this.selection.selectsOther(family),
    }, writeRaw);
    this.#bookPassed();
  }

  /**
   * Where only keys that begin alike are wanted, nobody comes upon the other rows of a scope, and no count
   * of the survey is theirs: they are what is left of the scope's live rows.
   */
  #bookPassed(): void {
    const { selection, ledger, options } = this;
    for (const { adapter, scope, live, fates } of ledger.accounts) {
      const isBare = adapter === "system" && options.redisBareStrings === true;
      const owner = isBare ? "redis" : adapter;
      if (owner === "system" || !selection.passesBy(owner, isBare ? undefined : scope)) continue;
      const booked = Object.values(fates).reduce((sum, rows) => sum + rows, 0);
      ledger.add(adapter, scope, "not-selected", Math.max(0, live - booked));
    }
  }

  /** Whether the selection matched nothing. */
  #foundNothing(): boolean {
    const { selection, ledger } = this;
    if (!selection.selective || selection.records.matched > 0) return false;
    const whole = ledger.accounts.filter(({ adapter, scope }) =>
      !selection.isPartial(adapter, scope)
    );
    return whole.every(({ fates }) => !fates.written);
  }

  /** Ends the work of others. */
  async close(): Promise<void> {
    await this.#jobs?.close();
  }

  /**
   * Ends all work after an error: when this is done, nothing more is written.
   *
   * @returns The error that a thread alone would have met first.
   */
  async stop(error: unknown): Promise<unknown> {
    let first = error;
    try {
      if (!(error instanceof AbortedError)) await this.#jobs?.drain();
    } catch (earlier) {
      first = earlier;
    }
    await this.close();
    return first;
  }

  #addWarning({ event, fields }: Warning): void {
    const short: WarningFields = {};
    let bytes = event.length;
    for (const [name, value] of Object.entries(fields)) {
      short[name] = typeof value === "string" ? shortText(value) : value;
      bytes += name.length + String(short[name]).length;
    }
    this.#warnings.add({ event, fields: short }, bytes);
  }

  /** Closes the books. Rows that cannot be accounted for are a problem of their own. */
  report(written: { files: number; bytes: number }): DecodeReport {
    const { info } = this.snapshot;
    const { selective } = this.selection;
    this.#addImbalances();
    const problems = this.#problems.list;
    const warnings = [...this.#warnings.list];
    if (this.#warnings.left > 0) {
      warnings.push({ event: "warnings_cut", fields: { count: this.#warnings.left } });
    }
    for (const [adapter, name] of this.#unmatched()) {
      warnings.push({ event: "scope_not_found", fields: { adapter, name } });
    }
    const unsound = problems.length > 0;
    const losses = lossesOf(info, this.ledger, this.options.accept ?? [], unsound);
    const lost = losses.some(({ accepted }) => !accepted);
    const nothing = !this.options.allowEmpty && this.#foundNothing();
    return {
      inputs: info.inputs.map(inspectInput),
      exitCode: unsound && !this.options.keepGoing ? 4 : unsound || lost ? 8 : nothing ? 9 : 0,
      complete: !unsound && losses.length === 0 && !nothing,
      selective,
      nearest: nothing ? this.selection.nearest() : undefined,
      at: info.at,
      assumed: assumptionsOf(info),
      problems,
      warnings,
      losses,
      accounts: this.ledger.accounts,
      balance: balanceOf(info.totals),
      ...written,
    };
  }

  /** Scopes that were asked for and of which nothing is there. */
  *#unmatched(): Generator<[AdapterName, string]> {
    const there = new Set(
      this.ledger.accounts.map(({ adapter, scope }) =>
        `${adapter}=${scope ? nameText(scope) : ""}`
      ),
    );
    for (const { name: adapter } of this.selection.adapters) {
      for (const name of this.selection.scopes[adapter] ?? []) {
        if (!there.has(`${adapter}=${name}`)) yield [adapter, name];
      }
    }
  }

  #addImbalances(): void {
    for (const { adapter, scope, live, fates } of this.ledger.unbalanced) {
      const error = new UnsoundError(
        "unbalanced",
        `${live} live rows were read, but ${JSON.stringify(fates)} are accounted for`,
        { hint: "this is a defect of the program: please report it" },
      );
      this.#problems.add({ error, adapter, scope });
    }
  }
}

function balanceOf(totals: readonly Totals[]): DecodeReport["balance"] {
  const sum = (of: keyof DecodeReport["balance"]): number =>
    totals.reduce((n, one) => n + one[of], 0);
  return {
    versions: sum("versions"),
    live: sum("live"),
    superseded: sum("superseded"),
    tombstones: sum("tombstones"),
    expired: sum("expired"),
    later: sum("later"),
  };
}
