/**
 * A dump as a folder that the user has picked, through the File System Access API. The rules are those of
 * a folder on the command line: it must be empty, `INCOMPLETE` is the first file in it and is removed
 * last, and after a failure everything that was made is taken away.
 *
 * @module
 */

import { OutputError } from "../../src/errors.ts";
import { ODD_NAMES } from "../../src/sinks/odd_names.ts";
import { PathSet } from "../../src/tree/path_set.ts";
import { INCOMPLETE_FILE } from "../../src/tree/output.ts";
import type { Sink, SinkFile } from "../../src/tree/sink.ts";
import { failing, outputError } from "./output_file.ts";

const NOTE = "This dump is not complete: it is being written, or its writer was stopped.\n" +
  "Do not use it. Remove the folder and decode again.\n";
/** While names are tried. Chromium has no names that begin with a dot. */
const NAMES_FOLDER = "decant-names";

/** Writes a dump into a folder. */
export class FolderSink implements Sink {
  readonly takesBack: boolean = true;
  readonly #root: FileSystemDirectoryHandle;
  /** The folder was empty: so all that is taken is what was made here. */
  readonly #paths = new PathSet();
  /** Folders that were made. There are few beside the files. */
  readonly #folders = new Set<string>();
  /** What was made in the root, in this order. */
  readonly #inside = new Set<string>();
  readonly #open = new Set<FileSystemWritableFileStream>();
  /** The folder of the last file, as one file of a folder follows the other. */
  #last: { path: string; folder: FileSystemDirectoryHandle };

  private constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
    this.#last = { path: "", folder: root };
  }

  /**
   * Takes an empty folder.
   *
   * @throws {OutputError} `output-exists` when there is something in it.
   */
  static async begin(root: FileSystemDirectoryHandle): Promise<FolderSink> {
    const sink = new FolderSink(root);
    await sink.#refuseUnlessEmpty();
    await sink.put(INCOMPLETE_FILE, new TextEncoder().encode(NOTE));
    return sink;
  }

  /** See {@link Sink.keepsNames}. The folder itself is tried. */
  async keepsNames(): Promise<boolean> {
    const folder = await failing(this.#root.getDirectoryHandle(NAMES_FOLDER, { create: true }));
    try {
      for (const name of ODD_NAMES) await folder.getFileHandle(name, { create: true });
      const listed = new Set<string>();
      for await (const name of folder.keys()) listed.add(name);
      return listed.size === ODD_NAMES.length && ODD_NAMES.every((name) => listed.has(name));
    } catch {
      return false;
    } finally {
      await failing(this.#root.removeEntry(NAMES_FOLDER, { recursive: true }));
    }
  }

  async put(path: string, bytes: Uint8Array): Promise<boolean> {
    const file = await this.create(path);
    if (!file) return false;
    await file.write(bytes);
    await file.close();
    return true;
  }

  async create(path: string): Promise<SinkFile | undefined> {
    if (!this.#paths.take(path)) return undefined;
    const slash = path.lastIndexOf("/");
    const made: string[] = [];
    const folder = await this.#enter(path.slice(0, Math.max(0, slash)), made);
    const name = path.slice(slash + 1);
    const handle = await named(path, folder.getFileHandle(name, { create: true }));
    if (slash < 0) this.#inside.add(path);
    const stream = await failing(handle.createWritable());
    this.#open.add(stream);
    return {
      write: (bytes) => failing(stream.write(bytes as Uint8Array<ArrayBuffer>)),
      close: async () => {
        await failing(stream.close());
        this.#open.delete(stream);
      },
      discard: async () => {
        await failing(stream.abort());
        this.#open.delete(stream);
        await failing(folder.removeEntry(name));
        this.#inside.delete(path);
        await this.#removeEmpty(made);
      },
    };
  }

  async directory(path: string): Promise<void> {
    this.#paths.directory(path);
    await this.#enter(path);
  }

  async finish(): Promise<void> {
    await failing(this.#root.removeEntry(INCOMPLETE_FILE));
  }

  async abort(): Promise<void> {
    for (const stream of this.#open) await stream.abort();
    for (const name of [...this.#inside].reverse()) {
      await failing(this.#root.removeEntry(name, { recursive: true }));
    }
  }

  /** @param made Takes the paths of folders that were not there before, outer ones first. */
  async #enter(path: string, made: string[] = []): Promise<FileSystemDirectoryHandle> {
    if (path === this.#last.path) return this.#last.folder;
    let folder = this.#root;
    let at = "";
    for (const name of path === "" ? [] : path.split("/")) {
      at = at === "" ? name : `${at}/${name}`;
      folder = await this.#folderIn(folder, name, at, made);
    }
    this.#last = { path, folder };
    return folder;
  }

  async #folderIn(
    folder: FileSystemDirectoryHandle,
    name: string,
    path: string,
    made: string[],
  ): Promise<FileSystemDirectoryHandle> {
    if (!this.#folders.has(path)) {
      this.#folders.add(path);
      made.push(path);
      if (path === name) this.#inside.add(name);
    }
    return await named(path, folder.getDirectoryHandle(name, { create: true }));
  }

  /** Removes folders unless something else is in them now. */
  async #removeEmpty(paths: readonly string[]): Promise<void> {
    for (const path of paths.toReversed()) {
      const slash = path.lastIndexOf("/");
      const above = await this.#enter(path.slice(0, Math.max(0, slash)));
      try {
        await above.removeEntry(path.slice(slash + 1));
      } catch (error) {
        if ((error as DOMException).name === "InvalidModificationError") return;
        throw outputError(error, path);
      }
      this.#folders.delete(path);
      this.#inside.delete(path);
    }
  }

  async #refuseUnlessEmpty(): Promise<void> {
    const names: string[] = [];
    for await (const name of this.#root.keys()) names.push(name);
    if (names.length === 0) return;
    const isUnfinished = names.includes(INCOMPLETE_FILE);
    throw new OutputError(
      "output-exists",
      isUnfinished ? "the folder has a dump that was not finished" : "the folder is not empty",
      {
        file: this.#root.name,
        hint: isUnfinished
          ? "empty it, or choose another one; nothing of it is needed"
          : "choose an empty one: nothing that is there is ever overwritten",
      },
    );
  }
}

/** What has a name, or why it cannot have it. */
async function named<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TypeError)) throw outputError(error, path);
    throw new OutputError("output-failed", "the browser refuses this name in a folder", {
      file: path,
      hint: "save an archive: it keeps every name",
    }, { cause: error });
  }
}
