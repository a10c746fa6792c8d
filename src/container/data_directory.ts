/**
 * A node's data directory: which groups it has, and the newest snapshot of each.
 *
 * ```text
 * <data directory>/<node>/group-<n>/    a node with several groups
 * <data directory>/<node>/              a node with one group; group-0/ may lie in it
 * <data directory>/                     a server for trying out
 * ```
 *
 * Any of these folders can be given. A group's folder is known by `fsm-snap/`, or by `snap/` and
 * `wal/`. The store's own `fsm.db/` is not looked at, and nothing is ever written.
 *
 * @module
 */

import { PermissionError, UnsupportedError } from "../errors.ts";
import type { Directory, DirectoryEntry } from "../sources/directory.ts";
import {
  type DirectoryWarning,
  findGroupSnapshot,
  type FoundSnapshot,
  type GroupFolder,
} from "./group_snapshot.ts";

export type { DirectoryWarning, FoundSnapshot } from "./group_snapshot.ts";

/** A single payload that nodes from before the log wrote. */
const OLD_PAYLOAD = "etcd-fsm-snapshot.bin";

/**
 * Finds the newest snapshot of every group that the folder holds. Several nodes' folders beside each
 * other give one of each node.
 *
 * @returns One snapshot a group's folder, in the order of the folders' names; the numbers of the groups
 *   that have a folder, but for group 0, which holds no data; and what the user should know: what was
 *   passed over and why, and what is newer than the snapshot.
 * @throws {UnsupportedError} `no-snapshot-found`.
 * @throws {PermissionError} when a folder or file that belongs to a group may not be read.
 */
export async function findSnapshots(
  directory: Directory,
): Promise<{ snapshots: FoundSnapshot[]; groups: bigint[]; warnings: DirectoryWarning[] }> {
  const snapshots: FoundSnapshot[] = [];
  const warnings: DirectoryWarning[] = [];
  const warn = (warning: DirectoryWarning) => warnings.push(warning);
  const folders = await groupFolders(directory, warn);
  for (const folder of folders) {
    const found = await findGroupSnapshot(directory, folder, warn);
    if (found) snapshots.push(found);
  }
  if (snapshots.length === 0) throw await nothingFound(directory, folders, warnings);
  const groups = folders.flatMap(({ group }) => group ? [group] : []);
  return { snapshots, groups, warnings };
}

async function groupFolders(
  directory: Directory,
  warn: (warning: DirectoryWarning) => void,
): Promise<GroupFolder[]> {
  const inside = await directory.list("");
  const name = directory.name.split(/[/\\]/).findLast((part) => part !== "") ?? "";
  const folders = await groupsAt(directory, { path: "", group: groupNumber(name) }, inside);
  if (folders.length > 0) return folders;
  let refused: PermissionError | undefined;
  for (const { name, isDirectory } of inside) {
    if (!isDirectory) continue;
    let inNode: DirectoryEntry[];
    try {
      inNode = await directory.list(name);
    } catch (error) {
      // It need not be a node's: a disk has its lost+found.
      if (!(error instanceof PermissionError)) throw error;
      warn({ event: "folder-unreadable", fields: { path: name, problem: error.message } });
      refused ??= error;
      continue;
    }
    folders.push(...await groupsAt(directory, { path: name }, inNode));
  }
  if (folders.length === 0 && refused) throw refused;
  return folders;
}

/** The folder itself if it is a group's, and those of its `group-<n>` that are. */
async function groupsAt(
  directory: Directory,
  folder: GroupFolder,
  inside: DirectoryEntry[],
): Promise<GroupFolder[]> {
  const folders = isGroup(inside) ? [folder] : [];
  for (const { name, isDirectory } of inside) {
    const group = groupNumber(name);
    if (!isDirectory || group === undefined) continue;
    const path = folder.path === "" ? name : `${folder.path}/${name}`;
    if (isGroup(await directory.list(path))) folders.push({ path, group });
  }
  return folders;
}

/**
 * The groups that have a folder beside a group's folder: a node with several groups has one of each
 * under the same name.
 *
 * @param parent The folder above.
 * @returns Their numbers, but for group 0, which holds no data; ascending.
 */
export async function siblingGroups(parent: Directory): Promise<bigint[]> {
  const inside = await parent.list("");
  const numbers = inside.flatMap(({ name, isDirectory }) =>
    (isDirectory && groupNumber(name)) || []
  );
  return numbers.sort((a, b) => a < b ? -1 : 1);
}

function isGroup(inside: DirectoryEntry[]): boolean {
  const folders = new Set(inside.filter((entry) => entry.isDirectory).map(({ name }) => name));
  return folders.has("fsm-snap") || (folders.has("snap") && folders.has("wal"));
}

/** The number of the group whose folder has this name. */
export function groupNumber(name: string): bigint | undefined {
  const digits = /^group-(0|[1-9][0-9]{0,19})$/.exec(name);
  return digits ? BigInt(digits[1]) : undefined;
}

async function nothingFound(
  directory: Directory,
  folders: GroupFolder[],
  warnings: DirectoryWarning[],
): Promise<UnsupportedError> {
  if (folders.length === 0) {
    const old = (await directory.list("")).some(({ name }) => name === OLD_PAYLOAD);
    return new UnsupportedError("no-snapshot-found", "this is no data directory of a node", {
      file: directory.name,
      hint: old
        ? `give its ${OLD_PAYLOAD}, which is the snapshot of an old node`
        : "looked for fsm-snap/, or snap/ and wal/, in this folder, its group-<n> folders, its " +
          "folders and their group-<n> folders; a single .fsm file can be given itself",
    });
  }
  const problems = warnings.map(({ event, fields: { path, problem } }) =>
    [event, path, problem].filter((part) => part !== undefined).join(" ")
  );
  return new UnsupportedError(
    "no-snapshot-found",
    `no snapshot in the data directory verifies (${problems.join("; ")})`,
    {
      file: directory.name,
      hint:
        "looked for snap/*.snap with fsm-snap/*.fsm, and for any sound fsm-snap/*.fsm; a node " +
        "that has not taken a snapshot yet has its data only in fsm.db",
    },
  );
}
