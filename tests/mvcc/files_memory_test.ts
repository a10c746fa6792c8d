/** What an open snapshot holds of each file: a place in it now and then, and no buffers. */

import { ok, strictEqual } from "node:assert/strict";
import { MIB, watchFiles } from "./files_memory.ts";

for (const files of [1, 10, 60]) {
  Deno.test(`a snapshot of ${files} files holds some KiB of each`, async () => {
    const { rows, held } = await watchFiles(files, MIB);
    strictEqual(rows, files * 1002);
    ok(held < (files + 10) << 14, `${held} bytes`);
  });
}
