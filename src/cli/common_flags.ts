/** Options that several commands have, and the shape in which commands describe theirs. @module */

import type { Command, FlagParametersForType } from "@stricli/core";
import type { ReadMoment } from "../mvcc/moments.ts";
import { parseMoment } from "./moment_option.ts";
import { parsePath } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

/** What the help says of an option. */
export interface DescribedFlag {
  kind: string;
  brief: string;
  /** What stands for the value. */
  placeholder?: string;
  default?: unknown;
}

/** Options under one heading of the help. */
export interface FlagGroup {
  title: string;
  flags: { readonly [name: string]: DescribedFlag };
}

/** A command, and what `--help` says of it beside its options. */
export interface CliCommand {
  command: Command<CliContext>;
  /** One line, for the list of commands. */
  brief: string;
  /** How it is called, without the program's name. */
  usage: readonly string[];
  description: string;
  groups: readonly FlagGroup[];
  /** One letter → name of an option. */
  aliases: { readonly [letter: string]: string };
}

/** How a snapshot is opened. */
export interface OpenFlags {
  at?: ReadMoment;
  encryptionKeys?: string;
  kek?: string;
  newest?: boolean;
  spool?: string;
  allowRatio?: boolean;
}

/** Options of all commands that open a snapshot. */
export const openFlags: FlagParametersForType<OpenFlags, CliContext> = {
  at: {
    kind: "parsed",
    parse: parseMoment,
    optional: true,
    placeholder: "T",
    brief: "Read the state of this moment instead of the newest: a commit timestamp, RFC 3339, " +
      "or -1h30m before the last commit. inspect says from when to when that can be done",
  },
  newest: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief:
      "Of a group of which snapshots of several moments are given, take the newest, if it is " +
      "proven to go on from the others; without it they are refused",
  },
  encryptionKeys: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "FILE",
    brief: "The node's key file, keys.json, to decrypt values with; needs --kek",
  },
  kek: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "FILE",
    brief: "The key that unwraps them: 32 raw bytes in a file of mode 0600",
  },
  spool: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "DIR",
    brief: "Folder for what does not fit in memory: standard input, unpacked files, sorting. " +
      "It is empty again afterwards",
  },
  allowRatio: {
    kind: "boolean",
    withNegated: false,
    optional: true,
    brief: "Unpack also what becomes more than 1,000 times as long",
  },
};

/** Options about messages. */
export const shellFlags: FlagParametersForType<ShellFlags, CliContext> = {
  progress: {
    kind: "enum",
    values: ["auto", "none", "json"],
    default: "auto",
    placeholder: "HOW",
    brief: "Progress on standard error: auto (a line that moves on a terminal, else one every " +
      "10 s), none, or json (a JSON line a second)",
  },
  quiet: {
    kind: "boolean",
    withNegated: false,
    brief: "Print nothing but what was asked for with an option, and errors",
  },
};

/** The letters of options that all commands have. */
export const shellAliases = { q: "quiet" } as const;

/** `--json`. */
export const jsonFlag: FlagParametersForType<{ json: boolean }, CliContext> = {
  json: {
    kind: "boolean",
    withNegated: false,
    brief: "Print the report as JSON; it carries format_version, and 64-bit integers are text",
  },
};
