import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { BytesFinder, type Finder, PieceFinder, TextFinder } from "../../src/text/finder.ts";
import { Random } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function inPieces(finder: Finder, bytes: Uint8Array, sizes: () => number): number | undefined {
  const pieces = new PieceFinder(finder);
  for (let at = 0; at < bytes.length;) {
    const size = sizes();
    pieces.add(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces.end()?.start;
}

Deno.test("the first place of certain bytes is found, wherever pieces end", () => {
  const random = new Random(randomSeed());
  for (let run = 0; run < 3000; run++) {
    const alphabet = 1 + random.below(3);
    const some = (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => random.below(alphabet));
    const bytes = some(random.below(60));
    const wanted = some(1 + random.below(6));
    const text = String.fromCharCode(...bytes);
    const first = text.indexOf(String.fromCharCode(...wanted));
    const expected = first < 0 ? undefined : first;
    const finder = new BytesFinder(wanted);
    strictEqual(finder.find(bytes, 0, bytes.length)?.start, expected);
    const start = random.below(bytes.length + 1);
    const behind = text.indexOf(String.fromCharCode(...wanted), start);
    strictEqual(finder.find(bytes, start, bytes.length)?.start, behind < 0 ? undefined : behind);
    strictEqual(inPieces(finder, bytes, () => 1 + random.below(5)), expected);
  }
});

Deno.test("a regular expression matches text by its characters, and tells places in bytes", () => {
  const finder = new TextFinder(/ö+b/gu);
  const bytes = bytesOf("xäöö öböb");
  deepStrictEqual(finder.find(bytes, 0, bytes.length), { start: 8, end: 11 });
  for (let size = 1; size <= bytes.length; size++) {
    strictEqual(inPieces(finder, bytes, () => size), 8, `pieces of ${size}`);
  }
});

Deno.test("the ends of pieces are no ends of the value", () => {
  const cases: [RegExp, string, number | undefined][] = [
    [/^a/g, "xaaa", undefined],
    [/^x/g, "xaaa", 0],
    [/a$/g, "aaab", undefined],
    [/a$/g, "aaba", 3],
    [/\bword\b/g, "swords word", 7],
    [/(?<!x)y/g, "xyxyzy", 5],
  ];
  for (const [regex, text, expected] of cases) {
    const finder = new TextFinder(regex);
    const bytes = bytesOf(text);
    strictEqual(finder.find(bytes, 0, bytes.length)?.start, expected, String(regex));
    for (let size = 1; size <= bytes.length; size++) {
      strictEqual(inPieces(finder, bytes, () => size), expected, `${regex} in pieces of ${size}`);
    }
  }
});

Deno.test("bytes that are not UTF-8 are matched one by one", () => {
  const bytes = Uint8Array.of(0xff, 0x61, 0x62, 0xfe);
  deepStrictEqual(new TextFinder(/b/g).find(bytes, 0, 4), { start: 2, end: 3 });
});

Deno.test("a long value is searched a window at a time, and nothing at their borders is missed", () => {
  const size = 5 << 20;
  for (const at of [(1 << 20) - 3, (2 << 20) - 1, 2 << 20, size - 6]) {
    const bytes = new Uint8Array(size).fill(0x2e);
    bytes.set(bytesOf("needle"), at);
    const expected = { start: at, end: at + 6 };
    deepStrictEqual(new BytesFinder(bytesOf("needle")).find(bytes, 0, size), expected);
    const found = new TextFinder(/ne+dle/g).find(bytes, 0, size)!;
    deepStrictEqual({ start: found.start, end: found.end }, expected);
  }
});
