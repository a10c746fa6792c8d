/** The commands as one application: which there are, what help and wrong usage look like. @module */

import {
  type Application,
  type ApplicationText,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  type StricliIntegration,
  text_en,
} from "@stricli/core";
import { AbortedError, UsageError } from "../errors.ts";
import { nearest } from "../text/nearest.ts";
import { VERSION } from "../version.ts";
import { catCommand } from "./cat_command.ts";
import type { CliCommand } from "./common_flags.ts";
import { cleanCommand } from "./clean_command.ts";
import { completionsCommand } from "./completions_command.ts";
import { decodeCommand } from "./decode_command.ts";
import { diffCommand } from "./diff_command.ts";
import { duCommand } from "./du_command.ts";
import { exitCodeOfError } from "./exit.ts";
import { grepCommand } from "./grep_command.ts";
import { commandHelp, programHelp } from "./help.ts";
import { historyCommand } from "./history_command.ts";
import { inspectCommand } from "./inspect_command.ts";
import { lsCommand } from "./ls_command.ts";
import { schemaCommand } from "./schema_command.ts";
import type { CliContext } from "./shell.ts";
import { errorText } from "./show_error.ts";
import { verifyCommand } from "./verify_command.ts";

/** All commands, in the order in which the help lists them. */
export const COMMANDS: { readonly [name: string]: CliCommand } = {
  inspect: inspectCommand,
  decode: decodeCommand,
  verify: verifyCommand,
  ls: lsCommand,
  cat: catCommand,
  history: historyCommand,
  schema: schemaCommand,
  du: duCommand,
  grep: grepCommand,
  diff: diffCommand,
  clean: cleanCommand,
  completions: completionsCommand,
};

/** All options, as they are written, and of which kind they are. */
const ALL_OPTIONS: readonly (readonly [name: string, kind: string])[] = Object.values(COMMANDS)
  .flatMap(({ groups }) => groups.flatMap(({ flags }) => Object.entries(flags)))
  .map(([name, { kind }]) => [kebab(name), kind]);
const OPTIONS: ReadonlySet<string> = new Set(ALL_OPTIONS.map(([name]) => name));

/** Names of the options without a value, as they are written. */
export const SWITCHES: ReadonlySet<string> = new Set(
  ALL_OPTIONS.filter(([, kind]) => kind === "boolean").map(([name]) => name),
);

/** @param width Characters of a line of the terminal that it goes to, if it goes to one. */
function help(width: number | undefined): StricliIntegration<CliContext> {
  return {
    flag: {
      brief: "Print this help",
      aliases: ["h"],
      global: true,
      defaultForRouteMap: true,
      run(_, { result }) {
        const command = COMMANDS[result.prefix[1]];
        this.process.stdout.write(
          command ? commandHelp(command, width) : programHelp(COMMANDS, width),
        );
      },
    },
  };
}

const version: StricliIntegration<CliContext> = {
  flag: {
    brief: "Print the version",
    run() {
      this.process.stdout.write(`decant ${VERSION}\n`);
    },
  },
};

/** What makes two words unlike each other; those that are not too unlike are suggested. */
const EDITS = { insertion: 1, deletion: 3, substitution: 2, transposition: 0 };

/**
 * The application of one run.
 *
 * @param context When its signal has fired, whatever a command throws is the interruption.
 */
export function buildApp({ signal, width }: CliContext): Application<CliContext> {
  const cause = (error: unknown): unknown => signal.aborted ? new AbortedError() : error;
  return buildApplication<CliContext>(
    buildRouteMap<string, CliContext>({
      routes: Object.fromEntries(
        Object.entries(COMMANDS).map(([name, { command }]) => [name, command]),
      ),
      docs: { brief: "" },
    }),
    {
      name: "decant",
      scanner: {
        caseStyle: "allow-kebab-for-camel",
        allowArgumentEscapeSequence: true,
        distanceOptions: { threshold: 4, weights: EDITS },
      },
      documentation: { disableAnsiColor: true },
      localization: {
        text: { ...text, exceptionWhileRunningCommand: (error) => shown(cause(error)) },
      },
      determineExitCode: (error) => exitCodeOfError(cause(error)),
    },
    { help: help(width), version },
  );
}

/** The application adds the end of the last line. */
function shown(error: unknown): string {
  return errorText(error).trimEnd();
}

const text: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput({ input, corrections }) {
    const meant = corrections.length > 0 ? `, did you mean ${corrections.join(" or ")}?` : "";
    return shown(
      new UsageError(`there is no command \`${input}\`${meant}`, {
        hint: `decant --help lists the commands; to inspect a file of this name, give ./${input}`,
      }),
    );
  },
  exceptionWhileParsingArguments(error) {
    return error instanceof ArgumentScannerError ? shown(usageError(error)) : shown(error);
  },
  exceptionWhileLoadingCommandFunction: shown,
};

function usageError(error: ArgumentScannerError): UsageError {
  const message = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) => {
      // The parser compares names as the code has them, and so none of several words.
      const near = corrections.length > 0 ? corrections.map(kebab) : nearest(input, OPTIONS, 2);
      const meant = near.map((name) => `--${name}`).join(" or ");
      return `there is no option --${input}${meant === "" ? "" : `, did you mean ${meant}?`}`;
    },
    AliasNotFoundError: ({ input }) => `there is no option -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `${isPlaceholder(name) ? "" : "--"}${name} ${JSON.stringify(input)}: ${
        exception instanceof UsageError ? exception.message : "expected true or false"
      }`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} ${JSON.stringify(input)}: expected ${values.join(", ")}`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} is given twice`,
  });
  return new UsageError(message, { hint: "--help lists the options of each command" });
}

/** What stands for an argument that is no option. */
function isPlaceholder(name: string): boolean {
  return name === name.toUpperCase();
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
