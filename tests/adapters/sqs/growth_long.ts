/** What is read of a file grows with the file, however many queues there are. */

import { ok } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import type { DecodeOptions } from "../../../src/commands/decode_options.ts";
import type { Snapshot } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { checkGrowth } from "../../support/cost.ts";
import type { TestEntry } from "../../support/stream.ts";
import { counterRow, messageRow, queueRow } from "./support.ts";

const body = `,"body":"${btoa("x".repeat(300))}"`;

/** Queues with messages of both layouts and of another generation, and as many without a row. */
function queues(n: number): TestEntry[] {
  return Array.from({ length: n }, (_, i) => [
    queueRow(`q${i}`),
    counterRow(`q${i}`),
    messageRow(`q${i}`, "a", { json: body }),
    messageRow(`q${i}`, "b", { json: body, partition: 1 }),
    messageRow(`q${i}`, "c", { json: body, generation: 2n }),
    messageRow(`lost${i}`, "a", { json: body }),
  ]).flat();
}

const OPTIONS: DecodeOptions = { includeOrphans: true, adapters: ["sqs"] };
const USES = {
  "a tree": (snapshot: Snapshot) => decode(snapshot, new MemorySink(), OPTIONS),
  "record lines": (snapshot: Snapshot) => decodeRecords(snapshot, { write: () => {} }, OPTIONS),
};

for (const [what, use] of Object.entries(USES)) {
  Deno.test(`${what} of queues reads messages once`, async () => {
    await checkGrowth(500, 1.1, queues, async (snapshot) => {
      const { accounts } = await use(snapshot);
      ok(accounts.every(({ fates }) => (fates.written ?? 0) > 0));
    });
  });
}
