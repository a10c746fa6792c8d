import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { UnsoundError } from "../../src/errors.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";
import {
  appendSegmentTo,
  clashSuffix,
  decodeSegment,
  encodeBinarySegment,
  encodeSegment,
  escapeDotSegment,
  hashedSegment,
  isHashedSegment,
} from "../../src/tree/segment.ts";

const SEED = 240;

const bytes = (hex: string) => fromHex(hex) as Uint8Array;
const segment = (raw: string) => encodeSegment(encodeUtf8(raw));
const repeated = (byte: number, n: number) => new Uint8Array(n).fill(byte);

/** Names that come near every rule. */
const names = fc.oneof(
  fc.uint8Array({ maxLength: 260 }),
  fc.string({ maxLength: 260 }).map(encodeUtf8),
  fc.string({ unit: "grapheme", maxLength: 90 }).map(encodeUtf8),
  fc.tuple(fc.constantFrom("b64.", "B64.", "b64", ".", "..", "%41"), fc.string()).map(([a, b]) =>
    encodeUtf8(a + b)
  ),
  fc.tuple(
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 31, maxLength: 33 }),
    fc.constantFrom("__", "_", "_x", "__x"),
  ).map(([a, b]) => encodeUtf8(a + b)),
  fc.tuple(fc.nat(255), fc.integer({ min: 75, max: 245 })).map(([b, n]) => repeated(b, n)),
);

Deno.test("names become the segments that the dump format gives as examples", () => {
  for (
    const [raw, expected] of [
      ["", ""],
      [".", "."],
      ["..", ".."],
      ["...", "..."],
      ["~", "%7E"],
      ["session:abc", "session%3Aabc"],
      ["a/b", "a%2Fb"],
      ["A b", "A%20b"],
      ["%41", "%2541"],
      ["é", "%C3%A9"],
      ["b64", "b64"],
      ["B64.foo", "B64.foo"],
      ["b64.foo", "72ef1a090c013093607ce5a62f598cf4__b64.foo"],
      ["b64.", "0e3246de4838b88fa1b243cce26975b5__b64."],
      [
        "0123456789abcdef0123456789abcdef__suffix",
        "15ab66e43bccfd49246a5025d407ebc5__0123456789abcdef0123456789abcdef__suffix",
      ],
      [
        "0123456789ABCDEF0123456789ABCDEF__X",
        "20a1a38cd759a815d7ed8ffa37e28db1__0123456789ABCDEF0123456789ABCDEF__X",
      ],
      [
        "0123456789abcdef0123456789ABCDEF__x",
        "0a1ebe5eba653863220d4fc80ba87050__0123456789abcdef0123456789ABCDEF__x",
      ],
      ["0123456789abcdef0123456789abcdef_x", "0123456789abcdef0123456789abcdef_x"],
      ["a".repeat(240), "a".repeat(240)],
      ["a".repeat(241), "ec6e326ef29fe322b62111584194c54e__" + "a".repeat(64)],
      ["a".repeat(239) + "/", "453ab7361779d31ebf3e307910cee7d1__" + "a".repeat(64)],
      ["a".repeat(237) + "/", "a".repeat(237) + "%2F"],
      ["/".repeat(80), "%2F".repeat(80)],
      ["/".repeat(81), "2a5bc5b1b5314ecd2a310f8d021df0d1__" + "%2F".repeat(64)],
      ["\x01".repeat(80), "%01".repeat(80)],
      ["\x01".repeat(81), "60c285d83690be0345cc75ae7c286b6e__" + "%01".repeat(64)],
      [
        "あ".repeat(22) + "x".repeat(200),
        "f91d34b1474d21de334ed2e3e8419eb4__" + "%E3%81%82".repeat(21) + "%E3",
      ],
    ]
  ) strictEqual(segment(raw), expected);
  strictEqual(encodeSegment(bytes("00ff")), "%00%FF");
});

Deno.test("binary names become the segments that the dump format gives as examples", () => {
  strictEqual(encodeBinarySegment(bytes("")), "b64.");
  strictEqual(encodeBinarySegment(bytes("00")), "b64.AA");
  strictEqual(encodeBinarySegment(bytes("00010203")), "b64.AAECAw");
  strictEqual(encodeBinarySegment(bytes("fffefdfc")), "b64.__79_A");
  strictEqual(encodeBinarySegment(bytes("fbff")), "b64.-_8");
  const longest = encodeBinarySegment(repeated(0x78, 177));
  strictEqual(longest.slice(0, 8), "b64.eHh4");
  strictEqual(longest.length, 240);
  strictEqual(
    encodeBinarySegment(repeated(0x78, 178)),
    "844b36dcd4dad4077f034379dbc7e02c__" + "x".repeat(64),
  );
  strictEqual(
    encodeBinarySegment(repeated(0, 178)),
    "68f31d7e2146e41ad6d99cb95f4a52a4__" + "%00".repeat(64),
  );
  strictEqual(encodeBinarySegment(repeated(0x61, 241)), segment("a".repeat(241)));
});

