import { deepStrictEqual, ok } from "node:assert/strict";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { generate, type GeneratorOptions, Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { agree, compareRows, openInputs, scanned } from "../support/naive/agree.ts";
import { familyOf } from "../support/naive/families.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import type { NaiveRow, NaiveSnapshot } from "../support/naive/resolve.ts";

const SEEDS = 1000;
const SIZE = 6;

function optionsOf(seed: number): GeneratorOptions {
  return { size: SIZE, transactions: seed % 3, encrypted: seed % 5 === 0 };
}

function rowsOf(naive: NaiveSnapshot | string): NaiveRow[] {
  ok(typeof naive !== "string", `refused: ${naive}`);
  return naive.live();
}

Deno.test("generated snapshots have the rows, counts, keys and histories that the naive decoder finds", async () => {
  await forSeeds(0, SEEDS, async (seed) => {
    const snapshot = generate(seed, optionsOf(seed));
    const input = { bytes: snapshot.file(), group: 1n };
    const keys = snapshot.encryption?.keys;
    const newest = rowsOf(await agree([input], { keys, gets: seed % 2 === 0 }));
    compareRows(newest, snapshot.live().map(naiveRow));

    const at = new Random(seed).pick(snapshot.moments);
    if (at === undefined) return;
    const earlier = rowsOf(await agree([input], { keys, at, gets: seed % 2 === 1 }));
    compareRows(earlier, snapshot.live(at).map(naiveRow));
  });
});

Deno.test("scans of generated snapshots by any prefix give the rows whose keys begin with it", async () => {
  await forSeeds(10_000, 60, async (seed) => {
    const random = new Random(seed);
    const generated = generate(seed, optionsOf(seed));
    const keys = generated.encryption?.keys;
    const snapshot = await openInputs([{ bytes: generated.file(), group: 1n }], { keys });
    const all = generated.live().map(naiveRow);
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
    const snapshot = await openInputs([{ bytes: generated.file() }]);
    const rows = await scanned(snapshot, undefined, { values: false });
    deepStrictEqual(rows.map(({ key }) => key), generated.live().map(({ key }) => latin1(key)));
  });
});

Deno.test("the bare stream of what a reader sees reads as the whole file does", async () => {
  await forSeeds(30_000, 100, async (seed) => {
    const snapshot = generate(seed, { ...optionsOf(seed), encrypted: false });
    const rows = rowsOf(await agree([{ bytes: snapshot.bare(), group: 1n }], { gets: false }));
    compareRows(rows, snapshot.live().map(naiveRow));
  });
});

function naiveRow(
  { key, value, ts, expireAt }: {
    key: Uint8Array;
    value: Uint8Array;
    ts: bigint;
    expireAt: bigint;
  },
): NaiveRow {
  return { key: latin1(key), value: latin1(value), ts, expireAt };
}
