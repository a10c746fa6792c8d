import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { HeavyKeys } from "../../src/commands/heavy_keys.ts";
import { randomSeed } from "../support/random_seed.ts";
import { Random } from "../support/generator/mod.ts";

interface Amount {
  key: string;
  weight: number;
}

function hashOf(key: string): number {
  let hash = 0;
  for (const c of key) hash = Math.imul(hash, 31) + c.charCodeAt(0);
  return hash;
}

function count(list: HeavyKeys<Amount>, key: string, weight: number): void {
  const watched = list.add(hashOf(key), weight, () => key, () => ({ key, weight: 0 }));
  if (watched) watched.weight += weight;
}

Deno.test("while all keys are watched, the numbers are exact", () => {
  const list = new HeavyKeys<Amount>(3);
  for (const [key, weight] of [["a", 5], ["b", 1], ["a", 2], ["c", 9]] as const) {
    count(list, key, weight);
  }
  deepStrictEqual(
    list.heaviest(2).map(({ amount, missed }) => ({ ...amount, missed })),
    [{ key: "c", weight: 9, missed: 0 }, { key: "a", weight: 7, missed: 0 }],
  );
});

Deno.test("of many more keys than are watched, each number holds with what was missed of it", () => {
  const seed = randomSeed();
  const random = new Random(seed);
  for (let run = 0; run < 20; run++) {
    const list = new HeavyKeys<Amount>(16);
    const truth = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      // Few keys are heavy, very many are light.
      const key = `k${Math.floor(random.below(1 << random.below(11)))}`;
      const weight = random.below(20);
      truth.set(key, (truth.get(key) ?? 0) + weight);
      count(list, key, weight);
    }
    const total = [...truth.values()].reduce((sum, weight) => sum + weight, 0);
    const watched = list.heaviest(16);
    strictEqual(watched.length, 16);
    const names = new Set(watched.map(({ amount }) => amount.key));
    for (const { amount: { key, weight }, missed } of watched) {
      const exact = truth.get(key)!;
      ok(weight <= exact && exact <= weight + missed, `${key}: ${weight} ${exact} ${missed}`);
      ok(missed <= total / 16, `${key}: ${missed}`);
    }
    for (const [key, weight] of truth) if (!names.has(key)) ok(weight <= total / 16, key);
  }
});
