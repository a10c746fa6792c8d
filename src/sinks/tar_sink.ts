/**
 * A dump as a tar archive. The same dump gives the same bytes: the files are in the order in which they
 * were ended, belong to nobody and are of one moment.
 *
 * A dump in an archive has no INCOMPLETE, as it could not be taken away. One that was cut short is
 * known by its end: CHECKSUMS, the last file, is missing, and so are the two empty blocks behind it.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { OutputError } from "../errors.ts";
import type { Scratch } from "../sources/scratch.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import type { Sink, SinkFile } from "../tree/sink.ts";
import { PathSet } from "./path_set.ts";
import { Spool } from "./spool.ts";
import { appendTarEnd, appendTarHeader, appendTarPadding, MAX_OCTAL } from "./tar_header.ts";

/** Where an archive goes. */
export interface TarOutput {
  /** Takes bytes; the caller may reuse its buffer afterwards. */
  write(bytes: Uint8Array): MaybePromise<void>;
  /** Called when everything is written. */
  close(): MaybePromise<void>;
  /** Called instead of `close`: takes away what was written, where that can be done. */
  abort(): MaybePromise<void>;
}

/** Bytes that are gathered before they are written. */
const BLOCK = 1 << 18;

/**
 * Writes a dump into a tar archive. Calls must not overlap; files may.
 *
 * An archive has its files one after the other, and says of each how long it is before it begins. So
 * one file of known size at a time goes straight through; whatever else is written meanwhile, and each
 * file of unknown size, waits in scratch space.
 */
export class TarSink implements Sink {
  readonly #output: TarOutput;
  readonly #scratch: Scratch;
  readonly #mtime: number;
  readonly #paths: PathSet = new PathSet((path) => this.#header(path));
  /** Whole entries, not yet written. */
  readonly #block = new ByteBuilder(BLOCK);
  /** While a file goes straight through: whole entries that must wait for its end. */
  #waiting: Spool | undefined;

  /**
   * @param scratch For what must wait. It is closed by the caller.
   * @param wallTime The moment of all files, by RFC 3339: that of the manifest, where it was given.
   */
  constructor(output: TarOutput, scratch: Scratch, wallTime = "1970-01-01T00:00:00Z") {
    this.#output = output;
    this.#scratch = scratch;
    this.#mtime = Math.min(Math.max(0, Math.floor(Date.parse(wallTime) / 1000)), MAX_OCTAL);
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): MaybePromise<boolean> {
    if (!this.#paths.take(path)) return false;
    this.#header(path, bytes.length);
    this.#block.append(bytes);
    appendTarPadding(this.#block, bytes.length);
    return then(this.#flush(), () => true);
  }

  /** See {@link Sink.create}. */
  create(path: string, size?: number): MaybePromise<SinkFile | undefined> {
    if (!this.#paths.take(path)) return undefined;
    if (size === undefined || this.#waiting) return this.#spooled(path, size);
    this.#header(path, size);
    return then(this.#flush(0), () => this.#streamed(path, size));
  }

  /** See {@link Sink.directory}. */
  directory(path: string): MaybePromise<void> {
    this.#paths.directory(path);
    return this.#flush();
  }

  /** See {@link Sink.finish}. */
  async finish(): Promise<void> {
    appendTarEnd(this.#block);
    await this.#flush(0);
    await this.#output.close();
  }

  /** See {@link Sink.abort}. */
  abort(): MaybePromise<void> {
    return this.#output.abort();
  }

  #header(path: string, size?: number): void {
    appendTarHeader(this.#block, { path, size, mtime: this.#mtime });
  }

  /** Writes what was gathered, if it is as much as this. */
  #flush(least: number = BLOCK): MaybePromise<void> {
    if (this.#block.length < least) return;
    const bytes = this.#block.view();
    const done = this.#waiting ? this.#waiting.append(bytes) : this.#output.write(bytes);
    return then(done, () => void this.#block.clear());
  }

  /** A file that goes straight through. */
  #streamed(path: string, size: number): SinkFile {
    const waiting = this.#waiting = new Spool(this.#scratch);
    let written = 0;
    return {
      write: (bytes) => {
        written += bytes.length;
        if (written > size) throw wrongSize(path, written, size);
        return this.#output.write(bytes);
      },
      close: async () => {
        if (written !== size) throw wrongSize(path, written, size);
        const padding = new ByteBuilder();
        appendTarPadding(padding, size);
        await this.#output.write(padding.view());
        await waiting.copy((bytes) => this.#output.write(bytes));
        waiting.close();
        this.#waiting = undefined;
      },
    };
  }

  /** A file that waits until it is known how long it is, and its turn has come. */
  #spooled(path: string, size: number | undefined): SinkFile {
    const spool = new Spool(this.#scratch);
    return {
      write: (bytes) => spool.append(bytes),
      close: async () => {
        if (size !== undefined && spool.size !== size) throw wrongSize(path, spool.size, size);
        this.#header(path, spool.size);
        await spool.copy((bytes) => {
          this.#block.append(bytes);
          return this.#flush();
        });
        appendTarPadding(this.#block, spool.size);
        spool.close();
        await this.#flush();
      },
    };
  }
}

/** The action, now or when the first one is done. */
function then<T>(first: MaybePromise<void>, action: () => T): MaybePromise<T> {
  return isPromise(first) ? first.then(action) : action();
}

function wrongSize(path: string, found: number, announced: number): OutputError {
  return new OutputError(
    "output-failed",
    `${announced} bytes were announced and ${found} were written`,
    { file: path, hint: "this is a defect of the program: please report it" },
  );
}
