import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compareBytes } from "../../src/bytes/compare.ts";
import {
  characterLength,
  compareUtf8,
  decodeUtf8,
  encodeUtf8,
  isUtf8,
} from "../../src/text/utf8.ts";

const SEED = 3629;

/** What the platform says, by its own decoder. */
function platform(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes that are often nearly UTF-8. */
const nearlyText = fc.array(
  fc.oneof(
    fc.string({ unit: "grapheme" }).map(encodeUtf8),
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom(
      Uint8Array.of(0xed, 0xa0, 0x80),
      Uint8Array.of(0xc0, 0x80),
      Uint8Array.of(0xe0, 0x9f, 0xbf),
      Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
      Uint8Array.of(0xf0, 0x8f, 0xbf, 0xbf),
      Uint8Array.of(0xef, 0xbb, 0xbf),
    ),
  ),
  { maxLength: 12 },
).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

Deno.test("every pair of a lead byte and a second byte is judged as the platform judges it", () => {
  for (let lead = 0x80; lead < 0x100; lead++) {
    for (let second = 0; second < 0x100; second++) {
      for (const tail of [[], [0x80], [0x80, 0x80], [0xbf, 0xbf], [0x80, 0x40]]) {
        const bytes = Uint8Array.of(lead, second, ...tail);
        strictEqual(isUtf8(bytes), platform(bytes) !== undefined, `${[...bytes]}`);
      }
    }
  }
});

Deno.test("text decodes as the platform decodes it, and nothing else does", () => {
  fc.assert(
    fc.property(nearlyText, fc.nat(5), fc.nat(5), (bytes, before, after) => {
      const framed = new Uint8Array(before + bytes.length + after).fill(0x80);
      framed.set(bytes, before);
      const end = before + bytes.length;
      const expected = platform(bytes);
      strictEqual(decodeUtf8(framed, before, end), expected);
      strictEqual(isUtf8(framed, before, end), expected !== undefined);
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

Deno.test("a byte order mark is kept", () => {
  strictEqual(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  const long = encodeUtf8("\ufeff" + "a".repeat(100));
  strictEqual(decodeUtf8(long)?.length, 101);
});

Deno.test("a bad byte is found behind any length of ASCII", () => {
  for (let n = 0; n < 40; n++) {
    const bytes = new Uint8Array(n + 1).fill(0x61);
    strictEqual(isUtf8(bytes), true);
    bytes[n] = 0xff;
    strictEqual(isUtf8(bytes), false, `${n}`);
    strictEqual(isUtf8(bytes, 0, n), true);
  }
});

Deno.test("a character has the length of its encoding, and a cut one has none", () => {
  for (const character of ["a", "é", "あ", "😀", "\u{10ffff}", "\ud7ff", "\ue000"]) {
    const bytes = encodeUtf8(character);
    strictEqual(characterLength(bytes, 0, bytes.length), bytes.length);
    for (let end = 1; end < bytes.length; end++) strictEqual(characterLength(bytes, 0, end), 0);
  }
});

Deno.test("half a surrogate pair is encoded as U+FFFD", () => {
  deepStrictEqual(encodeUtf8("\ud800"), Uint8Array.of(0xef, 0xbf, 0xbd));
});

Deno.test("strings compare as the bytes of their UTF-8 do", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\uffff", "\ue000", "\u{10000}", "é") });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = compareBytes(encodeUtf8(a), encodeUtf8(b));
      strictEqual(Math.sign(compareUtf8(a, b)), Math.sign(bytes));
    }),
    { seed: SEED, numRuns: 2000 },
  );
});
