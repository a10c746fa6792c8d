import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { forSeeds } from "../support/generator/seeds.ts";
import { agree, openInputs } from "../support/naive/agree.ts";
import { agreeOnGroups, generatedGroups } from "./generated.ts";

Deno.test("the files of several groups and replicas read as one snapshot, the naive decoder agreeing", () =>
  forSeeds(40_000, 50, agreeOnGroups));

Deno.test("groups that the routes name and no file is from are missing, and their transactions open", async () => {
  let open = 0;
  await forSeeds(50_000, 150, async (seed) => {
    const snapshot = generatedGroups(seed);
    const keys = snapshot.encryption?.keys;
    const left = 1n + BigInt(seed % snapshot.routes.length);
    const files = snapshot.groupFiles().filter(({ group }) => group !== left);
    const naive = await agree(files, { keys, gets: false });
    ok(typeof naive !== "string", `refused: ${naive}`);
    open += naive.transactions.undecidedLocks;
    const { info } = await openInputs(files, { keys });
    const hasCatalog = naive.deciding("!dist|meta|version").state === "live";
    strictEqual(info.groups.missing.join(), hasCatalog ? String(left) : "");
  });
  ok(open > 50, `${open} open transactions`);
});

Deno.test("files whose group nobody names are placed by their keys", async () => {
  let placed = 0;
  await forSeeds(60_000, 100, async (seed) => {
    const snapshot = generatedGroups(seed, false);
    const files = snapshot.groupFiles();
    const { info } = await openInputs(files, { keys: snapshot.encryption?.keys, named: false });
    for (const [i, { group }] of info.inputs.entries()) {
      if (group === undefined) continue;
      placed++;
      strictEqual(group, files[i].group, `input ${i}`);
    }
    if (info.inputs.every(({ group }) => group !== undefined)) {
      deepStrictEqual(info.groups.missing, []);
    }
  });
  ok(placed > 100, `${placed} files placed`);
});
