/** Collections that are sorted in pieces and on disk. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { TestEntry } from "../../support/stream.ts";
import { dump, itemKey, sized } from "./support.ts";

/** Fields of which each begins like the next ones, so that stored order is another one. */
function fieldsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => "f" + i.toString(3));
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

Deno.test("many hashes are sorted a few at a time, and one that is too large on disk", async () => {
  const value = "v".repeat(1000);
  const rows: TestEntry[] = [];
  // 6 MB under one name, then names of which each chunk takes some.
  const counts = new Map([
    ["large", 6000],
    ...Array.from(
      { length: 40 },
      (_, i): [string, number] => [`name ${i}`, 100],
    ),
  ]);
  for (const [name, count] of counts) {
    for (const field of fieldsOf(count)) rows.push({ key: sized("!hs|fld|", name, field), value });
  }
  const { tree, fates, noted } = await dump(rows);
  strictEqual(Object.keys(tree).length, counts.size);
  for (const [name, count] of counts) {
    const { fields } = JSON.parse(tree[`hashes/${name.replace(" ", "%20")}.json`]);
    deepStrictEqual(
      fields.map((field: { name: string }) => field.name),
      fieldsOf(count).sort(byBytes),
    );
    strictEqual(fields.every((field: { value: string }) => field.value === value), true);
  }
  deepStrictEqual(fates, { "redis written": 10_000 });
  deepStrictEqual(noted, []);
});

Deno.test("items of lists whose names begin alike do not mix, however many there are", async () => {
  const value = "i".repeat(2000);
  const rows: TestEntry[] = [];
  // The second name goes on like the places of the first one's items.
  const names = ["a", "a\x7f\xff\xff\xff\xff\xff\xff\xff", "ab"];
  for (let i = -1500n; i < 1500n; i++) {
    for (const name of names) {
      rows.push({
        key: itemKey(Uint8Array.from(name, (c) => c.charCodeAt(0)), i),
        value: i + value,
      });
    }
  }
  const { tree, fates } = await dump(rows);
  deepStrictEqual(Object.keys(tree).sort(), [
    "lists/a%7F%FF%FF%FF%FF%FF%FF%FF.json",
    "lists/a.json",
    "lists/ab.json",
  ]);
  const wanted = Array.from({ length: 3000 }, (_, i) => i - 1500 + value);
  for (const text of Object.values(tree)) deepStrictEqual(JSON.parse(text).items, wanted);
  deepStrictEqual(fates, { "redis written": 9000 });
});
