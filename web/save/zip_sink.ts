/** A dump as a zip archive, stored as it is: most of it is small, or packed already. @module */

import { makeZip } from "client-zip";
import { OutputError } from "../../src/errors.ts";
import { Backlog } from "../../src/sinks/backlog.ts";
import { PathSet } from "../../src/tree/path_set.ts";
import type { TarOutput } from "../../src/sinks/tar_sink.ts";
import type { Scratch } from "../../src/sources/scratch.ts";
import type { Sink, SinkFile } from "../../src/tree/sink.ts";

/** A file on its way, or a folder, which has no contents. */
interface Entry {
  name: string;
  input?: Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** The first moment that a zip archive can name, wherever the user is. */
const MOMENT = new Date(1980, 0, 1);

/**
 * Writes a dump into a zip archive. Entries follow each other, so one file of known size at a time goes
 * straight through; what is written meanwhile waits, as does each file of unknown size.
 */
export class ZipSink implements Sink {
  readonly #output: TarOutput;
  readonly #scratch: Scratch;
  readonly #paths = new PathSet((path) => void this.#folders.push({ name: `${path}/` }));
  readonly #folders: Entry[] = [];
  readonly #queue = new Handoff<Entry>();
  readonly #written: Promise<void>;
  /** While a file goes straight through: whole entries behind it. */
  #waiting: Entry[] | undefined;

  /** @param scratch For what must wait. It is closed by the caller. */
  constructor(output: TarOutput, scratch: Scratch) {
    this.#output = output;
    this.#scratch = scratch;
    this.#written = this.#write();
    // It is told to whoever puts the next entry.
    this.#written.catch((error) => this.#queue.fail(error));
  }

  keepsNames(): boolean {
    return true;
  }

  async put(path: string, bytes: Uint8Array): Promise<boolean> {
    if (!this.#paths.take(path)) return false;
    await this.#add({ name: path, input: bytes.slice() });
    return true;
  }

  async create(path: string, size?: number): Promise<SinkFile | undefined> {
    if (!this.#paths.take(path)) return undefined;
    return size === undefined || this.#waiting ? this.#spooled(path) : await this.#streamed(path);
  }

  directory(path: string): void {
    this.#paths.directory(path);
  }

  async finish(): Promise<void> {
    await this.#addFolders();
    this.#queue.end();
    await this.#written;
    await this.#output.close();
  }

  async abort(): Promise<void> {
    this.#queue.fail(new OutputError("output-failed", "the archive was given up"));
    await this.#written.catch(() => {});
    await this.#output.abort();
  }

  async #write(): Promise<void> {
    const entries = async function* (queue: Handoff<Entry>) {
      for await (const entry of queue) {
        yield { ...entry, lastModified: MOMENT } as { name: string; input: Uint8Array };
      }
    };
    for await (const bytes of makeZip(entries(this.#queue))) await this.#output.write(bytes);
  }

  async #add(entry: Entry): Promise<void> {
    if (this.#waiting) return void this.#waiting.push(entry);
    await this.#addFolders();
    await this.#queue.put(entry);
  }

  async #addFolders(): Promise<void> {
    for (const folder of this.#folders.splice(0)) await this.#queue.put(folder);
  }

  /** A file that goes straight through. */
  async #streamed(path: string): Promise<SinkFile> {
    await this.#addFolders();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const taken = this.#queue.put({ name: path, input: readable });
    taken.catch(() => writer.abort());
    const waiting: Entry[] = this.#waiting = [];
    return {
      write: async (bytes) => {
        await writer.ready;
        await writer.write(bytes.slice());
      },
      close: async () => {
        await writer.close();
        await taken;
        this.#waiting = undefined;
        for (const entry of waiting) await this.#add(entry);
      },
    };
  }

  /** A file that waits until it is whole, and its turn has come. */
  #spooled(path: string): SinkFile {
    const body = new Backlog(this.#scratch);
    return {
      write: (bytes) => body.append(bytes),
      close: () => this.#add({ name: path, input: contentsOf(body) }),
    };
  }
}

async function* contentsOf(body: Backlog): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of body.chunks()) yield bytes.slice();
  body.close();
}

/** Hands things over one by one: `put` ends when the thing is used up, which is when the next is wanted. */
class Handoff<T> implements AsyncIterable<T> {
  readonly #things: { thing: T; done: () => void }[] = [];
  #isEnded = false;
  #error: { cause: unknown } | undefined;
  #wake = (): void => {};
  readonly #failed: Promise<never>;
  #fail!: (error: unknown) => void;

  constructor() {
    this.#failed = new Promise((_, reject) => this.#fail = reject);
    this.#failed.catch(() => {});
  }

  put(thing: T): Promise<void> {
    const done = new Promise<void>((done) => this.#things.push({ thing, done }));
    this.#wake();
    return Promise.race([done, this.#failed]);
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  fail(cause: unknown): void {
    this.#error ??= { cause };
    this.#fail(cause);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      if (this.#error) throw this.#error.cause;
      const next = this.#things.shift();
      if (next) {
        yield next.thing;
        next.done();
      } else if (this.#isEnded) return;
      else await new Promise<void>((wake) => this.#wake = wake);
    }
  }
}
