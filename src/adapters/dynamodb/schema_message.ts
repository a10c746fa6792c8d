/**
 * A table's schema as a message, read where it is: nothing is kept but where its parts are, and four
 * bytes for each attribute and index.
 *
 * ```text
 * TableDefinition := { 1 table name, 2 entry*: attribute → type, 3 key, 4 entry*: index name → index,
 *                      5 key encoding version, 6 migrating from generation, 7 generation }
 * entry           := { 1 name, 2 contents }       key        := { 1 hash, 2 range }
 * index           := { 1 key, 2 projection }      projection := { 1 type, 2 attribute* }
 * ```
 *
 * Of a text that comes twice the last counts, a message that comes twice is merged, of entries of one
 * name the last counts. A known field of another wire type makes the whole unreadable, and so does a
 * text that is not UTF-8: what a careless reader would make of it is something else.
 *
 * @module
 */

import { sortOffsets } from "../../bytes/offset_sort.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";
import { compareNames } from "./item_message.ts";

/** Part of the message's bytes. */
export interface Part {
  start: number;
  end: number;
}

/** The names of a key's attributes; an empty one = there is none. */
export interface KeyParts {
  hash: Part;
  range: Part;
}

/** An index over all items of a table. */
export interface IndexParts {
  name: Part;
  key: KeyParts;
  /** `ALL`, `KEYS_ONLY` or `INCLUDE`; empty where the server stored none. */
  projectionType: Part;
  /** In stored order; to be gone through once. */
  nonKey: Iterable<Part>;
}

/** Calls `visit` for one part after the other. */
type Parts = (visit: (start: number, end: number) => void) => void;

/** What a field may hold: a number, a text, or a message with fields of its own. */
type FieldType = typeof NUMBER | typeof TEXT | { readonly [field: number]: FieldType };
const NUMBER = 0;
const TEXT = 1;
const KEY: FieldType = { 1: TEXT, 2: TEXT };
const SCHEMA: FieldType = {
  1: TEXT,
  2: { 1: TEXT, 2: TEXT },
  3: KEY,
  4: { 1: TEXT, 2: { 1: KEY, 2: { 1: TEXT, 2: TEXT } } },
  5: NUMBER,
  6: NUMBER,
  7: NUMBER,
};

function fits(bytes: Uint8Array, start: number, end: number, type: FieldType): boolean {
  if (type === TEXT) return isUtf8(bytes, start, end);
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.next()) {
    const field = (type as { [field: number]: FieldType })[reader.field];
    if (field === undefined) continue;
    if (reader.wire !== (field === NUMBER ? Wire.VARINT : Wire.BYTES)) return false;
    if (field !== NUMBER && !fits(bytes, reader.start, reader.end, field)) return false;
  }
  return !reader.malformed;
}

/** A schema. */
export class SchemaMessage {
  /** Where everything is. */
  readonly bytes: Uint8Array;
  /** The table's name; may be empty in very old rows. */
  readonly tableName: Part = { start: 0, end: 0 };
  /** The key. */
  readonly key: KeyParts;
  /** Below 2: item keys are base64 of the attributes; from 2 on, ordered segments. */
  readonly keyEncodingVersion: bigint;
  /** The generation that items are still being moved from; 0 = none. */
  readonly migratingFrom: bigint;
  /** The generation that items are in. */
  readonly generation: bigint;
  readonly #start: number;
  readonly #end: number;
  /** Where the entries are, in the order of their names. */
  readonly #attributes: Uint32Array;
  readonly #indexes: Uint32Array;
  readonly #entry = new ProtobufReader();
  readonly #fields = new ProtobufReader();
  #nameStart = 0;
  #nameEnd = 0;

  /** The schema that `bytes[start, end)` holds; `undefined` when that is malformed. */
  static read(bytes: Uint8Array, start: number, end: number): SchemaMessage | undefined {
    return fits(bytes, start, end, SCHEMA) ? new SchemaMessage(bytes, start, end) : undefined;
  }

