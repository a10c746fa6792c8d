/**
 * A node's data directory: which groups it has, and the newest snapshot of each.
 *
 * ```text
 * <data directory>/<node>/group-<n>/    a node with several groups
 * <data directory>/<node>/              a node with one group; group-0/ may lie in it
 * <data directory>/                     a server for trying out
 * ```
 *
 * Any of these folders can be given, a folder any number of folders above them, or a group's
 * `fsm-snap/` alone. A group's folder is known by `fsm-snap/`, or by `snap/` and `wal/`. Where there is
 * none, all `.fsm` files count: a backup. The store's own `fsm.db/` is not looked at, and nothing is
 * ever written.
 *
 * @module
 */

import { DecantError, PermissionError, UnsupportedError, UsageError } from "../errors.ts";
import type { Directory, DirectoryEntry } from "../sources/directory.ts";
import {
  type DirectoryWarning,
  findGroupSnapshot,
  type FoundSnapshot,
  type GroupFolder,
  payloadIndex,
  PAYLOADS_FOLDER,
} from "./group_snapshot.ts";

export type { DirectoryWarning, FoundSnapshot } from "./group_snapshot.ts";

/** A single payload that nodes from before the log wrote. */
const OLD_PAYLOAD = "etcd-fsm-snapshot.bin";
/** Snapshots in a backup, packed or not. */
const SNAPSHOT_NAME = /\.fsm(\.gz|\.zst)?$/;
/** The live store of a node, and what lies beside it for a while: tables, but none that are read here. */
const LIVE_STORE = /^fsm\.db($|[-.])/;
/** Folders that are looked into; who names the whole disk should not wait for it. */
const MAX_FOLDERS = 10_000;

/** What is passed over. */
export interface FindOptions {
  /** Whether a folder with these entries is no place for snapshots, such as a dump. */
  passOver?: (inside: readonly DirectoryEntry[]) => boolean;
}

/**
 * Finds the newest snapshot of every group that the folder holds. Several nodes' folders beside each
 * other give one of each node. Where there is no node's folder, every `.fsm` file is one: which of them
 * belong together shows when they are read.
 *
 * @returns One snapshot a group's folder, in the order of the folders' names; the numbers of the groups
 *   that have a folder, but for group 0, which holds no data; and what the user should know: what was
 *   passed over and why, and what is newer than the snapshot.
 * @throws {UnsupportedError} `no-snapshot-found`.
 * @throws {UsageError} when there are too many folders to look into.
 * @throws {PermissionError} when a folder or file that belongs to a group may not be read.
 */
export async function findSnapshots(
  directory: Directory,
  options: FindOptions = {},
): Promise<{ snapshots: FoundSnapshot[]; groups: bigint[]; warnings: DirectoryWarning[] }> {
  const warnings: DirectoryWarning[] = [];
  const warn = (warning: DirectoryWarning) => warnings.push(warning);
  const search = new FolderSearch(directory, options, warn);
  await search.look("");
  const { folders, files, refused } = search;
  if (folders.length + files.length === 0 && refused) throw refused;
  const snapshots: FoundSnapshot[] = [];
  for (const folder of folders) {
    const found = await findGroupSnapshot(directory, folder, warn);
    if (found) snapshots.push(found);
  }
  if (folders.length === 0) snapshots.push(...files);
  else for (const { path } of files) warn({ event: "snapshot-passed-over", fields: { path } });
  if (snapshots.length === 0) throw await nothingFound(directory, folders, warnings);
  const groups = new Set([...folders, ...snapshots].flatMap(({ group }) => group || []));
  return { snapshots, groups: [...groups], warnings };
}

/** Looks for groups' folders and for files, at any depth. */
class FolderSearch {
  readonly folders: GroupFolder[] = [];
  /** Snapshots outside of groups' folders. */
  readonly files: FoundSnapshot[] = [];
  /** The first folder that could not be listed. */
  refused: DecantError | undefined;
  readonly #directory: Directory;
  readonly #passOver: (inside: readonly DirectoryEntry[]) => boolean;
  readonly #warn: (warning: DirectoryWarning) => void;
  #looked = 0;

