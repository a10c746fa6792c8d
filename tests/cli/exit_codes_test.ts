/** Each exit code, from the program itself; and which one it is when several apply. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { cli, fixture, pathsBelow, type Run, withFolder } from "./run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const UNSOUND = fixture("defects/real-bad-footer/input.fsm");
const UNORDERED = fixture("defects/container-unordered/input.fsm");

interface Place {
  folder: string;
  /** No snapshot. */
  text: string;
  run: (...args: string[]) => Promise<Run>;
}

function withPlace(action: (place: Place) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const text = `${folder}/text`;
    Deno.writeTextFileSync(text, "this is no snapshot at all");
    Deno.mkdirSync(`${folder}/full`);
    Deno.writeTextFileSync(`${folder}/full/x`, "x");
    const run = (...args: string[]): Promise<Run> =>
      cli(args, { read: [folder, SNAP, UNSOUND, UNORDERED], write: [folder] });
    await action({ folder, text, run });
    deepStrictEqual(pathsBelow(folder), ["full/", "full/x", "text"]);
  });
}

/** What happens, the arguments for it, and what the one code must be. `$` is the test's folder. */
const PRECEDENCE: [string, string[], number, RegExp][] = [
  ["unsound", ["decode", UNSOUND, "-o", "$/out"], 4, /checksum-mismatch/],
  ["unsound", ["inspect", UNSOUND], 4, /^$/],
  ["unsound", ["verify", UNORDERED], 4, /unordered/],
  ["not a snapshot", ["decode", "$/text", "-o", "$/out"], 3, /not-a-snapshot/],
  ["unsound, not a snapshot", ["decode", UNSOUND, "$/text", "-o", "$/out"], 3, /not-a-snapshot/],
  ["output exists", ["decode", SNAP, "-o", "$/full"], 5, /output-exists/],
  ["output exists, not a snapshot", ["decode", "$/text", "-o", "$/full"], 5, /output-exists/],
  ["output exists, unsound", ["decode", UNSOUND, "-o", "$/full"], 5, /output-exists/],
  ["may not be read, output exists", ["decode", "/etc/x", "-o", "$/full"], 6, /permission/],
  ["may not be read, not a snapshot", ["decode", "$/text", "/etc/x", "-o", "$/o"], 6, /permission/],
  ["may not be written, unsound", ["decode", UNSOUND, "-o", "/etc/x"], 6, /permission/],
  [
    "may not be reported, unsound",
    ["decode", UNSOUND, "--dry-run", "--report", "/etc/x"],
    6,
    /perm/,
  ],
  ["a dump that is none", ["verify", "$/full", "--against", SNAP], 7, /mismatch/],
  ["wrong usage, not a snapshot", ["decode", "$/text"], 2, /no output was named/],
];

for (const [what, args, code, message] of PRECEDENCE) {
  Deno.test(`exit code ${code} of ${args[0]}: ${what}`, () =>
    withPlace(async ({ folder, run }) => {
      const own = args.map((arg) => arg.replace("$", folder));
      const result = await run(...own);
      match(result.stderr, message);
      strictEqual(result.code, code);
    }));
}

Deno.test("a dump is 0 when it is whole, 7 when it is changed, and 7 when it was not finished", () =>
  withPlace(async ({ folder, run }) => {
    const out = `${folder}/out`;
    strictEqual((await run("decode", SNAP, "-o", out)).code, 0);
    const whole = await run("verify", out);
    strictEqual(whole.code, 0);
    match(
      whole.stdout,
      /is what was written: all \d+ files .*\n\nChecksums find damage, not forgery/,
    );

    const schema = pathsBelow(out).find((path) => path.endsWith("_schema.json"))!;
    Deno.writeTextFileSync(`${out}/${schema}`, "{}");
    Deno.writeTextFileSync(`${out}/new\x1b[31m`, "");
    for (const more of [[], ["--against", SNAP]]) {
      const changed = await run("verify", out, ...more);
      strictEqual(changed.code, 7);
      match(changed.stdout, new RegExp(`^ {2}changed {9}${schema}$`, "m"));
      match(changed.stdout, /^ {2}not part of it {2}new\\x1b\[31m$/m);
    }

    Deno.writeTextFileSync(`${out}/INCOMPLETE`, "");
    const cut = await run("verify", out);
    strictEqual(cut.code, 7);
    match(cut.stderr, /^decant: mismatch: the dump was not finished/);
    Deno.removeSync(out, { recursive: true });
  }));

Deno.test("reports as JSON carry their version and the exit code", () =>
  withPlace(async ({ folder, run }) => {
    const out = `${folder}/out`;
    await run("decode", SNAP, "-o", out);
    for (
      const args of [
        ["verify", SNAP],
        ["verify", UNSOUND],
        ["verify", out],
        ["verify", out, "--against", SNAP],
      ]
    ) {
      const { code, stdout } = await run(...args, "--json");
      const { format_version, exit_code } = JSON.parse(stdout);
      deepStrictEqual([format_version, exit_code], [1, code]);
    }
    Deno.removeSync(out, { recursive: true });
  }));
