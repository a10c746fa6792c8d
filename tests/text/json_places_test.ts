import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { JsonPlaces } from "../../src/text/json_places.ts";
import { asStringBytes, fields, JsonError, parseJson } from "../../src/text/json_reader.ts";

const SEED = 20261129;
const NAMES = ["id", "body", "sent", "é"] as const;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where each of the names has its value, or the error; `undefined` for what is no object. */
type Found = (readonly [start: number, end: number] | undefined)[] | string | undefined;

/** By the reader that makes an object for each value. */
function byReader(bytes: Uint8Array, start: number, end: number): Found {
  try {
    const node = parseJson(bytes, start, end);
    if (node.kind !== "object") return undefined;
    const found = fields(node, NAMES);
    return NAMES.map((name) => found[name] && [found[name].start, found[name].end] as const);
  } catch (error) {
    return (error as JsonError).message;
  }
}

function byPlaces(places: JsonPlaces, bytes: Uint8Array, start: number, end: number): Found {
  try {
    if (!places.find(bytes, start, end)) return undefined;
  } catch (error) {
    strictEqual(error instanceof JsonError, true);
    return (error as JsonError).message;
  }
  return NAMES.map((_, i) => places.starts[i] ? [places.starts[i], places.ends[i]] : undefined);
}

const space = fc.constantFrom("", "", "", " ", "\n\t");
const name = fc.oneof(
  fc.constantFrom(...NAMES, "b\\u006fdy", "\\u00e9", "sen", "sentt", "other", ""),
  fc.string({ maxLength: 4 }).map((s) => JSON.stringify(s).slice(1, -1)),
);
const value = fc.oneof(
  fc.constantFrom(
    "null",
    "0",
    "-0",
    "12",
    '"plain"',
    '"\\n"',
    '"é"',
    "true",
    "{}",
    '[{"id":1},"]"]',
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);
const member = fc.tuple(name, space, space, value, space)
  .map(([name, a, b, value, c]) => `"${name}"${a}:${b}${value}${c}`);
const object = fc.tuple(space, fc.array(member, { maxLength: 8 }), space)
  .map(([a, members, b]) => `${a}{${a}${members.join(`,${b}`)}}${b}`);
const text = fc.oneof(
  { weight: 8, arbitrary: object },
  { weight: 1, arbitrary: value },
);
const damage = fc.option(fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() }));

Deno.test(`members are found as the reader finds them, in sound and damaged text (seed ${SEED})`, () => {
  const places = new JsonPlaces(NAMES);
  fc.assert(
    fc.property(text, damage, (text, damage) => {
      // Other bytes stand before and behind, as in a batch.
      const json = encode(text);
      const bytes = encode(`"id":7,${text},"sent":8}`);
      let end = 7 + json.length;
      if (damage && damage.cut) end -= damage.at % json.length;
      else if (damage) bytes[7 + damage.at % json.length] = damage.byte;
      deepStrictEqual(byPlaces(places, bytes, 7, end), byReader(bytes, 7, end));
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

Deno.test("a string is plain if it is ASCII without escapes", () => {
  const places = new JsonPlaces(["a", "b", "c", "d", "e"]);
  const bytes = encode(`{"a":"<x>","b":"","c":"\\t","d":"é","e":1}`);
  strictEqual(places.find(bytes, 0, bytes.length), true);
  deepStrictEqual([...places.plain], [1, 1, 0, 0, 0]);
});

Deno.test("of a name that is there twice the last counts, also if it is null", () => {
  const places = new JsonPlaces(["a", "b"]);
  const bytes = encode(`{"a":1,"b":"x","a":null,"b":"yz"}`);
  places.find(bytes, 0, bytes.length);
  strictEqual(places.starts[0], 0);
  const [start, end] = [places.starts[1], places.ends[1]];
  deepStrictEqual(
    asStringBytes({ kind: "string", bytes, start, end }),
    encode("yz"),
  );
});
