/** `grep`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { type ListFlags, listFlags } from "./listing.ts";
import { parseExpression, parseHex, parsePath, parseText } from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface WantedFlags {
  text?: string;
  regex?: string;
  hex?: Uint8Array;
  ignoreCase?: boolean;
}

/** Options of `grep`. */
export interface GrepFlags extends WantedFlags, SelectFlags, ListFlags, OpenFlags, ShellFlags {}

const wantedFlags: FlagParametersForType<WantedFlags, CliContext> = {
  text: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "TEXT",
    brief: "Find this text, as it is",
  },
  regex: {
    kind: "parsed",
    parse: parseExpression,
    optional: true,
    placeholder: "RE",
    brief: "Find what this regular expression of JavaScript matches",
  },
  hex: {
    kind: "parsed",
    parse: parseHex,
    optional: true,
    placeholder: "BYTES",
    brief: "Find these bytes, given as hex digits",
  },
  ignoreCase: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Take small and capital letters for the same",
  },
};
const flags: FlagParametersForType<GrepFlags, CliContext> = {
  ...wantedFlags,
  ...selectFlags,
  ...listFlags,
  ...openFlags,
  ...shellFlags,
};
const aliases = { ...shellAliases, i: "ignoreCase" } as const;
const brief = "Finds the records that contain something";

/** `grep` */
export const grepCommand: CliCommand = {
  command: buildCommand<GrepFlags, string[], CliContext>({
    loader: async () => (await import("./run_grep.ts")).runGrep,
    parameters: {
      flags,
      aliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "grep SNAP... --text TEXT",
    "grep SNAP --regex 'order-[0-9]+' -i",
    "grep SNAP --hex 89504e47 --json",
  ],
  description:
    "Looks at the keys and values of all records that clients see, decoded: attributes, bodies, " +
    "elements, messages. Each line says which record it is, in which part of it, at which byte of " +
    "that part, and what stands there. Ends with 9 when nothing is found.",
  groups: [
    { title: "What to find", flags: wantedFlags },
    { title: "Where to look", flags: selectFlags },
    { title: "What to print", flags: listFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases,
};
