import { deepStrictEqual } from "node:assert/strict";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { agree, compareRows, openInputs, scanned } from "../support/naive/agree.ts";
import { familyOf } from "../support/naive/families.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { NaiveSnapshot } from "../support/naive/resolve.ts";
import { agreeOnFile, naiveRows, optionsOf, rowsOf, SIZE } from "./generated.ts";

Deno.test("generated snapshots have the rows, counts, keys and histories that the naive decoder finds", () =>
  forSeeds(0, 100, agreeOnFile));

Deno.test("scans of generated snapshots by any prefix give the rows whose keys begin with it", async () => {
  await forSeeds(10_000, 60, async (seed) => {
    const random = new Random(seed);
    const generated = generate(seed, optionsOf(seed));
    const keys = generated.encryption?.keys;
    const snapshot = await openInputs([{ bytes: generated.file(), group: 1n }], { keys });
    const all = naiveRows(generated.live());
    const prefixes = new Set(all.map(({ key }) => familyOf(key)));
    for (let i = 0; i < 10; i++) {
      const { key, ts } = generated.writes[random.below(generated.writes.length)];
      // Some reach into the timestamp behind the key.
      const stored = latin1(key) +
        latin1(new Uint8Array(new BigUint64Array([~ts]).buffer).reverse());
      prefixes.add(stored.slice(0, random.below(stored.length + 1)));
    }
    for (const prefix of prefixes) {
      const rows = await scanned(snapshot, prefixRange(bytesOf(prefix)));
      compareRows(rows, all.filter(({ key }) => key.startsWith(prefix)));
    }
  });
});

Deno.test("scans without values give the same keys and need no data keys", async () => {
  await forSeeds(20_000, 30, async (seed) => {
    const generated = generate(seed, { size: SIZE, encrypted: true });
    const bytes = generated.file();
    const snapshot = await openInputs([{ bytes }]);
    const rows = await scanned(snapshot, undefined, { values: false });
    // What an encrypted row says of its expiry is not known then.
    const naive = new NaiveSnapshot([{ bytes }]);
    const there = naive.keys.map((key) => naive.deciding(key)).filter(({ state }) =>
      state === "live" || state === "undecided"
    );
    const stored = there.map(({ version }) => version!).sort((a, b) =>
      a.stored < b.stored ? -1 : 1
    );
    deepStrictEqual(rows.map(({ key }) => key), stored.map(({ key }) => key));
  });
});

Deno.test("the bare stream of what a reader sees reads as the whole file does", async () => {
  await forSeeds(30_000, 100, async (seed) => {
    const snapshot = generate(seed, { ...optionsOf(seed), encrypted: false });
    const rows = rowsOf(await agree([{ bytes: snapshot.bare(), group: 1n }], { gets: false }));
    compareRows(rows, naiveRows(snapshot.live()));
  });
});
