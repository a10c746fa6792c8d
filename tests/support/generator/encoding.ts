/** Small encoders of their own for what stands in values. @module */

import { createHash } from "node:crypto";

const encoder = new TextEncoder();

/** Bytes, text as UTF-8, or a single byte. */
export type Part = Uint8Array | string | number;

export function text(s: string): Uint8Array {
  return encoder.encode(s);
}

export function concat(...parts: Part[]): Uint8Array {
  const pieces = parts.map((part) =>
    typeof part === "number" ? Uint8Array.of(part) : typeof part === "string" ? text(part) : part
  );
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function u32be(v: number): Uint8Array {
  return Uint8Array.of(v >>> 24, v >>> 16, v >>> 8, v);
}

export function u64be(v: bigint | number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(v)));
  return bytes;
}

export function u64le(v: bigint | number): Uint8Array {
  return u64be(v).reverse();
}

/** A double, big-endian. */
export function f64be(v: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, v);
  return bytes;
}

/** The 64 bits of a double. */
export function f64bits(v: number): bigint {
  return new DataView(f64be(v).buffer).getBigUint64(0);
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

export function md5(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("md5").update(bytes).digest());
}

export function md5Hex(bytes: Uint8Array): string {
  return hexOf(md5(bytes));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function varint(v: number): number[] {
  const bytes: number[] = [];
  for (; v >= 128; v = Math.floor(v / 128)) bytes.push((v % 128) | 128);
  return [...bytes, v];
}

/** A protobuf field of bytes or text, or of a message built with this. */
export function bytesField(field: number, contents: Uint8Array | string): Uint8Array {
  const bytes = typeof contents === "string" ? text(contents) : contents;
  return concat(Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes);
}

/** A protobuf field of text that is left out when it is empty. */
export function textField(field: number, contents: string): Uint8Array {
  return contents === "" ? new Uint8Array(0) : bytesField(field, contents);
}

/** A protobuf field of a number, left out when it is 0. */
export function numberField(field: number, v: number): Uint8Array {
  return v === 0 ? new Uint8Array(0) : varintField(field, v);
}

/** A protobuf field of a number. */
export function varintField(field: number, v: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(v)]);
}

/** A protobuf field of a double. */
export function doubleField(field: number, v: number): Uint8Array {
  return concat(field * 8 + 1, f64be(v).reverse());
}

/** A map's fields, sorted by the bytes of their keys. */
export function mapFields(field: number, entries: Iterable<[string, Uint8Array]>): Uint8Array {
  const sorted = [...entries].map(([key, value]) => [text(key), value] as const);
  sorted.sort(([a], [b]) => compare(a, b));
  return concat(
    ...sorted.map(([key, value]) =>
      bytesField(field, concat(bytesField(1, key), bytesField(2, value)))
    ),
  );
}

/** Bytewise order. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** JSON in which integers may have 64 bits; members that are undefined are left out. */
export function json(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${
    members.map(([name, member]) => `${JSON.stringify(name)}:${json(member)}`).join(",")
  }}`;
}
