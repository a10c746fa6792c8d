/** Removes what a program has left that was stopped at once: what has its mark, and nothing else. @module */

import { EXTRA_FOLDER } from "../adapters/extra.ts";
import { UsageError } from "../errors.ts";
import { ADAPTER_NAMES } from "../keyspace/families.ts";
import { NAMES_FOLDER, SCRATCH_FOLDER } from "../sinks/deno_directory_sink.ts";
import { readMark, SCRATCH_MARK } from "../sinks/deno_marks.ts";
import { fileError } from "../sources/deno_error.ts";
import { CHECKSUMS_FILE, INCOMPLETE_FILE, MANIFEST_FILE } from "../tree/output.ts";
import { UNRESTORABLE_FOLDER } from "../tree/unrestorable.ts";
import { ERRORS_FILE } from "./decode.ts";
import { RAW_FILE } from "./raw_rows.ts";

/** All that a dump has at its root, the mark last. */
const IN_A_DUMP: readonly string[] = [
  SCRATCH_FOLDER,
  NAMES_FOLDER,
  ...ADAPTER_NAMES,
  ...[EXTRA_FOLDER, UNRESTORABLE_FOLDER, RAW_FILE].map((path) => path.split("/")[0]),
  ERRORS_FILE,
  CHECKSUMS_FILE,
  MANIFEST_FILE,
  INCOMPLETE_FILE,
];
/** What folders for scratch files are called where `--spool` names the one above. */
export const SPOOL_NAME: RegExp = /^decant-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What was done. */
export interface Cleaned {
  /** Paths that are gone. */
  removed: string[];
  /** Names that are no part of a dump and were left where they are. */
  left: string[];
  /** Folders that a running program uses. */
  inUse: string[];
}

/**
 * Removes an unfinished dump, or the scratch folders in a folder that was named with `--spool`.
 *
 * @throws {UsageError} when there is neither, or the dump is being written.
 */
export function clean(folder: string): Cleaned {
  try {
    if (!Deno.lstatSync(folder).isDirectory) {
      throw new UsageError("this is no folder, and only folders have the mark of Decant", {
        file: folder,
        hint: "an archive or a file that was cut short is yours to remove",
      });
    }
    const mark = readMark(`${folder}/${INCOMPLETE_FILE}`, "dump");
    return mark ? cleanDump(folder, mark) : cleanScratch(folder);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What is not there is told as of an input: nothing is to be made here.
    const access = error instanceof Deno.errors.NotFound ? "read" : "write";
    throw fileError(error, folder, access);
  }
}

function cleanDump(folder: string, mark: "held" | "left"): Cleaned {
  if (mark === "held") {
    throw new UsageError("this dump is being written now", {
      file: folder,
      hint: "wait for its end, or interrupt the program that writes it",
    });
  }
  const names = namesIn(folder);
  for (const name of IN_A_DUMP) {
    if (names.includes(name)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
  }
  const left = namesIn(folder);
  if (left.length === 0) Deno.removeSync(folder);
  return { removed: [folder], left, inUse: [] };
}

function cleanScratch(folder: string): Cleaned {
  const cleaned: Cleaned = { removed: [], left: [], inUse: [] };
  for (const name of namesIn(folder)) {
    const path = `${folder}/${name}`;
    if (!SPOOL_NAME.test(name) || !Deno.lstatSync(path).isDirectory) continue;
    const mark = readMark(`${path}/${SCRATCH_MARK}`, "scratch");
    if (mark === "held") cleaned.inUse.push(path);
    if (mark !== "left") continue;
    Deno.removeSync(path, { recursive: true });
    cleaned.removed.push(path);
  }
  if (cleaned.removed.length + cleaned.inUse.length > 0) return cleaned;
  throw new UsageError("there is nothing with the mark of Decant", {
    file: folder,
    hint: `an unfinished dump has ${INCOMPLETE_FILE} in it, and scratch files are in folders ` +
      `called decant-…; a whole dump is yours to remove`,
  });
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
