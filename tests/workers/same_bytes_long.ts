/** As in same_bytes_test.ts, with every case of the corpus and a thousand generated snapshots. */

import { casesOf, exists } from "../conformance/cases.ts";
import { generate, generateLarge } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { sameHoweverManyWork } from "./support.ts";

const WAYS = [1, 2, 3, 4].flatMap((jobs) =>
  (["wasm", "js"] as const).map((kernel) => ({ jobs, kernel }))
);
const SNAPSHOTS = 1000;

for (const set of ["parity", "defects", "real"] as const) {
  Deno.test(`all ${set} cases come out the same from any number of workers`, async () => {
    for (const { name, folder } of casesOf(set)) {
      for (const file of ["snapshot.fsm", "input.fsm"]) {
        if (!exists(folder + file)) continue;
        const bytes = Deno.readFileSync(folder + file);
        await sameIfReadable(bytes, name);
      }
    }
  });
}

Deno.test(`${SNAPSHOTS} generated snapshots come out the same from any number of workers`, async () => {
  const seed = randomSeed();
  for (let i = 0; i < SNAPSHOTS; i++) {
    const bytes = generate(seed + i, { size: 40 }).file();
    const way = WAYS[i % WAYS.length];
    await sameHoweverManyWork(bytes, [way], {}, `seed ${seed + i}`);
  }
});

Deno.test("a file for each of many items comes out the same from any number of workers", async () => {
  const parts: Uint8Array[] = [];
  generateLarge((block) => void parts.push(block.slice()), 9 << 20, "items");
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  await sameHoweverManyWork(bytes, WAYS, { outputs: ["folder", "memory"] }, "files");
});

/** Some cases are refused when they are opened, before there are any workers. */
async function sameIfReadable(bytes: Uint8Array, name: string): Promise<void> {
  try {
    await sameHoweverManyWork(bytes, WAYS, {}, name);
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_ASSERTION") throw error;
  }
}
