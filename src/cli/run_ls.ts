/** Runs `ls`. @module */

import { list } from "../commands/list.ts";
import type { SeenFile } from "../sinks/look_sink.ts";
import { nameText } from "../text/name_text.ts";
import { printable } from "../text/printable.ts";
import { rfc3339FromHlc, rfc3339FromMs } from "../text/rfc3339.ts";
import { pathLine } from "../tree/path_list.ts";
import { type Column, listText } from "./listing.ts";
import type { LsFlags } from "./ls_command.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { selectOptions } from "./select_options.ts";
import { type CliContext, runLooking, type Shell } from "./shell.ts";

/** Characters that are printed at once. The first line is printed alone. */
const BLOCK = 1 << 14;

/** What a program is told of a file. */
const COLUMNS: readonly Column<SeenFile>[] = [
  { name: "path", value: ({ path }) => path },
  { name: "type", value: ({ about }) => about?.type ?? "list" },
  { name: "size", value: ({ size }) => size },
  { name: "committed", value: ({ about }) => timeOf(about?.commitTs) },
  { name: "expires", value: ({ about }) => expiryOf(about?.expireAtMs) },
  { name: "key", value: ({ about }) => about?.key && nameText(about.key) },
];

/** Prints the paths of what is in a snapshot. */
export function runLs(this: CliContext, flags: LsFlags, ...paths: string[]): Promise<void> {
  const { encryptionKeys, kek, spool, fromList } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool, fromList], write: [spool] };
  return runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
        const { signal } = shell;
        const lines = new Lines(shell, flags);
        const options = {
          ...selectOptions(flags),
          signal,
          progress: shell.progress.rows("listing"),
        };
        const problems = await list(snapshot, (file) => lines.add(file), options, scratch);
        lines.end();
        shell.progress.end();
        const own = problems.map(({ error }) => error);
        return tellProblems(shell, [...snapshot.info.problems, ...own]);
      }),
  );
}

/** Lines on their way to standard output. */
class Lines {
  readonly #shell: Shell;
  readonly #flags: LsFlags;
  #text = "";
  #isFirst = true;

  constructor(shell: Shell, flags: LsFlags) {
    this.#shell = shell;
    this.#flags = flags;
  }

  add(file: SeenFile): void {
    this.#text += this.#lineOf(file);
    if (this.#isFirst || this.#text.length >= BLOCK) this.#print();
  }

  end(): void {
    this.#print();
  }

  #print(): void {
    if (this.#text !== "") this.#shell.print(this.#text);
    this.#text = "";
    this.#isFirst = false;
  }

  #lineOf(file: SeenFile): string {
    const { json, format, paths, long } = this.#flags;
    // Only programs take them exactly.
    if (paths && !Deno.stdout.isTerminal()) return pathLine(file.path);
    if (!paths && (json || format !== "table")) {
      const text = listText(COLUMNS, [file], this.#flags);
      // The names of the columns stand over the first line.
      return this.#isFirst || json || format === "json" ? text : text.slice(text.indexOf("\n") + 1);
    }
    return long ? longLine(file) : printable(file.path, Infinity) + "\n";
  }
}

/** Type, bytes, when it was committed, when it expires, and the path: columns as wide as they may be. */
function longLine({ path, size, about }: SeenFile): string {
  return [
    (about?.type ?? "list").padEnd(8),
    String(size).padStart(11),
    (timeOf(about?.commitTs) ?? "-").padEnd(24),
    (expiryOf(about?.expireAtMs) ?? "-").padEnd(24),
    printable(path, Infinity),
  ].join("  ") + "\n";
}

function timeOf(ts: bigint | undefined): string | undefined {
  return ts === undefined ? undefined : rfc3339FromHlc(ts);
}

/** A time beyond all calendars is shown by its milliseconds. */
function expiryOf(ms: bigint | undefined): string | undefined {
  if (ms === undefined) return undefined;
  return ms < 8_640_000_000_000_000n ? rfc3339FromMs(ms) : `${ms} ms`;
}
