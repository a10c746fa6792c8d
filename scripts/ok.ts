/**
 * Runs everything that a change must pass, and says in one line each how it went. All steps run,
 * also after a failure; the output of those that fail is shown. Each is a task in `deno.json`.
 *
 *     deno task ok
 *
 * The last line counts every step as one check, and the tests one by one.
 *
 * @module
 */

/** Cheap ones first. */
const STEPS = [
  "fmt",
  "lint",
  "generated:proto",
  "generated:kernels",
  "types",
  "types:browser",
  "docs",
  "publish",
  "test",
];

/** Deno's summary: `FAILED | 11 passed (2 steps) | 1 failed (1 step) | 3 ignored (1s)`. */
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed(?:[^|\n]*\| (\d+) ignored)?/gm;

const total = { passed: 0, failed: 0, skipped: 0 };
for (const step of STEPS) {
  const { success, output, seconds } = await run(step);
  const [passed, failed, skipped] = counts(step, success, output);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const tests = step === "test" ? ` (${passed} passed, ${failed} failed, ${skipped} skipped)` : "";
  console.log(`${success ? "ok    " : "FAILED"} ${step} ${seconds.toFixed(1)} s${tests}`);
  if (!success) console.log(output.replace(/^/gm, "       "));
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
Deno.exit(total.failed === 0 ? 0 : 1);

async function run(step: string): Promise<{ success: boolean; output: string; seconds: number }> {
  const started = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", step],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const output = text.decode(stdout) + text.decode(stderr);
  return { success, output, seconds: (performance.now() - started) / 1000 };
}

/** Passed, failed, skipped. A step that failed counts at least one failure. */
function counts(step: string, success: boolean, output: string): [number, number, number] {
  const summary = step === "test" ? [...output.matchAll(SUMMARY)].at(-1) : undefined;
  const [passed, failed, skipped] = summary?.slice(1).map((n) => Number(n ?? 0)) ??
    [success ? 1 : 0, 0, 0];
  return [passed, success ? failed : Math.max(1, failed), skipped];
}
