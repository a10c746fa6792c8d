import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { printable } from "../../src/text/printable.ts";
import { encodeUtf8 } from "../../src/text/utf8.ts";

Deno.test("ordinary text of any script is shown as it is", () => {
  for (const text of ["orders/17.json", "é あ 😀 עברית العربية", 'a\\b %41 "q"', ""]) {
    strictEqual(printable(text), text);
    strictEqual(printable(encodeUtf8(text)), text);
  }
});

Deno.test("control characters cannot reach a terminal", () => {
  strictEqual(printable("\x1b[31mred\x07\n\x7f\0"), "\\x1b[31mred\\x07\\x0a\\x7f\\x00");
  strictEqual(printable("\u0085\u009b"), "\\u{85}\\u{9b}");
});

Deno.test("what changes the direction of text, or cannot be seen, is spelled out", () => {
  strictEqual(
    printable("a\u202egnp.exe\u2066\u200f\u061c\u200b\ufeff\u2028\u{e0041}"),
    "a\\u{202e}gnp.exe\\u{2066}\\u{200f}\\u{61c}\\u{200b}\\u{feff}\\u{2028}\\u{e0041}",
  );
});

Deno.test("bytes that are not UTF-8 are shown one by one", () => {
  strictEqual(printable(Uint8Array.of(0x61, 0xff, 0xe3, 0x81, 0x62)), "a\\xff\\xe3\\x81b");
});

Deno.test("a long value is cut between characters and tells its length in bytes", () => {
  strictEqual(printable("a".repeat(200)), "a".repeat(200));
  const cut = printable("a".repeat(201));
  strictEqual(cut, "a".repeat(200 - "… (201 bytes)".length) + "… (201 bytes)");
  strictEqual(printable("\0".repeat(10), 22), "\\x00\\x00… (10 bytes)");
  strictEqual(printable("ああああ", 4), "ああああ");
});

Deno.test("what was made printable once is not changed again, and holds nothing dangerous", () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  fc.assert(
    fc.property(value, (value) => {
      const shown = printable(value);
      strictEqual(printable(shown), shown);
      ok(shown.length <= 200);
      ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(shown));
    }),
    { seed: 9, numRuns: 1000 },
  );
});
