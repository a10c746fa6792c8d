/** Unsigned varints: seven bits a byte, low bits first, the top bit says that more follow. @module */

/** Reads varints one after the other. */
export class Varints {
  /** Offset of the next byte. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  /** Reads from `bytes[start, end)`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** The next number, or −1 if it is cut off or above 2^53 − 1. */
  next(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63 && this.at < this.#end; scale *= 128) {
      const byte = this.#bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : -1;
    }
    return -1;
  }
}
