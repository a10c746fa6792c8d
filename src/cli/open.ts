/** Opens the snapshots that a command line names. @module */

import { findInputs, type FoundInputs, openFound } from "../commands/deno_inputs.ts";
import { withNearby } from "../commands/deno_nearby.ts";
import type { DecantError } from "../errors.ts";
import type { Keyring } from "../mvcc/keyring.ts";
import { openSnapshotInputs, type Snapshot } from "../mvcc/snapshot.ts";
import { DenoScratch } from "../sinks/deno_scratch.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import type { OpenFlags } from "./common_flags.ts";
import { readKeyFiles } from "./key_files.ts";
import type { Shell } from "./shell.ts";
import { inputsText } from "./show_inputs.ts";
import { problemsText } from "./show_error.ts";
import { momentNote } from "./show_moment.ts";

/** Inputs and keys that are there and may be read; nothing was read or spooled yet. */
export interface ClosedSnapshot {
  found: FoundInputs;
  keys: Keyring | undefined;
}

/** How a snapshot is opened, and how its files are looked at. */
export type OpenSettings = OpenFlags & { requireEncrypted?: boolean; hash?: boolean };

/** Looks for inputs and keys, and tells what was chosen from data directories. */
export async function findSnapshot(
  shell: Shell,
  paths: readonly string[],
  flags: OpenFlags,
): Promise<ClosedSnapshot> {
  const keys = readKeyFiles(flags.encryptionKeys, flags.kek);
  const found = await findInputs(paths);
  shell.tell(inputsText(found));
  return { found, keys };
}

/** Scratch space where the output gives none: the folder that was named, or memory. */
export function scratchOf({ spool }: OpenFlags): Scratch {
  if (spool === undefined) return new MemoryScratch();
  const scratch = new DenoScratch(
    `${spool.replace(/(?<=.)\/+$/, "")}/decant-${crypto.randomUUID()}`,
  );
  try {
    // A folder that cannot be used is found out now, and not after hours.
    scratch.create().close();
    return scratch;
  } catch (error) {
    scratch.close();
    throw error;
  }
}

/** Reads the snapshot from end to end. */
export async function openSnapshot(
  shell: Shell,
  { found, keys }: ClosedSnapshot,
  scratch: Scratch,
  flags: OpenSettings,
): Promise<Snapshot> {
  const { signal, progress } = shell;
  const { at, newest, requireEncrypted, hash, allowRatio } = flags;
  try {
    const inputs = await openFound(found, scratch, { signal, allowRatio });
    const snapshot = await openSnapshotInputs(inputs, {
      at,
      keys,
      groups: found.groups,
      newest,
      requireEncrypted,
      hash,
      scratch,
      signal,
      progress: progress.bytes("reading"),
    });
    shell.tell(momentNote(snapshot.info));
    return snapshot;
  } catch (error) {
    throw withNearby(error);
  }
}

/** Opens a snapshot for as long as an action takes. */
export async function withSnapshot<T>(
  shell: Shell,
  paths: readonly string[],
  flags: OpenSettings,
  action: (snapshot: Snapshot, scratch: Scratch) => T | Promise<T>,
): Promise<T> {
  const found = await findSnapshot(shell, paths, flags);
  const scratch = scratchOf(flags);
  try {
    const snapshot = await openSnapshot(shell, found, scratch, flags);
    try {
      return await action(snapshot, scratch);
    } finally {
      snapshot.close();
    }
  } finally {
    scratch.close();
  }
}

/** Says what is wrong with what was looked at; returns the exit code. */
export function tellProblems(shell: Shell, problems: readonly DecantError[]): number {
  if (problems.length > 0) shell.complain(problemsText(problems));
  return problems.length > 0 ? 4 : 0;
}
