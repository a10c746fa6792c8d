/** Runs `du`. @module */

import { usage } from "../commands/usage.ts";
import type { DuFlags } from "./du_command.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { selectOptions } from "./select_options.ts";
import { type CliContext, runLooking } from "./shell.ts";
import { usageText } from "./show_usage.ts";

/** Prints what takes up the space of a snapshot. */
export function runDu(this: CliContext, flags: DuFlags, ...paths: string[]): Promise<void> {
  const { encryptionKeys, kek, spool, fromList } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool, fromList], write: [spool] };
  return runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot) => {
        const { by, depth, top } = flags;
        const { signal } = shell;
        const progress = shell.progress.rows("measuring");
        const selected = selectOptions(flags);
        const report = await usage(snapshot, { ...selected, by, depth, top, signal, progress });
        shell.progress.end();
        shell.print(usageText(report, flags));
        return tellProblems(shell, snapshot.info.problems);
      }),
  );
}
