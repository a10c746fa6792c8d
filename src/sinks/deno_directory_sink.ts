/**
 * A dump as a folder, through Deno's synchronous calls.
 *
 * The folder is made, or must be empty. `INCOMPLETE` is the first file in it and is removed last, so
 * a dump that was cut short can never look whole. Every file is created exclusively, with mode 0600,
 * in folders of mode 0700; nothing is renamed and no symlink is followed. What does not fit in memory
 * lives in a hidden folder of the dump and is gone at the end.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import { codeOf, fileError, isFull, needsAll } from "../sources/deno_error.ts";
import type { Scratch } from "../sources/scratch.ts";
import { INCOMPLETE_FILE } from "../tree/output.ts";
import type { OpenFolder, Sink, SinkFile } from "../tree/sink.ts";
import { DenoFileWriter } from "./deno_file_writer.ts";
import { keepsNames } from "./deno_names.ts";
import { holdMark, markText } from "./deno_marks.ts";
import { DenoScratch } from "./deno_scratch.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** Where a dump has its scratch files while it is written. */
export const SCRATCH_FOLDER = ".decant-scratch";
/** Where it is tried which names the file system keeps. */
export const NAMES_FOLDER = ".decant-names";

/** Writes a dump into a folder. */
export class DenoDirectorySink implements Sink {
  /** See {@link Sink.takesBack}. */
  readonly takesBack: boolean = true;
  /** Scratch space inside the folder. */
  readonly scratch: Scratch;
  /** See {@link Sink.folder}. */
  readonly folder: OpenFolder;
  readonly #root: string;
  /** Whether the folder itself was made here, and goes when the dump fails. */
  readonly #made: boolean;
  /** What was made in it, in this order: `INCOMPLETE` first. */
  readonly #inside = new Set<string>();
  /** The folder of the last file, which is no symlink and has none on the way to it. */
  #folder = "";
  /** The folders that were made for the last file, outer ones first. */
  #newFolders: string[] = [];
  readonly #open = new Set<DirectoryFile>();
  /** Says that this program is at work, as long as it is open. */
  #mark: Deno.FsFile | undefined;

