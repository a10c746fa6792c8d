/** The command line in one file: it needs nothing else, no network and no cache. */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { bundle } from "../../scripts/dist/bundle.ts";
import { cli, fixture, withFolder } from "../cli/run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");

/** Runs a bundle in a folder, without a cache. */
async function run(program: string, cwd: string, args: string[], read: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      `--allow-read=${read.join()}`,
      `--allow-write=${cwd}/out`,
      program,
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1", DENO_DIR: `${cwd}/cache` },
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("the program in one file does what the program in many does, in an empty folder", () =>
  withFolder(async (folder) => {
    const text = await bundle("cli.ts", "deno");
    Deno.writeTextFileSync(`${folder}/decant.js`, text);
    const inspected = await run("decant.js", folder, ["inspect", SNAP], [SNAP]);
    deepStrictEqual(inspected, {
      code: 0,
      stderr: "",
      stdout: (await cli(["inspect", SNAP], { read: [SNAP] })).stdout,
    });
    const decoded = await run("decant.js", folder, ["decode", SNAP, "-o", "out"], [SNAP, "out"]);
    strictEqual(decoded.code, 0, decoded.stderr);
    match(decoded.stdout, /^balance: 943 versions read/m);
    strictEqual((await run("decant.js", folder, ["verify", "out"], ["out"])).code, 0);

    // Nothing in it is of the machine that has built it.
    doesNotMatch(text, /\/(?:root|home|tmp|Users)\/|registry\./);
    match(text, /npm:@noble\/ciphers@[\d.]+\//);
    for (
      const name of ["@bufbuild/protobuf", "@noble/hashes", "@stricli/core", "hash-wasm", "pako"]
    ) {
      match(text, new RegExp(`^${name} [\\d.]+, \\S.*\\n\\n[^]*(?:licen[sc]e|copyright)`, "im"));
    }
    ok(text.includes("Apache License"), "licences of others are in it");
  }));

Deno.test("docs/install.md makes a command of the one file, from any folder", () =>
  withFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/dist`);
    Deno.writeTextFileSync(`${folder}/dist/decant.js`, await bundle("cli.ts", "deno"));
    const page = Deno.readTextFileSync(new URL("../../docs/install.md", import.meta.url));
    const [, line] = /^deno install --global (.*)$/m.exec(page)!;
    const env = { NO_COLOR: "1", DENO_DIR: `${folder}/cache` };
    const installed = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--global", "--root", folder, ...line.split(" ")],
      cwd: folder,
      env,
    }).output();
    strictEqual(installed.code, 0, new TextDecoder().decode(installed.stderr));
    const [, script] = /^exec deno (.*) "\$@"$/m.exec(
      Deno.readTextFileSync(`${folder}/bin/decant`),
    )!;
    const args = script.split(" ").map((word) => word.replaceAll("'", ""));
    const inspected = await new Deno.Command(Deno.execPath(), {
      args: [...args, "inspect", SNAP],
      cwd: "/",
      env,
    }).output();
    strictEqual(inspected.code, 0, new TextDecoder().decode(inspected.stderr));
    match(new TextDecoder().decode(inspected.stdout), / is sound: /);
  }));