  constructor(
    directory: Directory,
    { passOver = () => false }: FindOptions,
    warn: (warning: DirectoryWarning) => void,
  ) {
    this.#directory = directory;
    this.#passOver = passOver;
    this.#warn = warn;
  }

  async look(path: string): Promise<void> {
    if (this.#looked++ === MAX_FOLDERS) {
      throw new UsageError(`there is no snapshot in the first ${MAX_FOLDERS} folders`, {
        file: this.#directory.name,
        hint: "name a node's data directory, or a folder that is nearer to it",
      });
    }
    const inside = path === "" ? await this.#directory.list("") : await this.#list(path);
    if (!inside || this.#passOver(inside)) return;
    const group = groupNumber(lastName(path || this.#directory.name));
    const folders = await groupsAt(this.#directory, { path, group }, inside);
    if (folders.length > 0) return void this.folders.push(...folders);
    if (path === "" && lastName(this.#directory.name) === PAYLOADS_FOLDER) {
      return void this.folders.push({ path, isPayloads: true });
    }
    for (const { name, isDirectory } of inside) {
      const full = joined(path, name);
      if (isDirectory) {
        if (!LIVE_STORE.test(name)) await this.look(full);
      } else if (SNAPSHOT_NAME.test(name)) {
        const open = () => this.#directory.open(full);
        this.files.push({ group, path: full, index: payloadIndex(name), open });
      }
    }
  }

  async #list(path: string): Promise<DirectoryEntry[] | undefined> {
    try {
      return await this.#directory.list(path);
    } catch (error) {
      // It need not be a node's: a disk has its lost+found.
      if (!isRefusal(error)) throw error;
      this.#warn({ event: "folder-unreadable", fields: { path, problem: error.message } });
      this.refused ??= error;
      return undefined;
    }
  }
}

/** Whether it is somebody's will, and no damage, that something cannot be read. */
function isRefusal(error: unknown): error is DecantError {
  return error instanceof PermissionError ||
    error instanceof DecantError && error.code === "denied";
}

function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function lastName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== "") ?? "";
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
    const path = joined(folder.path, name);
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
    const { what, hint } = otherFolder(lastName(directory.name), await directory.list(""));
    return new UnsupportedError("no-snapshot-found", what, { file: directory.name, hint });
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

/** What a folder without a snapshot is, and what to name instead. */
function otherFolder(name: string, inside: DirectoryEntry[]): { what: string; hint: string } {
  const has = (pattern: RegExp) => inside.some((entry) => pattern.test(entry.name));
  if (inside.some((entry) => entry.name === OLD_PAYLOAD)) {
    const hint = `give its ${OLD_PAYLOAD}, which is the snapshot of an old node`;
    return { what: "this is the data directory of an old node", hint };
  }
  if (has(/\.(snap|wal)$/)) {
    const hint = "name the folder above it, in which fsm-snap/ lies, too";
    return { what: "this is a part of a group's folder, without its snapshots", hint };
  }
  if (LIVE_STORE.test(name) || has(/^(MANIFEST-\d+|OPTIONS-\d+)$/)) {
    const hint =
      "its snapshots are in fsm-snap/ beside it: name the folder above it, or an .fsm file";
    return { what: "this is the live store of a node, which is not read", hint };
  }
  if (has(LIVE_STORE)) {
    const hint =
      "a node that has not taken a snapshot yet has its data only in fsm.db/ and its log";
    return { what: "this node has no snapshot", hint };
  }
  if (has(/^member$/)) {
    const hint = "Decant reads the data directory of an elastickv node";
    return { what: "this is the data directory of an etcd server", hint };
  }
  return {
    what: "there is no snapshot in this folder",
    hint:
      "looked for fsm-snap/, or snap/ and wal/, and for .fsm files, in this folder and in all " +
      "below it; a file of any other name can be given itself",
  };
}
