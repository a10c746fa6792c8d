import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openFound } from "../../src/commands/deno_inputs.ts";
import { openSnapshot } from "../../src/commands/open_snapshot.ts";
import { UnsoundError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { nodeFile, stream } from "../support/stream.ts";
import { streamInPieces } from "../support/split_sources.ts";

const SNAP = nodeFile(stream([{ key: "!redis|str|a", value: "1" }]));
const gzipped = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(bytes));

Deno.test("a snapshot is the same from bytes, a blob and a stream, packed or not", async () => {
  const members = new Uint8Array([
    ...gzipped(SNAP.subarray(0, 30)),
    ...gzipped(SNAP.subarray(30)),
    ...new Uint8Array(9),
  ]);
  for (const bytes of [new Uint8Array(SNAP), members, new Uint8Array(zstdCompressSync(SNAP))]) {
    for (const input of [bytes, new Blob([bytes]), streamInPieces(bytes, [1, 20])]) {
      const snap = await openSnapshot(input);
      deepStrictEqual([snap.problems, (await snap.inspect()).inputs[0].size], [[], SNAP.length]);
    }
  }
});

Deno.test("what does not begin like a snapshot is refused, in whatever it is packed", async () => {
  const text = new TextEncoder().encode("no snapshot\n".repeat(1000));
  for (const bytes of [text, gzipped(text), new Uint8Array(zstdCompressSync(text))]) {
    for (const input of [bytes, streamInPieces(bytes, [1, 20])]) {
      await rejects(openSnapshot(input), (error) => {
        ok(error instanceof UnsupportedError && error.code === "not-a-snapshot", String(error));
        return true;
      });
    }
  }
  await rejects(openSnapshot(gzipped(gzipped(SNAP))), {
    code: "not-a-snapshot",
    message: "this is gzip data, packed once more",
  });
});

Deno.test("much that was little is opened when the caller agrees", async () => {
  const value = new Uint8Array(65 << 20);
  const packed = new Uint8Array(
    zstdCompressSync(nodeFile(stream([{ key: "!redis|str|a", value }]))),
  );
  await rejects(openSnapshot(packed), (error) => {
    return error instanceof UsageError && error.code === "too-compressed";
  });
  // Scratch in memory has no room for it: that is the next thing to say.
  await rejects(openSnapshot(packed, { allowRatio: true }), { code: "spool-needed" });
});

Deno.test("a stream that gives nothing is not waited for when the signal fires", async () => {
  const stop = new AbortController();
  let canceled = 0;
  const silent = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => {}),
    cancel: () => void canceled++,
  });
  setTimeout(() => stop.abort(), 20);
  await rejects(openSnapshot(silent, { signal: stop.signal }), { code: "aborted" });
  strictEqual(canceled, 1);
});

/** Bytes that know whether they were let go of. */
class ClosingSource extends BytesSource {
  closed = false;

  override close(): void {
    this.closed = true;
  }
}

Deno.test("all inputs are let go of when one of them cannot be opened", async () => {
  const sources = [SNAP, gzipped(SNAP), gzipped(SNAP).subarray(0, 30), SNAP]
    .map((bytes) => new ClosingSource(bytes));
  const inputs = sources.map((input) => ({ input, name: "s" }));
  const found = { inputs, groups: [], warnings: [] };
  await rejects(openFound(found, new MemoryScratch()), UnsoundError);
  deepStrictEqual(sources.map(({ closed }) => closed), [true, true, true, true]);
});
