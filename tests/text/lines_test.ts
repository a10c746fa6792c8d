import { deepStrictEqual, rejects } from "node:assert/strict";
import fc from "fast-check";
import { lines } from "../../src/text/lines.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

async function split(chunks: Uint8Array[], limit = 100): Promise<[string, number, number][]> {
  const found: [string, number, number][] = [];
  const tooLong = (number: number, offset: number) => new Error(`line ${number} at ${offset}`);
  for await (const line of lines(chunks, limit, tooLong)) {
    found.push([
      decodeUtf8(line.bytes, line.start, line.end) as string,
      line.number,
      line.offset,
    ]);
  }
  return found;
}

Deno.test("a line ends at LF, one CR before it is dropped, and the last needs no LF", async () => {
  deepStrictEqual(await split([encodeUtf8("a\r\n\nb\r\r\n\rc")]), [
    ["a", 1, 0],
    ["", 2, 3],
    ["b\r", 3, 4],
    ["\rc", 4, 8],
  ]);
  deepStrictEqual(await split([encodeUtf8("a\r")]), [["a", 1, 0]]);
  deepStrictEqual(await split([encodeUtf8("a\n")]), [["a", 1, 0]]);
  deepStrictEqual(await split([]), []);
});

Deno.test("the lines do not depend on how the stream is cut into chunks", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "bc", "\n", "\r"), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(30), { maxLength: 5 }), async (s, cuts) => {
      const bytes = encodeUtf8(s);
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, i) => bytes.slice(at[i], end));
      deepStrictEqual(await split(chunks), await split([bytes]));
      deepStrictEqual(await split([...bytes].map((b) => Uint8Array.of(b))), await split([bytes]));
    }),
    { seed: 10, numRuns: 500 },
  );
});

Deno.test("a line at its limit is read and a longer one refused, before it has all been held", async () => {
  const ok = encodeUtf8("x\n" + "a".repeat(100) + "\r\n" + "b".repeat(100));
  deepStrictEqual((await split([ok])).map(([line]) => line.length), [1, 100, 100]);
  await rejects(split([encodeUtf8("x\n" + "a".repeat(101) + "\n")]), /line 2 at 2/);
  await rejects(split([encodeUtf8("x\n" + "a".repeat(101))]), /line 2 at 2/);
  let given = 0;
  function* endless() {
    for (;;) {
      given++;
      yield new Uint8Array(60).fill(0x61);
    }
  }
  await rejects(async () => {
    const tooLong = () => new Error("too long");
    for await (const _ of lines(endless(), 100, tooLong));
  }, /too long/);
  deepStrictEqual(given, 2);
});
