/** What is read, counted: so that tests can say what a walk costs without a clock. @module */

import { BytesSource } from "../../src/sources/bytes_source.ts";
import { isPromise, type MaybePromise, type Source } from "../../src/sources/source.ts";

/** A source, or bytes in memory as one, that counts. */
export class CountingSource implements Source {
  readonly name: string;
  readonly size: number;
  /** Reads since the last {@link reset}. */
  reads = 0;
  /** Bytes that they gave. */
  bytes = 0;
  readonly #source: Source;

  constructor(source: Source | Uint8Array, name = "counted") {
    this.#source = source instanceof Uint8Array ? new BytesSource(source, name) : source;
    this.name = this.#source.name;
    this.size = this.#source.size;
  }

  read(offset: number, into: Uint8Array): MaybePromise<number> {
    this.reads++;
    const read = this.#source.read(offset, into);
    return isPromise(read) ? read.then((n) => this.#count(n)) : this.#count(read);
  }

  /** Counts from 0 again. */
  reset(): void {
    this.reads = 0;
    this.bytes = 0;
  }

  close(): void {
    this.#source.close();
  }

  #count(bytes: number): number {
    this.bytes += bytes;
    return bytes;
  }
}
