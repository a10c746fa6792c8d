import { match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { cli, fixture, withFolder } from "./run.ts";

Deno.test("inspect --redact has no name of a table, a queue, a file or a key in it", () =>
  withFolder(async (folder) => {
    const path = `${folder}/secret-path.fsm`;
    const bytes = Deno.readFileSync(fixture("real/ddb-history/snapshot.fsm"));
    bytes[bytes.length - 1] ^= 1;
    Deno.writeFileSync(path, bytes);
    const names = /orders|accounts|reborn|dropped|emptied|secret-path/;
    const run = (...args: string[]) => cli(["inspect", path, ...args], { read: [path] });
    match((await run()).stdout, names);
    for (const args of [["--redact"], ["--redact", "--json"], ["--redact", "-q"]]) {
      const { code, stdout, stderr } = await run(...args);
      strictEqual(code, 4);
      ok(!names.test(stdout + stderr), stdout + stderr);
      match(stdout + stderr, /checksum-mismatch/);
      match(stdout + stderr, /file-[0-9a-f]{12}/);
    }
    const one = JSON.parse((await run("--redact", "--json")).stdout);
    const other = JSON.parse((await run("--redact", "--json")).stdout);
    const plain = JSON.parse((await run("--json")).stdout);
    strictEqual(one.inputs[0].name, one.problems[0].file);
    notStrictEqual(one.inputs[0].name, other.inputs[0].name);
    strictEqual(one.scopes.length, plain.scopes.length);
    strictEqual(one.scopes[0].bytes, plain.scopes[0].bytes);
    match(one.scopes[0].scope, /^name-[0-9a-f]{12}$/);
  }));
