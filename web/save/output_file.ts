/**
 * Where an archive or a stream of lines goes in a browser: a file that the user has picked, the browser's
 * own storage, or memory. The last two are handed back, and downloaded by the page.
 *
 * @module
 */

import { OutputError } from "../../src/errors.ts";
import type { TarOutput } from "../../src/sinks/tar_sink.ts";

/** Takes bytes, and says what the page is to download, if anything. */
export interface OutputFile extends TarOutput {
  /** After `close`: what was written, where the user does not have it yet. */
  readonly file?: Blob;
}

/** Files are handed out as this, so that no browser shows one in place of the page. */
export const BINARY = "application/octet-stream";

/** Most bytes that are held in memory. */
export const MEMORY_LIMIT: number = 512 << 20;

/** Bytes that are gathered before a file is given them: each time costs a message to another process. */
const BLOCK = 1 << 20;

/** A file that the user has picked. It comes to be, or is replaced, when it is closed. */
export async function pickedFile(handle: FileSystemFileHandle): Promise<OutputFile> {
  const file = await failing(handle.createWritable());
  return new Gathered({
    write: (bytes) => failing(file.write(bytes)),
    close: () => failing(file.close()),
    abort: () => failing(file.abort()),
  });
}

/** What is used of a file of the browser's storage, which only workers can write in place. */
interface StorageFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array): number;
    close(): void;
  }>;
}

/** One name: a page has no more than one download under way. */
const STORED = "decant-download";

/** A file of the browser's own storage, which has room for far more than memory. */
export async function storedFile(): Promise<OutputFile> {
  const folder = await failing(navigator.storage.getDirectory());
  const handle = await failing(folder.getFileHandle(STORED, { create: true })) as StorageFile;
  const access = await failing(handle.createSyncAccessHandle());
  access.truncate(0);
  const output: OutputFile & { file?: Blob } = {
    write(bytes) {
      try {
        access.write(bytes);
      } catch (error) {
        throw outputError(error);
      }
    },
    async close() {
      access.close();
      const file = await handle.getFile();
      output.file = file.slice(0, file.size, BINARY);
    },
    async abort() {
      access.close();
      await folder.removeEntry(STORED);
    },
  };
  return output;
}

/** A file in memory. */
export function memoryFile(limit: number = MEMORY_LIMIT): OutputFile {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const gathered = new Gathered({
    write(bytes) {
      size += bytes.length;
      if (size > limit) {
        throw new OutputError(
          "output-failed",
          `it is larger than the ${limit >> 20} MiB that may be held in memory here`,
          { hint: "save a part of it, or use a browser that can save to a file, such as Chrome" },
        );
      }
      blocks.push(bytes);
    },
    close() {
      gathered.file = new Blob(blocks, { type: BINARY });
    },
    abort: () => {},
  });
  return gathered;
}

/** Where blocks go, which are the sink's to keep. */
interface BlockSink {
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  close(): void | Promise<void>;
  abort(): void | Promise<void>;
}

/** Writes in blocks. */
class Gathered implements OutputFile {
  file?: Blob;
  readonly #to: BlockSink;
  #block = new Uint8Array(BLOCK);
  #used = 0;

  constructor(to: BlockSink) {
    this.#to = to;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const n = Math.min(BLOCK - this.#used, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + n), this.#used);
      this.#used += n;
      at += n;
      if (this.#used === BLOCK) await this.#flush();
    }
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#to.close();
  }

  async abort(): Promise<void> {
    await this.#to.abort();
  }

  async #flush(): Promise<void> {
    const full = this.#block.subarray(0, this.#used);
    this.#block = new Uint8Array(BLOCK);
    this.#used = 0;
    await this.#to.write(full);
  }
}

/** The same, with errors of the browser as errors of the output. */
export async function failing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw outputError(error);
  }
}

/** What an error of the browser means. */
export function outputError(error: unknown, file?: string): OutputError {
  const { name, message } = error as DOMException;
  const isFull = name === "QuotaExceededError";
  return new OutputError("output-failed", isFull ? "there is no space left for it" : message, {
    file,
    hint: isFull
      ? "make room, or save a part of it"
      : name === "NotAllowedError"
      ? "the browser was not allowed to write there: choose again, and allow it"
      : undefined,
  }, { cause: error });
}
