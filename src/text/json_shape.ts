/**
 * Shapes of JSON files: the members of a file are described once, in their order, and the description
 * both writes the file and reads it back with every type checked.
 *
 * @example
 * ```ts
 * import { object, omitZero, required, text, uint64 } from "./json_shape.ts";
 *
 * const shape = object<{ name: string; size?: bigint }>({
 *   name: required(text),
 *   size: omitZero(uint64),
 * });
 * ```
 *
 * @module
 */

import {
  asBool,
  asInt64,
  asString,
  asStringBytes,
  asUint64,
  fields,
  items,
  JsonError,
  type JsonNode,
  members,
} from "./json_reader.ts";
import type { JsonWriter, Pieces } from "./json_writer.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** How a value of one type is written and read. */
export interface Shape<T> {
  /** Writes a value. */
  write(json: JsonWriter, value: T): void;
  /** The same in pieces, for values that can be large. */
  pieces?(json: JsonWriter, value: T): Pieces;
  /**
   * Reads a value.
   *
   * @param path What errors call it, such as `source.sha256`.
   * @throws {JsonError} when it is of another type; its offset counts from the start of `node.bytes`.
   */
  read(node: JsonNode, path: string): T;
  /** Whether a value is the one that {@link omitZero} leaves out. */
  isZero(value: T): boolean;
}

/** A member of an object: its shape, and when it may be absent. */
export interface Member<T> {
  /** The shape of its value. */
  shape: Shape<T>;
  /** Whether reading fails without it. */
  required: boolean;
  /** Whether writing leaves out a zero: 0, "", `false`, an empty list or object. */
  omitZero: boolean;
  /** The only value it has; written and checked, and not part of the object. */
  constant?: T;
}

/** The members of an object, in the order of the file. */
export type Members<T> = { [K in keyof T]-?: Member<NonNullable<T[K]>> };

/** A member that is always there. */
export function required<T>(shape: Shape<T>): Member<T> {
  return { shape, required: true, omitZero: false };
}

/** A member that is there when it has a value. */
export function optional<T>(shape: Shape<T>): Member<T> {
  return { shape, required: false, omitZero: false };
}

/** A member that is there when it has a value other than zero. */
export function omitZero<T>(shape: Shape<T>): Member<T> {
  return { shape, required: false, omitZero: true };
}

/** A member that is always there and always the same: no part of the object, only of the file. */
export function constant<const T extends string | number>(value: T): Member<T> {
  return { shape: oneOf(value), required: true, omitZero: false, constant: value };
}

/** A string. */
export const text: Shape<string> = scalar("text", asString, (json, s) => json.string(s));

/** A string as its UTF-8: possibly a view of the source. */
export const textBytes: Shape<Uint8Array> = {
  write: (json, b) => json.stringBytes(b),
  pieces: (json, b) => json.text(b),
  read(node, path) {
    const b = asStringBytes(node);
    if (b === undefined) throw wrong(node, path, "text");
    return b;
  },
  isZero: (b) => b.length === 0,
};

/** So many lower-case hexadecimal digits. */
export function hex(digits: number): Shape<string> {
  const form = new RegExp(`^[0-9a-f]{${digits}}$`);
  const read = (node: JsonNode): string | undefined => {
    const s = asString(node);
    return s !== undefined && form.test(s) ? s : undefined;
  };
  return scalar(`${digits} lower-case hexadecimal digits`, read, (json, s) => json.string(s));
}

/** `true` or `false`. */
export const bool: Shape<boolean> = scalar("true or false", asBool, (json, b) => json.bool(b));

/** An integer below 2^64. */
export const uint64: Shape<bigint> = scalar(
  "an integer of 64 bits",
  asUint64,
  (json, n) => json.integer(n),
);

/** An integer from −2^63 to 2^63 − 1. */
export const int64: Shape<bigint> = scalar(
  "an integer of 64 bits",
  asInt64,
  (json, n) => json.integer(n),
);

/** A number of which a double is all that there is. */
export const float64: Shape<number> = scalar(
  "a number",
  (node) => {
    const n = node.kind === "number" ? Number(decodeUtf8(node.bytes, node.start, node.end)) : NaN;
    return Number.isFinite(n) ? n : undefined;
  },
  (json, n) => json.literal(String(n)),
);

/** An integer below 2^32. */
export const uint32: Shape<number> = scalar(
  "an integer of 32 bits",
  (node) => upTo(node, 0xffff_ffff),
  (json, n) => json.integer(n),
);

