/** What a command line says that it needs. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { cli } from "./run.ts";

const NEEDS: [string[], string[]][] = [
  [["inspect", "a.fsm"], ["--allow-read=a.fsm"]],
  [["a,b.fsm", "c"], ["--allow-read=a,,b.fsm,c"]],
  [["inspect", "-"], []],
  [["inspect", "-", "--spool", "s"], ["--allow-read=s", "--allow-write=s"]],
  [["decode", "a", "b", "-o", "out"], ["--allow-read=a,b,out", "--allow-write=out"]],
  [["decode", "a", "-o", "x.tar", "--format", "tar"], ["--allow-read=a", "--allow-write=x.tar"]],
  [["decode", "a", "-o", "-", "--format", "resp"], ["--allow-read=a"]],
  [["decode", "a", "--dry-run", "--report", "r"], ["--allow-read=a", "--allow-write=r"]],
  [["verify", "d", "--against", "a", "--encryption-keys", "k", "--kek", "e"], [
    "--allow-read=d,a,k,e",
  ]],
];

for (const [args, expected] of NEEDS) {
  Deno.test(`decant --permissions ${args.join(" ")} prints what it needs and does nothing`, async () => {
    const { code, stdout, stderr } = await cli(["--permissions", ...args]);
    deepStrictEqual([code, stderr, JSON.parse(stdout)], [0, "", expected]);
  });
}

Deno.test("a command line that is wrong says so instead", async () => {
  const { code, stdout, stderr } = await cli(["--permissions", "decode", "a"]);
  match(stderr, /^decant: usage: no output was named/);
  strictEqual(stdout, "");
  strictEqual(code, 2);
});
