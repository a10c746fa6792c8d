/** A source that somebody writes to while it is read. @module */

import { BytesSource } from "../../src/sources/bytes_source.ts";

/** Gives other bytes from its n-th read on. */
export class ChangingSource extends BytesSource {
  /** Reads so far. */
  reads = 0;
  readonly #bytes: Uint8Array;
  readonly #after: number;
  readonly #change: (bytes: Uint8Array) => void;

  /**
   * Over a copy of the bytes.
   *
   * @param after Reads before the change.
   * @param change What somebody writes.
   */
  constructor(bytes: Uint8Array, after: number, change: (bytes: Uint8Array) => void) {
    const own = bytes.slice();
    super(own, "test.fsm");
    this.#bytes = own;
    this.#after = after;
    this.#change = change;
  }

  override read(offset: number, into: Uint8Array): number {
    if (this.reads++ === this.#after) this.#change(this.#bytes);
    return super.read(offset, into);
  }
}
