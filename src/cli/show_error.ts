/**
 * Errors on a terminal, always in this form:
 *
 * ```text
 * decant: <code>: <what is wrong> (file F, offset N, key "K")
 *   hint: <what to do>
 * ```
 *
 * The place names what is known of it; the hint is there when there is something to do.
 *
 * @module
 */

import { STANDARD_INPUT_NAME } from "../commands/deno_inputs.ts";
import type { DecantError, HintedOption } from "../errors.ts";
import { printable } from "../text/printable.ts";
import { counted } from "./format.ts";
import { knownError } from "./exit.ts";

const MAX_TEXT = 2_000;
const MAX_KEY = 120;
/** Problems that are shown; the others are counted. */
const MAX_SHOWN = 20;

/** The text of any error; empty where nothing is to be said. One that nobody raised on purpose is a defect, and says so. */
export function errorText(error: unknown): string {
  const known = knownError(error);
  // As with `head`: who has read enough is not told that there was more.
  if (known?.code === "output-closed") return "";
  if (known) return line(known) + hint(hintOf(known));
  const [message] = (error instanceof Error ? `${error.name}: ${error.message}` : `${error}`)
    .split("\n", 1);
  const place = error instanceof Error ? /^ +(at .*)/m.exec(error.stack ?? "")?.[1] : undefined;
  return `decant: unexpected: ${printable(message, MAX_TEXT)}` +
    (place === undefined ? "\n" : ` (${printable(place, MAX_TEXT)})\n`) +
    hint("this is a defect of Decant: please report it, with what you did");
}

/** What is wrong with a snapshot or a dump, a line each; a hint is not repeated. */
export function problemsText(problems: readonly DecantError[]): string {
  const shown = problems.slice(0, MAX_SHOWN);
  const lines = shown.map((problem, i) =>
    line(problem) + (problem.hint === shown[i + 1]?.hint ? "" : hint(hintOf(problem)))
  );
  if (problems.length > shown.length) {
    lines.push(`decant: … and ${counted(problems.length - shown.length, "more problem")}\n`);
  }
  return lines.join("");
}

/** How the options that hints are about are given on the command line. */
const FLAGS: { readonly [option in HintedOption]: string } = {
  allowRatio: "--allow-ratio",
  at: "--at",
  dynamodbBundleMode: "--dynamodb-bundle-mode",
  jobs: "--jobs 1",
  keys: "--encryption-keys, --kek",
  newest: "--newest",
  renameCollisions: "leave out --no-rename-collisions",
  requireEncrypted: "leave out --require-encrypted",
  scratch: "--spool DIR",
};

const COPY = "copy the file again";
/** What was piped in cannot be copied again. */
const LOOK = "look whether the program that it was piped from has failed, and run both again";

function hintOf({ hint, option, file }: DecantError): string | undefined {
  if (file === STANDARD_INPUT_NAME && hint?.startsWith(COPY)) return LOOK;
  return hint && option ? `${hint} (${FLAGS[option]})` : hint;
}

function line({ code, message, file, offset, key, cut }: DecantError): string {
  const place = [
    ...(file === undefined ? [] : [`file ${printable(file, MAX_TEXT)}`]),
    ...(offset === undefined ? [] : [`offset ${offset}`]),
    ...(key === undefined ? [] : [`key "${printable(key, MAX_KEY, cut?.length)}"`]),
  ].join(", ");
  return `decant: ${code}: ${printable(message, MAX_TEXT)}${place === "" ? "" : ` (${place})`}\n`;
}

function hint(text: string | undefined): string {
  return text === undefined ? "" : `  hint: ${printable(text, MAX_TEXT)}\n`;
}
