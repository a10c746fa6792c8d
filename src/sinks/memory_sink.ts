/** A dump in memory: for small snapshots, pages and tests. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import type { Sink, SinkFile } from "../tree/sink.ts";

/** Keeps every file. */
export class MemorySink implements Sink {
  /** Path → contents, in the order of writing. */
  readonly files: Map<string, Uint8Array> = new Map();
  /** All directories, whether they have files or not. */
  readonly directories: Set<string> = new Set();
  /** Whether the dump is whole. */
  finished = false;
  /** See {@link Sink.takesBack}. */
  readonly takesBack: boolean = true;

  /** See {@link Sink.keepsNames}. */
  keepsNames(): boolean {
    return true;
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): boolean {
    if (!this.#free(path)) return false;
    this.files.set(path, bytes.slice());
    return true;
  }

  /** See {@link Sink.create}. */
  create(path: string): SinkFile | undefined {
    const made = [...foldersOf(path)].filter((folder) => !this.directories.has(folder));
    if (!this.#free(path)) return undefined;
    const out = new ByteBuilder();
    this.files.set(path, new Uint8Array(0));
    return {
      write: (bytes) => void out.append(bytes),
      close: () => void this.files.set(path, out.take()),
      discard: () => {
        this.files.delete(path);
        for (const folder of made) if (!this.#isUsed(folder)) this.directories.delete(folder);
      },
    };
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    for (const folder of foldersOf(`${path}/`)) this.directories.add(folder);
  }

  /** See {@link Sink.finish}. */
  finish(): void {
    this.finished = true;
  }

  /** See {@link Sink.abort}. */
  abort(): void {
    this.files.clear();
    this.directories.clear();
  }

  /** Whether there is anything in a directory. */
  #isUsed(folder: string): boolean {
    return [...this.files.keys(), ...this.directories].some((path) =>
      path.startsWith(`${folder}/`)
    );
  }

  /** Whether nothing stands at the path or on the way to it; makes the directories on the way. */
  #free(path: string): boolean {
    if (this.files.has(path) || this.directories.has(path)) return false;
    const folders = [...foldersOf(path)];
    if (folders.some((folder) => this.files.has(folder))) return false;
    for (const folder of folders) this.directories.add(folder);
    return true;
  }
}

/** The directories on the way to a path, the innermost first. */
function* foldersOf(path: string): Generator<string> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    yield path.slice(0, at);
  }
}
