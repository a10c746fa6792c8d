/**
 * Looking at the files of a dump without making one: the writers of the adapters run over what is selected
 * and write to somebody who keeps nothing. So what is looked at is what a decode would write, by name and
 * by byte.
 *
 * @module
 */

import type { AdapterContext, ContextParts } from "../adapters/context.ts";
import type { RecordSelection } from "../adapters/wanted_rows.ts";
import type { AdapterName } from "../keyspace/families.ts";
import type { Problem } from "../mvcc/problems.ts";
import { ProblemList } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { Scratch } from "../sources/scratch.ts";
import { TreeOutput } from "../tree/output.ts";
import type { Sink } from "../tree/sink.ts";
import { lookingContext } from "./looking.ts";
import { ADAPTERS } from "./selection.ts";

/** How something that takes its time is stopped, and how far it is. */
export interface RunOptions {
  /** Stops the walk when it fires. */
  signal?: AbortSignal;
  /** Called now and then with the rows that have gone by, and with all live rows. */
  progress?: (done: number, total: number) => void;
}

/** What has been seen enough is left by throwing this from the sink. */
export class Enough {}

/** The parts of a look. */
export interface Look {
  snapshot: Snapshot;
  scratch: Scratch;
  options: RunOptions;
  /** Rows of another moment, and what is known of all moments. */
  view?: Pick<ContextParts, "rows" | "totals">;
}

/** The surroundings of adapters that look. */
export async function lookContext(
  { snapshot, scratch, options, view }: Look,
  onProblem: (problem: Problem) => void,
): Promise<AdapterContext> {
  const context = await lookingContext(snapshot, scratch, { ...options, onProblem });
  return view ? context.with(view) : context;
}

/**
 * Has an adapter write to a sink that keeps nothing. What is unsound is left out, as a decode does that
 * keeps going; it is returned.
 */
export async function look(
  parts: Look,
  name: AdapterName,
  selection: RecordSelection,
  sink: Sink,
): Promise<readonly Problem[]> {
  const problems = new ProblemList();
  const context = await lookContext(parts, (problem) => problems.addOnce(problem));
  const output = new TreeOutput(sink, context.scratch);
  const adapter = ADAPTERS.find((adapter) => adapter.name === name)!;
  try {
    await adapter.writeTree(context, selection, output);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  } finally {
    await output.abort();
  }
  return problems.list;
}