/** How many or how large something is: an integer that a `number` holds exactly. */
export const count: Shape<number> = scalar(
  "an integer below 2^53",
  (node) => upTo(node, Number.MAX_SAFE_INTEGER),
  (json, n) => json.integer(n),
);

/** One of the values listed; strings or numbers. */
export function oneOf<const T extends string | number>(...values: T[]): Shape<T> {
  return {
    write: (json, value) => typeof value === "string" ? json.string(value) : json.integer(value),
    read(node, path) {
      const found = node.kind === "number" ? upTo(node, 0xffff_ffff) : asString(node);
      const value = values.find((value) => value === found);
      if (value === undefined) throw wrong(node, path, values.join(" or "));
      return value;
    },
    isZero: () => false,
  };
}

/** An array of values of one shape. */
export function list<T>(shape: Shape<T>): Shape<T[]> {
  return {
    write(json, values) {
      json.beginArray();
      for (const value of values) shape.write(json, value);
      json.endArray();
    },
    read(node, path) {
      if (node.kind !== "array") throw wrong(node, path, "a list");
      const values: T[] = [];
      for (const item of items(node)) values.push(shape.read(item, `${path}[${values.length}]`));
      return values;
    },
    isZero: (values) => values.length === 0,
  };
}

/** An object with any names and values of one shape. */
export function record<T>(shape: Shape<T>): Shape<{ [name: string]: T }> {
  return {
    write(json, values) {
      json.beginObject();
      for (const [name, value] of Object.entries(values)) shape.write(json.name(name), value);
      json.endObject();
    },
    read(node, path) {
      if (node.kind !== "object") throw wrong(node, path, "an object");
      const values: [string, T][] = [];
      for (const member of members(node)) {
        const name = asString(member.name) as string;
        values.push([name, shape.read(member.value, join(path, name))]);
      }
      return Object.fromEntries(values);
    },
    isZero: (values) => Object.keys(values).length === 0,
  };
}

/** An object with the members listed; others are ignored when it is read. */
export function object<T extends object>(shape: Members<T>): Shape<T> {
  const entries = Object.entries(shape) as [keyof T & string, Member<unknown>][];
  const names = entries.map(([name]) => name);
  const texts = names.map(encodeUtf8);
  const partOf = (value: T, [name, member]: (typeof entries)[number]): unknown => {
    const part = member.constant ?? value[name];
    return part === undefined || (member.omitZero && member.shape.isZero(part)) ? undefined : part;
  };
  return {
    write(json, value) {
      json.beginObject();
      entries.forEach((entry, i) => {
        const part = partOf(value, entry);
        if (part !== undefined) entry[1].shape.write(json.nameBytes(texts[i]), part);
      });
      json.endObject();
    },
    *pieces(json, value) {
      json.beginObject();
      for (const [i, entry] of entries.entries()) {
        const part = partOf(value, entry);
        if (part === undefined) continue;
        json.nameBytes(texts[i]);
        const { shape } = entry[1];
        if (shape.pieces) yield* shape.pieces(json, part);
        else shape.write(json, part);
      }
      json.endObject();
    },
    read(node, path) {
      if (node.kind !== "object") throw wrong(node, path, "an object");
      const found = fields(node, names);
      const value: { [name: string]: unknown } = {};
      for (const [name, member] of entries) {
        const part = found[name];
        if (part !== undefined) {
          const read = member.shape.read(part, join(path, name));
          if (member.constant === undefined) value[name] = read;
        } else if (member.required) {
          throw new JsonError(`${join(path, name)} is missing`, node.start);
        }
      }
      return value as T;
    },
    isZero: () => false,
  };
}

function scalar<T extends string | bigint | number | boolean>(
  what: string,
  read: (node: JsonNode) => T | undefined,
  write: (json: JsonWriter, value: T) => void,
): Shape<T> {
  return {
    write,
    read(node, path) {
      const value = read(node);
      if (value === undefined) throw wrong(node, path, what);
      return value;
    },
    isZero: (value) => !value,
  };
}

function upTo(node: JsonNode, most: number): number | undefined {
  const n = asUint64(node);
  return n !== undefined && n <= most ? Number(n) : undefined;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Says that a value is of another type. */
export function wrong(node: JsonNode, path: string, what: string): JsonError {
  return new JsonError(`${path === "" ? "the file" : path} must be ${what}`, node.start);
}
