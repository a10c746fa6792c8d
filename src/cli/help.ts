/** The help that is printed, with options in groups. @module */

import type { CliCommand, DescribedFlag, FlagGroup } from "./common_flags.ts";
import { wrapped } from "./format.ts";

/** Characters of a line, unless the terminal has fewer. */
const WIDTH = 100;
/** What the longest example of a command takes. */
const LEAST_WIDTH = 80;
/** Where the description of an option begins, and that of a command. */
const INDENT = 34;
const COMMAND_INDENT = 15;

/**
 * The help of the whole program.
 *
 * @param columns Characters of a line of the terminal, if it goes to one.
 */
export function programHelp(
  commands: { readonly [name: string]: CliCommand },
  columns?: number,
): string {
  const width = widthFor(columns);
  const list = Object.entries(commands).flatMap(([name, { brief }]) =>
    entry(name, brief, COMMAND_INDENT, width)
  );
  return `decant opens the snapshots of an elastickv node and pours out what is in them.

USAGE
  decant COMMAND ...
  decant SNAP              the same as: decant inspect SNAP

COMMANDS
${list.join("\n")}

  decant COMMAND --help    the options of a command
  decant --version         the version

${
    paragraph(
      "SNAP is a snapshot file (.fsm, also packed with gzip or zstd), a node's data directory, or - for " +
        "standard input. Several of them are read as one snapshot: the groups of a cluster, or replicas.",
      width,
    )
  }
PERMISSIONS
  deno run --no-prompt --allow-read=SNAP,OUT --allow-write=OUT \\
    cli.ts decode SNAP -o OUT

${
    paragraph(
      "Nothing else is needed: no network, no environment, no other programs. decant --permissions " +
        "before a command prints what it needs.",
      width,
    )
  }
EXIT CODES
  0 done                           6 a permission is missing
  1 a defect of the program        7 not the same (verify, diff)
  2 wrong usage                    8 done, but not everything
  3 not a snapshot, or encrypted   9 nothing selected, nothing found
  4 unsound                        130 interrupted
  5 cannot read or write
`;
}

/**
 * The help of one command.
 *
 * @param columns Characters of a line of the terminal, if it goes to one.
 */
export function commandHelp(
  { usage, description, groups, aliases }: CliCommand,
  columns?: number,
): string {
  const width = widthFor(columns);
  return [
    "USAGE\n" + usage.map((line) => `  decant ${line}\n`).join(""),
    paragraph(description, width),
    ...groups.map((group) => groupHelp(group, aliases, width)),
  ].join("\n");
}

function widthFor(columns = WIDTH): number {
  return Math.min(WIDTH, Math.max(LEAST_WIDTH, columns));
}

function paragraph(text: string, width: number): string {
  return wrapped(text, width).map((line) => line + "\n").join("");
}

function groupHelp(
  { title, flags }: FlagGroup,
  aliases: CliCommand["aliases"],
  width: number,
): string {
  const lines = Object.entries(flags).flatMap(([name, flag]) => {
    const letter = Object.keys(aliases).find((letter) => aliases[letter] === name);
    const option = `${letter ? `-${letter}, ` : "    "}${optionName(name, flag)}`;
    return entry(option, flag.brief, INDENT, width);
  });
  return `${title}\n${lines.join("\n")}\n`;
}

function optionName(name: string, { kind, default: value, placeholder }: DescribedFlag): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (kind === "boolean") return value === true ? `--[no-]${kebab}` : `--${kebab}`;
  return `--${kebab} ${placeholder}`;
}

/** A name, and beside it what it means; below it where the name is too long. */
function entry(name: string, meaning: string, indent: number, width: number): string[] {
  const [first, ...more] = wrapped(meaning, width - indent).map((line) =>
    " ".repeat(indent) + line
  );
  const start = `  ${name}`;
  return start.length < indent - 1
    ? [start + first.slice(start.length), ...more]
    : [start, first, ...more];
}
