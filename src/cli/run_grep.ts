/** Runs `grep`. @module */

import { search, type SearchMatch, type Wanted } from "../commands/search.ts";
import { UsageError } from "../errors.ts";
import { ProblemList } from "../mvcc/problems.ts";
import { nameText } from "../text/name_text.ts";
import { printable } from "../text/printable.ts";
import type { GrepFlags } from "./grep_command.ts";
import { type Column, RowPrinter } from "./listing.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { selectOptions } from "./select_options.ts";
import { type CliContext, runLooking } from "./shell.ts";

const COLUMNS: readonly Column<SearchMatch>[] = [
  { name: "adapter", value: ({ adapter }) => adapter },
  { name: "scope", value: ({ scope }) => scope },
  { name: "type", value: ({ type }) => type },
  { name: "key", value: ({ key }) => key },
  { name: "part", value: ({ part }) => part },
  { name: "offset", value: ({ offset }) => offset },
  { name: "length", value: ({ length }) => length },
  { name: "around", value: ({ around }) => nameText(around) },
];

/** Characters that are shown of a name. */
const MAX_NAME = 200;

/** Prints where something is in the records of a snapshot. */
export async function runGrep(
  this: CliContext,
  flags: GrepFlags,
  ...paths: string[]
): Promise<void> {
  const { encryptionKeys, kek, spool, fromList } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool, fromList], write: [spool] };
  const wanted = wantedOf(flags);
  await runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
        const problems = new ProblemList();
        for (const error of snapshot.info.problems) problems.add({ error, adapter: "" });
        const matches = search(snapshot, wanted, {
          ...selectOptions(flags),
          signal: shell.signal,
          progress: shell.progress.rows("searching"),
          onProblem: (problem) => problems.addOnce(problem),
        }, scratch);
        let found = 0;
        const printer = new RowPrinter(shell.print.bind(shell), COLUMNS, flags, lineOf);
        for await (const match of matches) {
          printer.add(match);
          found++;
        }
        shell.progress.end();
        return tellProblems(shell, problems.list.map(({ error }) => error)) ||
          (found === 0 ? 9 : 0);
      }),
  );
}

function wantedOf({ text, regex, hex, ignoreCase }: GrepFlags): Wanted {
  const given = [text, regex, hex].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError("say with one of --text, --regex and --hex what to find", {
      hint: "as in: decant grep SNAP --text purge",
    });
  }
  if (!ignoreCase) return hex ?? text ?? new RegExp(regex!, "u");
  if (hex) throw new UsageError("--ignore-case is about letters, and --hex has none");
  return new RegExp(regex ?? text!.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "iu");
}

function lineOf({ adapter, scope, key, part, offset, around }: SearchMatch): string {
  const address = printable(`${adapter}/${scope}/${key}`, MAX_NAME);
  return `${address}  ${printable(part, MAX_NAME)}:${offset}  ${printable(around, MAX_NAME)}`;
}
