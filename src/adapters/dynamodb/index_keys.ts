/**
 * What an item has of the attributes of its table's indexes: elastickv's encoder makes a row for each
 * entry of each index.
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import { ProtobufReader } from "../../bytes/protobuf.ts";
import { orderedNumber } from "../../keyspace/ordered_number.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { KINDS } from "./item_message.ts";
import { isKeyKind, type ValuePlace } from "./item_walk.ts";
import type { ItemMessage } from "./values.ts";

const N = KINDS.indexOf("N");

/** An index, with the names of its attributes; an empty one = there is no range. */
export interface Index {
  name: Uint8Array;
  hash: Uint8Array;
  range: Uint8Array;
}

/** Looks at the attributes of one item after the other. */
export class IndexKeys {
  /** The indexes. */
  readonly list: readonly Index[];
  /** The attributes of indexes, each once. */
  readonly #attributes: Uint8Array[] = [];
  /** What the item at hand has of them. */
  readonly #found: ValuePlace[];
  readonly #entries = new ProtobufReader();
  readonly #entry = new ProtobufReader();
  readonly #value = new ProtobufReader();

  /** Of a table that has these. */
  constructor(indexes: readonly Index[]) {
    this.list = indexes;
    for (const { hash, range } of indexes) {
      for (const attribute of range.length > 0 ? [hash, range] : [hash]) {
        const isKnown = this.#attributes.some((known) => equalBytes(known, attribute));
        if (!isKnown) this.#attributes.push(attribute);
      }
    }
    this.#found = this.#attributes.map(() => ({ kind: 0, start: 0, end: 0 }));
  }

  /** Whether all entries that the indexes have of an item are of types that keys have. */
  areSound(message: ItemMessage): boolean {
    if (this.list.length === 0) return true;
    this.#findAttributes(message);
    return this.list.every((index) => this.#isSoundIn(index, message.bytes));
  }

  /** What the item at hand has of an attribute; its kind is −1 if that is nothing. */
  placeOf(attribute: Uint8Array): ValuePlace {
    return this.#found[this.#attributes.findIndex((known) => equalBytes(known, attribute))];
  }

  /** Whether the entry that an index has of the item at hand, if it has one, is of types that keys have. */
  #isSoundIn({ hash, range }: Index, bytes: Uint8Array): boolean {
    const hashPlace = this.placeOf(hash);
    if (hashPlace.kind < 0) return true;
    const sound = (place: ValuePlace): boolean =>
      isKeyKind(place) && (place.kind !== N || isPlainNumber(bytes, place.start, place.end));
    if (!sound(hashPlace)) return false;
    if (range.length === 0) return true;
    const rangePlace = this.placeOf(range);
    return rangePlace.kind < 0 || sound(rangePlace);
  }

  /** Finds the attributes of indexes in an item; the kind of those that it does not have is −1. */
  #findAttributes({ bytes, start, end }: ItemMessage): void {
    for (const place of this.#found) place.kind = -1;
    for (this.#entries.reset(bytes, start, end); this.#entries.next();) {
      const entry = this.#entry.reset(bytes, this.#entries.start, this.#entries.end);
      let place: ValuePlace | undefined;
      while (entry.next()) {
        if (entry.field === 1) place = this.#attributeAt(bytes, entry.start, entry.end);
        else if (place) this.#readValue(place, bytes, entry.start, entry.end);
        if (!place) break;
      }
    }
  }

  #attributeAt(bytes: Uint8Array, start: number, end: number): ValuePlace | undefined {
    const at = this.#attributes.findIndex((name) =>
      name.length === end - start && equalBytes(name, bytes.subarray(start, end))
    );
    if (at < 0) return undefined;
    this.#found[at].kind = 0;
    return this.#found[at];
  }

  #readValue(place: ValuePlace, bytes: Uint8Array, start: number, end: number): void {
    const value = this.#value.reset(bytes, start, end);
    if (!value.next()) return;
    place.kind = value.field;
    place.start = value.start;
    place.end = value.end;
  }
}

/** Whether `bytes[start, end)` is a number that an ordered key can hold: nearly all are a few digits. */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === 0x2d ? start + 1 : start;
  let at = first;
  while (at < end && bytes[at] >= 0x30 && bytes[at] <= 0x39) at++;
  if (at === end && at > first) return true;
  return orderedNumber(decodeUtf8(bytes, start, end)!) !== undefined;
}
