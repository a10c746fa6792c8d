/** Programs that are stopped, what is said about it, and how what they leave is taken away. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { exists, until, withSnapshot } from "../cli/kill.ts";
import { cli, command, fixture, pathsBelow, withFolder } from "../cli/run.ts";
import { tableSnapshot } from "../cli/snapshots.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const ROOT = new URL("../../", import.meta.url).pathname;
const LARGE = tableSnapshot(8_000, 4_000);

/** Runs a command line on a terminal of 24 lines, and gives what it shows there. */
async function onTerminal(
  columns: number,
  args: string[],
  keys?: { typed: string; when: () => boolean },
): Promise<{ code: number; screen: string }> {
  const words = [
    Deno.execPath(),
    "run",
    "--quiet",
    "-A",
    `--config=${ROOT}deno.json`,
    `${ROOT}cli.ts`,
    ...args,
  ];
  const line = `stty cols ${columns} rows 24; exec ${words.map((word) => `'${word}'`).join(" ")}`;
  const child = new Deno.Command("script", {
    args: ["-qefc", line, "/dev/null"],
    env: { NO_COLOR: "1", SHELL: "/bin/bash" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const typing = (async () => {
    if (!keys) return;
    await until(keys.when);
    await writer.write(new TextEncoder().encode(keys.typed)).catch(() => {});
  })();
  const screen = await new Response(child.stdout).text();
  const { code } = await child.status;
  await typing;
  await writer.close().catch(() => {});
  return { code, screen };
}

for (const columns of [80, 40]) {
  Deno.test(`progress keeps to one line of a terminal of ${columns} columns, and leaves none`, () =>
    withSnapshot(LARGE, async (folder, snap) => {
      const { code, screen } = await onTerminal(columns, ["decode", snap, "-o", `${folder}/out`]);
      strictEqual(code, 0, screen);
      const moving = screen.split("\r\x1b[K").slice(0, -1);
      for (const line of moving) {
        // deno-lint-ignore no-control-regex -- what moves the cursor takes no columns
        const shown = line.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, "");
        ok(shown.length < columns, shown);
      }
      match(screen, /Wrote 8,00\d files/);
    }));
}

Deno.test("Ctrl-C on a terminal says that cleaning up is under way, and cleans up", () =>
  withSnapshot(LARGE, async (folder, snap) => {
    const out = `${folder}/out`;
    const items = (): number => {
      try {
        return [...Deno.readDirSync(`${out}/dynamodb/t/items`)].length;
      } catch {
        return 0;
      }
    };
    const keys = { typed: "\x03", when: () => items() > 2_000 };
    const { code, screen } = await onTerminal(80, ["decode", snap, "-o", out], keys);
    match(screen, /decant: note: interrupted: what was written is being removed\./);
    match(screen, /decant: aborted: interrupted\r\n/);
    strictEqual(code, 130);
    deepStrictEqual(pathsBelow(folder), ["a.fsm"]);
  }));

Deno.test("a terminal that is closed takes away what was begun", () =>
  withFolder(async (folder) => {
    const out = `${folder}/out`;
    const line = `"${Deno.execPath()}" run --quiet -A "--config=${ROOT}deno.json" ` +
      `"${ROOT}cli.ts" decode - -o "${out}"`;
    const child = new Deno.Command("script", {
      args: ["-qefc", line, "/dev/null"],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(() => exists(`${out}/INCOMPLETE`));
    child.kill("SIGKILL"); // the terminal is gone with it
    await child.status;
    await child.stdin.close().catch(() => {});
    await until(() => !exists(out));
  }));

Deno.test("nohup keeps a decode at work when its terminal is closed", () =>
  withFolder(async (folder) => {
    const out = `${folder}/out`;
    const { args, program } = nohup(["decode", "-", "-o", out, "-q"]);
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    await until(() => exists(`${out}/INCOMPLETE`));
    child.kill("SIGHUP");
    const writer = child.stdin.getWriter();
    await writer.write(Deno.readFileSync(SNAP));
    await writer.close();
    const { code, stderr } = await child.output();
    strictEqual(code, 0, new TextDecoder().decode(stderr));
    ok(exists(`${out}/CHECKSUMS`) && !exists(`${out}/INCOMPLETE`));
  }));

function nohup(args: string[]): { program: string; args: string[] } {
  const deno = [Deno.execPath(), "run", "--quiet", "-A", `--config=${ROOT}deno.json`];
  return { program: "nohup", args: [...deno, `${ROOT}cli.ts`, ...args] };
}

Deno.test("clean takes away what was left, but not what is in use, whole, or somebody else's", () =>
  withFolder(async (folder) => {
    const surroundings = { read: [SNAP, folder], write: [folder] };
    const out = `${folder}/out`;
    const child = command(["decode", "-", "-o", out], {
      ...surroundings,
      stdin: new Uint8Array(0),
    }).spawn();
    await until(() => exists(`${out}/INCOMPLETE`));
    await until(() => Deno.statSync(`${out}/INCOMPLETE`).size > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const busy = await cli(["clean", out], surroundings);
    match(busy.stderr, /^decant: usage: this dump is being written now /);
    strictEqual(busy.code, 2);

    child.kill("SIGKILL");
    await child.output();
    await child.stdin.close().catch(() => {});
    const again = await cli(["decode", SNAP, "-o", out], surroundings);
    match(again.stderr, /was not finished .*\n {2}hint: decant clean removes it/);
    Deno.writeTextFileSync(`${out}/mine`, "");
    const cleaned = await cli(["clean", `${out}/`], surroundings);
    deepStrictEqual([cleaned.code, cleaned.stderr], [0, ""]);
    strictEqual(cleaned.stdout, `removed ${out}\nleft    mine, which is no part of a dump\n`);
    deepStrictEqual(pathsBelow(folder), ["out/", "out/mine"]);

    const whole = `${folder}/whole`;
    strictEqual((await cli(["decode", SNAP, "-o", whole, "-q"], surroundings)).code, 0);
    for (const path of [whole, out, folder]) {
      const { code, stderr } = await cli(["clean", path], surroundings);
      match(stderr, /^decant: usage: there is nothing with the mark of Decant /);
      strictEqual(code, 2);
    }
    const nowhere = await cli(["clean", `${folder}/nowhere`], surroundings);
    match(nowhere.stderr, /^decant: usage: no such file or folder \(file [^)]*nowhere\)\n$/);
    strictEqual((await cli(["verify", whole], surroundings)).code, 0);
  }));

Deno.test("clean takes away scratch files that a program left which was killed", () =>
  withFolder(async (folder) => {
    const surroundings = { read: [folder], write: [folder] };
    const other = "decant-00000000-0000-0000-0000-000000000000";
    Deno.mkdirSync(`${folder}/${other}`);
    Deno.writeTextFileSync(`${folder}/${other}/DECANT-SCRATCH`, "something else");
    const child = command(["inspect", "-", "--spool", folder], {
      ...surroundings,
      stdin: new Uint8Array(0),
    }).spawn();
    const others = (): string[] =>
      [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== other);
    await until(() => others().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [scratch] = others();
    const busy = await cli(["clean", folder], surroundings);
    strictEqual(busy.stdout, `left    ${folder}/${scratch}, which a running program uses\n`);
    child.kill("SIGKILL");
    await child.output();
    await child.stdin.close().catch(() => {});
    const cleaned = await cli(["clean", folder], surroundings);
    strictEqual(cleaned.stdout, `removed ${folder}/${scratch}\n`);
    deepStrictEqual(pathsBelow(folder), [`${other}/`, `${other}/DECANT-SCRATCH`]);
  }));
