/** From how many items on it is asked how they are laid out, and what is said then. */

import { doesNotThrow, match, ok, strictEqual } from "node:assert/strict";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeRun } from "../../src/commands/decode_run.ts";
import { refuseManyFiles } from "../../src/commands/many_files.ts";
import { Selection } from "../../src/commands/selection.ts";
import { UsageError } from "../../src/errors.ts";
import { FAMILIES } from "../../src/keyspace/families.ts";
import { noCounts } from "../../src/mvcc/survey.ts";

const ITEM = FAMILIES.find(({ id }) => id === "ddb-item")!;

/** A run over tables of so many live items, each of which has so many bytes. */
function run(
  tables: Record<string, number>,
  bytes: number,
  options: DecodeOptions = {},
): DecodeRun {
  const totals = Object.entries(tables).map(([name, live]) => ({
    ...noCounts(),
    family: ITEM,
    scope: new TextEncoder().encode(name),
    keys: live,
    live,
    liveBytes: live * bytes,
    late: 0,
  }));
  return {
    snapshot: { info: { totals } },
    options,
    selection: new Selection(options, totals),
  } as DecodeRun;
}

Deno.test("100,000 items are files without a question, and more are not", () => {
  doesNotThrow(() => refuseManyFiles(run({ a: 60_000, b: 40_000 }, 100)));
  try {
    refuseManyFiles(run({ a: 60_000, b: 40_001 }, 1000));
    ok(false);
  } catch (error) {
    ok(error instanceof UsageError && error.code === "too-many-files", String(error));
    match(error.message, /^there are 100,001 DynamoDB items, and each would be a file of its own$/);
    strictEqual(error.option, "dynamodbBundleMode");
    strictEqual(
      error.hint,
      "choose jsonl (about 2 files of many items, 95 MiB in all) or per-item (100,001 files, which " +
        "take about 391 MiB of a disk with blocks of 4 KiB)",
    );
  }
});

Deno.test("who has chosen, or left the tables out, is not asked", () => {
  const many = { a: 5_000_000 };
  for (
    const options of [
      { dynamodbBundleMode: "per-item" },
      { dynamodbBundleMode: "jsonl" },
      { adapters: ["redis"] },
      { scopes: { dynamodb: ["b"] } },
      { only: ["dynamodb/a/17"] },
    ] as const
  ) doesNotThrow(() => refuseManyFiles(run(many, 100, options as DecodeOptions)));
});
