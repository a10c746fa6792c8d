/** A dump of which only the files that close it are kept: what it would be, without its contents. @module */

import type { Scratch } from "../sources/scratch.ts";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../tree/output.ts";
import type { Sink, SinkFile } from "../tree/sink.ts";
import { Backlog } from "./backlog.ts";
import { PathSet } from "../tree/path_set.ts";

/** Takes everything and keeps MANIFEST.json and CHECKSUMS. */
export class OutlineSink implements Sink {
  /** MANIFEST.json, when the dump is finished. */
  manifest: Uint8Array = new Uint8Array(0);
  /** CHECKSUMS. Its user closes it. */
  readonly checksums: Backlog;
  /** See {@link Sink.takesBack}. */
  readonly takesBack: boolean = true;
  readonly #paths = new PathSet();

  /**
   * Nothing is kept yet.
   *
   * @param scratch For CHECKSUMS, which may have a line for each of millions of files.
   */
  constructor(scratch: Scratch) {
    this.checksums = new Backlog(scratch);
  }

  /** See {@link Sink.keepsNames}. */
  keepsNames(): boolean {
    return true;
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): boolean {
    if (path === MANIFEST_FILE) this.manifest = bytes.slice();
    return this.#paths.take(path);
  }

  /** See {@link Sink.create}. */
  create(path: string): SinkFile | undefined {
    if (!this.#paths.take(path)) return undefined;
    const write = path === CHECKSUMS_FILE
      ? (bytes: Uint8Array) => this.checksums.append(bytes)
      : () => {};
    return { write, close: () => {}, discard: () => {} };
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    this.#paths.directory(path);
  }

  /** See {@link Sink.finish}. */
  finish(): void {}

  /** See {@link Sink.abort}. */
  abort(): void {}
}
