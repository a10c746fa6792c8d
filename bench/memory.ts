/**
 * Peak memory of decodes of large snapshots, one kind of content each, run as a user would run them.
 *
 *     deno run -A bench/memory.ts [--size GIB] [KIND…] > bench/results/memory.json
 *
 * @module
 */

import { generateLarge, type LargeKind } from "../tests/support/generator/mod.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const GIB = 2 ** 30;

/** What the decode of a kind writes: a form whose number of files a disk can hold. */
const OUTPUT: Record<LargeKind, string[]> = {
  "items": ["--dynamodb-bundle-mode", "jsonl"],
  "small-objects": [],
  "huge-objects": [],
  "huge-list": [],
  "huge-hash": [],
  "huge-queue": [],
  "ttls": ["--format", "records", "--spool", "SPOOL"],
};

const args = [...Deno.args];
const at = args.indexOf("--size");
const size = (at < 0 ? 2 : Number(args.splice(at, 2)[1])) * GIB;
const kinds = (args.length > 0 ? args : Object.keys(OUTPUT)) as LargeKind[];

const folder = await Deno.makeTempDir({ prefix: "decant-memory-" });
const results = [];
for (const kind of kinds) {
  const input = `${folder}/${kind}.fsm`;
  const { bytes, entries } = generate(input, kind);
  const output = `${folder}/out-${kind}`;
  const spool = `${folder}/spool`;
  Deno.mkdirSync(spool);
  const options = OUTPUT[kind].map((word) => word === "SPOOL" ? spool : word);
  const words = ["decode", input, "-o", output, ...options, "-q"];
  const result = await measure(words, [input, output, spool]);
  results.push({
    kind,
    command: words.map((word) => word.replace(`${folder}/`, "")).join(" "),
    input_bytes: bytes,
    rows: entries,
    ...result,
    mib_per_second: Math.round(bytes / 2 ** 20 / result.seconds),
  });
  console.error(JSON.stringify(results.at(-1)));
  Deno.removeSync(input);
  Deno.removeSync(output, { recursive: true });
  Deno.removeSync(spool);
}
Deno.removeSync(folder, { recursive: true });
console.log(JSON.stringify(
  {
    format_version: 1,
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    machine: `${navigator.hardwareConcurrency} cores, ${Deno.build.target}`,
    results,
  },
  null,
  2,
));

function generate(path: string, kind: LargeKind): ReturnType<typeof generateLarge> {
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  try {
    return generateLarge(
      (block) => {
        for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
      },
      size,
      kind,
    );
  } finally {
    file.close();
  }
}

/** Runs the command line with the permissions of a user, and watches the size of the process. */
async function measure(
  words: string[],
  paths: string[],
): Promise<{ exit: number; seconds: number; peak_rss_mib: number }> {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${paths.join()}`,
      `--allow-write=${paths.slice(1).join()}`,
      `${ROOT}cli.ts`,
      ...words,
    ],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // The process has just ended.
    }
  }, 100);
  const { code } = await child.status;
  clearInterval(watch);
  return {
    exit: code,
    seconds: Math.round((performance.now() - started) / 10) / 100,
    peak_rss_mib: Math.round(peak / 1024),
  };
}
