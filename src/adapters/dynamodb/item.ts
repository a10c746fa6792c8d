/**
 * Items as stored: a protocol buffer with one map entry an attribute.
 *
 * ```text
 * value := 00 44 49 01 ‖ message   message: field 1 = map entry { 1 = name, 2 = attribute value }
 * ```
 *
 * The message is read in place: an attribute is offsets into the bytes. What a protocol buffer reader
 * does with odd messages is kept: a later member of a oneof replaces an earlier one, the same message
 * member twice is merged, a later entry of the same name replaces the earlier one, a known field with
 * the wrong wire type is ignored, a string that is not UTF-8 makes the whole item unreadable.
 *
 * @module
 */

import { compareBytes } from "../../bytes/compare.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";

/** DynamoDB's type letters; `""` is a value without a member, which is read as NULL. */
export type Kind = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M" | "";

/** A value. What is set depends on `kind`; offsets are into the bytes that were parsed. */
export interface Attribute {
  kind: Kind;
  /** S, N, B: where the contents are. */
  start: number;
  end: number;
  /** BOOL and NULL. */
  flag: boolean;
  /** SS, NS, BS: start and end of each element, in stored order. */
  elements: number[];
  /** L. */
  list: Attribute[];
  /** M: in the order of the names' bytes, each name once. */
  members: Member[];
}

/** A named value. */
export interface Member {
  nameStart: number;
  nameEnd: number;
  value: Attribute;
}

/** Values in values that are read; the server itself reads 32. */
export const MAX_DEPTH = 100;
/** Values of one item that are read, elements of sets among them. Each takes up to 200 bytes here. */
export const MAX_VALUES: number = 1 << 20;

const MAGIC = [0x00, 0x44, 0x49, 0x01];
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

/**
 * The attributes of an item, in the order of their names' bytes, or what is wrong with the value.
 */
