/** A dump that goes nowhere: for dry runs and checks. @module */

import type { Sink, SinkFile } from "../tree/sink.ts";
import { PathSet } from "../tree/path_set.ts";

/** Takes everything and keeps nothing but the names that are taken. */
export class CountingSink implements Sink {
  /** See {@link Sink.takesBack}. */
  readonly takesBack: boolean = true;
  readonly #paths = new PathSet();

  /** See {@link Sink.keepsNames}. */
  keepsNames(): boolean {
    return true;
  }

  /** See {@link Sink.put}. */
  put(path: string, _bytes: Uint8Array): boolean {
    return this.#paths.take(path);
  }

  /** See {@link Sink.create}. */
  create(path: string): SinkFile | undefined {
    if (!this.#paths.take(path)) return undefined;
    return { write: () => {}, close: () => {}, discard: () => {} };
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
