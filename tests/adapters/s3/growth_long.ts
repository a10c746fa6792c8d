/** What is read of a file grows with the file, whatever its objects and buckets look like. */

import { strictEqual } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import type { Snapshot } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { checkGrowth, costOf } from "../../support/cost.ts";
import type { TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow, objectRows, refRows } from "./support.ts";

const list = <T>(n: number, make: (i: number) => T[]): T[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat();
const PADDING = "x".repeat(200);

/** Objects of which one chunk of two is missing, some of them with references instead of chunks. */
function incompleteObjects(n: number): TestEntry[] {
  return [
    ...bucketRows("b"),
    ...list(n, (i) => {
      const key = `${PADDING}${i}`;
      const piece = String(i).padStart(8);
      const part = { part_no: 1, chunk_count: 2, chunk_sizes: [8, 8], offloaded: i % 100 === 0 };
      return [
        headRow(key, { upload_id: "u", size_bytes: 16, parts: [part] }),
        ...(i % 100 === 0 ? refRows(key, piece) : [blobRow(key, piece)]),
      ];
    }),
  ];
}

/** Makes objects in buckets of their own, which have no rows or rows without a generation. */
const buckets = (row: boolean) => (n: number): TestEntry[] =>
  list(n, (i) => {
    const bucket = `bucket-${i}`;
    const objects = objectRows(`${PADDING}/k`, PADDING, { bucket, generation: 1 + i % 3 });
    return row ? [bucketRows(bucket, 0)[0], ...objects] : objects;
  });

const tree = (options: object) => async (snapshot: Snapshot): Promise<void> => {
  await decode(snapshot, new MemorySink(), { adapters: ["s3"], ...options });
};
const lines = (options: object) => async (snapshot: Snapshot): Promise<void> => {
  await decodeRecords(snapshot, { write: () => {} }, { adapters: ["s3"], ...options });
};

for (const [what, use] of [["a tree", tree], ["record lines", lines]] as const) {
  Deno.test(`${what} of objects that are not whole reads each chunk once`, async () => {
    await checkGrowth(1000, 1.6, incompleteObjects, use({ keepGoing: true }));
  });

  for (const [whose, row] of [["without a row", false], ["of generation 0", true]] as const) {
    Deno.test(`${what} of buckets ${whose} walks their objects side by side`, async () => {
      await checkGrowth(250, 2.1, buckets(row), use({}));
    });
  }
}

Deno.test("all rows of objects that are not whole are raw rows where these are wanted", async () => {
  for (const n of [100, 200, 400]) {
    const sink = new MemorySink();
    const { result } = await costOf(
      incompleteObjects(n),
      (snapshot) => decode(snapshot, sink, { adapters: ["s3"], keepGoing: true, raw: true }),
    );
    for (const { live, fates } of result.accounts) strictEqual(fates.written, live);
    const raw = new TextDecoder().decode(sink.files.get("_raw/records.jsonl")).trimEnd();
    // All but the row of the bucket: its counter, objects, chunks, and pieces behind every hundredth.
    strictEqual(raw.split("\n").length, 1 + 2 * n + n / 100);
  }
});
