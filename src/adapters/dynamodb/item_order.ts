/**
 * Brings the message of an item into the form that servers write: names ascend, each of them once, and
 * each value has one member. No server writes others; a reader of protocol buffers takes them all the
 * same, and so that the same is read from them, they are written anew.
 *
 * Nothing is kept but four bytes an entry, twice while they are sorted: where it begins.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { MessageBuilder } from "../../bytes/message_builder.ts";
import { sortOffsets } from "../../bytes/offset_sort.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { compareNames, isElement, type Kind, kindOf, KINDS } from "./item_message.ts";

/** The pieces of a message: together they are its fields. They can be gone through again. */
type Fragments = (visit: (start: number, end: number) => void) => void;

/** The same item as a message in that form. The message `bytes[start, end)` must have been checked. */
export function orderItem(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const order = new ItemOrder(bytes, end);
  order.entries((visit) => visit(start, end));
  return order.out.out.view();
}

class ItemOrder {
  readonly out: MessageBuilder;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #entry = new ProtobufReader();
  readonly #fields = new ProtobufReader();
  #nameStart = 0;
  #nameEnd = 0;

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.out = new MessageBuilder(new ByteBuilder(1 << 10));
  }

  /** Writes the entries of a map. */
  entries(fragments: Fragments): void {
    let count = 0;
    this.#eachEntry(fragments, () => count++);
    const places = new Uint32Array(count);
    let filled = 0;
    this.#eachEntry(fragments, (at) => places[filled++] = at);
    if (!this.#ascend(places)) sortOffsets(places, (a, b) => this.#compare(a, b));
    for (let i = 0; i < count; i++) {
      // Of entries with one name the last one counts; sorting has kept their order.
      if (i + 1 < count && this.#compare(places[i], places[i + 1]) === 0) continue;
      const [start, end] = this.#readEntry(places[i]);
      this.out.begin(1).bytes(1, this.#bytes, this.#nameStart, this.#nameEnd).begin(2);
      this.#value((visit) => this.#eachField(start, end, 2, visit));
      this.out.end().end();
    }
  }

  #ascend(places: Uint32Array): boolean {
    for (let i = 1; i < places.length; i++) {
      if (this.#compare(places[i - 1], places[i]) > 0) return false;
    }
    return true;
  }

  #compare(a: number, b: number): number {
    this.#readEntry(a);
    const start = this.#nameStart;
    const end = this.#nameEnd;
    this.#readEntry(b);
    return compareNames(this.#bytes, start, end, this.#nameStart, this.#nameEnd);
  }

  /** Finds the name of the entry whose field begins at `at`; returns where its contents are. */
  #readEntry(at: number): [start: number, end: number] {
    const field = this.#entry.reset(this.#bytes, at, this.#end);
    field.next();
    this.#nameStart = this.#nameEnd = field.start;
    const fields = this.#fields.reset(this.#bytes, field.start, field.end);
    while (fields.next()) {
      if (!isElement(fields)) continue;
      this.#nameStart = fields.start;
      this.#nameEnd = fields.end;
    }
    return [field.start, field.end];
  }

  /** Writes the one member of a value. */
  #value(fragments: Fragments): void {
    // A member of another kind forgets what was before; message members of one kind are merged.
    let kind: Kind = "";
    let ordinal = 0;
    let since = 0;
    let start = 0;
    let end = 0;
    let flag = 0;
    this.#eachMember(fragments, (member) => {
      const next = kindOf(member);
      if (next !== kind) since = ordinal;
      kind = next;
      ordinal++;
      start = member.start;
      end = member.end;
      flag = member.low !== 0 || member.high !== 0 ? 1 : 0;
    });
    const merged: Fragments = (visit) => {
      let number = 0;
      this.#eachMember(fragments, (member) => {
        if (number++ >= since) visit(member.start, member.end);
      });
    };
    const field = KINDS.indexOf(kind);
    switch (kind as Kind) {
      case "":
        return;
      case "S":
      case "N":
      case "B":
        this.out.bytes(field, this.#bytes, start, end);
        return;
      case "BOOL":
      case "NULL":
        this.out.number(field, flag);
        return;
    }
    this.out.begin(field);
    if (kind === "M" as Kind) this.entries(merged);
    else if (kind === "L" as Kind) {
      merged((start, end) =>
        this.#eachField(start, end, 1, (start, end) => {
          this.out.begin(1);
          this.#value((visit) => visit(start, end));
          this.out.end();
        })
      );
    } else {
      merged((start, end) =>
        this.#eachField(
          start,
          end,
          1,
          (start, end) => void this.out.bytes(1, this.#bytes, start, end),
        )
      );
    }
    this.out.end();
  }

  /** Goes through the known fields of a value. */
  #eachMember(fragments: Fragments, visit: (member: ProtobufReader) => void): void {
    fragments((start, end) => {
      const reader = new ProtobufReader().reset(this.#bytes, start, end);
      while (reader.next()) if (kindOf(reader) !== "") visit(reader);
    });
  }

  /** Goes through the fields of bytes that have a number. */
  #eachField(
    start: number,
    end: number,
    field: number,
    visit: (start: number, end: number) => void,
  ): void {
    const reader = new ProtobufReader().reset(this.#bytes, start, end);
    while (reader.next()) {
      if (reader.field === field && reader.wire === Wire.BYTES) visit(reader.start, reader.end);
    }
  }

  /** Goes through the entries of a map: where the field of each begins. */
  #eachEntry(fragments: Fragments, visit: (at: number) => void): void {
    fragments((start, end) => {
      const reader = new ProtobufReader().reset(this.#bytes, start, end);
      for (let at = start; reader.next(); at = reader.at) if (isElement(reader)) visit(at);
    });
  }
}
