/** What is read of a file grows with the file, however many of its tables are being moved. */

import { strictEqual } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import type { Snapshot } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { checkGrowth, costOf } from "../../support/cost.ts";
import type { TestEntry } from "../../support/stream.ts";
import { itemRow, tableRow } from "./rows.ts";

const BODY = { S: "x".repeat(500) };

/** Tables of three items: one that was moved, one that was not yet, one that was written since. */
function moving(tables: number): TestEntry[] {
  return Array.from({ length: tables }, (_, i) => {
    const item = (id: string, shape: object): TestEntry =>
      itemRow(`table-${i}`, { id: { S: id }, body: BODY }, shape);
    return [
      tableRow(`table-${i}`, { generation: 2, from: 1 }),
      item("both", { version: 0, generation: 1 }),
      item("both", { generation: 2 }),
      item("old", { version: 0, generation: 1 }),
      item("new", { generation: 2 }),
    ];
  }).flat();
}

const USES = {
  "a tree": (snapshot: Snapshot) => decode(snapshot, new MemorySink(), {}),
  "record lines": (snapshot: Snapshot) => decodeRecords(snapshot, { write: () => {} }, {}),
};

for (const [what, use] of Object.entries(USES)) {
  Deno.test(`${what} of tables that are being moved reads each row a few times`, async () => {
    await checkGrowth(100, 2.1, moving, async (snapshot) => {
      const { accounts, exitCode } = await use(snapshot);
      strictEqual(exitCode, 0);
      for (const { fates } of accounts) strictEqual(fates.hidden, 1);
    });
  });

  Deno.test(`${what} of a table that is being moved reads each of both generations twice`, async () => {
    const rows = [
      tableRow("t", { generation: 2, from: 1 }),
      ...Array.from({ length: 2000 }, (_, i) => [
        itemRow("t", { id: { S: `old ${i}` }, body: BODY }, { version: 0, generation: 1 }),
        itemRow("t", { id: { S: `new ${i}` }, body: BODY }, { generation: 2 }),
        itemRow("t", { id: { S: `gone ${i}` }, body: BODY }, { generation: 3 }),
      ]).flat(),
    ];
    const { bytes, size } = await costOf(rows, use);
    // Once to write, and two generations of three once more to compare.
    strictEqual((bytes / size).toFixed(1), "1.7");
  });
}
