/**
 * Memory does not grow with the number of rows: by construction, and looked at here with few enough rows
 * to be quick. memory_long.ts has so many that rows kept as objects, or a set of their keys, would show.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { GeneratedTable, keyOf } from "./generated_table.ts";
import { MIB, watch } from "./memory.ts";
import { dump } from "./support.ts";

Deno.test("100,000 items of 300 bytes pass through in bounded memory", async () => {
  const { taken, exit, fates } = await watch("stream", 100_000, false);
  deepStrictEqual([exit, fates], [0, { written: 100_001 }]);
  ok(taken < 256 * MIB, `${taken} bytes`);
});

Deno.test("a table of 50,000 old rows that is being moved is read in bounded memory", async () => {
  const { taken, used, exit, fates } = await watch("moving", 50_000, true);
  deepStrictEqual([exit, fates], [0, { written: 50_001, hidden: 10_000 }]);
  ok(used < 64 * MIB, `${used} bytes`);
  ok(taken < 256 * MIB, `${taken} bytes`);
});

Deno.test("the generated table is a snapshot like others, wherever it is read from", async () => {
  const shape = { types: { id: "B" }, generation: 2, from: 1 };
  const table = new GeneratedTable("t", shape, [
    { count: 20, generation: 1, legacy: true, more: { v: { S: "old" } } },
    { count: 4, generation: 2, legacy: false, more: { v: { S: "new" } }, step: 5 },
  ]);
  const whole = new Uint8Array(table.size);
  table.read(0, whole);
  for (const size of [1, 7, 50, 333]) {
    for (let at = 0; at < table.size; at += size) {
      const piece = new Uint8Array(Math.min(size, table.size - at));
      deepStrictEqual(table.read(at, piece), piece.length);
      deepStrictEqual(piece, whole.subarray(at, at + piece.length));
    }
  }
  const { items, wrong } = await dump(whole);
  deepStrictEqual(wrong, []);
  deepStrictEqual(
    Object.entries(items).map(([path, { id, v }]) => [path, id, v]).sort(),
    Array.from({ length: 20 }, (_, n) => [
      `t/items/b64.${keyOf(n)}.json`,
      { B: keyOf(n) },
      { S: n % 5 === 0 ? "new" : "old" },
    ]),
  );
});
