/** As in same_bytes_test.ts, with every case of the corpus and a thousand generated snapshots. */

import { casesOf, exists } from "../conformance/cases.ts";
import { generate, generateLarge } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { endWorkers, keepWorkers } from "../../src/workers/start.ts";
import { sameHoweverManyWork } from "./support.ts";

const WAYS = [1, 2, 3, 4].flatMap((jobs) =>
  (["wasm", "js"] as const).map((kernel) => ({ jobs, kernel }))
);
const SNAPSHOTS = 1000;

/** Every number of workers, and of the two kernels one each: the other one with the next case. */
function waysOf(i: number): typeof WAYS {
  return WAYS.filter((_, way) => (way % 2 + Math.floor(way / 2) + i) % 2 === 0);
}

/** A test whose workers are started once. */
function test(name: string, action: () => Promise<void>): void {
  Deno.test(name, async () => {
    try {
      for (const kernel of ["wasm", "js"] as const) await keepWorkers(4, kernel);
      await action();
    } finally {
      endWorkers();
    }
  });
}

for (const set of ["parity", "defects", "real"] as const) {
  test(`all ${set} cases come out the same from any number of workers`, async () => {
    for (const [i, { name, folder }] of casesOf(set).entries()) {
      for (const file of ["snapshot.fsm", "input.fsm"]) {
        if (!exists(folder + file)) continue;
        const bytes = Deno.readFileSync(folder + file);
        await sameHoweverManyWork(bytes, waysOf(i), {}, name);
      }
    }
  });
}

test(`${SNAPSHOTS} generated snapshots come out the same from any number of workers`, async () => {
  const seed = randomSeed();
  for (let i = 0; i < SNAPSHOTS; i++) {
    const bytes = generate(seed + i, { size: 40 }).file();
    const way = WAYS[i % WAYS.length];
    await sameHoweverManyWork(bytes, [way], {}, `seed ${seed + i}`);
  }
});

test("a file for each of many items comes out the same from any number of workers", async () => {
  const parts: Uint8Array[] = [];
  generateLarge((block) => void parts.push(block.slice()), 9 << 20, "items");
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  await sameHoweverManyWork(bytes, WAYS, { outputs: ["folder", "memory"] }, "files");
});
