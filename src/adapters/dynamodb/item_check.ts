/**
 * Whether a message is an item by the rules of protocol buffers, whoever wrote it: a later member of a
 * oneof replaces an earlier one, the same message member twice is merged, a later entry of the same name
 * replaces the earlier one, a known field with the wrong wire type is ignored. A string that is not UTF-8
 * makes the whole item unreadable.
 *
 * @module
 */

import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";
import { isElement, type Kind, kindOf, MAX_DEPTH } from "./item_message.ts";

/** What is wrong with the message `bytes[start, end)`, or `undefined`. */
export function whyMalformed(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    new ItemCheck(bytes).entries(start, end, 0);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

class Malformed extends Error {}

class ItemCheck {
  readonly #bytes: Uint8Array;
  /** One for each message that is open. */
  readonly #readers: ProtobufReader[] = [];
  /** Values that are open. */
  #level = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  entries(start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      if (!isElement(reader)) continue;
      const entry = this.#reader(depth + 1, reader.start, reader.end);
      while (entry.next()) {
        if (entry.wire !== Wire.BYTES || entry.field > 2) continue;
        if (entry.field === 1) this.#text(entry.start, entry.end);
        else this.#value(entry.start, entry.end, depth + 2);
      }
      this.#end(entry);
    }
    this.#end(reader);
  }

  #value(start: number, end: number, depth: number): void {
    if (++this.#level > MAX_DEPTH) {
      throw new Malformed(`values are nested deeper than ${MAX_DEPTH}`);
    }
    const reader = this.#reader(depth, start, end);
    while (reader.next()) this.#member(kindOf(reader), reader.start, reader.end, depth + 1);
    this.#end(reader);
    this.#level--;
  }

  #member(kind: Kind, start: number, end: number, depth: number): void {
    switch (kind) {
      case "S":
      case "N":
        return this.#text(start, end);
      case "L":
        return this.#elements(start, end, depth, (from, to) => this.#value(from, to, depth + 1));
      case "M":
        return this.entries(start, end, depth);
      case "SS":
      case "NS":
        return this.#elements(start, end, depth, (from, to) => this.#text(from, to));
      case "BS":
        return this.#elements(start, end, depth, () => {});
    }
  }

  #elements(
    start: number,
    end: number,
    depth: number,
    check: (start: number, end: number) => void,
  ): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) if (isElement(reader)) check(reader.start, reader.end);
    this.#end(reader);
  }

  #reader(depth: number, start: number, end: number): ProtobufReader {
    const reader = this.#readers[depth] ??= new ProtobufReader();
    return reader.reset(this.#bytes, start, end);
  }

  #end(reader: ProtobufReader): void {
    if (reader.malformed) throw new Malformed("the protocol buffer is malformed");
  }

  #text(start: number, end: number): void {
    if (!isUtf8(this.#bytes, start, end)) throw new Malformed("a string is not UTF-8");
  }
}
