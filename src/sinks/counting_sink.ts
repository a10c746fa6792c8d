/** A dump that goes nowhere: for dry runs and checks. @module */

import type { Sink, SinkFile } from "../tree/sink.ts";

/** Takes everything and keeps nothing, so that no name is ever taken. */
export class CountingSink implements Sink {
  /** See {@link Sink.put}. */
  put(_path: string, _bytes: Uint8Array): boolean {
    return true;
  }

  /** See {@link Sink.create}. */
  create(_path: string): SinkFile | undefined {
    return { write: () => {}, close: () => {} };
  }

  /** See {@link Sink.directory}. */
  directory(_path: string): void {}

  /** See {@link Sink.finish}. */
  finish(): void {}

  /** See {@link Sink.abort}. */
  abort(): void {}
}