export function parseItem(bytes: Uint8Array, start: number, end: number): Member[] | string {
  for (let i = 0; i < MAGIC.length; i++) {
    if (start + i >= end || bytes[start + i] !== MAGIC[i]) {
      return "the magic number of items is missing";
    }
  }
  try {
    return PARSER.parse(bytes, start + MAGIC.length, end);
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

/** The attribute of that name. */
export function attributeOf(
  bytes: Uint8Array,
  members: readonly Member[],
  name: Uint8Array,
): Attribute | undefined {
  for (const { nameStart, nameEnd, value } of members) {
    if (nameEnd - nameStart !== name.length) continue;
    if (compareBytes(bytes.subarray(nameStart, nameEnd), name) === 0) return value;
  }
  return undefined;
}

class Malformed extends Error {}

/** Reads one item after the other: what it needs on the way is made once. */
class ItemParser {
  #bytes: Uint8Array = new Uint8Array(0);
  /** One for each message that is open. */
  readonly #readers: ProtobufReader[] = [];
  /** Values that are open. */
  #level = 0;
  #values = 0;

  /** The attributes of the message `bytes[start, end)`. */
  parse(bytes: Uint8Array, start: number, end: number): Member[] {
    this.#bytes = bytes;
    this.#level = 0;
    this.#values = 0;
    const members: Member[] = [];
    this.#addMembers(members, start, end, 0);
    return this.#ordered(members);
  }

  #addMembers(members: Member[], start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      if (reader.field !== 1 || reader.wire !== Wire.BYTES) continue;
      members.push(this.#entry(reader.start, reader.end, depth + 1));
    }
    this.#check(reader);
  }

  #entry(start: number, end: number, depth: number): Member {
    this.#countValue();
    const member: Member = { nameStart: start, nameEnd: start, value: unset() };
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      if (reader.wire !== Wire.BYTES) continue;
      if (reader.field === 1) {
        this.#checkText(reader.start, reader.end);
        member.nameStart = reader.start;
        member.nameEnd = reader.end;
      } else if (reader.field === 2) {
        this.#addValue(member.value, reader.start, reader.end, depth + 1);
      }
    }
    this.#check(reader);
    return member;
  }

  /** Merges one message into a value. */
  #addValue(value: Attribute, start: number, end: number, depth: number): void {
    if (++this.#level > MAX_DEPTH) {
      throw new Malformed(`values are nested deeper than ${MAX_DEPTH}`);
    }
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      const { field, wire } = reader;
      const kind = KINDS[field];
      if (!kind || wire !== (kind === "BOOL" || kind === "NULL" ? Wire.VARINT : Wire.BYTES)) {
        continue;
      }
      if (value.kind !== kind) become(value, kind);
      switch (kind) {
        case "S":
        case "N":
          this.#checkText(reader.start, reader.end);
          value.start = reader.start;
          value.end = reader.end;
          break;
        case "B":
          value.start = reader.start;
          value.end = reader.end;
          break;
        case "BOOL":
        case "NULL":
          value.flag = reader.low !== 0 || reader.high !== 0;
          break;
        case "L":
          this.#addList(value.list, reader.start, reader.end, depth + 1);
          break;
        case "M":
          this.#addMembers(value.members, reader.start, reader.end, depth + 1);
          break;
        default:
          this.#addElements(value.elements, kind !== "BS", reader.start, reader.end, depth + 1);
      }
    }
    this.#check(reader);
    value.members = this.#ordered(value.members);
    this.#level--;
  }

  #addList(list: Attribute[], start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      if (reader.field !== 1 || reader.wire !== Wire.BYTES) continue;
      this.#countValue();
      const value = unset();
      this.#addValue(value, reader.start, reader.end, depth + 1);
      list.push(value);
    }
    this.#check(reader);
  }

  #addElements(elements: number[], text: boolean, start: number, end: number, depth: number): void {
    const reader = this.#reader(depth, start, end);
    while (reader.next()) {
      if (reader.field !== 1 || reader.wire !== Wire.BYTES) continue;
      this.#countValue();
      if (text) this.#checkText(reader.start, reader.end);
      elements.push(reader.start, reader.end);
    }
    this.#check(reader);
  }

  /** Servers write names in order and once; only other messages need work. */
  #ordered(members: Member[]): Member[] {
    for (let i = 1; i < members.length; i++) {
      if (this.#compareNames(members[i - 1], members[i]) < 0) continue;
      const sorted = members.toSorted((a, b) => this.#compareNames(a, b));
      // Of entries with one name the last one counts; sorting has kept their order.
      return sorted.filter((member, at) =>
        at + 1 === sorted.length || this.#compareNames(member, sorted[at + 1]) !== 0
      );
    }
    return members;
  }

  #compareNames(a: Member, b: Member): number {
    const bytes = this.#bytes;
    for (let i = a.nameStart, j = b.nameStart; i < a.nameEnd && j < b.nameEnd; i++, j++) {
      if (bytes[i] !== bytes[j]) return bytes[i] - bytes[j];
    }
    return (a.nameEnd - a.nameStart) - (b.nameEnd - b.nameStart);
  }

  #reader(depth: number, start: number, end: number): ProtobufReader {
    const reader = this.#readers[depth] ??= new ProtobufReader();
    return reader.reset(this.#bytes, start, end);
  }

  #check(reader: ProtobufReader): void {
    if (reader.malformed) throw new Malformed("the protocol buffer is malformed");
  }

  #countValue(): void {
    if (++this.#values > MAX_VALUES) {
      throw new Malformed(`the item has more than ${MAX_VALUES} values`);
    }
  }

  #checkText(start: number, end: number): void {
    if (!isUtf8(this.#bytes, start, end)) throw new Malformed("a string is not UTF-8");
  }
}

const PARSER = new ItemParser();

/** What values of other kinds have in place of elements, lists and members. */
const NONE: never[] = [];
Object.freeze(NONE);

function unset(): Attribute {
  return { kind: "", start: 0, end: 0, flag: false, elements: NONE, list: NONE, members: NONE };
}

/** Forgets what a value was before. */
function become(value: Attribute, kind: Kind): void {
  value.kind = kind;
  value.elements = kind === "SS" || kind === "NS" || kind === "BS" ? [] : NONE;
  value.list = kind === "L" ? [] : NONE;
  value.members = kind === "M" ? [] : NONE;
}
