/** How much of a file is read in all, opening included: everything twice, and heads once more. */

import { ok, strictEqual } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import { openSnapshotInputs, type Snapshot } from "../../../src/mvcc/snapshot.ts";
import { CountingSink } from "../../../src/sinks/counting_sink.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { CountingSource } from "../../support/counting_source.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow, md5Of, objectRows } from "./support.ts";

/** An object of so many chunks. */
function longObject(name: string, chunks: number, chunk: string): TestEntry[] {
  const size = chunks * chunk.length;
  return [
    ...Array.from({ length: chunks }, (_, i) => blobRow(name, chunk, { chunk: BigInt(i) })),
    headRow(name, {
      upload_id: "u",
      etag: md5Of(chunk.repeat(chunks)),
      size_bytes: size,
      parts: [{ part_no: 1, chunk_count: chunks }],
    }),
  ];
}

const list = (n: number, make: (i: number) => TestEntry[]): TestEntry[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat();

const KINDS: Record<string, TestEntry[]> = {
  "one huge object": longObject("huge", 24, "x".repeat(1 << 20)),
  "long objects of small chunks": list(5, (i) => longObject(`${i}`, 800, "y".repeat(4096))),
  "many small objects": list(4000, (i) => objectRows(`small-${i}`, "z".repeat(3000))),
};
const USES: Record<string, (snapshot: Snapshot) => Promise<{ exitCode: number }>> = {
  "a tree": (snapshot) => decode(snapshot, new CountingSink(), { accept: ["groups"] }),
  "record lines": (snapshot) =>
    decodeRecords(snapshot, { write: () => {} }, { accept: ["groups"] }),
  "record lines with bodies": (snapshot) =>
    decodeRecords(
      snapshot,
      { write: () => {} },
      { accept: ["groups"], bodies: true },
      new MemoryScratch(1 << 30),
    ),
};

for (const [kind, rows] of Object.entries(KINDS)) {
  const file = stream([...bucketRows("b"), ...rows]);
  const heads = rows.map(({ key, value }) => [bytesOf(key), bytesOf(value!)])
    .filter(([key]) => new TextDecoder().decode(key).startsWith("!s3|obj|head|"))
    .reduce((n, [key, value]) => n + key.length + value.length + 33, 0);
  for (const [what, use] of Object.entries(USES)) {
    Deno.test(`${what} of ${kind} reads everything twice`, async () => {
      const source = new CountingSource(file);
      const { exitCode } = await use(await openSnapshotInputs([{ source }]));
      strictEqual(exitCode, 0);
      const most = 2.05 * source.size + heads;
      ok(
        source.bytes <= most,
        `${source.bytes} bytes of ${source.size}, ${heads} of heads`,
      );
    });
  }
}
