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
import { fileError } from "../sources/deno_error.ts";
import type { Scratch } from "../sources/scratch.ts";
import { INCOMPLETE_FILE } from "../tree/output.ts";
import type { Sink, SinkFile } from "../tree/sink.ts";
import { DenoScratch } from "./deno_scratch.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const SCRATCH_FOLDER = ".decant-scratch";
const NOTE = "This dump is not complete: it is being written, or its writer was stopped.\n" +
  "Do not use it. Remove the folder and decode again.\n";

/** Writes a dump into a folder. */
export class DenoDirectorySink implements Sink {
  /** Scratch space inside the folder. */
  readonly scratch: Scratch;
  readonly #root: string;
  /** Whether the folder itself was made here, and goes when the dump fails. */
  readonly #made: boolean;

  /**
   * Makes the folder, or takes an empty one.
   *
   * @throws {OutputError} `output-exists` when there is something in it, or it is no folder.
   * @throws {PermissionError} when Deno may not write it.
   */
  constructor(root: string) {
    this.#root = root;
    this.#made = makeRoot(root);
    this.#create(INCOMPLETE_FILE, new TextEncoder().encode(NOTE));
    this.scratch = new DenoScratch(`${root}/${SCRATCH_FOLDER}`);
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): boolean {
    return this.#create(path, bytes);
  }

  /** See {@link Sink.create}. */
  create(path: string): SinkFile | undefined {
    const file = this.#open(path);
    return file && new DirectoryFile(file, `${this.#root}/${path}`);
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    this.#makeFolder(`${this.#root}/${path}`);
  }

  /** See {@link Sink.finish}. */
  finish(): void {
    this.scratch.close();
    this.#try(INCOMPLETE_FILE, () => Deno.removeSync(`${this.#root}/${INCOMPLETE_FILE}`));
  }

  /** See {@link Sink.abort}. */
  abort(): void {
    this.scratch.close();
    if (this.#made) Deno.removeSync(this.#root, { recursive: true });
    else {
      for (const { name } of Deno.readDirSync(this.#root)) {
        Deno.removeSync(`${this.#root}/${name}`, { recursive: true });
      }
    }
  }

  #create(path: string, bytes: Uint8Array): boolean {
    const file = this.#open(path);
    if (!file) return false;
    this.#try(path, () => writeAll(file, bytes));
    file.close();
    return true;
  }

  #open(path: string): Deno.FsFile | undefined {
    const full = `${this.#root}/${path}`;
    try {
      return openNew(full);
    } catch (error) {
      if (isRefusedName(error)) return undefined;
      if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, full, "write");
    }
    // The folder is not there yet; asking only then makes each folder once.
    if (!this.#makeFolder(full.slice(0, full.lastIndexOf("/")))) return undefined;
    try {
      return openNew(full);
    } catch (error) {
      if (isRefusedName(error)) return undefined;
      throw fileError(error, full, "write");
    }
  }

  #makeFolder(path: string): boolean {
    try {
      Deno.mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
      return true;
    } catch (error) {
      if (isRefusedName(error)) return false;
      throw fileError(error, path, "write");
    }
  }

  #try(path: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      throw fileError(error, `${this.#root}/${path}`, "write");
    }
  }
}

class DirectoryFile implements SinkFile {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  write(bytes: Uint8Array): void {
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      throw fileError(error, this.#path, "write");
    }
  }

  close(): void {
    this.#file.close();
  }
}

function openNew(path: string): Deno.FsFile {
  return Deno.openSync(path, { write: true, createNew: true, mode: FILE_MODE });
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** The name is taken, or the file system does not have such names: another one may do. */
function isRefusedName(error: unknown): boolean {
  if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
    return true;
  }
  const code = (error as { code?: unknown })?.code;
  return error instanceof Deno.errors.IsADirectory || code === "ENAMETOOLONG" ||
    code === "EILSEQ" || code === "EINVAL" || code === "EEXIST";
}

/** Makes the folder; returns whether it was not there before. */
function makeRoot(root: string): boolean {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(root);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, root, "read");
    try {
      Deno.mkdirSync(root, { mode: FOLDER_MODE });
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) {
        throw new OutputError("output-failed", "the folder above the output does not exist", {
          file: root,
        });
      }
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
      hint: "remove the folder, or choose another name; nothing of it is needed",
    });
  }
  if (names.length > 0) {
    throw new OutputError("output-exists", "the output exists and is not empty", {
      file: root,
      hint: "choose another name, or empty the folder",
    });
  }
  return false;
}
