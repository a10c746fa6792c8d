/** Nothing is compiled when the library is imported, and without WebAssembly everything works. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";

const PROGRAM = new URL("without_wasm_program.ts", import.meta.url).pathname;
/** Of all kinds of rows, several groups, Snappy blocks. */
const CASES = [
  "ddb-history",
  "multi-group",
  "redis-all",
  "s3-hostile-keys",
  "sqs-all",
  "sst-ingest",
];

async function run(what: string, flags: string[] = []): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", ...flags, PROGRAM, what, ...CASES],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  strictEqual(success, true, text.decode(stderr));
  return text.decode(stdout).trimEnd().split("\n");
}

let normal: Promise<string[]> | undefined;

const WAYS: [string, string, string[]][] = [
  ["with WebAssembly that a page's rules forbid", "forbidden", []],
  ["in a process that never had WebAssembly", "wasm", []],
  ["without WebAssembly and without the runtime's own crypto", "all", []],
  ["in an engine that compiles nothing", "nothing", ["--v8-flags=--jitless"]],
];

for (const [where, what, flags] of WAYS) {
  Deno.test(`${where}, real snapshots decode to the same bytes`, async () => {
    const expected = await (normal ??= run("nothing"));
    strictEqual(expected.length, 1 + CASES.length);
    const more = what === "forbidden" ? ["compiled later true"] : [];
    deepStrictEqual(await run(what, flags), [...expected, ...more]);
  });
}
