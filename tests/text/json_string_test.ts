import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { appendJsonString, appendJsonText } from "../../src/text/json_string.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

const SEED = 8259;

function quoted(bytes: Uint8Array, html = false): string {
  const out = new ByteBuilder(1);
  appendJsonString(out, bytes, 0, bytes.length, html);
  return decodeUtf8(out.view()) as string;
}

Deno.test("controls have their short escapes or four lower-case digits", () => {
  const controls = Uint8Array.from({ length: 32 }, (_, i) => i);
  strictEqual(
    quoted(controls),
    '"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f' +
      "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c" +
      '\\u001d\\u001e\\u001f"',
  );
});

Deno.test("the quote and the backslash are escaped; DEL, the slash and other text are not", () => {
  strictEqual(
    quoted(encodeUtf8('a"b\\c/\x7f é あ 😀 \ufeff\ufffd')),
    '"a\\"b\\\\c/\x7f é あ 😀 \ufeff\ufffd"',
  );
});

Deno.test("the separators that end a line in JavaScript are escaped, their neighbours are not", () => {
  strictEqual(quoted(encodeUtf8("\u2027\u2028\u2029\u202a")), '"\u2027\\u2028\\u2029\u202a"');
});

Deno.test("angle brackets and the ampersand are escaped only for HTML", () => {
  strictEqual(quoted(encodeUtf8("<a&b>"), false), '"<a&b>"');
  strictEqual(quoted(encodeUtf8("<a&b>"), true), '"\\u003ca\\u0026b\\u003e"');
  strictEqual(quoted(encodeUtf8("\u2028\n"), true), '"\\u2028\\n"');
});

Deno.test("each byte that is no part of a character becomes one escape", () => {
  const bad = "\\ufffd";
  strictEqual(quoted(Uint8Array.of(0xff)), `"${bad}"`);
  strictEqual(quoted(Uint8Array.of(0x61, 0x80, 0x62)), `"a${bad}b"`);
  strictEqual(quoted(Uint8Array.of(0xe3, 0x81)), `"${bad}${bad}"`); // a character that is cut
  strictEqual(quoted(Uint8Array.of(0xe3, 0x81, 0x61)), `"${bad}${bad}a"`);
  strictEqual(quoted(Uint8Array.of(0xed, 0xa0, 0x80)), `"${bad}${bad}${bad}"`); // a surrogate
  strictEqual(quoted(Uint8Array.of(0xc0, 0x80)), `"${bad}${bad}"`); // an over-long NUL
  strictEqual(
    quoted(Uint8Array.of(0xf0, 0x9f, 0x98, 0xe2, 0x80, 0xa8)),
    `"${bad}${bad}${bad}\\u2028"`,
  );
});

Deno.test("only the range that is asked for is written", () => {
  const out = new ByteBuilder();
  appendJsonString(out, encodeUtf8("あい"), 0, 4, false);
  strictEqual(decodeUtf8(out.view()), '"あ\\ufffd"');
});

Deno.test("what is written for text parses back as that text, and needs no other escapes", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("<", "&", ">", '"', "\\", "\u2028", "\u2029", "\u007f", "\ufeff"),
      fc.nat(0x1f).map((c) => String.fromCharCode(c)),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, fc.boolean(), (s, html) => {
      const out = new ByteBuilder(1);
      appendJsonText(out, s, html);
      const json = decodeUtf8(out.view()) as string;
      strictEqual(JSON.parse(json), s);
      let expected = JSON.stringify(s).replaceAll("\u2028", "\\u2028").replaceAll(
        "\u2029",
        "\\u2029",
      );
      if (html) {
        expected = expected.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")
          .replaceAll("&", "\\u0026");
      }
      strictEqual(json, expected);
    }),
    { seed: SEED, numRuns: 2000 },
  );
});
