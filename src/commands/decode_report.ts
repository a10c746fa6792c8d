/** What a decode says of itself when it is done. @module */

import type { WarningFields } from "../adapters/context.ts";
import type { Account } from "../adapters/ledger.ts";
import { NothingSelectedError } from "../errors.ts";
import type { Problem } from "../mvcc/problems.ts";
import type { Completeness } from "../tree/completeness.ts";
import type { InspectedInput } from "./inspect.ts";
import type { Assumption, Loss } from "./losses.ts";

/** A warning, with a stable event name. */
export interface Warning {
  /** Stable name. */
  event: string;
  /** Its values, in the order in which they are shown. */
  fields: WarningFields;
}

/** What a decode did. */
export interface DecodeReport {
  /** The files that it was made from, each with its group and moment. */
  inputs: InspectedInput[];
  /** 0, 4, 8 or 9: see `docs/errors.md`. */
  exitCode: number;
  /**
   * Whether everything that was asked for is in the output: nothing is unsound and nothing is lost,
   * accepted or not. What nobody could prove is in `assumed`.
   */
  complete: boolean;
  /** Whether only some adapters or scopes were asked for. */
  selective: boolean;
  /** Paths and folders that are most like what was asked for in vain: with exit code 9. */
  nearest?: string[];
  /** The moment that was read, where it was not the newest: a commit timestamp. */
  at?: bigint;
  /** What the files do not prove. */
  assumed: Assumption[];
  /** What is wrong with the snapshot; empty = sound. */
  problems: readonly Problem[];
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
  /** Files that were written. */
  files: number;
  /** Bytes in them. */
  bytes: number;
}

/** The error that a report with exit code 9 is about. */
export function nothingSelected(
  { nearest = [] }: Pick<DecodeReport, "nearest">,
): NothingSelectedError {
  return new NothingSelectedError("nothing of what was asked for is in the snapshot", {
    hint: nearest.length > 0 ? `there is ${nearest.join(", ")}` : "the snapshot has nothing at all",
  });
}

/** What the report says of completeness, in a dump's members. */
export function completenessOf({ complete, losses, assumed }: DecodeReport): Completeness {
  return {
    complete,
    losses: losses.map(({ kind, count }) => ({ kind, count })),
    accepted: losses.filter(({ accepted }) => accepted).map(({ kind }) => kind),
    assumed,
  };
}
