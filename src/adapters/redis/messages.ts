/**
 * Redis values that are protobuf messages behind a few magic bytes. They are walked where they lie,
 * because one can hold millions of members.
 *
 * ```text
 * hash    00 52 48 01     { repeated 1: { 1: field   2: value } }
 * set     00 52 53 01     { repeated 1: member }
 * zset    00 52 5A 01     { repeated 1: { 1: member  2: score, a little-endian double } }
 * stream  00 52 58 01     { repeated 1: an entry as below }
 * entry   00 52 58 45 01  { 1: id  repeated 2: name, value, name, value, … }
 * ```
 *
 * The first four hold a whole collection; an empty value is an empty one. HyperLogLogs have the
 * form of sets. All text must be UTF-8, absent members are empty or zero, unknown ones are skipped,
 * and of a member that comes twice the last counts.
 *
 * @module
 */

import { startsWith } from "../../bytes/compare.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";

/** A collection that can be one value. */
export type BlobType = "hash" | "set" | "zset";

const MAGIC = {
  hash: Uint8Array.of(0, 0x52, 0x48, 1),
  set: Uint8Array.of(0, 0x52, 0x53, 1),
  zset: Uint8Array.of(0, 0x52, 0x5a, 1),
  stream: Uint8Array.of(0, 0x52, 0x58, 1),
};
const ENTRY_MAGIC = Uint8Array.of(0, 0x52, 0x58, 0x45, 1);

const NO_MAGIC = "the value does not begin with its magic bytes";
const NO_MESSAGE = "the value is not a protobuf message";
const NO_TEXT = "the value has text that is not UTF-8";

/** Walks the elements of a whole collection in the order in which they stand. Made to be reused. */
export class BlobReader {
  /** The bytes that the offsets are in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the element begins; {@link moveTo} goes there again. */
  at = 0;
  /** Field or member: start. */
  nameStart = 0;
  /** … and end. */
  nameEnd = 0;
  /** Value of a field, or a score as a little-endian double: start. */
  valueStart = 0;
  /** … and end: the same as the start where there is none. */
  valueEnd = 0;
  /** What is wrong, if anything is; nothing more is read then. */
  defect: string | undefined;
  readonly #type: BlobType;
  readonly #message = new ProtobufReader();
  readonly #entry = new ProtobufReader();
  #to = 0;

  /** Made for one type. */
  constructor(type: BlobType) {
    this.#type = type;
  }

  /** Begins with the value `bytes[start, end)`. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    const magic = MAGIC[this.#type];
    this.bytes = bytes;
    this.#to = end;
    this.defect = start === end || startsWith(bytes, magic, start, end) ? undefined : NO_MAGIC;
    return this.moveTo(Math.min(start + magic.length, end));
  }

  /** Goes on at an element that was read before. */
  moveTo(at: number): this {
    this.#message.reset(this.bytes, at, this.#to);
    return this;
  }

  /** Goes to the next element; `false` at the end, or when there is a defect. */
  next(): boolean {
    const message = this.#message;
    if (this.defect !== undefined) return false;
    this.at = message.at;
    while (message.next()) {
      if (message.field === 1 && message.wire === Wire.BYTES) {
        this.defect = this.#read(message.start, message.end);
        return this.defect === undefined;
      }
      this.at = message.at;
    }
    if (message.malformed) this.defect = NO_MESSAGE;
    return false;
  }

  #read(start: number, end: number): string | undefined {
    this.nameStart =
      this.nameEnd =
      this.valueStart =
      this.valueEnd =
        start;
    if (this.#type === "set") {
      this.nameEnd = this.valueStart = this.valueEnd = end;
      return isUtf8(this.bytes, start, end) ? undefined : NO_TEXT;
    }
    const isHash = this.#type === "hash";
    const entry = this.#entry.reset(this.bytes, start, end);
    while (entry.next()) {
      const { field, wire } = entry;
      const isText = wire === Wire.BYTES && (field === 1 || (field === 2 && isHash));
      if (isText && !isUtf8(this.bytes, entry.start, entry.end)) return NO_TEXT;
      if (isText && field === 1) {
        this.nameStart = entry.start;
        this.nameEnd = entry.end;
      } else if (isText || (wire === Wire.FIXED64 && field === 2 && !isHash)) {
        this.valueStart = entry.start;
        this.valueEnd = entry.end;
      }
    }
    return entry.malformed ? NO_MESSAGE : undefined;
  }
}

/** What is wrong with a whole collection, if anything is. */
export function blobDefect(
  type: BlobType,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const reader = new BlobReader(type).reset(bytes, start, end);
  while (reader.next());
  return reader.defect;
}

/** The members of a HyperLogLog, in views; `undefined` if its payload is not such a message. */
export function hllMembers(payload: Uint8Array): Iterator<Uint8Array, undefined> | undefined {
  if (blobDefect("set", payload, 0, payload.length) !== undefined) return undefined;
  return members(new BlobReader("set").reset(payload, 0, payload.length));
}

function* members(reader: BlobReader): Generator<Uint8Array, undefined> {
  while (reader.next()) yield reader.bytes.subarray(reader.nameStart, reader.nameEnd);
}

/** Entries of a legacy stream, as far as they can be counted. */
export function countStreamEntries(bytes: Uint8Array, start: number, end: number): number {
  if (!startsWith(bytes, MAGIC.stream, start, end)) return 0;
  const message = new ProtobufReader().reset(bytes, start + MAGIC.stream.length, end);
  let entries = 0;
  while (message.next()) if (message.field === 1 && message.wire === Wire.BYTES) entries++;
  return entries;
}

/** Walks the fields of a stream entry that has no defect. Made to be reused. */
export class EntryReader {
  /** The bytes that the offsets are in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Name: start. */
  nameStart = 0;
  /** … and end. */
  nameEnd = 0;
  /** Value: start. */
  valueStart = 0;
  /** … and end. */
  valueEnd = 0;
  readonly #message = new ProtobufReader();

  /** Begins with an entry's value. */
  reset(value: Uint8Array): this {
    this.bytes = value;
    this.#message.reset(value, ENTRY_MAGIC.length, value.length);
    return this;
  }

  /** Goes to the next field; `false` at the end. */
  next(): boolean {
    const message = this.#message;
    if (!nextText(message)) return false;
    this.nameStart = message.start;
    this.nameEnd = message.end;
    nextText(message);
    this.valueStart = message.start;
    this.valueEnd = message.end;
    return true;
  }
}

/** Goes to the next name or value of an entry. */
function nextText(message: ProtobufReader): boolean {
  while (message.next()) if (message.wire === Wire.BYTES && message.field === 2) return true;
  return false;
}

/** How many fields a stream entry has that has no defect. */
export function countFields(value: Uint8Array): number {
  let fields = 0;
  for (const entry = new EntryReader().reset(value); entry.next();) fields++;
  return fields;
}

/** What is wrong with the stream entry `bytes[start, end)`, if anything is. */
export function streamEntryDefect(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  if (!startsWith(bytes, ENTRY_MAGIC, start, end)) return NO_MAGIC;
  const message = new ProtobufReader().reset(bytes, start + ENTRY_MAGIC.length, end);
  let texts = 0;
  while (message.next()) {
    if (message.wire !== Wire.BYTES || message.field > 2) continue;
    if (!isUtf8(bytes, message.start, message.end)) return NO_TEXT;
    if (message.field === 2) texts++;
  }
  if (message.malformed) return NO_MESSAGE;
  return texts % 2 === 0 ? undefined : "a field of the entry has no value";
}
