/** Messages that no server writes: any fields in any order, against a reader that makes objects of them. */

import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { bytesField, compare, concat, varintField } from "../../support/generator/encoding.ts";
import { hex } from "../../support/stream.ts";
import { readText } from "./support.ts";

const SEED = 20_260_824;

/** id = S "k": without a key, an item is refused. */
const ID = hex("0a090a02696412030a016b");

/** A field of a message: bytes or a number. */
type Field = { number: number; bytes: Uint8Array } | { number: number; value: number };

class Malformed extends Error {}

function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1;; shift *= 128) {
      if (at >= bytes.length) throw new Malformed();
      const b = bytes[at++];
      value += (b & 0x7f) * shift;
      if (b < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >> 3;
    if ((tag & 7) === 0) fields.push({ number, value: varint() });
    else {
      const end = varint() + at;
      if (end > bytes.length) throw new Malformed();
      fields.push({ number, bytes: bytes.subarray(at, end) });
      at = end;
    }
  }
  return fields;
}

type Value = { kind: string; text?: unknown; parts: Uint8Array[] };
const KINDS = ["", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed();
  }
}

/** What the messages of one value say together. */
function valueOf(messages: Uint8Array[]): unknown {
  let found: Value = { kind: "", parts: [] };
  for (const field of messages.flatMap(fieldsOf)) {
    const kind = KINDS[field.number] ?? "";
    const isNumber = kind === "BOOL" || kind === "NULL";
    if (kind === "" || isNumber !== "value" in field) continue;
    if (found.kind !== kind) found = { kind, parts: [] };
    if ("value" in field) found.text = field.value !== 0;
    else if (kind === "S" || kind === "N") found.text = textOf(field.bytes);
    else if (kind === "B") found.text = field.bytes.toBase64();
    else {
      if (kind === "M") mapOf([field.bytes]);
      else if (kind === "L") elementsOf(field.bytes).forEach((element) => valueOf([element]));
      else if (kind !== "BS") elementsOf(field.bytes).forEach(textOf);
      found.parts.push(field.bytes);
    }
  }
  const { kind, text, parts } = found;
  if (kind === "") return { NULL: true };
  if (kind === "M") return { M: mapOf(parts) };
  if (text !== undefined) return { [kind]: text };
  const elements = parts.flatMap(elementsOf);
  if (kind === "L") return { L: elements.map((element) => valueOf([element])) };
  return { [kind]: elements.map((b) => kind === "BS" ? b.toBase64() : textOf(b)) };
}

function elementsOf(message: Uint8Array): Uint8Array[] {
  return fieldsOf(message).flatMap((f) => f.number === 1 && "bytes" in f ? [f.bytes] : []);
}

/** Names and values in the order of the names. */
function mapOf(messages: Uint8Array[]): [string, unknown][] {
  const members = new Map<string, [Uint8Array, unknown]>();
  for (const entry of messages.flatMap(elementsOf)) {
    let name: Uint8Array = new Uint8Array(0);
    const values: Uint8Array[] = [];
    for (const field of fieldsOf(entry)) {
      if (!("bytes" in field)) continue;
      if (field.number === 1) textOf(name = field.bytes);
      else if (field.number === 2) values.push(field.bytes);
    }
    members.set(textOf(name), [name, valueOf(values)]);
  }
  return [...members].sort(([, [a]], [, [b]]) => compare(a, b)).map(([name, [, v]]) => [name, v]);
}

/** What is read, with the members of maps in a list, as {@link mapOf} has them. */
function ordered(item: { [name: string]: unknown }): [string, unknown][] {
  return Object.entries(item).map(([name, value]) => [name, orderedValue(value as Typed)]);
}

type Typed = { M?: { [name: string]: unknown }; L?: Typed[] };

function orderedValue(value: Typed): unknown {
  if (value.M) return { M: ordered(value.M) };
  return value.L ? { L: value.L.map(orderedValue) } : value;
}

const name = fc.constantFrom("a", "b", "ab", "é", "");
const { entries } = fc.letrec<{
  message: Uint8Array;
  entries: Uint8Array;
  elements: Uint8Array;
}>((tie) => ({
  message: fc.array(
    fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.tuple(fc.constantFrom(1, 2, 3), fc.string({ maxLength: 3 }))
        .map(([field, s]) => bytesField(field, s)),
      fc.tuple(fc.constantFrom(4, 5, 4, 5, 1, 9), fc.nat(2)).map(([f, v]) => varintField(f, v)),
      fc.constantFrom(
        bytesField(3, hex("ff00")),
        bytesField(11, "x"),
        bytesField(4, "x"),
      ),
      fc.tuple(fc.constantFrom(6, 7, 8), fc.array(fc.string({ maxLength: 2 }), { maxLength: 3 }))
        .map(([field, list]) =>
          bytesField(field, concat(...list.map((element) => bytesField(1, element))))
        ),
      tie("elements").map((elements) => bytesField(9, elements)),
      tie("entries").map((entries) => bytesField(10, entries)),
    ),
    { maxLength: 3 },
  ).chain((fields) =>
    // Some end in the middle of a field, or in a text that is none.
    fc.oneof(
      { arbitrary: fc.constant(concat(...fields)), weight: 40 },
      fc.constantFrom("0a05", "0a01ff").map((end) => concat(...fields, hex(end))),
    )
  ),
  elements: fc.array(tie("message").map((m) => bytesField(1, m)), { maxLength: 3 })
    .map((list) => concat(...list)),
  entries: fc.array(
    fc.array(
      fc.oneof(
        name.map((n) => bytesField(1, n)),
        tie("message").map((m) => bytesField(2, m)),
      ),
      { maxLength: 4 },
    ).map((fields) => bytesField(1, concat(...fields))),
    { maxLength: 4 },
  ).map((list) => concat(...list)),
}));

Deno.test(`odd messages are what a reader of protocol buffers makes of them (seed ${SEED})`, () => {
  let sound = 0;
  let malformed = 0;
  fc.assert(
    fc.property(entries, (entries) => {
      const message = concat(ID, entries);
      let expected: unknown;
      try {
        expected = mapOf([message]);
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
      }
      let text;
      try {
        text = readText(concat(hex("00444901"), message));
      } catch (error) {
        malformed++;
        deepStrictEqual(expected, undefined, (error as Error).message);
        return;
      }
      sound++;
      deepStrictEqual(ordered(JSON.parse(text)), expected);
    }),
    { seed: SEED, numRuns: 5_000 },
  );
  ok(sound > 2_000 && malformed > 50, `${sound} sound, ${malformed} malformed`);
});
