/** Items as objects, for programs. @module */

import { STANDARD, toBase64 } from "../../bytes/base64.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { KINDS } from "./item_message.ts";
import type { ItemMessage } from "./values.ts";

/** A value as DynamoDB JSON has it: numbers are strings, binary is base64. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: boolean }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: { [name: string]: AttributeValue } };

/** An item as DynamoDB JSON. */
export type Item = { [name: string]: AttributeValue };

/** The item of a message that has been checked and has the form that servers write. */
export function itemObject({ bytes, start, end }: ItemMessage): Item {
  return new ObjectReader(bytes, start).members(end);
}

/** Reads one field after the other. */
class ObjectReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  members(end: number): Item {
    const item: Item = {};
    while (this.#at < end) {
      const entryEnd = this.#field();
      const name = this.#text(this.#field());
      this.#field();
      const value = this.#value(entryEnd);
      // A plain assignment would give the object another prototype.
      if (name === "__proto__") {
        Object.defineProperty(item, name, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      } else item[name] = value;
    }
    return item;
  }

  #value(end: number): AttributeValue {
    if (this.#at === end) return { NULL: true };
    const kind = KINDS[this.#bytes[this.#at] >> 3];
    if (kind === "BOOL" || kind === "NULL") {
      const flag = this.#bytes[this.#at + 1] === 1;
      this.#at = end;
      return { [kind]: flag } as AttributeValue;
    }
    this.#field();
    switch (kind) {
      case "S":
        return { S: this.#text(end) };
      case "N":
        return { N: this.#text(end) };
      case "B":
        return { B: this.#binary(end) };
      case "SS":
        return { SS: this.#elements(end, (to) => this.#text(to)) };
      case "NS":
        return { NS: this.#elements(end, (to) => this.#text(to)) };
      case "BS":
        return { BS: this.#elements(end, (to) => this.#binary(to)) };
      case "L":
        return { L: this.#elements(end, (to) => this.#value(to)) };
      default:
        return { M: this.members(end) };
    }
  }

  #elements<T>(end: number, read: (end: number) => T): T[] {
    const elements: T[] = [];
    while (this.#at < end) elements.push(read(this.#field()));
    return elements;
  }

  #text(end: number): string {
    const text = decodeUtf8(this.#bytes, this.#at, end)!;
    this.#at = end;
    return text;
  }

  #binary(end: number): string {
    const text = toBase64(STANDARD, this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  /** Goes to the contents of the field that begins here; returns their end. */
  #field(): number {
    this.#at++;
    let length = 0;
    for (let factor = 1;; factor *= 0x80) {
      const b = this.#bytes[this.#at++];
      length += (b & 0x7f) * factor;
      if (b < 0x80) return this.#at + length;
    }
  }
}
