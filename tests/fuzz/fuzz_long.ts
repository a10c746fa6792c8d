import { ok, strictEqual } from "node:assert/strict";
import { forSeeds } from "../support/generator/mod.ts";
import { loadCase, makeCase } from "./fuzz_case.ts";
import { judge } from "./judge.ts";

const FOUND = new URL("../fixtures/fuzz/", import.meta.url).pathname;

Deno.test("damaged snapshots are read as the naive decoder reads them", async () => {
  const outcomes = new Set<string>();
  await forSeeds(0, 150, async (seed) => void outcomes.add(await judge(await makeCase(seed))));
  for (const outcome of ["sound", "reserved-bits", "unordered", "truncated", "encrypted"]) {
    ok(outcomes.has(outcome), `${outcome} among ${[...outcomes]}`);
  }
});

Deno.test("a seed gives the same case each time", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const [a, b] = [await makeCase(seed), await makeCase(seed)];
    strictEqual(JSON.stringify(shown(a)), JSON.stringify(shown(b)));
  }
});

function shown({ files, at, changes }: Awaited<ReturnType<typeof makeCase>>): unknown {
  return { files: files.map(({ bytes }) => bytes.toHex()), at: String(at), changes };
}

for (const { name } of Deno.readDirSync(FOUND)) {
  const found = loadCase(FOUND + name);
  Deno.test(`a case that once failed is read rightly: ${name} (${found.changes.join(", ")})`, async () => {
    await judge(found);
  });
}
