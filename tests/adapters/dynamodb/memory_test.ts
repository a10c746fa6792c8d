/**
 * Memory does not grow with the number of rows: by construction, and looked at here. A table of rows kept
 * as objects, or a set of their keys, would take more than these bounds.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { GeneratedTable, keyOf } from "./generated_table.ts";
import { dump } from "./support.ts";

const MIB = 1 << 20;

interface Memory {
  read: number;
  /** Growth of what the process took from the system. */
  taken: number;
  /** What was in use after a collection, where it was asked for. */
  used: number;
  exit: number;
  fates: Record<string, number>;
}

async function watch(table: string, flags: string[]): Promise<Memory> {
  const program = new URL("./memory_program.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", ...flags, program, table],
  }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(text.decode(stderr));
  const memory: Memory = JSON.parse(text.decode(stdout));
  const mib = (n: number): string => `${Math.round(n / MIB)} MiB`;
  console.log(
    `${table}: ${mib(memory.read)} read, the process grew by ${mib(memory.taken)}` +
      (memory.used > 0 ? `, ${mib(memory.used)} in use` : ""),
  );
  return memory;
}

Deno.test("a million items of 300 bytes pass through in bounded memory", async () => {
  const { taken, exit, fates } = await watch("stream", []);
  deepStrictEqual([exit, fates], [0, { written: 1_000_001 }]);
  ok(taken < 256 * MIB, `${taken} bytes`);
});

Deno.test("a table that is being moved keeps one bit for each of a million old rows", async () => {
  const { taken, used, exit, fates } = await watch("moving", ["--v8-flags=--expose-gc"]);
  deepStrictEqual([exit, fates], [0, { written: 1_000_001, hidden: 200_000 }]);
  ok(used < 128 * MIB, `${used} bytes`);
  ok(taken < 512 * MIB, `${taken} bytes`);
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
