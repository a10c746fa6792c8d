/**
 * Runs everything that a change must pass, and says in one line each how it went. All steps run,
 * also after a failure; what failed, and why, is shown at the end. Each is a task in `deno.json`.
 *
 *     deno task ok        minutes
 *     deno task ok:long   what takes longer: many more seeds, a million rows, the fuzzer
 *
 * The last line counts every step as one check, and the tests one by one.
 *
 * @module
 */

import { failuresIn } from "./failures.ts";

/** A task and its arguments. Cheap ones first. */
const STEPS: Record<string, string[]> = {
  ok: [
    "fmt",
    "lint",
    "generated:proto",
    "generated:kernels",
    "generated:worker",
    "types",
    "types:browser",
    "docs",
    "publish",
    "test",
  ],
  "ok:long": ["test:long", "fuzz --seconds=120 --seed=1"],
};

/** Deno's summary: `FAILED | 11 passed (2 steps) | 1 failed (1 step) | 3 ignored (1s)`. */
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed(?:[^|\n]*\| (\d+) ignored)?/gm;
/** Seeds of what is random: with one, the same happens again. */
const SEED = /^SEED=\d+$/gm;

const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
for (const step of STEPS[Deno.args[0] ?? "ok"]) {
  const { success, output, seconds } = await run(step);
  const [passed, failed, skipped] = counts(step, success, output);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const more = isTests(step) ? [`${passed} passed, ${failed} failed, ${skipped} skipped`] : [];
  for (const [seed] of output.matchAll(SEED)) more.push(seed);
  const told = more.length > 0 ? ` (${more.join(", ")})` : "";
  console.log(`${success ? "ok    " : "FAILED"} ${step} ${seconds.toFixed(1)} s${told}`);
  if (!success) failures.push(`\n${step} failed:\n${failuresIn(output).replace(/^/gm, "  ")}\n`);
}
for (const failure of failures) console.log(failure);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
Deno.exit(total.failed === 0 ? 0 : 1);

async function run(step: string): Promise<{ success: boolean; output: string; seconds: number }> {
  const started = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...step.split(" ")],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const output = text.decode(stdout) + text.decode(stderr);
  return { success, output, seconds: (performance.now() - started) / 1000 };
}

function isTests(step: string): boolean {
  return step.startsWith("test");
}

/** Passed, failed, skipped. A step that failed counts at least one failure. */
function counts(step: string, success: boolean, output: string): [number, number, number] {
  const summary = isTests(step) ? [...output.matchAll(SUMMARY)].at(-1) : undefined;
  const [passed, failed, skipped] = summary?.slice(1).map((n) => Number(n ?? 0)) ??
    [success ? 1 : 0, 0, 0];
  return [passed, success ? failed : Math.max(1, failed), skipped];
}
