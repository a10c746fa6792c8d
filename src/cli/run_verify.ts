/** Runs `verify`. @module */

import { isDirectory, isDump, STANDARD_INPUT } from "../commands/deno_inputs.ts";
import { nothingSelected } from "../commands/decode_report.ts";
import { verifyAgainst } from "../commands/verify_against.ts";
import { verifySnapshot } from "../commands/verify_snapshot.ts";
import { readDump, verifyTree } from "../commands/verify_tree.ts";
import { UsageError } from "../errors.ts";
import { momentOf } from "../mvcc/moments.ts";
import { DenoDirectory } from "../sources/deno_directory.ts";
import { withSnapshot } from "./open.ts";
import { type CliContext, runInShell, type Shell } from "./shell.ts";
import { balanceText, warningsText } from "./show_balance.ts";
import { selectOptions, selectsSomething } from "./select_options.ts";
import { problemsText } from "./show_error.ts";
import { againstJson, decodeJson, treeJson } from "./show_report.ts";
import { againstText, snapshotSentence, treeText } from "./show_verify.ts";
import type { VerifyFlags } from "./verify_command.ts";

/** Verifies a dump, a dump against its snapshot, or a snapshot. */
export async function runVerify(
  this: CliContext,
  flags: VerifyFlags,
  ...paths: string[]
): Promise<void> {
  checkPaths(paths);
  const { against = [], encryptionKeys, kek, spool, fromList } = flags;
  const needs = {
    read: [...paths, ...against, encryptionKeys, kek, spool, fromList],
    write: [spool],
  };
  await runInShell(this, flags, needs, (shell) => {
    const [path, ...more] = paths;
    const isPart = selectsSomething(flags);
    if (isPart && against.length > 0) throw dumpIsWhole();
    if (against.length > 0) return runAgainst(shell, flags, path, [...against, ...more]);
    const isTree = paths.length === 1 && path !== STANDARD_INPUT && isDirectory(path) &&
      isDump(path);
    if (isTree && isPart) throw dumpIsWhole();
    return isTree ? runTree(shell, flags, path) : runSnapshot(shell, flags, paths);
  });
}

function dumpIsWhole(): UsageError {
  return new UsageError("a part can be selected of a snapshot only", {
    hint: "a dump is verified as it is: its manifest says what was selected for it",
  });
}

function checkPaths(paths: string[]): void {
  if (paths.length === 0) {
    throw new UsageError("nothing was named", { hint: "name a dump or a snapshot" });
  }
}

async function runTree(shell: Shell, flags: VerifyFlags, path: string): Promise<number> {
  const read = shell.progress.bytes("verifying");
  const report = await verifyTree(new DenoDirectory(path), {
    signal: shell.signal,
    progress: (_, bytes) => read(bytes),
  });
  shell.progress.end();
  if (flags.json) shell.conclude(treeJson(report));
  else shell.report(treeText(path, report));
  return report.exitCode;
}

async function runAgainst(
  shell: Shell,
  flags: VerifyFlags,
  path: string,
  snapshots: string[],
): Promise<number> {
  if (!isDirectory(path)) {
    throw new UsageError("this is no dump", {
      file: path,
      hint: "the dump comes first: verify DUMP --against SNAPSHOT",
    });
  }
  const directory = new DenoDirectory(path);
  const { read_ts } = await readDump(directory);
  const made = read_ts === undefined ? undefined : momentOf(read_ts);
  const opening = { ...flags, at: flags.at ?? made, hash: true };
  return await withSnapshot(shell, snapshots, opening, async (snapshot, scratch) => {
    const report = await verifyAgainst(directory, snapshot, {
      signal: shell.signal,
      progress: shell.progress.rows("comparing"),
    }, scratch);
    shell.progress.end();
    if (flags.json) shell.conclude(againstJson(report));
    else shell.report(againstText(path, report));
    return report.exitCode;
  });
}

async function runSnapshot(shell: Shell, flags: VerifyFlags, paths: string[]): Promise<number> {
  return await withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
    const report = await verifySnapshot(snapshot, {
      ...selectOptions(flags),
      signal: shell.signal,
      progress: shell.progress.rows("verifying"),
    }, scratch);
    shell.progress.end();
    if (report.exitCode === 9) throw nothingSelected(report);
    if (flags.json) shell.conclude(decodeJson(report));
    else {
      shell.tell(warningsText(report));
      shell.complain(problemsText(report.problems.map(({ error }) => error)));
      shell.report(balanceText(report, snapshotSentence(snapshot.info.inputs, report)));
    }
    return report.exitCode;
  });
}
