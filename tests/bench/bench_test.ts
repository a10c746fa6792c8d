import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { allTables, withTables } from "../../bench/docs.ts";
import { readResults } from "../../bench/results.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", ...args],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  strictEqual(code, 0, text.decode(stderr));
  return text.decode(stdout);
}

Deno.test("the bench measures a stage of a small file, and compares two runs", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/a.json`;
    const size = ["--size", "0.1", "--runs", "1", "--only", "yardstick"];
    await run("bench/main.ts", "items", ...size, "-o", path);
    const { inputs, results } = readResults(path);
    deepStrictEqual(inputs.map(({ kind }) => kind), ["items"]);
    deepStrictEqual(
      results.map(({ case: name }) => name),
      ["sha256sum", "md5sum", "tar xf", "cp -r"],
    );
    for (const { seconds, runs } of results) ok(seconds > 0 && runs === 1);
    const compared = await run("bench/compare.ts", path, path);
    // Of programs that end at once, nobody has seen the memory.
    const ratios = compared.match(/ {4,}(1\.00|–)(?= |$)/gm) ?? [];
    strictEqual(ratios.length, 3 * results.length, compared);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the tables of the page are those of the committed results", () => {
  const page = Deno.readTextFileSync(`${ROOT}docs/performance.md`);
  strictEqual(page, withTables(page, allTables()), "run deno task bench:docs");
});
