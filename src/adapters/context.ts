/**
 * What an adapter works with. An adapter reads rows, gives every live row of its families a fate in
 * the ledger, and says what is wrong; it does not know which command runs it.
 *
 * @module
 */

import { type Code, UnsoundError } from "../errors.ts";
import { InlineJobs, type Jobs } from "../jobs/jobs.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type Adapter, classify, FAMILY, type FamilyId } from "../keyspace/families.ts";
import { scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import { scopeOf } from "../keyspace/scopes.ts";
import type { KeyRange } from "../mvcc/key_range.ts";
import type { Problem } from "../mvcc/problems.ts";
import { batchOf, type Row, type RowBatch, type RowHandle, rowKey } from "../mvcc/row_batch.ts";
import type { Rows } from "../mvcc/rows.ts";
import type { Totals } from "../mvcc/survey.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";
import { Ledger, type Reason } from "./ledger.ts";
import { ALL_ROWS, type RecordSelection, selectedRows, type WantedRows } from "./wanted_rows.ts";

/** What may be asked of adapters. Every member has a default, which is the first one named. */
export interface AdapterOptions {
  /** `per-item`: one file an item; `jsonl`: files of many items. */
  dynamodbBundleMode?: "per-item" | "jsonl";
  /** Bytes of one file of many items; 64 MiB. */
  dynamodbBundleSize?: number;
  /** Form of items in record lines: DynamoDB JSON, or plain JSON, which cannot be read back. */
  dynamodbJson?: "typed" | "plain";
  /** Also write what is left of uploads that were never completed; `false`. */
  includeIncompleteUploads?: boolean;
  /** Also write rows whose owner is missing; `false`. */
  includeOrphans?: boolean;
  /** Rename S3 objects whose key ends like a sidecar; `true`. */
  renameCollisions?: boolean;
  /** Take rows without a family for Redis strings; `false`. */
  redisBareStrings?: boolean;
  /** Also write the server's own records of queues; `false`. */
  includeSqsSideRecords?: boolean;
  /** Keep receive counts, receipts and visibility times of messages; `false`. */
  preserveSqsVisibility?: boolean;
  /** Also put bodies of S3 objects into record lines; `false`. */
  bodies?: boolean;
}

/** Values of a warning, in the order in which they are shown. */
export type WarningFields = Record<string, string | number | bigint | boolean>;

/** How an adapter speaks to its command. */
export interface ContextHandlers {
  /** Takes a defect. May throw, to stop at the first. */
  onProblem(problem: Problem): void;
  /** Called after rows were worked on, with their number. */
  onRows?(count: number): void;
  /** Takes a warning: a stable event name and its values. */
  onWarning(event: string, fields: WarningFields): void;
  /** Writes a row as it is stored, when rows that nothing else writes are wanted. */
  writeRaw?(batch: RowBatch, i: number): MaybePromise<void>;
}

/** What can be wrong with one row. */
export type RowDefect =
  & Code
  & ("malformed-key" | "malformed-value" | "invalid-schema" | "invalid-item");

/** How a program goes through records. */
export interface WalkOptions {
  /** Stops it when it fires, as does the signal that the snapshot was opened with. */
  signal?: AbortSignal;
  /** Called now and then with the number of rows that have gone by. */
  onProgress?: (rows: number) => void;
}

/** The parts of a context. */
export interface ContextParts {
  rows: Rows;
  kernels: Kernels;
  /** Who works on batches; the thread that reads unless given. */
  jobs?: Jobs;
  scratch: Scratch;
  ledger: Ledger;
  options: AdapterOptions;
  handlers: ContextHandlers;
  /** What the snapshot has. */
  totals: readonly Totals[];
  /** Which rows are wanted; all unless given. */
  wanted?: WantedRows;
  signal?: AbortSignal;
}

/** The surroundings of an adapter. */
export class AdapterContext {
  readonly rows: Rows;
  readonly kernels: Kernels;
  /** Who works on batches. */
  readonly jobs: Jobs;
  readonly scratch: Scratch;
  readonly ledger: Ledger;
  readonly options: AdapterOptions;
  readonly signal?: AbortSignal;
  /** Which rows are wanted. */
  readonly wanted: WantedRows;
  readonly #parts: ContextParts;
  readonly #handlers: ContextHandlers;

  /** Made by a command. */
  constructor(parts: ContextParts) {
    this.rows = parts.rows;
    this.kernels = parts.kernels;
    this.jobs = parts.jobs ?? new InlineJobs(parts.kernels);
    this.scratch = parts.scratch;
    this.ledger = parts.ledger;
    this.options = parts.options;
    this.signal = parts.signal;
    this.wanted = parts.wanted ?? ALL_ROWS;
    this.#parts = parts;
    this.#handlers = parts.handlers;
  }

  /** The same surroundings, in which the rows of the selected scopes are wanted. */
  selecting(adapter: Adapter, { scopes }: RecordSelection): AdapterContext {
    if (!scopes) return this;
    return this.with({ wanted: selectedRows(this.#parts.totals, { [adapter]: scopes }) });
  }

  /** The same surroundings, but for some parts. */
  with(parts: Partial<ContextParts>): AdapterContext {
    return new AdapterContext({ ...this.#parts, ...parts });
  }

  /** The same surroundings for one walk of a program. */
  walking({ signal: own, onProgress }: WalkOptions): AdapterContext {
    const signal = own && this.signal ? AbortSignal.any([this.signal, own]) : own ?? this.signal;
    let rows = 0;
    const onRows = (count: number): void => onProgress?.(rows += count);
    return this.with({ signal, handlers: { ...this.#handlers, onRows } });
  }

  /**
   * The same surroundings, in which nothing is booked and nothing is said: to go through rows once before
   * they are written.
   */
  silent(): AdapterContext {
    const handlers = { onProblem: () => {}, onWarning: () => {} };
    const jobs = new InlineJobs(this.kernels);
    return this.with({ ledger: new Ledger([]), handlers, jobs });
  }

  /** The names of an adapter's scopes in the snapshot, wanted or not; of long names the labels. */
  scopesOf(adapter: Adapter): Uint8Array[] {
    const scopes = new Map<string, Uint8Array>();
    for (const { family, scope, live } of this.#parts.totals) {
      if (family.adapter === adapter && scope && live > 0) scopes.set(scopeKey(scope), scope);
    }
    return [...scopes.values()];
  }

  /** Whether there are live rows of a scope. */
  hasScope(adapter: Adapter, name: Uint8Array): boolean {
    const key = scopeKey(scopeLabel(name));
    return this.scopesOf(adapter).some((scope) => scopeKey(scope) === key);
  }

  /** Counts of what the snapshot has, wanted or not. */
  get totals(): readonly Totals[] {
    return this.#parts.totals;
  }

  /** How many live rows a family has, wanted or not. */
  countOf(id: FamilyId): number {
    return this.#parts.totals.reduce(
      (sum, { family, live }) => family.id === id ? sum + live : sum,
      0,
    );
  }

  /** Whether the live rows of a family come in the order of their keys. See {@link Totals.late}. */
  isInKeyOrder(id: FamilyId): boolean {
    return this.#parts.totals.every(({ family, late }) => family.id !== id || late === 0);
  }

  /**
   * The wanted live rows of a family, in stored order. A row that cannot be decrypted is booked as unsound
   * and left out.
   *
   * @param values `false`: only keys are looked at, and values are not decrypted.
   */
  scan(family: FamilyId, values = true): AsyncGenerator<RowBatch> {
    return this.scanRanges(this.wanted.rangesOf(FAMILY[family]), values);
  }

  /** The live rows of some ranges of keys, in the same way. */
  async *scanRanges(ranges: Iterable<KeyRange>, values = true): AsyncGenerator<RowBatch> {
    for (const range of ranges) {
      const batches = this.rows.scan(range, {
        values,
        signal: this.signal,
        onUnsound: (error) => this.unsound(error, error.key ?? range.from),
      });
      for await (const batch of batches) {
        yield batch;
        if (values) this.#handlers.onRows?.(batch.count);
      }
    }
  }

  /** What to say of a row that does not follow its family's rules. */
  defect(batch: RowBatch, i: number, code: RowDefect, message: string): UnsoundError {
    return new UnsoundError(code, message, {
      file: this.rows.nameOf(batch.inputs[i]),
      offset: batch.positions[i],
      key: rowKey(batch, i).slice(),
    });
  }

  /** Reports a row that does not follow its family's rules, and books it as unsound. */
  refuse(batch: RowBatch, i: number, code: RowDefect, message: string): void {
    const error = this.defect(batch, i, code, message);
    this.unsound(error, error.key!);
  }

  /** Reports a row that cannot be decrypted or read, and books it as unsound. */
  unsound(error: UnsoundError, key: Uint8Array): void {
    const own = key.slice();
    this.jobs.inOrder(() => {
      const { adapter, scope } = ownerOf(own);
      this.ledger.add(adapter, scope, "unsound", 1, own);
      this.#handlers.onProblem({ error, adapter, scope });
    });
  }

  /** Reports what is wrong with something that is more than one row; its rows are booked by the caller. */
  problem(problem: Problem): void {
    const own = { ...problem, scope: problem.scope?.slice() };
    this.jobs.inOrder(() => this.#handlers.onProblem(own));
  }

  /** Warns: a stable event name and its values. */
  warn(event: string, fields: WarningFields): void {
    this.jobs.inOrder(() => this.#handlers.onWarning(event, fields));
  }

  /** Books a row that no file of the adapter has. It is still written where raw rows are wanted. */
  leave(batch: RowBatch, i: number, reason: Reason): MaybePromise<void> {
    const key = rowKey(batch, i);
    const { adapter, scope } = ownerOf(key);
    const raw = reason === "not-selected" ? undefined : this.#handlers.writeRaw;
    this.ledger.add(adapter, scope, raw ? "written" : reason, 1, key);
    return raw?.(batch, i);
  }

  /** The same for a row that went by before this was known; it is read again where raw rows are wanted. */
  async leavePassed(
    handle: RowHandle,
    adapter: Adapter,
    scope: Uint8Array | undefined,
    reason: Reason,
  ): Promise<void> {
    if (!this.#handlers.writeRaw) return this.ledger.add(adapter, scope, reason, 1);
    let row: Row;
    try {
      row = await this.rows.read(handle);
    } catch (error) {
      // Its value may not have been opened when it went by.
      if (!(error instanceof UnsoundError && error.key)) throw error;
      return this.unsound(error, error.key);
    }
    await this.leave(batchOf(row, handle), 0, reason);
  }
}

function ownerOf(key: Uint8Array): {
  adapter: ReturnType<typeof classify>["adapter"];
  scope: Uint8Array | undefined;
} {
  const family = classify(key, 0, key.length);
  return { adapter: family.adapter, scope: scopeOf(family, key, 0, key.length) };
}
