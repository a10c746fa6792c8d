import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { xxh64 } from "../../src/bytes/digest.ts";
import { SourceChangedError } from "../../src/errors.ts";
import { BlockCache } from "../../src/sources/block_cache.ts";
import { BlockDigests } from "../../src/sources/block_digests.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { MaybePromise, Source } from "../../src/sources/source.ts";
import { VerifiedSource } from "../../src/sources/verified_source.ts";
import { Random } from "../support/generator/random.ts";
import { LateSource } from "../support/split_sources.ts";

const BLOCK = 64;

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7) >> 3);
}

/** Digests of the bytes, added in pieces of up to so many. */
function digestsOf(bytes: Uint8Array, piece: number): BlockDigests {
  const random = new Random(piece);
  const digests = new BlockDigests(bytes.length, BLOCK);
  for (let at = 0; at < bytes.length;) {
    const n = 1 + random.below(piece);
    digests.add(bytes.subarray(at, at + n));
    at += n;
  }
  digests.finish();
  return digests;
}

function verified(
  bytes: Uint8Array,
  source: Source = new BytesSource(bytes),
  cache?: BlockCache,
): VerifiedSource {
  return new VerifiedSource(source, digestsOf(bytes, 1000), cache);
}

/** Counts what is read of a source. */
class CountedSource extends BytesSource {
  reads = 0;
  bytes = 0;

  override read(offset: number, into: Uint8Array): number {
    const n = super.read(offset, into);
    this.reads++;
    this.bytes += n;
    return n;
  }
}

Deno.test("the digests are XXH64 of each block, however the bytes came, and the last is short", () => {
  const bytes = sample(10 * BLOCK + 5);
  const expected = Uint8Array.from(
    { length: 11 },
    (_, i) => i,
  ).reduce(
    (all, i) => [...all, ...xxh64(bytes.subarray(i * BLOCK, (i + 1) * BLOCK))],
    [] as number[],
  );
  for (const piece of [1, 3, BLOCK, BLOCK + 1, 500, 5000]) {
    const digests = digestsOf(bytes, piece);
    deepStrictEqual([digests.size, [...digests.bytes]], [bytes.length, expected]);
  }
});

Deno.test("sources of 4 PiB have longer blocks instead of more than 32 MiB of digests", () => {
  for (
    const [size, block, length] of [
      [2 ** 38, 2 ** 16, 2 ** 25],
      [2 ** 38 + 1, 2 ** 17, 2 ** 24 + 8],
      [2 ** 52, 2 ** 30, 2 ** 25],
    ]
  ) {
    const digests = new BlockDigests(size);
    deepStrictEqual([digests.blockLength, digests.bytes.length], [block, length]);
  }
});

for (const length of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 20 * BLOCK, 20 * BLOCK + 7]) {
  Deno.test(`a source of ${length} bytes gives what it gave, at any offset, at once or later`, async () => {
    const bytes = sample(length);
    const random = new Random(length);
    const sources = [new BytesSource(bytes), new LateSource(bytes), new LateSource(bytes, true)];
    // A cache of two blocks gives the buffers of those that leave to those that come.
    const cases = sources.flatMap((source) => [
      { inner: source, cache: undefined },
      { inner: source, cache: new BlockCache(BLOCK) },
    ]);
    for (const { inner, cache } of cases) {
      const source = verified(bytes, inner, cache);
      deepStrictEqual([source.name, source.size], [inner.name, length]);
      const read = async (): Promise<void> => {
        const offset = random.below(length + 20);
        const into = new Uint8Array(random.pick([0, 1, 9, BLOCK, 3 * BLOCK, 5 * BLOCK + 3, 3000]))
          .fill(0xee);
        const part = bytes.subarray(offset, offset + into.length);
        strictEqual(await source.read(offset, into), part.length);
        deepStrictEqual(into.subarray(0, part.length), part);
        ok(into.subarray(part.length).every((b) => b === 0xee), "nothing behind it is touched");
      };
      for (let i = 0; i < 100; i++) await read();
      // Reads that wait at the same time do not disturb each other.
      for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 8 }, read));
    }
  });
}

