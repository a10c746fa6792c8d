import { ok, strictEqual } from "node:assert/strict";
import { BlockCache } from "../../src/sources/block_cache.ts";
import { Random } from "../support/generator/random.ts";

Deno.test("a cache keeps the latest used blocks, as many as fit, as a list in memory does", () => {
  const random = new Random(20261129);
  for (let run = 0; run < 50; run++) {
    const limit = 10 + random.below(100);
    const cache = new BlockCache(limit);
    const sources = [cache.add(0), cache.add(0), cache.add(0)];
    // What a cache should have, the latest used last.
    let kept: { source: number; block: number; bytes: Uint8Array }[] = [];
    const take = (source: number, block: number) => {
      const found = kept.find((one) => one.source === source && one.block === block);
      kept = kept.filter((one) => one !== found);
      return found;
    };
    for (let step = 0; step < 300; step++) {
      const source = random.pick(sources);
      const block = random.below(8);
      const found = take(source, block);
      strictEqual(cache.get(source, block), found?.bytes);
      if (found) kept.push(found);
      if (random.below(2) === 0) continue;
      take(source, block);
      const bytes = new Uint8Array(random.below(30));
      cache.set(source, block, bytes);
      kept.push({ source, block, bytes });
      while (kept.length > 1 && kept.reduce((n, { bytes }) => n + bytes.length, 0) > limit) {
        kept.shift();
      }
    }
  }
});

Deno.test("the latest block is kept whatever its size, and alone", () => {
  const cache = new BlockCache(100);
  const source = cache.add(0);
  const [small, huge] = [new Uint8Array(10), new Uint8Array(1000)];
  cache.set(source, 0, small);
  cache.set(source, 1, huge);
  strictEqual(cache.get(source, 1), huge);
  strictEqual(cache.get(source, 0), undefined);
  cache.set(source, 0, small);
  strictEqual(cache.get(source, 1), undefined);
});

/** How many blocks of 64 KiB, one of each source, are still there when all were read. */
function keptOf(sources: number): number {
  const cache = new BlockCache();
  const block = new Uint8Array(64 << 10);
  const numbers = Array.from({ length: sources }, () => cache.add(block.length));
  for (const number of numbers) cache.set(number, 2 ** 32 - 1, block);
  return numbers.filter((number) => cache.get(number, 2 ** 32 - 1)).length;
}

Deno.test("sources that are walked over side by side keep a block each, up to 64 MiB of them", () => {
  for (const sources of [1, 100, 400, 1023]) strictEqual(keptOf(sources), sources);
  strictEqual(keptOf(3000), 1024);
});

Deno.test("a block that leaves gives its buffer to one as long, and to no other", () => {
  const cache = new BlockCache(100);
  const source = cache.add(0);
  const first = cache.take(60);
  cache.set(source, 0, first);
  const second = cache.take(40);
  ok(second !== first, "there is room for both");
  cache.set(source, 1, second);
  strictEqual(cache.take(60), first);
  strictEqual(cache.get(source, 0), undefined);
  cache.set(source, 2, first);
  strictEqual(cache.take(50).length, 50);
  strictEqual(cache.get(source, 1), undefined);
  strictEqual(cache.get(source, 2), undefined);
});
