import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { failuresIn } from "../../scripts/failures.ts";

const PROGRAM = `
Deno.test("right", () => console.log("noise"));
Deno.test("wrong", () => {
  console.log("noise");
  throw new Error("1 is not 2\\n\\nbut 1");
});
Deno.test("wrong inside", async (t) => void (await t.step("here", () => Promise.reject("no"))));
`;

/** What the test runner prints of a file. */
async function printed(program: string): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/a_test.ts`, program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--no-config", folder],
      env: { NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("of failed tests the names and errors are shown, and nothing of those that passed", async () => {
  const lines = failuresIn(await printed(PROGRAM)).split("\n");
  match(lines[0], /^wrong => .*a_test\.ts:3:6$/);
  deepStrictEqual(lines.slice(1, 3), ["error: Error: 1 is not 2", "but 1"]);
  strictEqual(lines.filter((line) => /^wrong inside \.\.\. here => /.test(line)).length, 1);
  strictEqual(lines.some((line) => /noise|right/.test(line)), false);
});

Deno.test("a file of tests that cannot be loaded is named with its error", async () => {
  match(
    failuresIn(await printed("throw new Error('at the top');")),
    /^\S*a_test.ts \(uncaught error\)\nerror: .*at the top\n/,
  );
});

Deno.test("of a step that has no tests the end is shown", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  deepStrictEqual(failuresIn(lines.join("\n") + "\n\n").split("\n"), lines.slice(60));
});
