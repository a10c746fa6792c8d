/**
 * The groups of a node that lie beside those whose folders were named: who names `n1/group-1` may not
 * know that there is an `n1/group-2`.
 *
 * @module
 */

import { type DirectoryWarning, groupNumber, siblingGroups } from "../container/data_directory.ts";
import { DecantError } from "../errors.ts";
import { DenoDirectory } from "../sources/deno_directory.ts";

/** What lies beside folders that were named. */
export interface Siblings {
  /** Groups that have a folder there and were not named. */
  groups: bigint[];
  /** Which these are, and where nobody could look. */
  warnings: DirectoryWarning[];
}

/**
 * Looks beside each folder that is a group's.
 *
 * @param folders Paths of folders, as the user named them.
 */
export async function findSiblings(folders: readonly string[]): Promise<Siblings> {
  const named = new Map<string, Set<bigint>>();
  for (const folder of folders) {
    const { parent, group } = placeOf(folder);
    if (group === undefined) continue;
    const there = named.get(parent) ?? new Set();
    named.set(parent, there.add(group));
  }
  const siblings: Siblings = { groups: [], warnings: [] };
  for (const [parent, there] of named) await look(parent, there, siblings);
  return siblings;
}

async function look(
  parent: string,
  there: ReadonlySet<bigint>,
  { groups, warnings }: Siblings,
): Promise<void> {
  try {
    const others = (await siblingGroups(new DenoDirectory(parent)))
      .filter((group) => !there.has(group));
    if (others.length === 0) return;
    groups.push(...others);
    warnings.push({
      event: "groups-beside",
      fields: { path: parent, groups: others.join(", ") },
    });
  } catch (error) {
    // Leave to read a folder is none to read the one above it.
    if (!(error instanceof DecantError)) throw error;
    warnings.push({ event: "parent-unreadable", fields: { path: parent } });
  }
}

/** The folder above, and the number of the group that a folder's name says it is. */
function placeOf(folder: string): { parent: string; group?: bigint } {
  const { parent, name } = splitPath(folder);
  return { parent, group: groupNumber(name) };
}

/** A path's last name, and the folder in which that lies. */
export function splitPath(path: string): { parent: string; name: string } {
  const full = /(^|\/)\.{1,2}\/*$/.test(path) ? realPath(path) : path.replace(/\/+$/, "");
  const slash = full.lastIndexOf("/");
  const parent = slash < 0 ? "." : slash === 0 ? "/" : full.slice(0, slash);
  return { parent, name: full.slice(slash + 1) };
}

/** Of `.` and `..`; itself where Deno may not tell. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
