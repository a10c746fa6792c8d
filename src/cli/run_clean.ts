/** Runs `clean`. @module */

import { clean, type Cleaned } from "../commands/deno_clean.ts";
import { UsageError } from "../errors.ts";
import { printable } from "../text/printable.ts";
import { type CliContext, runInShell, type ShellFlags } from "./shell.ts";

/** Removes what was left, and says what. */
export function runClean(this: CliContext, flags: ShellFlags, ...folders: string[]): Promise<void> {
  if (folders.length === 0) {
    throw new UsageError("nothing was named", { hint: "name a dump that was not finished" });
  }
  const needs = { read: folders, write: folders };
  // deno-lint-ignore require-await -- commands are asynchronous
  return runInShell(this, flags, needs, async (shell) => {
    for (const folder of folders) {
      const cleaned = clean(folder.replace(/(?<=.)\/+$/, ""));
      shell.report(cleanedText(cleaned));
    }
    return 0;
  });
}

function cleanedText({ removed, left, inUse }: Cleaned): string {
  return [
    ...removed.map((path) => `removed ${printable(path, 500)}\n`),
    ...left.map((name) => `left    ${printable(name, 500)}, which is no part of a dump\n`),
    ...inUse.map((path) => `left    ${printable(path, 500)}, which a running program uses\n`),
  ].join("");
}
