/** The published entry under Node: it must not need Deno. */

import { strictEqual } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;

function hasNode(): boolean {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a bundle of the library reads a captured snapshot under Node",
  ignore: !hasNode(),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const bundled = await new Deno.Command(Deno.execPath(), {
        args: ["bundle", "--platform", "browser", "-o", `${folder}/decant.mjs`, `${ROOT}mod.ts`],
        cwd: ROOT,
      }).output();
      strictEqual(bundled.success, true, new TextDecoder().decode(bundled.stderr));
      const script = `
        import { readFileSync } from "node:fs";
        import { openSnapshot } from "${folder}/decant.mjs";
        const snap = await openSnapshot(readFileSync(process.argv[2]));
        let items = 0;
        for await (const item of snap.dynamodb.table("orders").items()) if (item.pk) items++;
        console.log(items, (await snap.inspect()).inputs[0].checksum);
      `;
      await Deno.writeTextFile(`${folder}/main.mjs`, script);
      const { stdout, stderr } = await new Deno.Command("node", {
        args: [`${folder}/main.mjs`, `${ROOT}tests/fixtures/real/ddb-history/snapshot.fsm`],
      }).output();
      const text = new TextDecoder();
      strictEqual(text.decode(stdout).trim(), "51 verified", text.decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
