/** What is left of a program that is stopped while it works. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cli, command, pathsBelow, withFolder } from "./run.ts";
import { tableSnapshot } from "./snapshots.ts";

const LARGE = tableSnapshot(8_000, 4_000);
const SMALL = tableSnapshot(1_000, 50);
const KILLS = 50;

/** Runs a test with a folder that has a snapshot in it. */
function withSnapshot(
  bytes: Uint8Array,
  action: (folder: string, snap: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a.fsm`, bytes);
    await action(folder, `${folder}/a.fsm`);
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isTrue()) {
    ok(performance.now() < deadline, "nothing happens");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What is made, and the arguments for it. `$` is the test's folder. */
const INTERRUPTED: [string, string[]][] = [
  ["a tree", ["-o", "$/out"]],
  ["an archive", ["-o", "$/out", "--format", "tar"]],
  ["records", ["-o", "$/out", "--format", "records"]],
  ["a report", ["--dry-run", "--report", "$/out"]],
  ["spool files", ["--dry-run", "--spool", "$/spool", "--report", "$/out"]],
];

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  for (const [what, args] of INTERRUPTED) {
    Deno.test(`${signal} takes away ${what} that waits for its input, and the exit code is 130`, () =>
      withFolder(async (folder) => {
        Deno.mkdirSync(`${folder}/spool`);
        const own = args.map((arg) => arg.replace("$", folder));
        const surroundings = { read: [folder], write: [folder], stdin: new Uint8Array(0) };
        const child = command(["decode", "-", ...own], surroundings).spawn();
        await until(() => exists(`${folder}/out`));
        child.kill(signal);
        const { code, stdout, stderr } = await child.output();
        await child.stdin.close();
        strictEqual(new TextDecoder().decode(stderr), "decant: aborted: interrupted\n");
        strictEqual(code, 130);
        strictEqual(stdout.length, 0);
        deepStrictEqual(pathsBelow(folder), ["spool/"]);
      }));
  }

  Deno.test(`${signal} takes away what was written so far`, () =>
    withSnapshot(LARGE, async (folder, snap) => {
      const code = await killWhileWriting(`${folder}/out`, snap, signal);
      strictEqual(code, 130);
      deepStrictEqual(pathsBelow(folder), ["a.fsm"]);
    }));
}

/** The exit code. A program that was faster than the signal is started once more. */
async function killWhileWriting(
  out: string,
  snap: string,
  signal: Deno.Signal,
  whileWriting: () => void = () => {},
): Promise<number> {
  for (let attempt = 1;; attempt++) {
    const child = command(["decode", snap, "-o", out], { read: [snap, out], write: [out] }).spawn();
    const ended = child.output();
    await until(() => exists(`${out}/dynamodb/t/items`));
    whileWriting();
    try {
      child.kill(signal);
    } catch {
      // It has ended.
    }
    const { code } = await ended;
    if (code !== 0 || attempt === 5) return code;
    for (const { name } of Deno.readDirSync(out)) {
      Deno.removeSync(`${out}/${name}`, { recursive: true });
    }
  }
}

Deno.test("Ctrl-C leaves a folder that was there before, and what somebody else put into it", () =>
  withSnapshot(LARGE, async (folder, snap) => {
    const out = `${folder}/out`;
    Deno.mkdirSync(out);
    const code = await killWhileWriting(out, snap, "SIGINT", () => {
      Deno.writeTextFileSync(`${out}/mine`, "");
    });
    strictEqual(code, 130);
    deepStrictEqual(pathsBelow(folder), ["a.fsm", "out/", "out/mine"]);
  }));

Deno.test("Ctrl-C ends a program that waits for standard input", async () => {
  const child = command(["inspect", "-"], { stdin: new Uint8Array(0) }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(LARGE.subarray(0, 1 << 20)); // it reads, and there is no more
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  await writer.close().catch(() => {});
  strictEqual(new TextDecoder().decode(stderr), "decant: aborted: interrupted\n");
  strictEqual(code, 130);
});

Deno.test("Ctrl-C ends a program whose standard output nobody reads", () =>
  withSnapshot(LARGE, async (_, snap) => {
    const args = ["decode", snap, "--format", "records", "-o", "-", "--no-precheck"];
    const child = command(args, { read: [snap] }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // it writes, and from now on nobody reads
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill("SIGINT");
    const { code } = await child.status;
    strictEqual(code, 130);
    await reader.cancel();
    await child.stderr.cancel();
  }));

Deno.test("a program whose reader goes away says so", () =>
  withSnapshot(LARGE, async (_, snap) => {
    const args = ["decode", snap, "--format", "records", "-o", "-", "--no-precheck"];
    const child = command(args, { read: [snap] }).spawn();
    await child.stdout.cancel();
    const text = await new Response(child.stderr).text();
    match(text, /^decant: output-failed: standard output was closed before its end\n/);
    strictEqual((await child.status).code, 5);
  }));

Deno.test(`what is left of a program that was killed is refused, ${KILLS} times`, () =>
  withSnapshot(SMALL, async (folder, snap) => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    console.log(`seed ${seed}`);
    const random = mulberry32(seed);
    // How long it works, from the first sign of the output on.
    const longest = await decodeAndKill(`${folder}/whole`, snap, Infinity);

    const cut = await inParallel(KILLS, 4, async (i) => {
      const out = `${folder}/${i}`;
      await decodeAndKill(out, snap, random() * longest);
      const inside = pathsBelow(out);
      const isWhole = inside.includes("CHECKSUMS") && !inside.includes("INCOMPLETE");
      const verified = await cli(["verify", out], { read: [out] });
      const again = await cli(["decode", snap, "-o", out], { read: [snap, out], write: [out] });
      const told = `${inside.length} files: ${verified.stderr} ${again.stderr}`;
      if (isWhole) {
        strictEqual(verified.code, 0, told);
        match(again.stderr, /exists and is not empty.*\n {2}hint: choose another name, or empty/);
      } else if (inside.length === 0) {
        strictEqual(verified.code, 3, told);
        strictEqual(again.code, 0, told);
      } else {
        strictEqual(verified.code, 7, told);
        match(
          verified.stderr,
          /the dump was not finished.*\n {2}hint: remove the folder and decode/,
        );
        strictEqual(again.code, 5, told);
        match(
          again.stderr,
          /a dump that was not finished.*\n {2}hint: remove the folder, or choose/,
        );
      }
      return isWhole ? 0 : 1;
    });
    const times = cut.reduce((sum, n) => sum + n, 0 as number);
    ok(times >= KILLS / 3, `only ${times} of ${KILLS} were cut short`);
  }));

/** Decodes and kills so many milliseconds after the output is there; returns how long it lived. */
async function decodeAndKill(out: string, snap: string, after: number): Promise<number> {
  const child = command(["decode", snap, "-o", out], { read: [snap, out], write: [out] }).spawn();
  const ended = child.output();
  await until(() => exists(out));
  const began = performance.now();
  if (after < Infinity) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, after))]);
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  await ended;
  return performance.now() - began;
}

/** Results of `count` actions, of which at most `width` run at once. */
async function inParallel<T>(
  count: number,
  width: number,
  action: (i: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const i = next++;
      results[i] = await action(i);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
