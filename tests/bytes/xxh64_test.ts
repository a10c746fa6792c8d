import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { toHex } from "../../src/bytes/hex.ts";
import { loadDigests, xxh64, xxh64Stream } from "../../src/bytes/digest.ts";
import { PlainXxh64, plainXxh64 } from "../../src/bytes/xxh64.ts";
import { Random } from "../support/generator/random.ts";

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
await loadDigests();

for (const [name, digest] of [["WebAssembly", xxh64], ["TypeScript", plainXxh64]] as const) {
  Deno.test(`XXH64 in ${name} gives the published values`, () => {
    strictEqual(toHex(digest(text(""))), "ef46db3751d8e999");
    strictEqual(toHex(digest(text("a"))), "d24ec4f1a98c6e5b");
    strictEqual(toHex(digest(text("abc"))), "44bc2cf5ad770999");
    const pangram = "Call me Ishmael. Some years ago--never mind how long precisely-";
    strictEqual(toHex(digest(text(pangram))), "02a2e85470d6fd96");
  });
}

Deno.test("both give the same for every length, wherever the bytes lie", () => {
  const random = new Random(7);
  for (let length = 0; length < 600; length++) {
    const from = random.below(9);
    const bytes = Uint8Array.from({ length: from + length }, () => random.below(256));
    const part = bytes.subarray(from);
    deepStrictEqual(plainXxh64(part), xxh64(part), `length ${length}`);
  }
  for (const byte of [0, 0xff]) {
    const block = new Uint8Array(65_536).fill(byte);
    deepStrictEqual(plainXxh64(block), xxh64(block));
  }
});

Deno.test("streams of XXH64 give the same, however the bytes are split", () => {
  const random = new Random(8);
  const bytes = Uint8Array.from({ length: 300 }, () => random.below(256));
  for (let round = 0; round < 200; round++) {
    const part = bytes.subarray(0, random.below(bytes.length));
    const streams = [xxh64Stream(), new PlainXxh64()];
    for (let at = 0; at < part.length;) {
      const piece = part.subarray(at, at += random.below(70));
      for (const stream of streams) stream.update(piece);
    }
    for (const stream of streams) deepStrictEqual(stream.digest(), xxh64(part));
  }
});
