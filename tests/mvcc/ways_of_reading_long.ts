import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { BlobSource } from "../../src/sources/blob_source.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { DenoFileSource } from "../../src/sources/deno_file.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import type { Source } from "../../src/sources/source.ts";
import { inflated, spool } from "../../src/sources/spool.ts";
import { REALISTIC, TWO_VERSIONS } from "../container/vectors.ts";
import { generate } from "../support/generator/mod.ts";
import { agree, openInputs, scanned, thrownBy } from "../support/naive/agree.ts";
import { LateSource, SplitSource, streamInPieces } from "../support/split_sources.ts";

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Ways to the same bytes. */
const WAYS: Record<string, (bytes: Uint8Array) => Source | Promise<Source>> = {
  "from memory": (bytes) => new BytesSource(bytes),
  "answered later": (bytes) => new LateSource(bytes),
  "answered later every second time": (bytes) => new LateSource(bytes, true),
  "from a blob of many parts": (bytes) => {
    const parts = Array.from({ length: 50 }, (_, i) => {
      const part = (n: number): number => Math.floor(bytes.length * n / 50);
      return bytes.slice(part(i), part(i + 1));
    });
    return new BlobSource(new Blob(parts));
  },
  "from a stream in one-byte pieces": (bytes) => {
    const cuts = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
    return spool(streamInPieces(bytes, cuts), new MemoryScratch(), { name: "stream" });
  },
  "from a compressed file": async (bytes) =>
    await inflated(new LateSource(await gzipped(bytes)), new MemoryScratch()),
  "from a file": (bytes) => {
    const path = Deno.makeTempFileSync();
    Deno.writeFileSync(path, bytes);
    const source = new DenoFileSource(path);
    Deno.removeSync(path);
    return source;
  },
};

for (const [way, open] of Object.entries(WAYS)) {
  Deno.test(`a snapshot reads the same ${way}`, async () => {
    for (let seed = 0; seed < 8; seed++) {
      const snapshot = generate(seed, { size: 5, transactions: 2, groups: 1 + seed % 2 });
      const files = snapshot.groupFiles();
      for (const at of [undefined, snapshot.moments[3]]) {
        const inputs = await Promise.all(
          files.map(async (file) => ({ ...file, source: await open(file.bytes) })),
        );
        ok(typeof await agree(inputs, { at }) !== "string", `seed ${seed}`);
      }
    }
  });
}

Deno.test("a stream cut at any point gives the same snapshot", async () => {
  for (const bytes of [REALISTIC, TWO_VERSIONS]) {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const source = await spool(streamInPieces(bytes, [cut]), new MemoryScratch(), {
        name: "stream",
      });
      ok(typeof await agree([{ bytes, source }], { gets: cut % 8 === 0 }) !== "string");
    }
  }
});

Deno.test("a source that gives less than it was asked for is refused, or read rightly", async () => {
  const expected = await scanned(await openInputs([{ bytes: REALISTIC }]));
  let refused = 0;
  for (let split = 0; split <= REALISTIC.length; split++) {
    const source = new SplitSource(REALISTIC, split);
    const code = await thrownBy(async () => {
      const snapshot = await openInputs([{ bytes: REALISTIC, source }]);
      const [problem] = snapshot.info.problems;
      if (problem) throw problem;
      deepStrictEqual(await scanned(snapshot), expected, `split at ${split}`);
    });
    if (code !== undefined) refused++;
    ok(
      code === undefined || ["truncated", "checksum-mismatch", "source-changed"].includes(code),
      `split at ${split}: ${code}`,
    );
  }
  ok(refused > 300, `${refused} refused`);
});

Deno.test("a failing source fails the opening, and every source is closed", async () => {
  let closed = 0;
  const failing: Source = {
    name: "failing",
    size: REALISTIC.length,
    read: () => Promise.reject(new Error("the disk is gone")),
    close: () => void closed++,
  };
  const sound = new BytesSource(REALISTIC);
  sound.close = () => void closed++;
  const inputs = [{ bytes: REALISTIC, source: sound }, { bytes: REALISTIC, source: failing }];
  const error = await openInputs(inputs).catch((e: Error) => e.message);
  strictEqual(error, "the disk is gone");
  strictEqual(closed, 2);
});
