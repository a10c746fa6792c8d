/** The examples in README.md run. */

import { ok, strictEqual } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const readme = Deno.readTextFileSync(`${ROOT}README.md`);

Deno.test("the program in the README prints the keys of a captured table", async () => {
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1];
  ok(code.includes('from "@ekv/decant"'));
  const folder = await Deno.makeTempDir();
  try {
    const main = `${folder}/main.ts`;
    await Deno.writeTextFile(main, code.replace('"@ekv/decant"', JSON.stringify(`${ROOT}mod.ts`)));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read=tests/fixtures", "--config", "deno.json", main],
      cwd: ROOT,
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    strictEqual(lines.length, 51, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the two commands of the README are tasks", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const named = [...readme.matchAll(/npx --yes deno@[\d.]+ task (\w+)/g)].map(([, name]) => name);
  strictEqual(named.join(), "demo,ok");
  ok(named.every((name) => name in tasks));
});

Deno.test("the demo decodes the captured cluster and verifies what it wrote", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder().decode(stdout);
  ok(success, text);
  ok(text.includes("balance:"), text);
  await Deno.remove(/in (\S+)\/dump:/.exec(text)![1], { recursive: true });
});

Deno.test("a program in another folder imports the library with the settings of the clone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const snap = `${ROOT}tests/fixtures/real/ddb-history/snapshot.fsm`;
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { openSnapshot } from ${JSON.stringify(`${ROOT}mod.ts`)};
       using snap = await openSnapshot(${JSON.stringify(snap)});
       console.log((await snap.inspect()).inputs[0].checksum);`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `--allow-read=${snap}`, `--config=${ROOT}deno.json`, "main.ts"],
      cwd: folder,
    }).output();
    const text = new TextDecoder();
    strictEqual(text.decode(stdout), "verified\n", text.decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
