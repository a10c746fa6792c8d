/** `verify`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import {
  type CliCommand,
  jsonFlag,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { parsePath } from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface AgainstFlags {
  against?: string[];
}

/** Options of `verify`. */
export interface VerifyFlags extends AgainstFlags, SelectFlags, OpenFlags, ShellFlags {
  json: boolean;
}

const against: FlagParametersForType<AgainstFlags, CliContext> = {
  against: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    variadic: true,
    placeholder: "SNAP",
    brief: "Decode this snapshot again and compare the dump with it, file by file; " +
      "can be given several times",
  },
};
const flags: FlagParametersForType<VerifyFlags, CliContext> = {
  ...against,
  ...jsonFlag,
  ...selectFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Says whether a dump or a snapshot is what it should be";

/** `verify` */
export const verifyCommand: CliCommand = {
  command: buildCommand<VerifyFlags, string[], CliContext>({
    loader: async () => (await import("./run_verify.ts")).runVerify,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "WHAT" } },
    },
    docs: { brief },
  }),
  brief,
  usage: ["verify OUT", "verify OUT --against SNAP...", "verify SNAP..."],
  description:
    "Of a dump: reads every file and compares it with CHECKSUMS and MANIFEST.json; with " +
    "--against also with the snapshot that it was made from. Of a snapshot: decodes all of it and " +
    "writes nothing. Checksums find damage, not forgery: whoever can change the data can change them.",
  groups: [
    { title: "What to do", flags: { ...against, ...jsonFlag } },
    { title: "What to select of a snapshot", flags: selectFlags },
    { title: "How to open the snapshot", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
