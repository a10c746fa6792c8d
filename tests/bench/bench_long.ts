import { deepStrictEqual, ok } from "node:assert/strict";
import { SIZES } from "../../bench/inputs.ts";
import { readResults } from "../../bench/results.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("the bench measures every stage, command and yardstick of every kind", async () => {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  try {
    const args = ["run", "--no-check", "-A", "bench/main.ts", "--size", "0.2", "--runs", "1"];
    const command = new Deno.Command(Deno.execPath(), { args: [...args, "-o", path], cwd: ROOT });
    const { code, stderr } = await command.output();
    ok(code === 0, new TextDecoder().decode(stderr));
    const { inputs, results } = readResults(path);
    deepStrictEqual(inputs.map(({ kind }) => kind), Object.keys(SIZES));
    for (const { kind } of inputs) {
      const groups = new Set(results.filter((one) => one.kind === kind).map(({ group }) => group));
      const isStored = kind !== "clear" && kind !== "encrypted";
      deepStrictEqual([...groups], isStored ? ["stage", "command", "yardstick"] : ["stage"]);
    }
    for (const { seconds, cpu_seconds, runs } of results) {
      ok(seconds > 0 && cpu_seconds >= 0 && runs === 1);
    }
  } finally {
    Deno.removeSync(path);
  }
});
