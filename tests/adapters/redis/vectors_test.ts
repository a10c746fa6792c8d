/** Rows of every kind and the files that they become. */

import { deepStrictEqual } from "node:assert/strict";
import { hex } from "../../support/stream.ts";
import { dump } from "./support.ts";
import { VECTORS } from "./vectors.ts";

for (const { title, rows, files, warnings = [] } of VECTORS) {
  Deno.test(`vector: ${title}`, async () => {
    const dumped = await dump(
      rows.map(([key, value, ts]) => ({
        key: hex(key),
        value: value === null ? undefined : hex(value),
        ts,
      })),
    );
    deepStrictEqual(dumped.tree, files);
    deepStrictEqual(dumped.noted, warnings);
    deepStrictEqual(dumped.wrong, []);
  });
}
