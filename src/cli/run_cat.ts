/** Runs `cat`. @module */

import { parseAddress } from "../commands/address.ts";
import { cat } from "../commands/cat.ts";
import { UsageError } from "../errors.ts";
import type { CatFlags } from "./cat_command.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { type CliContext, runLooking } from "./shell.ts";
import { StandardOutput } from "./standard_output.ts";
import { TerminalText } from "./terminal_text.ts";

/** Prints one record. */
export function runCat(this: CliContext, flags: CatFlags, ...args: string[]): Promise<void> {
  const { paths, address: text } = withAddress(args);
  const address = parseAddress(text, flags.key);
  const { encryptionKeys, kek, spool } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool], write: [spool] };
  return runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
        const { signal } = shell;
        const terminal = Deno.stdout.isTerminal()
          ? new TerminalText((text) => shell.print(text), `decant cat … ${text} > FILE`)
          : undefined;
        const output = terminal ?? new StandardOutput(signal, false);
        const options = { signal, progress: shell.progress.rows("looking") };
        await cat(
          snapshot,
          address,
          (bytes) => {
            shell.progress.clear();
            return output.write(bytes);
          },
          options,
          scratch,
        );
        shell.progress.end();
        terminal?.end();
        return tellProblems(shell, snapshot.info.problems);
      }),
  );
}

/**
 * The address is the last argument, behind the snapshots.
 *
 * @param example An address of the kind that the command takes.
 */
export function withAddress(
  args: readonly string[],
  example = "dynamodb/orders/17",
): { paths: string[]; address: string } {
  const address = args.at(-1);
  if (args.length >= 2 && address !== undefined) return { paths: args.slice(0, -1), address };
  throw new UsageError(args.length === 0 ? "no snapshot was given" : "no address was given", {
    hint: `name the snapshot and behind it what is wanted of it, as in: SNAP ${example}`,
  });
}
