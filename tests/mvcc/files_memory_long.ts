/** Many files take no more memory than few, while they are opened and walked over side by side. */

import { ok, strictEqual } from "node:assert/strict";
import { MIB, watchFiles } from "./files_memory.ts";

Deno.test("300 files of 32 MiB are opened and walked over in bounded memory", async () => {
  const { rows, held, taken } = await watchFiles(300, 32 * MIB);
  strictEqual(rows, 300 * 32_078);
  ok(held < 24 * MIB, `${held} bytes`);
  ok(taken < 256 * MIB, `${taken} bytes`);
});
