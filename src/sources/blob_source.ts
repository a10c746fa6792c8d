/** A `Blob` or `File` of a browser as a source. @module */

import type { Source } from "./source.ts";

/** Reads slices of a blob; the blob itself stays where the browser keeps it. */
export class BlobSource implements Source {
  readonly name: string;
  readonly #blob: Blob;

  constructor(blob: Blob, name: string = blob instanceof File ? blob.name : "blob") {
    this.#blob = blob;
    this.name = name;
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    const slice = this.#blob.slice(offset, Math.min(offset + into.length, this.#blob.size));
    const part = new Uint8Array(await slice.arrayBuffer());
    into.set(part);
    return part.length;
  }

  close(): void {}
}
