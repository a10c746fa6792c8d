import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { encodedName, nameBytes, nameOfText, nameText } from "../../src/text/name_text.ts";

Deno.test("names that are text are themselves, all others are base64 behind a mark", () => {
  for (
    const [bytes, text] of [
      [[0x6f, 0x6b], "ok"],
      [[0xc3, 0xa9], "é"],
      [[0x62, 0xff], "b64:Yv8"],
      [[0x62, 0xfe], "b64:Yv4"],
      [[], "b64:"],
      [[...new TextEncoder().encode("b64:")], "b64:YjY0Og"],
      [[...new TextEncoder().encode("b64:Yv8")], "b64:YjY0Oll2OA"],
    ] as const
  ) strictEqual(nameText(Uint8Array.from(bytes)), text);
});

Deno.test("any two names have two texts, and each text gives its name back (seed 5)", () => {
  const mark = [...new TextEncoder().encode("b64:")];
  const name = fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 12 })).map(([marked, tail]) =>
    Uint8Array.from(marked ? [...mark, ...tail] : tail)
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 40 }), (names) => {
      const texts = names.map(nameText);
      strictEqual(new Set(texts).size, new Set(names.map(String)).size);
      names.forEach((name, i) => {
        deepStrictEqual(nameOfText(texts[i]), name);
        deepStrictEqual(nameOfText(encodedName(name)), name);
      });
    }),
    { seed: 5, numRuns: 500 },
  );
});

Deno.test("text that stands for no name is refused, and it says how such a name is written", () => {
  for (const text of ["", "b64:a", "b64:YQ==", "b64:YR", "b64:a+b/"]) {
    strictEqual(nameOfText(text), undefined);
    throws(() => nameBytes(text), (error: { code: string; hint: string }) => {
      match(error.hint, /behind b64: stand the bytes of a name/);
      return error.code === "usage";
    });
  }
  deepStrictEqual(nameBytes(Uint8Array.of(0xff)), Uint8Array.of(0xff));
});
