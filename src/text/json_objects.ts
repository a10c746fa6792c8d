/** Places of many objects in one text, without an object for each of them. @module */

import type { JsonNode } from "./json_reader.ts";

const NO_BYTES = new Uint8Array(0);

/** Objects of one text, in their order: eight bytes each. They can be gone through again. */
export class JsonObjects implements Iterable<JsonNode> {
  /** How many there are. */
  length = 0;
  #bytes: Uint8Array = NO_BYTES;
  /** Two an object: its start and its end. */
  #places = new Uint32Array(2);

  /** Adds an object; all must stand in the same bytes. */
  push({ bytes, start, end }: JsonNode): void {
    const at = 2 * this.length++;
    if (at === this.#places.length) {
      const grown = new Uint32Array(2 * at);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#bytes = bytes;
    this.#places[at] = start;
    this.#places[at + 1] = end;
  }

  *[Symbol.iterator](): Generator<JsonNode, void> {
    for (let at = 0; at < 2 * this.length; at += 2) {
      const start = this.#places[at];
      yield { kind: "object", bytes: this.#bytes, start, end: this.#places[at + 1] };
    }
  }
}
