/**
 * The command line as it may be written, made into the one form that the parser reads: a command
 * first, options as `--name`, values as arguments of their own.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/** What is known of the command line's words before they are parsed. */
export interface Vocabulary {
  commands: readonly string[];
  /** Names of options that take no value, without dashes. */
  switches: ReadonlySet<string>;
  /** Whether there is a file or folder that may be read. */
  exists: (path: string) => boolean;
}

const NOTHING_ELSE = "--";

/**
 * - Nothing at all asks for help.
 * - A snapshot without a command is inspected. A word that may be a misspelt command is not taken for
 *   a snapshot unless there is such a file.
 * - `-name` and `-name=value` are `--name` and `--name=value`; one letter stays as it is.
 * - `--name=` gives an empty value, and `--name -1h` is a value: no option begins with a digit.
 *
 * @throws {UsageError} for `true` or `false` behind a switch, which would be taken for an input, for
 *   a switch with an empty value, and for a command behind an option.
 */
export function normalArguments(args: readonly string[], vocabulary: Vocabulary): string[] {
  if (args.length === 0) return ["--help"];
  const end = args.indexOf(NOTHING_ELSE);
  const options = withNegativeValues(
    (end < 0 ? args : args.slice(0, end)).map(withTwoDashes),
    vocabulary,
  );
  for (const [i, arg] of options.entries()) {
    refuseStray(options[i - 1], arg, vocabulary);
    refuseNoValue(arg, vocabulary);
  }
  const normal = [
    ...options.flatMap((arg) => /^--[^=]+=$/.test(arg) ? [arg.slice(0, -1), ""] : [arg]),
    ...(end < 0 ? [] : args.slice(end)),
  ];
  if (!isSnapshot(normal, vocabulary)) return normal;
  refuseLateCommand(normal, vocabulary);
  return ["inspect", ...normal];
}

function withTwoDashes(arg: string): string {
  return /^-[a-z][a-z0-9-]+(=|$)/i.test(arg) ? `-${arg}` : arg;
}

/** A word like `-1h` behind an option becomes its value. */
function withNegativeValues(args: readonly string[], { switches }: Vocabulary): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const isValue = /^-[0-9]/.test(arg) && before !== undefined && /^--[^=]+$/.test(before) &&
      !switches.has(before.slice(2));
    if (isValue) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function refuseStray(before: string | undefined, arg: string, { switches }: Vocabulary): void {
  if ((arg !== "true" && arg !== "false") || !before?.startsWith("--")) return;
  if (!switches.has(before.slice(2).replace(/^no-/, "")) && !switches.has(before.slice(2))) return;
  throw new UsageError(`"${arg}" after ${before} is no value of it`, {
    hint: `write ${before}=${arg}; an input of this name is ./${arg}`,
  });
}

function refuseNoValue(arg: string, { switches }: Vocabulary): void {
  if (!arg.endsWith("=") || !switches.has(arg.slice(2, -1))) return;
  throw new UsageError(`${arg} has no value`, { hint: `write ${arg}true or ${arg}false` });
}

/** A command behind an option would be taken for the name of a snapshot. */
function refuseLateCommand(args: readonly string[], { commands, exists }: Vocabulary): void {
  const word = args.find((arg) => arg === NOTHING_ELSE || !arg.startsWith("-"));
  if (word === args[0] || word === undefined || !commands.includes(word) || exists(word)) return;
  throw new UsageError(`the command stands before its options, and ${args[0]} is before ${word}`, {
    hint: `write decant ${word} … ${args[0]}`,
  });
}

/** Whether a command line without a command means `inspect`. */
function isSnapshot([first]: string[], { commands, exists }: Vocabulary): boolean {
  if (commands.includes(first) || ["--help", "-h", "--version"].includes(first)) return false;
  return !/^[a-z]+$/.test(first) || exists(first);
}
