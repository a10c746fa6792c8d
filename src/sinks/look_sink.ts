/** Sees the files of a dump go by, and keeps nothing. @module */

import { isPromise, type MaybePromise } from "../sources/source.ts";
import type { FileAbout, Sink, SinkFile } from "../tree/sink.ts";

/** A file that went by. */
export interface SeenFile {
  /** Its path in a dump. */
  path: string;
  /** Its bytes. */
  size: number;
  /** What it is of; absent where it holds parts of many records. */
  about?: FileAbout;
}

/** Whoever looks. */
export interface Onlooker {
  /** Whether the bytes of a file are wanted; they are not unless given. */
  wants?(path: string, about: FileAbout | undefined): boolean;
  /** Takes the next bytes of a file that is wanted. */
  bytes?(bytes: Uint8Array): MaybePromise<void>;
  /** Called when a file has ended. */
  end?(file: SeenFile): MaybePromise<void>;
}

/** Shows each file to an onlooker. */
export class LookSink implements Sink {
  /** See {@link Sink.takesBack}. */
  readonly takesBack: boolean = true;
  /** See {@link Sink.keepsNothing}. */
  readonly keepsNothing: boolean = true;
  readonly #onlooker: Onlooker;
  #about: FileAbout | undefined;

  /** Nothing has been seen yet. */
  constructor(onlooker: Onlooker) {
    this.#onlooker = onlooker;
  }

  /** See {@link Sink.keepsNames}. */
  keepsNames(): boolean {
    return true;
  }

  /** See {@link Sink.wants}. */
  wants(path: string): boolean {
    return this.#onlooker.wants?.(path, this.#about) ?? false;
  }

  /** See {@link Sink.describe}. */
  describe(about: FileAbout): void {
    this.#about = about;
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): MaybePromise<boolean> {
    const isWanted = this.wants(path);
    const file = { path, size: bytes.length, about: this.#take() };
    const taken = isWanted ? this.#onlooker.bytes?.(bytes) : undefined;
    const ended = isPromise(taken)
      ? taken.then(() => this.#onlooker.end?.(file))
      : this.#onlooker.end?.(file);
    return isPromise(ended) ? ended.then(() => true) : true;
  }

  /** See {@link Sink.create}. */
  create(path: string, size?: number): SinkFile {
    const isWanted = this.wants(path);
    const about = this.#take();
    let written = 0;
    return {
      write: (bytes) => {
        written += bytes.length;
        if (isWanted) return this.#onlooker.bytes?.(bytes);
      },
      close: () => this.#onlooker.end?.({ path, size: size ?? written, about }),
      discard: () => {},
    };
  }

  /** See {@link Sink.directory}. */
  directory(): void {}

  /** See {@link Sink.finish}. */
  finish(): void {}

  /** See {@link Sink.abort}. */
  abort(): void {}

  #take(): FileAbout | undefined {
    const about = this.#about;
    this.#about = undefined;
    return about;
  }
}
