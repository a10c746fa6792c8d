/** What the bench writes: one JSON file a run. @module */

import type { Cost } from "./measure.ts";

/** A file that was decoded. */
export interface Input {
  kind: string;
  bytes: number;
  /** Stored versions. */
  entries: number;
  /** Items, objects, elements, messages or strings. */
  things: number;
}

/** A case: the medians of all runs, and the most memory of any. */
export interface Result extends Cost {
  kind: string;
  /** Bytes of the input. */
  bytes: number;
  /**
   * `stage`: a part of the program, without its start; `command`: the command line, as users run it;
   * `yardstick`: another program that does about as much.
   */
  group: "stage" | "command" | "yardstick";
  case: string;
  runs: number;
  /** Of a stage: rows that it gave, and what it read of the file. */
  rows?: number;
  reads?: number;
  bytes_read?: number;
}

/** A file of results. */
export interface Results {
  format_version: 2;
  date: string;
  deno: string;
  machine: string;
  /** The command that made it. */
  command: string;
  inputs: Input[];
  results: Result[];
}

/** Reads such a file. */
export function readResults(path: string | URL): Results {
  const results: Results = JSON.parse(Deno.readTextFileSync(path));
  if (results.format_version !== 2) throw new Error(`${path} was made by another bench`);
  return results;
}

/** One result of the costs of several runs. */
export function summary(costs: readonly Cost[]): Cost & { runs: number } {
  return {
    seconds: rounded(median(costs.map(({ seconds }) => seconds))),
    cpu_seconds: rounded(median(costs.map(({ cpu_seconds }) => cpu_seconds))),
    peak_mib: Math.max(...costs.map(({ peak_mib }) => peak_mib)),
    runs: costs.length,
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function rounded(seconds: number): number {
  return Number(seconds.toPrecision(3));
}
