/** Files and folders that the user drops or picks. @module */

import type { Picked, PickedFile } from "../worker/protocol.ts";

/** A node's own store: never read, and it may have thousands of files. */
const STORE = "fsm.db";

/** What only some browsers have: handles, with which a page from a disk can look into folders, too. */
interface HandleItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FolderHandle | FileSystemFileHandle>;
}

/** What was dropped: files, or the first folder with all that is in it. */
export async function droppedFiles({ items }: DataTransfer): Promise<Picked> {
  // The list is emptied as soon as the event is over.
  const dropped = [...items].filter(({ kind }) => kind === "file").map((item: HandleItem) => ({
    file: item.getAsFile(),
    entry: item.webkitGetAsEntry(),
    handle: item.getAsFileSystemHandle?.(),
  }));
  const folder = dropped.find(({ entry }) => entry?.isDirectory);
  if (folder) {
    const { entry, handle } = folder;
    const files = handle ? filesOf(await handle as FolderHandle, "") : filesIn(entry!, "");
    return { folder: entry!.name, files: await files };
  }
  return { files: dropped.flatMap(({ file }) => file ? [{ path: file.name, file }] : []) };
}

/** What an `<input type="file">` has, be it for files or for a folder. */
export function inputFiles({ files, webkitdirectory }: HTMLInputElement): Picked {
  const list = [...files ?? []];
  if (!webkitdirectory) return { files: list.map((file) => ({ path: file.name, file })) };
  const inside = list.map((file) => {
    const [, ...path] = file.webkitRelativePath.split("/");
    return { path: path.join("/"), file };
  }).filter(({ path }) => !path.split("/").includes(STORE));
  return { folder: list[0]?.webkitRelativePath.split("/")[0] ?? "", files: inside };
}

/** Asks for a folder; `undefined` when the user did not choose one. */
export async function pickFolder(show: () => Promise<FolderHandle>): Promise<Picked | undefined> {
  let folder: FolderHandle;
  try {
    folder = await show();
  } catch (error) {
    if ((error as DOMException).name === "AbortError") return undefined;
    throw error;
  }
  return { folder: folder.name, files: await filesOf(folder, "") };
}

/** What is used of a folder's handle. */
export interface FolderHandle {
  readonly name: string;
  values(): AsyncIterable<FolderHandle | FileSystemFileHandle>;
}

async function filesOf(folder: FolderHandle, path: string): Promise<PickedFile[]> {
  const files: PickedFile[] = [];
  for await (const entry of folder.values()) {
    if (entry.name === STORE) continue;
    if ("getFile" in entry) files.push({ path: path + entry.name, file: await entry.getFile() });
    else files.push(...await filesOf(entry, `${path}${entry.name}/`));
  }
  return files;
}

/** The files of an entry; the paths of those in a folder begin inside of it. */
async function filesIn(entry: FileSystemEntry, path: string): Promise<PickedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject)
    );
    return [{ path: path + file.name, file }];
  }
  const files: PickedFile[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    if (child.name === STORE) continue;
    files.push(...await filesIn(child, child.isDirectory ? `${path}${child.name}/` : path));
  }
  return files;
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // They come a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
