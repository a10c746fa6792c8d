import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { parseJson } from "../../src/text/json_reader.ts";
import {
  bool,
  constant,
  count,
  float64,
  int64,
  list,
  object,
  omitZero,
  oneOf,
  optional,
  record,
  required,
  text,
  uint32,
  uint64,
} from "../../src/text/json_shape.ts";
import { JsonWriter } from "../../src/text/json_writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

interface Thing {
  name: string;
  kind: "a" | "b";
  big?: bigint;
  small?: number;
  size?: number;
  on?: boolean;
  tags?: string[];
  counts?: { [name: string]: number };
}

const always = { format: constant(2) };
const THING = object<Thing>({
  ...always,
  name: required(text),
  kind: required(oneOf("a", "b")),
  big: omitZero(uint64),
  small: optional(uint32),
  size: optional(count),
  on: omitZero(bool),
  tags: omitZero(list(text)),
  counts: omitZero(record(count)),
});

function write(thing: Thing): string {
  const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
  THING.write(json, thing);
  return decodeUtf8(json.out.view()) as string;
}

function read(json: string): Thing {
  return THING.read(parseJson(encodeUtf8(json)), "");
}

const FULL: Thing = {
  name: "n",
  kind: "b",
  big: 18446744073709551615n,
  small: 0,
  size: 9007199254740991,
  on: true,
  tags: ["x", ""],
  counts: JSON.parse('{"__proto__":1}'),
};
const FULL_JSON = '{"format":2,"name":"n","kind":"b","big":18446744073709551615,"small":0,' +
  '"size":9007199254740991,"on":true,"tags":["x",""],"counts":{"__proto__":1}}';

Deno.test("members are written in the order of the shape and read back as they were", () => {
  strictEqual(write(FULL), FULL_JSON);
  deepStrictEqual(read(FULL_JSON), FULL);
});

Deno.test("zeros are left out where the shape says so", () => {
  strictEqual(
    write({ name: "", kind: "a", big: 0n, on: false, tags: [], counts: {}, size: 0 }),
    '{"format":2,"name":"","kind":"a","size":0}',
  );
});

Deno.test("unknown members are ignored and null is as if absent", () => {
  deepStrictEqual(read('{"x":{},"format":2,"name":"","kind":"a","big":null,"NAME":1}'), {
    name: "",
    kind: "a",
  });
});

Deno.test("what is missing or of another type is named with its path", () => {
  const cases: [from: string, to: string, message: string][] = [
    ['"name":"n",', "", "name is missing at byte 0"],
    ['"format":2,', "", "format is missing at byte 0"],
    ['"format":2', '"format":3', "format must be 2 at byte 10"],
    ['"name":"n"', '"name":1', "name must be text at byte 19"],
    ['"kind":"b"', '"kind":"c"', "kind must be a or b at byte 30"],
    [
      "18446744073709551615",
      "18446744073709551616",
      "big must be an integer of 64 bits at byte 40",
    ],
    ['"small":0', '"small":4294967296', "small must be an integer of 32 bits at byte 69"],
    ["9007199254740991", "9007199254740992", "size must be an integer below 2^53 at byte 78"],
    ['"on":true', '"on":"true"', "on must be true or false at byte 100"],
    ['["x",""]', '["x",1]', "tags[1] must be text at byte 117"],
    ['["x",""]', '{"x":""}', "tags must be a list at byte 112"],
    [
      '{"__proto__":1}',
      '{"__proto__":null}',
      "counts.__proto__ must be an integer below 2^53 at byte 143",
    ],
    ['{"__proto__":1}', "[1]", "counts must be an object at byte 130"],
  ];
  for (const [from, to, message] of cases) {
    strictEqual(FULL_JSON.includes(from), true, from);
    throws(() => read(FULL_JSON.replace(from, to)), { name: "JsonError", message });
  }
  throws(() => read("[]"), { message: "the file must be an object at byte 0" });
});

Deno.test("integers with a sign and doubles are read exactly, or not at all", () => {
  const numbers = object<{ n?: bigint; x?: number }>({ n: optional(int64), x: optional(float64) });
  const read = (json: string) => numbers.read(parseJson(encodeUtf8(json)), "");
  for (const n of [-(1n << 63n), -1n, 0n, (1n << 53n) + 1n, (1n << 63n) - 1n]) {
    strictEqual(read(`{"n":${n}}`).n, n);
  }
  strictEqual(read(`{"n":-0}`).n, 0n);
  for (const n of ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", `"1"`]) {
    throws(() => read(`{"n":${n}}`), /n must be an integer of 64 bits/);
  }
  strictEqual(read(`{"x":-1.5e2}`).x, -150);
  for (const x of ["1e999", `"1"`, "true"]) throws(() => read(`{"x":${x}}`), /x must be a number/);
  const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
  numbers.write(json, { n: -5n, x: 0.25 });
  strictEqual(decodeUtf8(json.out.view()), `{"n":-5,"x":0.25}`);
});