Deno.test("what is there at once is given at once", () => {
  const source = verified(sample(5 * BLOCK));
  strictEqual(source.read(3, new Uint8Array(2 * BLOCK)), 2 * BLOCK);
});

async function changed(read: () => MaybePromise<number>, offset: number): Promise<void> {
  await rejects(async () => await read(), (error) => {
    ok(error instanceof SourceChangedError, String(error));
    strictEqual(error.code, "source-changed");
    deepStrictEqual([error.file, error.offset], ["bytes", offset]);
    ok(error.hint);
    return true;
  });
}

Deno.test("a changed byte is found by every read of its block, and by no other", async () => {
  const length = 6 * BLOCK + 9;
  for (let at = 0; at < length; at += 5) {
    const bytes = sample(length);
    const source = verified(bytes);
    bytes[at] ^= 1 << (at % 8);
    const block = Math.floor(at / BLOCK);
    for (let offset = 0; offset < length; offset += 17) {
      for (const n of [1, BLOCK, 2 * BLOCK + 30]) {
        const last = Math.floor((Math.min(offset + n, length) - 1) / BLOCK);
        const touches = block >= Math.floor(offset / BLOCK) && block <= last;
        const read = () => source.read(offset, new Uint8Array(n));
        if (touches) await changed(read, block * BLOCK);
        else strictEqual(read(), Math.min(n, length - offset));
      }
    }
  }
});

Deno.test("a source that was cut is found out where it ends", async () => {
  const bytes = sample(6 * BLOCK + 9);
  const digests = digestsOf(bytes, 1000);
  for (const length of [0, 1, BLOCK, 2 * BLOCK + 5, 6 * BLOCK + 8]) {
    const source = new VerifiedSource(new BytesSource(bytes.subarray(0, length)), digests);
    const whole = Math.floor(length / BLOCK) * BLOCK;
    strictEqual(source.read(0, new Uint8Array(whole)), whole);
    await changed(() => source.read(whole, new Uint8Array(1)), length);
    await changed(() => source.read(0, new Uint8Array(bytes.length)), length);
  }
});

Deno.test("what was not there in the first reading is not there later", () => {
  const source = verified(sample(100), new BytesSource(sample(500)));
  strictEqual(source.read(90, new Uint8Array(50)), 10);
  strictEqual(source.read(100, new Uint8Array(50)), 0);
});

Deno.test("a look-up reads one block, and nothing when that was the last one", () => {
  const bytes = sample(100 * BLOCK);
  const counted = new CountedSource(bytes);
  const source = verified(bytes, counted);
  source.read(50 * BLOCK + 3, new Uint8Array(10));
  deepStrictEqual([counted.reads, counted.bytes], [1, BLOCK]);
  source.read(50 * BLOCK + 13, new Uint8Array(20));
  deepStrictEqual([counted.reads, counted.bytes], [1, BLOCK]);
  source.read(51 * BLOCK - 1, new Uint8Array(2));
  deepStrictEqual([counted.reads, counted.bytes], [2, 2 * BLOCK]);
});

Deno.test("a walk reads every block once, in pieces as long as they can be", async () => {
  for (const blocks of [100, 200, 400]) {
    const bytes = sample(blocks * BLOCK);
    const counted = new CountedSource(bytes);
    const source = verified(bytes, counted);
    const piece = new Uint8Array(10 * BLOCK);
    let pieces = 0;
    for (let at = 7; at < bytes.length; pieces++) at += await source.read(at, piece);
    deepStrictEqual([counted.bytes, pieces], [bytes.length, blocks / 10]);
    // Whole blocks, and the one that is cut at the end of the piece.
    ok(counted.reads <= 2 * pieces + 1, `${counted.reads} reads for ${pieces} pieces`);
  }
});

Deno.test("closing it closes what it reads", () => {
  let closed = 0;
  const inner = new BytesSource(sample(10));
  inner.close = () => void closed++;
  verified(sample(10), inner).close();
  strictEqual(closed, 1);
});