  /**
   * Makes the folder, or takes an empty one.
   *
   * @throws {OutputError} `output-exists` when there is something in it, or it is no folder.
   * @throws {PermissionError} when Deno may not write it.
   */
  constructor(root: string) {
    this.#root = root;
    this.#made = makeRoot(root);
    this.folder = { path: root, files: new DenoFileWriter(root), wrote: () => {} };
    this.scratch = new DenoScratch(`${root}/${SCRATCH_FOLDER}`);
    try {
      if (!this.put(INCOMPLETE_FILE, new TextEncoder().encode(markText("dump")))) {
        throw notEmpty(root);
      }
      this.#mark = holdMark(`${root}/${INCOMPLETE_FILE}`);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** See {@link Sink.keepsNames}. The folder itself is tried. */
  keepsNames(): boolean {
    return keepsNames(`${this.#root}/${NAMES_FOLDER}`);
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): boolean {
    const file = this.#create(path);
    if (!file) return false;
    file.write(bytes);
    file.close();
    return true;
  }

  /** See {@link Sink.create}. */
  create(path: string): SinkFile | undefined {
    return this.#create(path);
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    if (this.#enter(path)) return;
    throw new OutputError("output-failed", "the name of a folder is taken", {
      file: `${this.#root}/${path}`,
    });
  }

  /** See {@link Sink.finish}. */
  finish(): void {
    this.scratch.close();
    this.#mark?.close();
    this.#remove(INCOMPLETE_FILE);
  }

  /** See {@link Sink.abort}. */
  abort(): void {
    for (const file of this.#open) file.close();
    this.scratch.close();
    this.#mark?.close();
    for (const name of [...this.#inside].reverse()) this.#remove(name);
    if (!this.#made) return;
    try {
      Deno.removeSync(this.#root);
    } catch (error) {
      // Somebody else put something there, and keeps it.
      if (codeOf(error) !== "ENOTEMPTY") throw this.#error(error, this.#root);
    }
  }

  #create(path: string): DirectoryFile | undefined {
    const folders: string[] = this.#newFolders = [];
    const slash = path.lastIndexOf("/");
    if (!this.#enter(path.slice(0, Math.max(0, slash)))) return undefined;
    const full = `${this.#root}/${path}`;
    let opened: Deno.FsFile;
    try {
      opened = Deno.openSync(full, { write: true, createNew: true, mode: FILE_MODE });
    } catch (error) {
      if (isTaken(error)) return undefined;
      throw this.#nameError(error, full);
    }
    if (slash < 0) this.#inside.add(path);
    const file = new DirectoryFile(opened, {
      failed: (error) => this.#error(error, full),
      closed: () => this.#open.delete(file),
      discarded: () => this.#takeBack(path, folders),
    });
    this.#open.add(file);
    return file;
  }

  /** Makes the folder, and those above it, if it is not there; `false` when its name is taken. */
  #enter(folder: string): boolean {
    if (folder === this.#folder) return true;
    const known = this.#folder + "/";
    for (let end = 0; end < folder.length;) {
      end = folder.indexOf("/", end + 1);
      if (end < 0) end = folder.length;
      const path = folder.slice(0, end);
      if (!known.startsWith(path + "/") && !this.#makeFolder(path)) return false;
    }
    this.#folder = folder;
    return true;
  }

  #makeFolder(path: string): boolean {
    const full = `${this.#root}/${path}`;
    const isInside = !path.includes("/");
    try {
      Deno.mkdirSync(full, { mode: FOLDER_MODE });
      if (isInside) this.#inside.add(path);
      this.#newFolders.push(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists && (!isInside || this.#inside.has(path))) {
        return Deno.lstatSync(full).isDirectory;
      }
      if (isTaken(error)) return false;
      throw this.#nameError(error, full);
    }
  }

  /** Removes a file, and the folders that were made for it, unless something else is in them now. */
  #takeBack(path: string, folders: readonly string[]): void {
    this.#remove(path);
    this.#inside.delete(path);
    this.#folder = "";
    for (const folder of folders.toReversed()) {
      const full = `${this.#root}/${folder}`;
      try {
        Deno.removeSync(full);
        this.#inside.delete(folder);
      } catch (error) {
        if (codeOf(error) === "ENOTEMPTY") return;
        throw this.#error(error, full);
      }
    }
  }

  #remove(name: string): void {
    const full = `${this.#root}/${name}`;
    try {
      Deno.removeSync(full, { recursive: true });
    } catch (error) {
      throw this.#error(error, full);
    }
  }

  /** What it means that something could not be made. */
  #nameError(error: unknown, path: string): Error {
    if (!REFUSALS.includes(codeOf(error))) return this.#error(error, path);
    return new OutputError("output-failed", "the file system refuses this name", {
      file: path,
      hint: "choose a folder on another file system, or write an archive",
    }, { cause: error });
  }

  /** With a missing permission the flag is for the whole folder, and a disk is full for all of it. */
  #error(error: unknown, path: string): Error {
    const isOfAll = error instanceof Deno.errors.NotCapable || isFull(error);
    return fileError(error, isOfAll ? this.#root : path, "write");
  }
}

/** What a folder does about its files. */
interface FileEvents {
  /** The error to throw when it could not be written. */
  failed(error: unknown): Error;
  closed(): void;
  discarded(): void;
}

class DirectoryFile implements SinkFile {
  readonly #file: Deno.FsFile;
  readonly #on: FileEvents;

  constructor(file: Deno.FsFile, on: FileEvents) {
    this.#file = file;
    this.#on = on;
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (error) {
      throw this.#on.failed(error);
    }
  }

  close(): void {
    this.#file.close();
    this.#on.closed();
  }

  discard(): void {
    this.close();
    this.#on.discarded();
  }
}

/** Something stands there, or there is a file on the way. */
function isTaken(error: unknown): boolean {
  return error instanceof Deno.errors.AlreadyExists ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory;
}

/** How file systems say that they have no such names; some say that there is no such file. */
const REFUSALS: readonly string[] = ["ENAMETOOLONG", "EILSEQ", "EINVAL", "ENOENT"];

/** Makes the folder; returns whether it was not there before. */
function makeRoot(root: string): boolean {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(root);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      // It is looked at to be written to; what Deno must be given for that is to read it.
      const isForReading = error instanceof Deno.errors.NotCapable && !needsAll(error);
      throw fileError(error, root, isForReading ? "read" : "write");
    }
    try {
      Deno.mkdirSync(root, { mode: FOLDER_MODE });
    } catch (cause) {
      throw fileError(cause, root, "write");
    }
    return true;
  }
  if (!info.isDirectory) {
    throw new OutputError("output-exists", "the output exists and is not a folder", {
      file: root,
      hint: "choose another name",
    });
  }
  const names = [...Deno.readDirSync(root)].map(({ name }) => name);
  if (names.includes(INCOMPLETE_FILE)) {
    throw new OutputError("output-exists", "the output is a dump that was not finished", {
      file: root,
      hint: "decant clean removes it, as nothing of it is needed; or choose another name",
    });
  }
  if (names.length > 0) throw notEmpty(root);
  return false;
}

function notEmpty(root: string): OutputError {
  return new OutputError("output-exists", "the output exists and is not empty", {
    file: root,
    hint: "choose another name, or empty the folder",
  });
}
