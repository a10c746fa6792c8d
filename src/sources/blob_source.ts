/** A `Blob` or `File` of a browser as a source. @module */

import { OutputError } from "../errors.ts";
import type { MaybePromise, Source } from "./source.ts";

/** What browsers have in workers only. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Reads slices of a blob; the blob itself stays where the browser keeps it. In a worker at once. */
export class BlobSource implements Source {
  readonly name: string;
  readonly #blob: Blob;
  readonly #reader: SyncReader | undefined;

  constructor(blob: Blob, name: string = blob instanceof File ? blob.name : "blob") {
    this.#blob = blob;
    this.name = name;
    const { FileReaderSync } = globalThis as { FileReaderSync?: new () => SyncReader };
    this.#reader = FileReaderSync && new FileReaderSync();
  }

  get size(): number {
    return this.#blob.size;
  }

  read(offset: number, into: Uint8Array): MaybePromise<number> {
    const slice = this.#blob.slice(offset, Math.min(offset + into.length, this.#blob.size));
    return this.#reader ? this.#readNow(this.#reader, slice, into) : this.#readLater(slice, into);
  }

  close(): void {}

  #readNow(reader: SyncReader, slice: Blob, into: Uint8Array): number {
    try {
      return copy(reader.readAsArrayBuffer(slice), into);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #readLater(slice: Blob, into: Uint8Array): Promise<number> {
    try {
      return copy(await slice.arrayBuffer(), into);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Browsers refuse a file that has changed since it was chosen. */
  #failed(cause: unknown): OutputError {
    return new OutputError("input-failed", (cause as Error).message, {
      file: this.name,
      hint: "choose the file again: it may have been moved or changed",
    }, { cause });
  }
}

function copy(part: ArrayBuffer, into: Uint8Array): number {
  into.set(new Uint8Array(part));
  return part.byteLength;
}
