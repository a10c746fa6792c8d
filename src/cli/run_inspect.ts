/** Runs `inspect`. @module */

import { inspect } from "../commands/inspect.ts";
import type { InspectFlags } from "./inspect_command.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { jsonText } from "./json.ts";
import { withSnapshot } from "./open.ts";
import { explainPermissions } from "./permissions.ts";
import { type CliContext, Shell } from "./shell.ts";
import { problemsText } from "./show_error.ts";
import { inspectText } from "./show_inspect.ts";

/** Prints what is in a snapshot. */
export async function runInspect(
  this: CliContext,
  flags: InspectFlags,
  ...paths: string[]
): Promise<void> {
  const shell = new Shell(this, flags);
  const { encryptionKeys, kek, spool } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool], write: [spool] };
  const print = (snapshot: Snapshot): void => {
    const { problems } = snapshot.info;
    const report = inspect(snapshot);
    shell.progress.end();
    if (flags.json) shell.print(jsonText(report));
    else if (flags.quiet) shell.complain(problemsText(problems));
    else shell.print(inspectText(report, problems));
    shell.exit(report.sound ? 0 : 4);
  };
  try {
    await explainPermissions(needs, () => withSnapshot(shell, paths, flags, print));
  } finally {
    shell.progress.clear();
  }
}
