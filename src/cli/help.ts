/** The help that is printed, with options in groups. @module */

import type { CliCommand, DescribedFlag, FlagGroup } from "./common_flags.ts";
import { table, wrapped } from "./format.ts";

/** Characters of a line. */
const WIDTH = 100;
/** Where the description of an option begins. */
const INDENT = 34;

/** The help of the whole program. */
export function programHelp(commands: { readonly [name: string]: CliCommand }): string {
  const list = Object.entries(commands).map(([name, { brief }]) => [`  ${name}`, brief]);
  return `decant opens the snapshots of an elastickv node and pours out what is in them.

USAGE
  decant COMMAND ...
  decant SNAP              the same as: decant inspect SNAP

COMMANDS
${table(list, [false, false])}
  decant COMMAND --help    the options of a command
  decant --version         the version

SNAP is a snapshot file (.fsm, also packed with gzip or zstd), a node's data directory, or - for
standard input. Several of them are read as one snapshot: the groups of a cluster, or replicas.

PERMISSIONS
  deno run --no-prompt --allow-read=SNAP,OUT --allow-write=OUT cli.ts decode SNAP -o OUT
  Nothing else is needed: no network, no environment, no other programs. decant --permissions
  before a command prints what it needs.

EXIT CODES
  0 done            3 not a snapshot, or encrypted   6 a permission is missing   9 nothing selected
  1 a defect        4 unsound                        7 verify: a difference      130 interrupted
  2 wrong usage     5 cannot read or write           8 done, but not everything
`;
}

/** The help of one command. */
export function commandHelp({ usage, description, groups, aliases }: CliCommand): string {
  return [
    "USAGE\n" + usage.map((line) => `  decant ${line}\n`).join(""),
    wrapped(description, WIDTH).map((line) => line + "\n").join(""),
    ...groups.map((group) => groupHelp(group, aliases)),
  ].join("\n");
}

function groupHelp({ title, flags }: FlagGroup, aliases: CliCommand["aliases"]): string {
  const lines = Object.entries(flags).flatMap(([name, flag]) => {
    const letter = Object.keys(aliases).find((letter) => aliases[letter] === name);
    return flagHelp(`${letter ? `-${letter}, ` : "    "}${optionName(name, flag)}`, flag.brief);
  });
  return `${title}\n${lines.join("\n")}\n`;
}

function optionName(name: string, { kind, default: value, placeholder }: DescribedFlag): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (kind === "boolean") return value === true ? `--[no-]${kebab}` : `--${kebab}`;
  return `--${kebab} ${placeholder}`;
}

function flagHelp(option: string, brief: string): string[] {
  const [first, ...more] = wrapped(brief, WIDTH - INDENT).map((line) => " ".repeat(INDENT) + line);
  const start = `  ${option}`;
  return start.length < INDENT - 1
    ? [start + first.slice(start.length), ...more]
    : [start, first, ...more];
}
