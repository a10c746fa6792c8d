/** Runs `diff`. @module */

import { STANDARD_INPUT } from "../commands/deno_inputs.ts";
import { diff, type Differences } from "../commands/diff.ts";
import { UsageError } from "../errors.ts";
import { ProblemList } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { DiffFlags } from "./diff_command.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { selectOptions } from "./select_options.ts";
import { type CliContext, isClosed, runLooking, type Shell } from "./shell.ts";
import { changesText, differencePrinter } from "./show_diff.ts";

/** Prints what is not the same in two snapshots, or in two moments of one. */
export async function runDiff(
  this: CliContext,
  flags: DiffFlags,
  ...paths: string[]
): Promise<void> {
  const { against = paths, encryptionKeys, kek, spool, fromList } = flags;
  const needs = {
    read: [...paths, ...against, encryptionKeys, kek, spool, fromList],
    write: [spool],
  };
  await runLooking(this, flags, needs, (shell) => {
    checkInputs(flags, paths, against);
    return withSnapshot(shell, paths, flags, (older, scratch) =>
      withSnapshot(
        shell,
        against,
        { ...flags, at: flags.againstAt },
        (newer) => compare(shell, flags, [older, newer], scratch),
      ));
  });
}

function checkInputs(
  { at, against, againstAt }: DiffFlags,
  paths: readonly string[],
  newer: readonly string[],
): void {
  if (!against && at === undefined && againstAt === undefined) {
    throw new UsageError("there is nothing to compare with", {
      hint:
        "as in: decant diff OLD --against NEW; or, for another moment of the same, --at or --against-at",
    });
  }
  if (paths.includes(STANDARD_INPUT) && newer.includes(STANDARD_INPUT)) {
    throw new UsageError("standard input can be read only once", { hint: "save it in a file" });
  }
}

async function compare(
  shell: Shell,
  flags: DiffFlags,
  [older, newer]: [Snapshot, Snapshot],
  scratch: Scratch,
): Promise<number> {
  const problems = new ProblemList();
  for (const error of [older, newer].flatMap(({ info }) => info.problems)) {
    problems.add({ error, adapter: "" });
  }
  using found = await diff(older, newer, {
    ...selectOptions(flags),
    full: flags.full,
    signal: shell.signal,
    progress: shell.progress.rows("comparing"),
    onProblem: (problem) => problems.addOnce(problem),
  }, scratch);
  shell.progress.end();
  try {
    await print(shell, flags, found);
  } catch (error) {
    // All has been compared: what was found does not depend on who reads it.
    if (!isClosed(error)) throw error;
  }
  return tellProblems(shell, problems.list.map(({ error }) => error)) ||
    (found.scopes.length > 0 ? 7 : 0);
}

async function print(shell: Shell, flags: DiffFlags, found: Differences): Promise<void> {
  shell.print(changesText(found, flags));
  if (found.scopes.length === 0) return;
  const printer = differencePrinter(shell.print.bind(shell), flags);
  for await (const difference of found.differences()) printer(difference);
}
