/** What is left of a program that is stopped while it works. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { decodeAndKill, exists, inParallel, killAndLook, until, withSnapshot } from "./kill.ts";
import { command, pathsBelow, withFolder } from "./run.ts";
import { tableSnapshot } from "./snapshots.ts";

const LARGE = tableSnapshot(8_000, 4_000);

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

Deno.test("Ctrl-C takes away what workers have written so far, and what they were writing", () =>
  withSnapshot(LARGE, async (folder, snap) => {
    const code = await killWhileWriting(`${folder}/out`, snap, "SIGINT", () => {}, ["--jobs", "3"]);
    strictEqual(code, 130);
    deepStrictEqual(pathsBelow(folder), ["a.fsm"]);
  }));

/** The exit code. A program that was faster than the signal is started once more. */
async function killWhileWriting(
  out: string,
  snap: string,
  signal: Deno.Signal,
  whileWriting: () => void = () => {},
  more: readonly string[] = [],
): Promise<number> {
  for (let attempt = 1;; attempt++) {
    const args = ["decode", snap, "-o", out, ...more];
    const child = command(args, { read: [snap, out], write: [out] }).spawn();
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

Deno.test("a program whose reader goes away ends, and says nothing", () =>
  withSnapshot(LARGE, async (_, snap) => {
    const args = ["decode", snap, "--format", "records", "-o", "-", "--no-precheck"];
    const child = command(args, { read: [snap] }).spawn();
    await child.stdout.cancel();
    const text = await new Response(child.stderr).text();
    strictEqual(text, "");
    strictEqual((await child.status).code, 5);
  }));

Deno.test("what is left of a program that was killed is refused, wherever it was", () =>
  withSnapshot(tableSnapshot(1_000, 50), async (folder, snap) => {
    const whole = await decodeAndKill(`${folder}/whole`, snap, Infinity);
    const cut = await inParallel(6, 2, (i) => killAndLook(`${folder}/${i}`, snap, i / 6 * whole));
    ok(cut.includes(true), "none was cut short");
  }));
