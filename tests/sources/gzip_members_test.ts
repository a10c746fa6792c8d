import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { UnsoundError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { readAt } from "../../src/sources/source.ts";
import * as spooling from "../../src/sources/spool.ts";
import { Random } from "../support/generator/random.ts";
import { streamInPieces } from "../support/split_sources.ts";
import { importWithoutNative } from "../support/without_native.ts";

const { inflated, spool } = spooling;

function sample(length: number): Uint8Array {
  const random = new Random(length);
  return Uint8Array.from({ length }, (_, i) => i % 512 < 256 ? random.below(256) : 7);
}

function gzip(bytes: Uint8Array, level = 6): Uint8Array {
  return new Uint8Array(gzipSync(bytes, { level }));
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function unpacked(packed: Uint8Array): Promise<Uint8Array> {
  const source = await inflated(new BytesSource(packed, "some.gz"), new MemoryScratch());
  return await readAt(source, 0, source.size);
}

async function refused(packed: Uint8Array, offset: number): Promise<void> {
  await rejects(unpacked(packed), (error) => {
    ok(error instanceof UnsoundError && error.code === "truncated", String(error));
    deepStrictEqual([error.file, error.offset], ["some.gz", offset]);
    return true;
  });
}

const EMPTY = new Uint8Array(0);
const ZEROS = new Uint8Array(700);

Deno.test("a gzip file of several members is all of them, empty ones too, with zeros behind the last", async () => {
  const [a, b] = [sample(500), sample(300_000)];
  for (
    const parts of [[a, b], [EMPTY, a], [a, EMPTY, EMPTY, b, EMPTY], [EMPTY, EMPTY], [b, a, b]]
  ) {
    const packed = joined(parts.map((part, i) => gzip(part, i % 2 === 0 ? 0 : 9)));
    const plain = joined(parts);
    deepStrictEqual(await unpacked(packed), plain);
    for (const n of [1, 2, 511, 700]) {
      deepStrictEqual(await unpacked(joined([packed, ZEROS.subarray(0, n)])), plain);
    }
  }
});

Deno.test("members and zeros may be cut into chunks anywhere", async () => {
  const [a, b] = [sample(60), sample(40)];
  const packed = joined([gzip(a), gzip(EMPTY), gzip(b), ZEROS.subarray(0, 5)]);
  const plain = joined([a, b]);
  for (let cut = 0; cut <= packed.length; cut++) {
    for (const cuts of [[cut], [cut, Math.min(cut + 1, packed.length)]]) {
      const stream = streamInPieces(packed, cuts);
      const source = await spool(stream, new MemoryScratch(), { name: "s" });
      deepStrictEqual(await readAt(source, 0, source.size), plain, `cut at ${cuts}`);
    }
  }
});

Deno.test("a header with all optional fields is passed over", async () => {
  const plain = gzip(sample(100));
  const fields = [
    ...[4, 0, 1, 2, 3, 4], // extra
    ...[0x61, 0, 0x62, 0x63, 0], // a name, a comment
  ];
  const head = Uint8Array.of(...plain.subarray(0, 3), 4 | 8 | 16, ...plain.subarray(4, 10));
  deepStrictEqual(
    await unpacked(joined([head, Uint8Array.from(fields), plain.subarray(10)])),
    sample(100),
  );
});

Deno.test("anything else behind a member is an error, also behind zeros", async () => {
  const packed = gzip(sample(500));
  const { length } = packed;
  await refused(joined([packed, Uint8Array.of(1, 2, 3)]), length);
  await refused(joined([packed, new TextEncoder().encode("junk".repeat(100))]), length);
  await refused(joined([packed, ZEROS, Uint8Array.of(1)]), length + ZEROS.length);
  await refused(joined([packed, ZEROS, packed]), length + ZEROS.length);
  await refused(joined([packed, packed.subarray(0, 1)]), length);
  await refused(joined([packed, packed.subarray(0, length - 1)]), length);
});

Deno.test("each member's checksum and length are verified", async () => {
  const [one, two] = [gzip(sample(500)), gzip(sample(600))];
  for (const [member, offset] of [[0, one.length - 8], [0, one.length - 1], [1, two.length - 5]]) {
    const parts = [one.slice(), two.slice(), one];
    parts[member][offset] ^= 1;
    await refused(joined(parts), member * one.length);
  }
});

Deno.test("reported gzip files of several members are the snapshot that one member holds", async () => {
  const plain: Uint8Array[] = [];
  for (const name of ["input.one-member.fsm.gz", "input.two-members.fsm.gz"]) {
    const path = new URL(`../fixtures/reports/gzip-members/${name}`, import.meta.url);
    const bytes = Deno.readFileSync(path);
    for (const n of [0, 512]) plain.push(await unpacked(joined([bytes, ZEROS.subarray(0, n)])));
  }
  strictEqual(plain[0].length, 442);
  for (const bytes of plain) deepStrictEqual(bytes, plain[0]);
});

Deno.test("members are read in the same way where there is no native code, as in browsers", async () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule: unknown } };
  const saved = process.getBuiltinModule;
  const browser = await importWithoutNative<typeof spooling>("src/sources/spool.ts");
  process.getBuiltinModule = undefined;
  try {
    const packed = joined([gzip(sample(500)), gzip(EMPTY), gzip(sample(70)), ZEROS]);
    const source = await browser.inflated(new BytesSource(packed), new MemoryScratch());
    deepStrictEqual(
      await readAt(source, 0, source.size),
      joined([sample(500), sample(70)]),
    );
  } finally {
    process.getBuiltinModule = saved;
  }
});
