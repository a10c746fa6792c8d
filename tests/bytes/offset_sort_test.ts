import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { sortOffsets } from "../../src/bytes/offset_sort.ts";

const SEED = 20_260_823;

Deno.test(`offsets are sorted by what stands there, and equals keep their order (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 70 }), (things) => {
      const offsets = Uint32Array.from(things, (_, i) => i);
      sortOffsets(offsets, (a, b) => things[a] - things[b]);
      deepStrictEqual(
        [...offsets],
        things.map((_, i) => i).sort((a, b) => things[a] - things[b] || a - b),
      );
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});
