/**
 * Damages snapshots and judges what the program reads in them, until it is stopped.
 *
 *     deno task fuzz [--seconds=N] [--cases=N] [--seed=N]
 *
 * Everything follows from the seed: case number n is the only one of `--cases=1 --seed=(seed + n)`. A case
 * that fails is written to tests/fixtures/fuzz/, where tests find it. The exit code is 1 when one did.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { randomSeed } from "../support/random_seed.ts";
import { makeCase, saveCase } from "./fuzz_case.ts";
import { judge } from "./judge.ts";

const FIXTURES = new URL("../fixtures/fuzz/", import.meta.url).pathname;
/** After so many failures it stops. */
const ENOUGH = 10;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "Infinity" },
    cases: { type: "string", default: "Infinity" },
    seed: { type: "string" },
  },
});
const first = values.seed === undefined ? randomSeed() : Number(values.seed);
const end = performance.now() + Number(values.seconds) * 1000;

const outcomes = new Map<string, number>();
let cases = 0;
let failures = 0;
let reported = performance.now();
while (cases < Number(values.cases) && performance.now() < end && failures < ENOUGH) {
  const seed = (first + cases++) >>> 0;
  const outcome = await judged(seed);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (performance.now() - reported > 10_000) {
    reported = performance.now();
    console.log(`${cases} cases, ${failures} failed, the last one was ${seed}`);
  }
}
for (const [outcome, count] of [...outcomes].sort(([, a], [, b]) => b - a)) {
  console.log(`${String(count).padStart(8)} ${outcome}`);
}
console.log(`${cases} cases, ${failures} failed`);
Deno.exit(failures === 0 ? 0 : 1);

async function judged(seed: number): Promise<string> {
  const fuzzed = await makeCase(seed);
  try {
    return await judge(fuzzed);
  } catch (error) {
    failures++;
    const folder = `${FIXTURES}${seed}`;
    saveCase(folder, fuzzed);
    console.log(`deno task fuzz --cases=1 --seed=${seed}`);
    console.log(`  ${fuzzed.files.map(({ name }) => name)}: ${fuzzed.changes.join(", ")}`);
    console.log(`  written to ${folder}`);
    console.log(error);
    return "FAILED";
  }
}
