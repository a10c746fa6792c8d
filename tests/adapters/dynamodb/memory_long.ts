/** A table of rows kept as objects, or a set of their keys, would take more than these bounds. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { MIB, watch } from "./memory.ts";

Deno.test("a million items of 300 bytes pass through in bounded memory", async () => {
  const { taken, exit, fates } = await watch("stream", 1_000_000, false);
  deepStrictEqual([exit, fates], [0, { written: 1_000_001 }]);
  ok(taken < 256 * MIB, `${taken} bytes`);
});

Deno.test("a table that is being moved keeps one bit for each of a million old rows", async () => {
  const { taken, used, exit, fates } = await watch("moving", 1_000_000, true);
  deepStrictEqual([exit, fates], [0, { written: 1_000_001, hidden: 200_000 }]);
  ok(used < 128 * MIB, `${used} bytes`);
  ok(taken < 512 * MIB, `${taken} bytes`);
});
