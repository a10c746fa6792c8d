import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import snappy from "snappyjs";
import { fromHex } from "../../src/bytes/hex.ts";
import { uncompressPlainly } from "../../src/container/sst/plain_snappy.ts";
import { snappyLength, unsnappy } from "../../src/container/sst/snappy.ts";
import { Varints } from "../../src/container/sst/varints.ts";

const SEED = 20260822;
const text = (s: string) => new TextEncoder().encode(s);

/** What {@link unsnappy} does where there is no WebAssembly. */
function unsnappyPlainly(block: Uint8Array): Uint8Array | undefined {
  const length = snappyLength(block);
  if (length < 0) return undefined;
  const start = new Varints(block);
  start.next();
  return uncompressPlainly(block, start.at, length);
}

/** Blocks of some data, compressed. */
const blocks = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(200)).map(([part, n]) =>
      new Uint8Array(part.length * n).map((_, i) => part[i % part.length])
    ),
  ),
  { maxLength: 20 },
).map((parts) => {
  const plain = new Uint8Array(parts.flatMap((part) => [...part]));
  return { plain, block: snappy.compress(plain) as Uint8Array };
});

Deno.test("what an encoder compresses comes back", () => {
  fc.assert(
    fc.property(blocks, ({ plain, block }) => {
      strictEqual(snappyLength(block), plain.length);
      deepStrictEqual(unsnappy(block), plain);
      deepStrictEqual(unsnappyPlainly(block), plain);
    }),
    { seed: SEED, numRuns: 300 },
  );
  const large = new Uint8Array(3 << 20).map((_, i) => (i * i) >> 7);
  deepStrictEqual(unsnappy(snappy.compress(large)), large);
  deepStrictEqual(unsnappyPlainly(snappy.compress(large)), large);
  const larger = new Uint8Array(9 << 20).map((_, i) => (i * i) >> 7); // too large for WebAssembly
  deepStrictEqual(unsnappy(snappy.compress(larger)), larger);
});

Deno.test("a block in which something was changed is decoded the same way with WebAssembly and without", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  let refused = 0;
  fc.assert(
    fc.property(blocks, changes, fc.nat(), ({ block }, changes, cut) => {
      const changed = block.slice(0, cut % 4 === 0 ? cut % block.length : block.length);
      for (const [at, byte] of changes) changed[at % changed.length] = byte;
      const plain = unsnappyPlainly(changed);
      deepStrictEqual(unsnappy(changed), plain);
      if (!plain) refused++;
    }),
    { seed: SEED, numRuns: 3000 },
  );
  ok(refused > 500 && refused < 2500, `${refused} refused`);
});

Deno.test("every kind of element is decoded", () => {
  const cases: [string, string][] = [
    ["00", ""],
    ["03 08 616263", "abc"],
    ["03 f0 02 616263", "abc"], // length in one byte
    ["03 f4 0200 616263", "abc"], // in two
    ["03 f8 020000 616263", "abc"], // in three
    ["03 fc 02000000 616263", "abc"], // in four
    ["08 04 6162 09 02", "ab" + "ababab"], // copy 1, reaching into itself
    ["05 04 6162 0a 0200", "ab" + "aba"], // copy 2
    ["05 04 6162 0b 02000000", "ab" + "aba"], // copy 4
  ];
  for (const [hex, plain] of cases) {
    const block = fromHex(hex.replaceAll(" ", ""))!;
    deepStrictEqual(unsnappy(block), text(plain), hex);
    deepStrictEqual(unsnappyPlainly(block), text(plain), hex);
  }
});

Deno.test("malformed blocks are refused, whatever they claim", () => {
  for (
    const hex of [
      "", // no length
      "ff", // a cut length
      "ffffffffffffffffffff01", // a length of 64 bits
      "03 08 6162", // a cut literal
      "03 f4 02", // a cut literal length
      "04 08 616263", // fewer bytes than claimed
      "02 08 616263", // more bytes than claimed
      "06 04 6162 09 00", // a copy from offset 0
      "06 04 6162 09 03", // a copy from before the start
      "06 04 6162 09", // a cut copy
      "06 04 6162 0a 02",
      "06 04 6162 0b 020000",
      "05 04 6162 09 02", // a copy beyond the claimed length
      "06 04 6162 0b 020000ff", // an offset above 2^31
      "03 fc faffffff 616263", // a literal that would lead backwards, for ever
      "03 fc ffffffff 616263",
    ]
  ) {
    const block = fromHex(hex.replaceAll(" ", ""))!;
    strictEqual(unsnappy(block), undefined, hex);
    strictEqual(unsnappyPlainly(block), undefined, hex);
  }
});

Deno.test("a length that so few bytes cannot hold is refused before it is allocated", () => {
  strictEqual(snappyLength(fromHex("808080800100")!), -1);
  const most = new Uint8Array([...fromHex("40")!, 0xfe, 1, 0]); // 64 bytes from a copy of 3
  strictEqual(snappyLength(most), 64);
});

Deno.test("arbitrary bytes give the claimed length or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (block) => {
      const plain = unsnappyPlainly(block);
      if (plain) strictEqual(plain.length, snappyLength(block));
      deepStrictEqual(unsnappy(block), plain);
    }),
    { seed: SEED, numRuns: 5000 },
  );
});
