import { deepStrictEqual, ok } from "node:assert/strict";
import { storedKey } from "../../src/container/entry_batch.ts";
import type { EntryTable } from "../../src/container/entry_table.ts";
import { RangeTable } from "../../src/container/range_table.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { latin1 } from "../support/naive/parse.ts";
import { readFile } from "../support/read_file.ts";
import { stream, type TestEntry } from "../support/stream.ts";

async function tableOf(entries: TestEntry[]): Promise<EntryTable> {
  const source = new BytesSource(stream(entries));
  return (await readFile(source)).table;
}

/** Some of the same keys, in any order, now and then with a long value. */
function someEntries(random: Random, most: number): TestEntry[] {
  const entries = Array.from({ length: 60 }, (_, i): TestEntry => ({
    key: String.fromCharCode(97 + i % 5) + "x".repeat(i % 7) + i,
    value: "v".repeat(random.chance(0.02) ? 100_000 : random.below(most)),
    ts: BigInt(1 + i % 3),
  }));
  return entries.filter(() => random.chance(0.5));
}

async function keysOf(table: EntryTable): Promise<string[]> {
  const keys: string[] = [];
  const entries = table.walk({ from: new Uint8Array(0) });
  for (let batch = await entries.next(); batch; batch = await entries.next()) {
    for (let i = 0; i < batch.count; i++) keys.push(latin1(storedKey(batch, i)));
  }
  return keys;
}

Deno.test("a part of a table has its entries and no others, wherever it is asked", async () => {
  await forSeeds(100, 60, async (seed) => {
    const random = new Random(seed);
    const table = await tableOf(someEntries(random, 3_000));
    const all = await keysOf(table);
    const end = (): string => random.pick([...all, "", "a", "c", "zz"]);
    const bytes = (key: string): Uint8Array => Uint8Array.from(key, (c) => c.charCodeAt(0));
    const [from, to] = [end(), end()];
    const part = new RangeTable(table, {
      from: bytes(from),
      to: to === "" ? undefined : bytes(to),
    });
    const inside = all.filter((key) => key >= from && (to === "" || key < to));
    deepStrictEqual(await keysOf(part), inside);
    // A narrower range may have neighbours, but none from outside of the part.
    const [start, behind] = [end(), end()];
    const walk = part.walk({ from: bytes(start), to: bytes(behind) });
    const found: string[] = [];
    for (let batch = await walk.next(); batch; batch = await walk.next()) {
      for (let i = 0; i < batch.count; i++) found.push(latin1(storedKey(batch, i)));
    }
    ok(found.every((key) => inside.includes(key)));
    for (const key of inside) if (key >= start && key < behind) ok(found.includes(key), key);
  });
});
