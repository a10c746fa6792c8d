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
const failures: string[] = [];
let cases = 0;
let reported = performance.now();
while (cases < Number(values.cases) && performance.now() < end && failures.length < ENOUGH) {
  const seed = (first + cases++) >>> 0;
  const outcome = await judged(seed);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (performance.now() - reported > 10_000) {
    reported = performance.now();
    console.log(`${cases} cases, ${failures.length} failed, the last one was ${seed}`);
  }
}
for (const [outcome, count] of [...outcomes].sort(([, a], [, b]) => b - a)) {
  console.log(`${String(count).padStart(8)} ${outcome}`);
}
for (const failure of failures) console.log(failure);
console.log(`${cases} cases, ${failures.length} failed`);
Deno.exit(failures.length === 0 ? 0 : 1);

async function judged(seed: number): Promise<string> {
  const fuzzed = await makeCase(seed);
  try {
    return await judge(fuzzed);
  } catch (error) {
    const folder = `${FIXTURES}${seed}`;
    saveCase(folder, fuzzed);
    console.log(`deno task fuzz --cases=1 --seed=${seed}`);
    console.log(`  ${fuzzed.files.map(({ name }) => name)}: ${fuzzed.changes.join(", ")}`);
    console.log(`  written to ${folder}`);
    console.log(error);
    failures.push(`deno task fuzz --cases=1 --seed=${seed}\n${beginningOf(error)}`);
    return "FAILED";
  }
}

/** What failed: the rest stands further above. */
function beginningOf(error: unknown): string {
  return String(error).split("\n", 12).map((line) => `  ${line}`).join("\n");
}
