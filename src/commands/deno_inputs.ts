/**
 * What can be named on a command line as a snapshot: files, data directories of nodes, pipes, and `-`
 * for standard input. Finding opens files and reads only folders and their records; no pipe is opened
 * and nothing is spooled before {@link openFound}.
 *
 * @module
 */

import {
  type DirectoryWarning,
  findSnapshots,
  type FoundSnapshot,
} from "../container/data_directory.ts";
import { UnsupportedError, UsageError } from "../errors.ts";
import type { SnapshotInput } from "../mvcc/snapshot.ts";
import { DenoDirectory } from "../sources/deno_directory.ts";
import { fileError } from "../sources/deno_error.ts";
import { DenoFileSource } from "../sources/deno_file.ts";
import { readPipe } from "../sources/deno_pipe.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { CHECKSUMS_FILE, INCOMPLETE_FILE, MANIFEST_FILE } from "../tree/output.ts";
import { groupFolderOf } from "./deno_nearby.ts";
import { findSiblings } from "./deno_siblings.ts";
import { type InputOptions, openInput } from "./open_input.ts";

/** The path that means standard input. */
export const STANDARD_INPUT = "-";
/** What messages call it. */
export const STANDARD_INPUT_NAME = "stdin";

/** An input that exists and may be read. */
export interface FoundInput {
  /** An open file, or standard input or a pipe. */
  input: Source | ReadableStream<Uint8Array>;
  /** What messages call it. */
  name: string;
  /** How it was chosen, where it is from a data directory. */
  chosen?: FoundSnapshot;
}

/** All inputs, and what was noticed while they were looked for. */
export interface FoundInputs {
  /** In the order of the paths; those of a data directory in the order of its groups. */
  inputs: FoundInput[];
  /** Groups that have a folder in a data directory or beside it, with or without a snapshot. */
  groups: bigint[];
  /** What the user should know of data directories. */
  warnings: DirectoryWarning[];
}

/**
 * Looks for inputs.
 *
 * @throws {UsageError} when there is no such file, or standard input is named twice.
 * @throws {PermissionError} when one may not be read.
 * @throws {UnsupportedError} when a folder has no snapshot.
 */
export async function findInputs(paths: readonly string[]): Promise<FoundInputs> {
  if (paths.length === 0) {
    throw new UsageError("no snapshot was given", {
      hint: "name a snapshot file, a node's data directory, or - for standard input",
    });
  }
  if (paths.indexOf(STANDARD_INPUT) !== paths.lastIndexOf(STANDARD_INPUT)) {
    throw new UsageError("standard input can be given only once");
  }
  const found: FoundInputs = { inputs: [], groups: [], warnings: [] };
  try {
    const named = paths.map((path) =>
      path !== STANDARD_INPUT && isDirectory(path) ? groupFolderOf(path) : path
    );
    for (const path of named) await find(path, found);
    const siblings = await findSiblings(
      named.filter((path) => path !== STANDARD_INPUT && isDirectory(path)),
    );
    found.groups.push(...siblings.groups);
    found.warnings.push(...siblings.warnings);
  } catch (error) {
    closeFound(found);
    throw error;
  }
  return found;
}

async function find(path: string, { inputs, groups, warnings }: FoundInputs): Promise<void> {
  if (path === STANDARD_INPUT) {
    inputs.push({ input: Deno.stdin.readable, name: STANDARD_INPUT_NAME });
    return;
  }
  const { isDirectory, isFifo } = statOf(path);
  if (isFifo) inputs.push({ input: readPipe(path), name: path });
  else if (!isDirectory) inputs.push({ input: new DenoFileSource(path), name: path });
  else if (isDump(path)) {
    throw new UnsupportedError("not-a-snapshot", "this is a dump and no snapshot", {
      file: path,
      hint: "name the snapshot that it was made from; a dump is checked with verify, alone or " +
        "against its snapshot",
    });
  } else {
    const directory = await findSnapshots(new DenoDirectory(path), {
      passOver: (inside) => inside.some(({ name }) => DUMP_FILES.includes(name)),
    });
    warnings.push(...directory.warnings);
    groups.push(...directory.groups);
    for (const chosen of directory.snapshots) {
      const input = await chosen.open();
      inputs.push({ input, name: input.name, chosen });
    }
  }
}

/** Each of them says that a folder is a dump. */
const DUMP_FILES: readonly string[] = [MANIFEST_FILE, CHECKSUMS_FILE, INCOMPLETE_FILE];

/** Whether the folder is what `decode` writes, finished or not. */
export function isDump(folder: string): boolean {
  return DUMP_FILES.some((name) => exists(`${folder}/${name}`));
}

/** Whether a path is a folder. */
export function isDirectory(path: string): boolean {
  return statOf(path).isDirectory;
}

function statOf(path: string): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (error) {
    throw fileError(error, path, "read");
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, path, "read");
  }
}

/** Spools streams and unpacks what is packed. Afterwards, or after an error, the found inputs are used up. */
export async function openFound(
  found: FoundInputs,
  scratch: Scratch,
  options: Omit<InputOptions, "name"> = {},
): Promise<SnapshotInput[]> {
  const opened: SnapshotInput[] = [];
  try {
    for (const { input, name, chosen } of found.inputs) {
      const source = await openInput(input, scratch, { ...options, name });
      opened.push({ source, group: chosen?.group });
    }
    return opened;
  } catch (error) {
    for (const { source } of opened) source.close();
    closeFound(found);
    throw error;
  }
}

/** Lets go of inputs that will not be opened. */
function closeFound({ inputs }: FoundInputs): void {
  for (const { input } of inputs) if ("close" in input) input.close();
}
