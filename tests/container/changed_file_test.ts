import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { SnapshotFile } from "../../src/container/snapshot_file.ts";
import { readFile } from "../support/read_file.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Source } from "../../src/sources/source.ts";
import { ChangingSource } from "../support/changing_source.ts";
import { nodeFile, stream } from "../support/stream.ts";
import { buildBundle, buildTable, someEntries } from "./sst_builder.ts";
import { CLOCK, NOTHING, REALISTIC } from "./vectors.ts";

const BLOCK = 64 << 10;
const ROWS = 40;

/** Rows of 10,000 bytes. */
function largeFile(): Uint8Array {
  return nodeFile(stream(Array.from({ length: ROWS }, (_, i) => ({
    key: `k${String(i).padStart(2, "0")}`,
    value: new Uint8Array(10_000).fill(i),
  }))));
}

function bundleFile(): Uint8Array {
  const entries = someEntries(3000);
  return nodeFile(buildBundle([{ entries, table: buildTable(entries) }]));
}

function open(source: Source): Promise<SnapshotFile> {
  return readFile(source);
}

/** All entries, as they lie in the stream. */
function whole({ table, entries: { start, end } }: SnapshotFile): Promise<Uint8Array> {
  return table.readFrame({ input: 0, position: start, length: end - start });
}

Deno.test("what a file says of itself comes from the bytes that the checksum covers", async () => {
  const bytes = largeFile();
  const { header, lastCommitTs } = await open(new BytesSource(bytes));
  for (const at of [9, 15, 30]) { // the ceiling of the clock, and the stream's last commit
    const file = await open(new ChangingSource(bytes, 1, (bytes) => void (bytes[at] ^= 0xff)));
    deepStrictEqual([file.header, file.lastCommitTs], [header, lastCommitTs]);
    deepStrictEqual([file.footer, file.problems], ["verified", []]);
    await rejects(whole(file), { code: "source-changed", offset: 0 });
  }
});

Deno.test("a small file is read once to know what it is", async () => {
  for (const bytes of [CLOCK, NOTHING]) {
    const source = new ChangingSource(bytes, 1, (bytes) => void bytes.fill(0));
    const file = await open(source);
    deepStrictEqual([file.footer, file.problems], ["verified", []]);
    strictEqual(source.reads, 1);
  }
});

for (const [kind, bytes] of [["stream", largeFile()], ["bundle", bundleFile()]] as const) {
  Deno.test(`a byte of a ${kind} that changes after the reading is found by whoever reads it`, async () => {
    const sound = await whole(await open(new BytesSource(bytes)));
    for (let at = 60; at < bytes.length; at += 4999) {
      const own = bytes.slice();
      const file = await open(new BytesSource(own, "test.fsm"));
      strictEqual(file.kind, kind);
      own[at] ^= 4;
      const offset = Math.floor(at / BLOCK) * BLOCK;
      const read = whole(file);
      // The blocks of a small bundle are still in memory, decoded.
      if (kind === "bundle") deepStrictEqual(await read, sound);
      else await rejects(read, { code: "source-changed", file: "test.fsm", offset });
    }
  });

  Deno.test(`a ${kind} that changes during the reading is damaged or changed, or as it was`, async () => {
    const sound = await whole(await open(new BytesSource(bytes)));
    const seen = new Set<string>();
    const counted = new ChangingSource(bytes, -1, () => {});
    await open(counted);
    for (let after = 0; after <= counted.reads; after++) {
      for (const from of [100, bytes.length >> 1, bytes.length - 100]) {
        const source = new ChangingSource(bytes, after, (bytes) => void bytes.fill(0x57, from));
        try {
          const file = await open(source);
          if (file.problems.length > 0) seen.add("problem");
          else {
            deepStrictEqual(await whole(file), sound);
            seen.add("as it was");
          }
        } catch (error) {
          seen.add((error as { code: string }).code);
        }
      }
    }
    ok(seen.has("problem") && seen.has("source-changed"), [...seen].join());
  });
}

Deno.test("a file that is cut off while it is looked at says so", async () => {
  const cut: Source = { name: "cut", size: 500, read: () => 7, close: () => {} };
  await rejects(open(cut), { code: "source-changed", file: "cut", offset: 7 });
});

Deno.test("the digests of a file's blocks can be kept", async () => {
  const { digests, size } = await open(new BytesSource(REALISTIC));
  deepStrictEqual([digests.size, digests.blockLength, digests.bytes.length], [size, BLOCK, 8]);
});
