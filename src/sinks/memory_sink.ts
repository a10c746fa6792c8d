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
    if (!this.#free(path)) return undefined;
    const out = new ByteBuilder();
    this.files.set(path, new Uint8Array(0));
    return {
      write: (bytes) => void out.append(bytes),
      close: () => void this.files.set(path, out.take()),
    };
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) {
      this.directories.add(path.slice(0, at));
    }
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

  /** Whether nothing stands at the path or on the way to it; makes the directories on the way. */
  #free(path: string): boolean {
    if (this.files.has(path) || this.directories.has(path)) return false;
    const slash = path.lastIndexOf("/");
    if (slash < 0) return true;
    for (let at = slash; at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (this.files.has(path.slice(0, at))) return false;
    }
    this.directory(path.slice(0, slash));
    return true;
  }
}
