/**
 * Items as stored: a protocol buffer with one map entry an attribute.
 *
 * ```text
 * value     := 00 44 49 01 ‖ message     message, and contents of M := entry*
 * entry     := field 1 { field 1 name, field 2 attribute }
 * attribute := one of the fields of KINDS
 * L, sets   := { field 1 }*              of attributes, texts, bytes
 * ```
 *
 * Items are read in place, without an object for each value: one can have millions of them. What a
 * reader of protocol buffers does with odd messages is kept: a later member of a oneof replaces an
 * earlier one, the same message member twice is merged, a later entry of the same name replaces the
 * earlier one, a known field with the wrong wire type is ignored, a string that is not UTF-8 makes the
 * whole item unreadable. None of that is in a message that a server wrote: names ascend, and nothing is
 * there twice. Other messages are brought into that form first, see item_order.ts.
 *
 * @module
 */

import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";

/** DynamoDB's type letters; `""` is a value without a member, which is read as NULL. */
export type Kind = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M" | "";

/** The kinds of values by the numbers of their fields. */
export const KINDS: readonly Kind[] = [
  "",
  "S",
  "N",
  "B",
  "BOOL",
  "NULL",
  "SS",
  "NS",
  "BS",
  "L",
  "M",
];

/** A value: what it is, and where its contents are in the item's bytes. */
export interface Attribute {
  kind: Kind;
  start: number;
  end: number;
}

/** Values in values that are read; the server itself reads 32. */
export const MAX_DEPTH = 100;
/** Values in values that the server reads. */
const SERVER_DEPTH = 32;

/** What stands before an item's message. */
export const ITEM_MAGIC: Uint8Array = Uint8Array.of(0x00, 0x44, 0x49, 0x01);

/** The kind of value that a field holds; `""` for fields that are passed over. */
export function kindOf({ field, wire }: ProtobufReader): Kind {
  const kind = KINDS[field] ?? "";
  return wire === (kind === "BOOL" || kind === "NULL" ? Wire.VARINT : Wire.BYTES) ? kind : "";
}

/** Whether there is a place for a contents-less kind among elements: lists and sets hold field 1. */
export function isElement({ field, wire }: ProtobufReader): boolean {
  return field === 1 && wire === Wire.BYTES;
}

/** Compares two names. */
export function compareNames(
  bytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
): number {
  for (let i = aStart, j = bStart; i < aEnd && j < bEnd; i++, j++) {
    if (bytes[i] !== bytes[j]) return bytes[i] - bytes[j];
  }
  return (aEnd - aStart) - (bEnd - bStart);
}

/** What is wrong with a message. */
export class Malformed extends Error {}

/** Reads one message after the other from end to end: what that needs is made once. */
export class ItemCheck {
  /** Whether the message has the form that servers write. */
  ordered = true;
  /** Whether the server stores such an item but cannot return it. */
  unreadable = false;
  #bytes: Uint8Array = new Uint8Array(0);
  /** One for each message that is open. */
  readonly #readers: ProtobufReader[] = [];
  /** Values that are open. */
  #level = 0;

  /**
   * Reads the message `bytes[start, end)`.
   *
   * @throws {Malformed}
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#level = 0;
    this.ordered = true;
    this.unreadable = false;
    this.#entries(start, end, 0);
  }

  #entries(start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    let lastStart = -1;
    let lastEnd = -1;
    while (reader.next()) {
      if (!isElement(reader)) continue;
      const entry = this.#reader(depth + 1, reader.start, reader.end);
      let nameStart = reader.start;
      let nameEnd = reader.start;
      let fields = 0;
      while (entry.next()) {
        if (entry.wire !== Wire.BYTES || entry.field > 2) continue;
        // A name and then a value, both once.
        if (entry.field <= fields) this.ordered = false;
        fields = entry.field;
        if (entry.field === 1) {
          this.#text(entry.start, entry.end);
          nameStart = entry.start;
          nameEnd = entry.end;
        } else this.#value(entry.start, entry.end, depth + 2);
      }
      this.#end(entry);
      // A value without anything in it is one that the server cannot return.
      if (fields < 2) this.unreadable = true;
      if (
        lastEnd >= 0 && compareNames(this.#bytes, lastStart, lastEnd, nameStart, nameEnd) >= 0
      ) this.ordered = false;
      lastStart = nameStart;
      lastEnd = nameEnd;
    }
    this.#end(reader);
  }

  #value(start: number, end: number, depth: number): void {
    if (++this.#level > MAX_DEPTH) {
      throw new Malformed(`values are nested deeper than ${MAX_DEPTH}`);
    }
    if (this.#level > SERVER_DEPTH) this.unreadable = true;
    const reader = this.#reader(depth, start, end);
    let members = 0;
    while (reader.next()) {
      const kind = kindOf(reader);
      if (kind === "") continue;
      if (members++ > 0) this.ordered = false;
      switch (kind) {
        case "S":
        case "N":
          this.#text(reader.start, reader.end);
          break;
        case "NULL":
          if (reader.low === 0 && reader.high === 0) this.unreadable = true;
          break;
        case "L":
          this.#list(reader.start, reader.end, depth + 1);
          break;
        case "M":
          this.#entries(reader.start, reader.end, depth + 1);
          break;
        case "SS":
        case "NS":
        case "BS":
          this.#set(kind, reader.start, reader.end, depth + 1);
          break;
      }
    }
    this.#end(reader);
    if (members === 0) this.unreadable = true;
    this.#level--;
  }

  #list(start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) if (isElement(reader)) this.#value(reader.start, reader.end, depth + 1);
    this.#end(reader);
  }

  #set(kind: Kind, start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    let elements = 0;
    while (reader.next()) {
      if (!isElement(reader)) continue;
      elements++;
      if (kind !== "BS") this.#text(reader.start, reader.end);
    }
    this.#end(reader);
    if (elements === 0) this.unreadable = true;
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

const entriesReader = new ProtobufReader();
const entryReader = new ProtobufReader();
const valueReader = new ProtobufReader();

/** The attribute of that name in the message `bytes[start, end)`, which has been checked. */
export function attributeOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: Uint8Array,
): Attribute | undefined {
  const entries = entriesReader.reset(bytes, start, end);
  while (entries.next()) {
    if (!isElement(entries)) continue;
    const entry = entryReader.reset(bytes, entries.start, entries.end);
    let same = name.length === 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (entry.next()) {
      if (entry.wire !== Wire.BYTES || entry.field > 2) continue;
      if (entry.field === 1) same = isName(bytes, entry.start, entry.end, name);
      else {
        valueStart = entry.start;
        valueEnd = entry.end;
      }
    }
    if (same) return contentsOf(bytes, valueStart, valueEnd);
  }
  return undefined;
}

function isName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function contentsOf(bytes: Uint8Array, start: number, end: number): Attribute {
  const reader = valueReader.reset(bytes, start, end);
  while (reader.next()) {
    const kind = kindOf(reader);
    if (kind !== "") return { kind, start: reader.start, end: reader.end };
  }
  return { kind: "", start, end };
}
