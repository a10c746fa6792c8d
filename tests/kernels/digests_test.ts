import { deepStrictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { loadDigests } from "../../src/bytes/digest.ts";
import { loadKernels, type Rows } from "../../src/kernels/kernels.ts";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";

await loadDigests();
const KERNELS = [await loadKernels("wasm"), await loadKernels("js")];

function digests({ bytes, ranges, count }: Rows): Uint8Array {
  const all: number[] = [];
  for (let i = 0; i < count; i++) {
    const value = bytes.subarray(ranges[4 * i + 2], ranges[4 * i + 3]);
    all.push(...createHash("sha256").update(value).digest());
  }
  return Uint8Array.from(all);
}

Deno.test("values of any number and length have their digests, the long ones too", () => {
  const seed = randomSeed();
  const random = new Random(seed);
  const bytes = random.bytes(1 << 20);
  const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 0x4_0000, 0x4_0001, 300_000];
  for (const most of [0, 1, 2, 3, 4, 5, 9, 300, 5000]) {
    const ranges: number[] = [];
    let at = random.below(10);
    for (let i = 0; i < most; i++) {
      const length = most > 10 && random.below(50) > 0 ? random.below(200) : random.pick(LENGTHS);
      const value = at + random.below(20);
      if (value + length > bytes.length) break;
      ranges.push(at, value, value, value + length);
      at = value + length;
    }
    const rows = { bytes, ranges: Uint32Array.from(ranges), count: ranges.length / 4 };
    const expected = digests(rows);
    for (const kernels of KERNELS) {
      deepStrictEqual(
        kernels.digestValues(rows),
        expected,
        `seed ${seed}, ${kernels.name}, ${most}`,
      );
    }
  }
});
