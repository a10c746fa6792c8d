/** Runs `inspect`. @module */

import { inspect } from "../commands/inspect.ts";
import { Redaction } from "../commands/redact.ts";
import type { DecantError } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { InspectFlags } from "./inspect_command.ts";
import { jsonText } from "./json.ts";
import { withSnapshot } from "./open.ts";
import { type CliContext, runInShell, type Shell } from "./shell.ts";
import { problemsText } from "./show_error.ts";
import { inspectText } from "./show_inspect.ts";

/** Prints what is in a snapshot. */
export function runInspect(
  this: CliContext,
  flags: InspectFlags,
  ...paths: string[]
): Promise<void> {
  const { encryptionKeys, kek, spool } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool], write: [spool] };
  // What is said beside the report has names in it.
  const quiet = flags.quiet || flags.redact;
  return runInShell(
    this,
    { ...flags, quiet },
    needs,
    (shell) => withSnapshot(shell, paths, flags, (snapshot) => show(shell, flags, snapshot)),
  );
}

async function show(
  shell: Shell,
  { json, quiet, sort, redact }: InspectFlags,
  snapshot: Snapshot,
): Promise<number> {
  let { problems }: { problems: readonly DecantError[] } = snapshot.info;
  let report = await inspect(snapshot, shell.signal);
  shell.progress.end();
  if (redact) {
    const redaction = new Redaction();
    report = redaction.report(report);
    problems = problems.map((error) => redaction.error(error));
  }
  if (json) shell.conclude(jsonText(report));
  else if (quiet) shell.complain(problemsText(problems));
  else shell.conclude(inspectText(report, problems, { order: sort, width: shell.width }));
  return report.sound ? 0 : 4;
}