Deno.test("S3 keys that cannot be paths have the hashed names of the examples", () => {
  for (
    const [key, expected] of [
      ["dir/", "56aa336ce5e484fd6aa17b4e075d5be3__dir%2F"],
      ["", "e3b0c44298fc1c149afbf4c8996fb924__"],
      ["..", "5ec1f7e700f37c3d0b2981d04855fc34__.."],
      ["a//b", "7a9acf331a5dc1e020c17901e85936a2__a%2F%2Fb"],
      ["a\\b", "c62016d0f8ee333350283fd879b50b69__a%5Cb"],
      ["_orphans/x", "4550c5ab25eb249870a4874caa797c4a___orphans%2Fx"],
      ["_bucket.json", "e7b494ff8f7bef050339f83852eadbf4___bucket.json"],
      ["L".repeat(236), "a75fe8954e19c36d3916d11587fc2abd__" + "L".repeat(64)],
    ]
  ) strictEqual(hashedSegment(encodeUtf8(key)), expected);
  strictEqual(hashedSegment(bytes("ff")), "a8100ae6aa1940d0b663bb31cd466142__%FF");
});

Deno.test("every name has a segment of its own charset and length, and comes back from it", () => {
  fc.assert(
    fc.property(names, (raw) => {
      for (const encoded of [encodeSegment(raw), encodeBinarySegment(raw)]) {
        ok(encoded.length <= 240);
        ok(/^[A-Za-z0-9._%-]*$/.test(encoded), encoded);
        if (isHashedSegment(encoded)) continue;
        deepStrictEqual(decodeSegment(encoded), raw);
      }
      ok(isHashedSegment(hashedSegment(raw)) && hashedSegment(raw).length <= 226);
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

Deno.test("what decodes is exactly the segment of what it decodes to", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "%", "2", "F", "f", "41", ".", "b64.", "A", "_", "~", "="),
    maxLength: 8,
  });
  let decoded = 0;
  fc.assert(
    fc.property(text, (text) => {
      let raw: Uint8Array;
      try {
        raw = decodeSegment(text);
      } catch (error) {
        ok(error instanceof UnsoundError && error.code === "invalid-tree");
        return;
      }
      decoded++;
      const encoded = text.startsWith("b64.") ? encodeBinarySegment(raw) : encodeSegment(raw);
      strictEqual(escapeDotSegment(encoded), escapeDotSegment(text));
    }),
    { seed: SEED, numRuns: 5000 },
  );
  ok(decoded > 500);
});

Deno.test("malformed segments are refused with what is wrong", () => {
  for (
    const [text, message] of [
      ["%", /wrong escape/],
      ["%1", /wrong escape/],
      ["abc%2", /wrong escape/],
      ["%GG", /wrong escape/],
      ["a/b", /unescaped byte/],
      ["hello world", /unescaped byte/],
      ["é", /unescaped byte/],
      ["a~0123abcd", /unescaped byte/],
      ["b64.!!!", /is not base64/],
      ["b64.padding=", /is not base64/],
      ["b64.A", /is not base64/],
      ["b64.AB", /is not base64/], // bits behind the last byte
      ["b64.AA\r\nAA", /is not base64/],
      ["%2f", /should be written %2F/],
      ["%41", /should be written A/],
      ["%2E%2e", /should be written \.\./],
      ["%2Ea", /should be written \.a/],
      ["%62%36%34%2E", /should be written 0e3246de4838b88fa1b243cce26975b5__b64\./],
      ["a".repeat(241), /longer than 240/],
      ["0123456789abcdef0123456789abcdef__x", /is a hash/],
      ["0123456789ABCDEF0123456789abcdef__", /is a hash/],
    ] as const
  ) throws(() => decodeSegment(text), { name: "UnsoundError", code: "invalid-tree", message });
});

Deno.test("a name in a message cannot change the terminal", () => {
  throws(() => decodeSegment("\x1b[2J"), /the file name \\x1b\[2J has/);
});

Deno.test("a hashed segment is known by its form, with digits of either case", () => {
  ok(isHashedSegment("0123456789abcdef0123456789ABCDEF__"));
  ok(isHashedSegment(segment("b64.x")));
  ok(!isHashedSegment("0123456789abcdef0123456789abcdef_x"));
  ok(!isHashedSegment("0123456789abcdef0123456789abcdeg__"));
  ok(!isHashedSegment("x0123456789abcdef0123456789abcdef__"));
});

Deno.test("dot segments are escaped where they stand alone, and decode from there", () => {
  strictEqual(escapeDotSegment("."), "%2E");
  strictEqual(escapeDotSegment(".."), "%2E%2E");
  for (const other of ["", "...", ".a", "%2E"]) strictEqual(escapeDotSegment(other), other);
  strictEqual(decodeUtf8(decodeSegment("%2E")), ".");
  strictEqual(decodeUtf8(decodeSegment("%2E%2E")), "..");
  strictEqual(decodeUtf8(decodeSegment("..")), "..");
});

Deno.test("a segment is appended behind what is there, from the range that is given", () => {
  fc.assert(
    fc.property(names, fc.nat(3), fc.nat(3), (raw, before, after) => {
      const framed = new Uint8Array(before + raw.length + after).fill(0x2f);
      framed.set(raw, before);
      const out = new ByteBuilder(1).ascii("p/");
      appendSegmentTo(out, framed, before, before + raw.length);
      strictEqual(decodeUtf8(out.view()), "p/" + encodeSegment(raw));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

Deno.test("the suffix of a clash is made from the key and can be part of no segment", () => {
  strictEqual(clashSuffix(encodeUtf8("hello")), "~2cf24dba");
  throws(() => decodeSegment("a" + clashSuffix(encodeUtf8("hello"))));
});