  private constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.#start = start;
    this.#end = end;
    const numbers = [0n, 0n, 0n];
    const reader = new ProtobufReader().reset(bytes, start, end);
    while (reader.next()) {
      const { field, low, high } = reader;
      if (field === 1) this.tableName = { start: reader.start, end: reader.end };
      if (field >= 5 && field <= 7) numbers[field - 5] = (BigInt(high) << 32n) | BigInt(low);
    }
    [this.keyEncodingVersion, this.migratingFrom, this.generation] = numbers;
    this.key = this.#keyIn((visit) => this.#each(start, end, 3, visit));
    this.#attributes = this.#entries(2);
    this.#indexes = this.#entries(4);
  }

  /** How many attributes have a type. */
  get attributeCount(): number {
    return this.#attributes.length;
  }

  /** The name and the type of an attribute, in the order of the names' bytes. */
  attribute(i: number): { name: Part; type: Part } {
    const { start, end } = this.#contents(this.#attributes[i]);
    return { name: this.#last(start, end, 1), type: this.#last(start, end, 2) };
  }

  /** The type of the attribute called `bytes[start, end)` of this message, or an empty part. */
  typeOf({ start, end }: Part): Part {
    let low = 0;
    let high = this.attributeCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { name, type } = this.attribute(middle);
      const order = compareNames(this.bytes, name.start, name.end, start, end);
      if (order === 0) return type;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { start: 0, end: 0 };
  }

  /** How many indexes there are. */
  get indexCount(): number {
    return this.#indexes.length;
  }

  /** An index, in the order of the names' bytes. */
  index(i: number): IndexParts {
    const { start, end } = this.#contents(this.#indexes[i]);
    const contents: Parts = (visit) => this.#each(start, end, 2, visit);
    const within = (field: number): Parts => (visit) =>
      contents((start, end) => this.#each(start, end, field, visit));
    let projectionType: Part = { start: 0, end: 0 };
    within(2)((start, end) => {
      const type = this.#last(start, end, 1);
      if (type.start > 0) projectionType = type;
    });
    return {
      name: this.#last(start, end, 1),
      key: this.#keyIn(within(1)),
      projectionType,
      nonKey: this.#nonKey(start, end),
    };
  }

  /** The attributes that the index in an entry carries besides keys. */
  *#nonKey(start: number, end: number): Generator<Part> {
    const [entry, index, projection] = [0, 1, 2].map(() => new ProtobufReader());
    for (entry.reset(this.bytes, start, end); entry.next();) {
      if (entry.field !== 2) continue;
      for (index.reset(this.bytes, entry.start, entry.end); index.next();) {
        if (index.field !== 2) continue;
        for (projection.reset(this.bytes, index.start, index.end); projection.next();) {
          if (projection.field !== 2) continue;
          yield { start: projection.start, end: projection.end };
        }
      }
    }
  }

  #keyIn(keys: Parts): KeyParts {
    const key: KeyParts = { hash: { start: 0, end: 0 }, range: { start: 0, end: 0 } };
    keys((start, end) => {
      const hash = this.#last(start, end, 1);
      const range = this.#last(start, end, 2);
      if (hash.start > 0) key.hash = hash;
      if (range.start > 0) key.range = range;
    });
    return key;
  }

  /** The entries of a map, each name once: sorted where they are not. */
  #entries(field: number): Uint32Array {
    let count = 0;
    this.#each(this.#start, this.#end, field, () => count++);
    const places = new Uint32Array(count);
    let filled = 0;
    this.#each(this.#start, this.#end, field, (_start, _end, at) => places[filled++] = at);
    let ascending = true;
    for (let i = 1; i < count && ascending; i++) {
      ascending = this.#compare(places[i - 1], places[i]) < 0;
    }
    if (ascending) return places;
    sortOffsets(places, (a, b) => this.#compare(a, b));
    let kept = 0;
    for (let i = 0; i < count; i++) {
      // Sorting has kept the order of entries with one name: the last one counts.
      if (i + 1 === count || this.#compare(places[i], places[i + 1]) !== 0) {
        places[kept++] = places[i];
      }
    }
    return places.subarray(0, kept);
  }

  #compare(a: number, b: number): number {
    this.#findName(a);
    const start = this.#nameStart;
    const end = this.#nameEnd;
    this.#findName(b);
    return compareNames(this.bytes, start, end, this.#nameStart, this.#nameEnd);
  }

  /** Finds the name in the entry that begins at `at`. */
  #findName(at: number): void {
    const entry = this.#entry.reset(this.bytes, at, this.#end);
    entry.next();
    this.#nameStart = this.#nameEnd = 0;
    const fields = this.#fields.reset(this.bytes, entry.start, entry.end);
    while (fields.next()) {
      if (fields.field !== 1) continue;
      this.#nameStart = fields.start;
      this.#nameEnd = fields.end;
    }
  }

  /** The contents of the field that begins at `at`. */
  #contents(at: number): Part {
    const reader = new ProtobufReader().reset(this.bytes, at, this.#end);
    reader.next();
    return { start: reader.start, end: reader.end };
  }

  /** The last field of a number; an empty part at 0 where there is none. */
  #last(start: number, end: number, field: number): Part {
    const found: Part = { start: 0, end: 0 };
    this.#each(start, end, field, (start, end) => {
      found.start = start;
      found.end = end;
    });
    return found;
  }

  #each(
    start: number,
    end: number,
    field: number,
    visit: (start: number, end: number, at: number) => void,
  ): void {
    const reader = new ProtobufReader().reset(this.bytes, start, end);
    for (let at = start; reader.next(); at = reader.at) {
      if (reader.field === field) visit(reader.start, reader.end, at);
    }
  }
}
