/** What is read, counted: so that tests can say what a walk costs without a clock. @module */

import type { Source } from "../../src/sources/source.ts";

/** Bytes in memory as a source that counts. */
export class CountingSource implements Source {
  readonly name: string;
  /** Reads since the last {@link reset}. */
  reads = 0;
  /** Bytes that they gave. */
  bytes = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "counted") {
    this.#bytes = bytes;
    this.name = name;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    const part = this.#bytes.subarray(offset, offset + into.length);
    into.set(part);
    this.reads++;
    this.bytes += part.length;
    return part.length;
  }

  /** Counts from 0 again. */
  reset(): void {
    this.reads = 0;
    this.bytes = 0;
  }

  close(): void {}
}
