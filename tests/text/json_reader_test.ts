import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
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
  type JsonOptions,
  members,
  parseJson,
} from "../../src/text/json_reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

const SEED = 7159;

function parse(json: string | number[], options?: JsonOptions): JsonNode {
  const bytes = typeof json === "string" ? encodeUtf8(json) : Uint8Array.from(json);
  return parseJson(bytes, 0, bytes.length, options);
}

function refused(json: string | number[], offset: number, options?: JsonOptions): string {
  let reason = "";
  throws(() => parse(json, options), (error) => {
    if (!(error instanceof JsonError)) return false;
    strictEqual(error.offset, offset, `${json}: ${error.message}`);
    reason = error.reason;
    return true;
  }, `${json} was accepted`);
  return reason;
}

/** The value as JSON.parse gives it. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(
        [...members(node)].map(({ name, value }) => [asString(name), plain(value)]),
      );
    case "array":
      return [...items(node)].map(plain);
    case "string":
      return asString(node);
    case "number":
      return Number(decodeUtf8(node.bytes, node.start, node.end));
    case "bool":
      return asBool(node);
    case "null":
      return null;
  }
}

const spaced = fc.constantFrom(undefined, 1, "\t", "\r\n  ");

Deno.test("any JSON reads as JSON.parse reads it, wherever it stands", () => {
  fc.assert(
    fc.property(fc.jsonValue(), spaced, fc.nat(3), fc.nat(3), (value, space, before, after) => {
      const json = JSON.stringify(value, null, space);
      const bytes = encodeUtf8("]".repeat(before) + json + "]".repeat(after));
      const node = parseJson(bytes, before, bytes.length - after);
      deepStrictEqual(plain(node), JSON.parse(json));
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

Deno.test("what JSON.parse refuses is refused, and what it accepts is accepted", () => {
  const token = fc.constantFrom(
    ..."{}[]:,",
    '"a"',
    '"\\u00e9"',
    '"',
    "\\",
    "1",
    "-",
    "0",
    ".5",
    "e+",
    "E",
    "true",
    "nul",
    "null",
    " ",
    "\n",
    "\f",
    "\u00a0",
    "\u0001",
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(token, { maxLength: 7 }), (tokens) => {
      const json = tokens.join("");
      let expected: unknown;
      try {
        expected = JSON.parse(json);
      } catch {
        throws(() => parse(json), JsonError, json);
        return;
      }
      accepted++;
      deepStrictEqual(plain(parse(json)), expected);
    }),
    { seed: SEED, numRuns: 20_000 },
  );
  strictEqual(accepted > 200, true);
});

Deno.test("one byte changed gives what JSON.parse gives, or an error where it gives one", () => {
  const sample = encodeUtf8(
    '{"a\\n":[1,-2.5e+3,"\\ud83d\\ude00é"],"b":{"c":null,"d":[true,false,{}]}}',
  );
  for (let at = 0; at < sample.length; at++) {
    for (let b = 0; b < 0x80; b++) {
      const bytes = sample.slice();
      bytes[at] = b;
      const json = decodeUtf8(bytes);
      if (json === undefined) continue;
      let expected: unknown;
      try {
        expected = JSON.parse(json);
      } catch {
        throws(() => parseJson(bytes), JsonError, json);
        continue;
      }
      // JSON.parse keeps half a surrogate pair; here it becomes U+FFFD.
      const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
      const fixed = JSON.stringify(
        expected,
        (_, v) => typeof v === "string" ? v.replace(lone, "\ufffd") : v,
      );
      strictEqual(JSON.stringify(plain(parseJson(bytes))), fixed);
    }
  }
});

Deno.test("every cut of a text is refused", () => {
  const json = '{"a":[1,{"b":"\\u00e9\\n"},true,null],"c":-1.5e+7}';
  for (let end = 0; end < json.length; end++) {
    strictEqual(refused(json.slice(0, end), end), "the text ends too early");
  }
});

Deno.test("integers are exact up to their limits and only in plain digits", () => {
  const uint = (json: string) => asUint64(parse(json));
  const int = (json: string) => asInt64(parse(json));
  strictEqual(uint("18446744073709551615"), 18446744073709551615n);
  strictEqual(uint("18446744073709551616"), undefined);
  strictEqual(uint("99999999999999999999"), undefined);
  strictEqual(uint("100000000000000000000"), undefined);
  strictEqual(uint("9007199254740993"), 9007199254740993n);
  strictEqual(uint("0"), 0n);
  strictEqual(int("9223372036854775807"), 9223372036854775807n);
  strictEqual(int("9223372036854775808"), undefined);
  strictEqual(int("-9223372036854775808"), -9223372036854775808n);
  strictEqual(int("-9223372036854775809"), undefined);
  strictEqual(int("-0"), 0n);
  for (const json of ["-0", "-1", "1.0", "1e3", "1E0", '"7"', "null", "true", "[1]", "{}"]) {
    strictEqual(uint(json), undefined, json);
  }
  for (const json of ["1.0", "1e3", "-1.5", '"7"', "null"]) strictEqual(int(json), undefined, json);
});

Deno.test("every 64-bit integer reads as it is written", () => {
  fc.assert(
    fc.property(fc.bigInt(-(1n << 70n), 1n << 70n), (n) => {
      strictEqual(asUint64(parse(`${n}`)), BigInt.asUintN(64, n) === n ? n : undefined);
      strictEqual(asInt64(parse(`${n}`)), BigInt.asIntN(64, n) === n ? n : undefined);
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

Deno.test("the text of a number is kept", () => {
  const { kind, bytes, start, end } = parse("  -1.50E+007 ");
  strictEqual(kind, "number");
  strictEqual(decodeUtf8(bytes, start, end), "-1.50E+007");
});

Deno.test("numbers that JSON does not know are refused", () => {
  refused("01", 1);
  refused("-", 1);
  refused("1.", 2);
  refused("1e", 2);
  refused("1e+", 3);
  refused(".5", 0);
  refused("+1", 0);
  refused("-a", 1);
  refused("0x10", 1);
  refused("NaN", 0);
});

Deno.test("bad bytes and half surrogate pairs become U+FFFD one by one, as in Go", () => {
  const quote = 0x22;
  const text = (bytes: number[]) => asString(parse([quote, ...bytes, quote]));
  strictEqual(text([0xff]), "\ufffd");
  strictEqual(text([0x61, 0xe3, 0x81, 0x62]), "a\ufffd\ufffdb");
  strictEqual(text([0xed, 0xa0, 0x80]), "\ufffd\ufffd\ufffd");
  strictEqual(asString(parse('"\\ud800"')), "\ufffd");
  strictEqual(asString(parse('"\\ud800x"')), "\ufffdx");
  strictEqual(asString(parse('"\\ud800\\n"')), "\ufffd\n");
  strictEqual(asString(parse('"\\ud800\\u0041"')), "\ufffdA");
  strictEqual(asString(parse('"\\ud800\\ud83d\\ude00"')), "\ufffd😀");
  strictEqual(asString(parse('"\\udc00\\ud800"')), "\ufffd\ufffd");
  strictEqual(asString(parse('"\\uD83D\\uDE00"')), "😀");
});

Deno.test("bad bytes and half surrogate pairs can be errors instead", () => {
  const options: JsonOptions = { invalidText: "error" };
  refused([0x22, 0x61, 0xff, 0x22], 0, options);
  refused([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d], 1, options);
  refused('"a\\ud800"', 2, options);
  refused('"\\ud800\\u0041"', 1, options);
  refused('"\\ud800\\n234567"', 1, options);
  refused('"\\udc00"', 1, options);
  strictEqual(asString(parse('"é\\ud83d\\ude00\\ufffd"', options)), "é😀\ufffd");
});

Deno.test("the bytes of a string without escapes are a view of the source", () => {
  const node = parse('"aé"');
  const bytes = asStringBytes(node) as Uint8Array;
  strictEqual(bytes.buffer, node.bytes.buffer);
  deepStrictEqual([...bytes], [0x61, 0xc3, 0xa9]);
  deepStrictEqual([...asStringBytes(parse('"\\u00e9\\/\\b\\u0000"')) as Uint8Array], [
    0xc3,
    0xa9,
    0x2f,
    8,
    0,
  ]);
  strictEqual(asStringBytes(parse("1")), undefined);
});

Deno.test("raw control characters, unknown escapes and bad digits are refused", () => {
  refused('"a\nb"', 2);
  refused('"\t"', 1);
  refused('"\\x"', 2);
  refused('"\\u12g4"', 1);
  refused('"\\u"', 4);
  refused('"\\', 2);
});

Deno.test("nothing may follow the value but space", () => {
  strictEqual(parse(" 1 \r\n\t").kind, "number");
  refused("1 x", 2);
  refused("{}{}", 2);
  refused("[]]", 2);
  refused("truefalse", 4);
  refused("[1,]", 3);
  refused("{,}", 1);
  refused('{"a":1,}', 7);
  refused("[1 2]", 3);
  refused('{"a" 1}', 5);
  refused("", 0);
  refused("  ", 2);
});

Deno.test("of two members with one name the last counts, unless that is an error", () => {
  const json = '{"a":1,"b":2,"\\u0061":3}';
  strictEqual(asUint64(fields(parse(json), ["a"]).a as JsonNode), 3n);
  strictEqual([...members(parse(json))].length, 3);
  refused(json, 13, { duplicates: "error" });
  parse('{"a":{"a":1},"b":[{"a":1},{"a":2}],"__proto__":1}', { duplicates: "error" });
  refused('[{"x":{"":1,"":2}}]', 12, { duplicates: "error" });
});

Deno.test("fields are found by exact name in any order, and null is as if absent", () => {
  const node = parse('{"z":[{"b":0}],"b":2,"B":3,"é":4,"\\u0063":5,"bb":6,"n":7,"n":null,"":8}');
  const found = fields(node, ["b", "é", "c", "n", "missing", ""]);
  deepStrictEqual(
    Object.entries(found).map(([name, value]) => [name, value && asUint64(value)]),
    [["b", 2n], ["é", 4n], ["c", 5n], ["n", undefined], ["", 8n]],
  );
  deepStrictEqual(fields(parse("{}"), ["a"]), {});
});

Deno.test("nesting stops at its limit, in objects and arrays alike", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  parse(nested(64));
  refused(nested(65), 64);
  parse('{"a":'.repeat(64) + "1" + "}".repeat(64));
  refused('{"a":'.repeat(65) + "1" + "}".repeat(65), 64 * 5);
  parse(nested(3), { maxDepth: 3 });
  refused(nested(4), 3, { maxDepth: 3 });
  refused("[".repeat(1_000_000), 64);
});

Deno.test("a text above its limit is refused before it is read", () => {
  parse("[1]", { maxBytes: 3 });
  refused("[1] ", 0, { maxBytes: 3 });
  throws(() => parseJson(new Uint8Array((64 << 20) + 1)), /above the limit/);
});

Deno.test("an error says where in the text it is, wherever the text stands", () => {
  const bytes = encodeUtf8("xxx[1,?]");
  throws(() => parseJson(bytes, 3), { offset: 3, message: "this is not a value at byte 3" });
});
