/** The surroundings of adapters for commands that only look: there are no books to balance. @module */

import { AdapterContext } from "../adapters/context.ts";
import { Ledger } from "../adapters/ledger.ts";
import { loadKernels } from "../kernels/kernels.ts";
import type { Problem } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { type Scratch, stoppable } from "../sources/scratch.ts";
import { nothingSelected } from "./decode_report.ts";
import type { SelectOptions } from "./select_options.ts";
import type { Selection } from "./selection.ts";

/** Which records are looked at, and how. */
export interface LookOptions extends SelectOptions {
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

/**
 * Refuses a selection by which nothing was selected, once all adapters were gone through.
 *
 * @throws {NothingSelectedError} that names what comes near; in a damaged snapshot, the damage, as nobody
 *   knows what was in it.
 */
export function checkSelected(
  selection: Selection,
  { allowEmpty }: SelectOptions,
  { totals, problems }: Pick<Snapshot["info"], "totals" | "problems">,
): void {
  if (allowEmpty || !selection.selective) return;
  const hasAny = selection.adapters.some(({ name }) =>
    selection.isPartial(name)
      ? selection.records.matched > 0
      : totals.some(({ family, scope, live }) =>
        family.adapter === name && live > 0 &&
        (scope ? selection.selects(name, scope) : selection.names[name] === undefined)
      )
  );
  if (!hasAny) throw problems[0] ?? nothingSelected({ nearest: selection.nearest() });
}
