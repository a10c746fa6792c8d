import { ok, strictEqual } from "node:assert/strict";
import {
  generate,
  type GeneratedSnapshot,
  type LiveRow,
  Random,
} from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { agree, compareRows, openInputs } from "../support/naive/agree.ts";
import { latin1 } from "../support/naive/parse.ts";
import type { NaiveRow } from "../support/naive/resolve.ts";

const SEEDS = 400;

function generatedGroups(seed: number): GeneratedSnapshot {
  return generate(seed, {
    size: 6,
    groups: 2 + seed % 2,
    transactions: 6,
    encrypted: seed % 5 === 0,
  });
}

function naiveRows(rows: LiveRow[]): NaiveRow[] {
  return rows.map((row) => ({ ...row, key: latin1(row.key), value: latin1(row.value) }));
}

Deno.test("the files of several groups and replicas read as one snapshot, the naive decoder agreeing", async () => {
  await forSeeds(40_000, SEEDS, async (seed) => {
    const snapshot = generatedGroups(seed);
    const random = new Random(seed);
    const keys = snapshot.encryption?.keys;
    const compactedTo = random.pick([0n, random.pick(snapshot.moments) ?? 0n]);
    const files = snapshot.groupFiles(compactedTo);
    // Without being told, the program finds the groups by the keys; a file with few may leave it open.
    const newest = await agree(files, { keys, gets: seed % 4 === 0 });
    ok(typeof newest !== "string", `refused: ${newest}`);
    compareRows(newest.live(), naiveRows(snapshot.live()));

    const at = random.pick(snapshot.moments.filter((ts) => ts >= compactedTo));
    if (at === undefined) return;
    const earlier = await agree(files, { keys, at, gets: seed % 4 === 2 });
    ok(typeof earlier !== "string", `refused: ${earlier}`);
    compareRows(earlier.live(), naiveRows(snapshot.live(at)));
  });
});

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
    const snapshot = generatedGroups(seed);
    const files = snapshot.groupFiles();
    const { info } = await openInputs(files, { keys: snapshot.encryption?.keys, named: false });
    for (const [i, { group }] of info.inputs.entries()) {
      // Rows of a route's earlier group may mislead only where they are left over.
      if (group === undefined) continue;
      placed++;
      if (group !== files[i].group) ok(snapshot.hasLeftOvers, `input ${i} is not of ${group}`);
    }
    if (info.inputs.every(({ group }) => group !== undefined) && !snapshot.hasLeftOvers) {
      strictEqual(info.groups.missing.length, 0);
    }
  });
  ok(placed > 100, `${placed} files placed`);
});
