/** The surroundings of adapters for commands that only look: there are no books to balance. @module */

import { AdapterContext } from "../adapters/context.ts";
import { Ledger } from "../adapters/ledger.ts";
import { loadKernels } from "../kernels/kernels.ts";
import type { Problem } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { type Scratch, stoppable } from "../sources/scratch.ts";

/** How records are looked at. */
export interface LookOptions {
  /** Stops it when it fires. */
  signal?: AbortSignal;
  /** Called now and then with the rows that have gone by, and with all live rows. */
  progress?: (done: number, total: number) => void;
  /** Takes what is wrong with single rows, which are left out; without it, the first one is thrown. */
  onProblem?: (problem: Problem) => void;
}

/** What adapters need to give the records of a snapshot. */
export async function lookingContext(
  snapshot: Snapshot,
  scratch: Scratch,
  { signal, progress, onProblem }: LookOptions,
): Promise<AdapterContext> {
  const { totals } = snapshot.info;
  const total = totals.reduce((sum, { live }) => sum + live, 0);
  let rows = 0;
  return new AdapterContext({
    rows: snapshot,
    kernels: await loadKernels(),
    scratch: stoppable(scratch, signal),
    ledger: new Ledger([]),
    totals,
    options: {},
    signal,
    handlers: {
      onProblem: onProblem ?? (({ error }) => {
        throw error;
      }),
      onRows: (count) => progress?.(Math.min(rows += count, total), total),
      onWarning: () => {},
    },
  });
}
