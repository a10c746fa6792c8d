import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { appendBase64, fromBase64, STANDARD, toBase64, URL_SAFE } from "../../src/bytes/base64.ts";
import { ByteBuilder } from "../../src/bytes/builder.ts";

const SEED = 20260822;
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** What the runtime's own encoder gives, in either alphabet. */
function reference(bytes: Uint8Array, urlSafe: boolean): string {
  const standard = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  if (!urlSafe) return standard;
  return standard.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

Deno.test("base64 is what the runtime's own encoder gives, and reads back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (bytes, before) => {
      for (const kind of [STANDARD, URL_SAFE]) {
        const expected = reference(bytes, kind === URL_SAFE);
        strictEqual(toBase64(kind, bytes), expected);
        const out = new ByteBuilder(1).ascii("x".repeat(before));
        appendBase64(out, kind, new Uint8Array([0, ...bytes, 0]), 1, bytes.length + 1);
        deepStrictEqual(out.take(), text("x".repeat(before) + expected));
        deepStrictEqual(fromBase64(kind, text(expected)), bytes);
        const inside = text(`(${expected})`);
        deepStrictEqual(fromBase64(kind, inside, 1, inside.length - 1), bytes);
      }
    }),
    { seed: SEED },
  );
});

Deno.test("only the text that encoding gives is read: every other text of four characters is refused", () => {
  const digits = ["A", "Q", "B", "/", "_", "-", "+", "=", " ", "\n", "\x80"];
  for (const kind of [STANDARD, URL_SAFE]) {
    for (let i = 0; i < digits.length ** 4; i++) {
      const s = [1, 11, 121, 1331].map((power) => digits[Math.floor(i / power) % 11]).join("");
      for (const length of [1, 2, 3, 4]) {
        const candidate = Uint8Array.from(s.slice(0, length), (c) => c.charCodeAt(0));
        const read = fromBase64(kind, candidate);
        if (read) strictEqual(toBase64(kind, read), s.slice(0, length));
      }
    }
  }
});

Deno.test("texts that almost are base64 are refused", () => {
  for (
    const s of [
      "Q",
      "QQ",
      "QQQ",
      "QQ=",
      "Q===",
      "QR==",
      "QUJ=",
      "====",
      "=",
      "QQ==QQ==",
      "QQ== ",
      "Q Q=",
    ]
  ) {
    strictEqual(fromBase64(STANDARD, text(s)), undefined, s);
  }
  for (const s of ["Q", "QR", "QUJ", "QQ==", "QQ=", "Q+", "QQ/A", "QQ\n", "QQQQQ"]) {
    strictEqual(fromBase64(URL_SAFE, text(s)), undefined, s);
  }
});

Deno.test("all bytes have the digits of the standard", () => {
  const vectors: [string, string][] = [
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ];
  for (const [raw, encoded] of vectors) strictEqual(toBase64(STANDARD, text(raw)), encoded);
  strictEqual(toBase64(STANDARD, Uint8Array.of(0xfb, 0xff, 0xfe)), "+//+");
  strictEqual(toBase64(URL_SAFE, Uint8Array.of(0xfb, 0xff, 0xfe)), "-__-");
});
