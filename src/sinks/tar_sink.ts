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
import { after, type MaybePromise } from "../sources/source.ts";
import type { Sink, SinkFile } from "../tree/sink.ts";
import { Backlog } from "./backlog.ts";
import { PathSet } from "../tree/path_set.ts";
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
  #waiting: Backlog | undefined;

  /**
   * Writes nothing yet.
   *
   * @param scratch For what must wait. It is closed by the caller.
   * @param wallTime The moment of all files, by RFC 3339: that of the manifest, where it was given.
   */
  constructor(output: TarOutput, scratch: Scratch, wallTime = "1970-01-01T00:00:00Z") {
    this.#output = output;
    this.#scratch = scratch;
    this.#mtime = Math.min(Math.max(0, Math.floor(Date.parse(wallTime) / 1000)), MAX_OCTAL);
  }

  /** See {@link Sink.keepsNames}. */
  keepsNames(): boolean {
    return true;
  }

  /** See {@link Sink.put}. */
  put(path: string, bytes: Uint8Array): MaybePromise<boolean> {
    if (!this.#paths.take(path)) return false;
    this.#header(path, bytes.length);
    return after(this.#append(bytes), () => {
      appendTarPadding(this.#block, bytes.length);
      return true;
    });
  }

  /** See {@link Sink.create}. */
  create(path: string, size?: number): MaybePromise<SinkFile | undefined> {
    if (!this.#paths.take(path)) return undefined;
    if (size === undefined || this.#waiting) return this.#spooled(path, size);
    this.#header(path, size);
    return after(this.#flush(), () => this.#streamed(path, size));
  }

  /** See {@link Sink.directory}. */
  directory(path: string): void {
    this.#paths.directory(path);
  }

  /** See {@link Sink.finish}. */
  async finish(): Promise<void> {
    appendTarEnd(this.#block);
    await this.#flush();
    await this.#output.close();
  }

  /** See {@link Sink.abort}. */
  abort(): MaybePromise<void> {
    return this.#output.abort();
  }

  #header(path: string, size?: number): void {
    appendTarHeader(this.#block, { path, size, mtime: this.#mtime });
  }

  /** Adds bytes to what is gathered, which is written when it is enough. */
  #append(bytes: Uint8Array): MaybePromise<void> {
    if (this.#block.length + bytes.length < BLOCK) return void this.#block.append(bytes);
    return after(this.#flush(), () => this.#write(bytes));
  }

  /** Writes what was gathered. */
  #flush(): MaybePromise<void> {
    return after(this.#write(this.#block.view()), () => void this.#block.clear());
  }

  #write(bytes: Uint8Array): MaybePromise<void> {
    return this.#waiting ? this.#waiting.append(bytes) : this.#output.write(bytes);
  }

  /** A file that goes straight through. */
  #streamed(path: string, size: number): SinkFile {
    const waiting = this.#waiting = new Backlog(this.#scratch);
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
        for await (const bytes of waiting.chunks()) await this.#output.write(bytes);
        waiting.close();
        this.#waiting = undefined;
      },
    };
  }

  /** A file that waits until it is known how long it is, and its turn has come. */
  #spooled(path: string, size: number | undefined): SinkFile {
    const body = new Backlog(this.#scratch);
    return {
      write: (bytes) => body.append(bytes),
      close: async () => {
        if (size !== undefined && body.size !== size) throw wrongSize(path, body.size, size);
        this.#header(path, body.size);
        for await (const bytes of body.chunks()) await this.#append(bytes);
        appendTarPadding(this.#block, body.size);
        body.close();
      },
    };
  }
}

function wrongSize(path: string, found: number, announced: number): OutputError {
  return new OutputError(
    "output-failed",
    `${announced} bytes were announced and ${found} were written`,
    { file: path, hint: "this is a defect of the program: please report it" },
  );
}
