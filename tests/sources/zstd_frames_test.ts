import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { constants, zstdCompressSync } from "node:zlib";
import { UnsoundError, UnsupportedError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { ChunkReader, chunksOf } from "../../src/sources/chunk_reader.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { readAt } from "../../src/sources/source.ts";
import * as spooling from "../../src/sources/spool.ts";
import { zstdFrame } from "../../src/sources/zstd_frames.ts";
import { Random } from "../support/generator/random.ts";
import { LateSource, streamInPieces } from "../support/split_sources.ts";
import { importWithoutNative } from "../support/without_native.ts";

const { inflated, spool } = spooling;

function sample(length: number): Uint8Array {
  const random = new Random(length);
  return Uint8Array.from({ length }, (_, i) => i % 512 < 256 ? random.below(256) : 7);
}

function zstd(bytes: Uint8Array): Uint8Array {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

Deno.test("a zstd file of several frames is all of them, without those that mean nothing", async () => {
  const [a, b] = [sample(500), sample(300_000)];
  const skipped = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
  const [x, y] = [zstd(a), zstd(b)];
  for (
    const parts of [[x, y], [skipped, x, skipped, y], [x, y, skipped], [x, skipped, skipped, y]]
  ) {
    const packed = Uint8Array.from(parts.flatMap((part) => [...part]));
    const plain = await inflated(new LateSource(packed), new MemoryScratch());
    deepStrictEqual(await readAt(plain, 0, plain.size), new Uint8Array([...a, ...b]));
    for (
      const behind of [
        [1],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0x28, 0xb5, 0x2f, 0xfd],
        skipped.subarray(0, 10),
      ]
    ) {
      const more = new BytesSource(new Uint8Array([...packed, ...behind]));
      await rejects(inflated(more, new MemoryScratch()), (error) => {
        ok(error instanceof UnsoundError && error.code === "truncated");
        return error.offset === packed.length;
      });
    }
  }
});

Deno.test("frames of Zstandard are taken whole, whatever their header has", async () => {
  // Descriptor, the rest of the header, and how long the last raw block and the checksum are.
  const frames: [number, number[]][] = [
    [0x00, [0x55]],
    [0x20, [0x55]],
    [0x40, [0x55, 1, 2]],
    [0x60, [0xff, 0xff]],
    [0x80, [0x55, 1, 2, 3, 4]],
    [0xa0, [0, 0, 0, 8]],
    [0xc0, [0x55, 1, 2, 3, 4, 5, 6, 7, 8]],
    [0xe0, [0, 0, 0, 8, 0, 0, 0, 0]],
    [0x03, [0x55, 0, 0, 0, 0]],
    [0x22, [0, 0, 0x55]],
    [0x01, [0x55, 0]],
  ];
  for (const [descriptor, more] of frames) {
    for (const checksum of [0, 4]) {
      const bytes = [
        ...[0x28, 0xb5, 0x2f, 0xfd, descriptor | checksum],
        ...more,
        ...[0x28, 0, 0, 1, 2, 3, 4, 5], // five raw bytes, not the last block
        ...[0x82, 0, 0, 7], // one byte, sixteen times
        ...[0x11, 0, 0, 1, 2], // two raw bytes, the last block
        ...new Uint8Array(checksum),
      ];
      const packed = new BytesSource(Uint8Array.from([...bytes, ...bytes]));
      const reader = new ChunkReader(chunksOf(packed));
      for (let n = 1; n <= 2; n++) {
        const pieces: number[] = [];
        const frame = zstdFrame(reader, "s");
        let next = await frame.next();
        for (; !next.done; next = await frame.next()) pieces.push(...next.value);
        const given = bytes.slice(0, bytes.length - checksum).with(4, descriptor);
        deepStrictEqual([pieces, reader.position], [given, n * bytes.length]);
        deepStrictEqual(next.value?.length ?? 0, checksum);
      }
    }
  }
});

function isUnsupported(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    ok(error instanceof UnsupportedError && error.code === "unsupported-format", String(error));
    ok(message.test(error.message) && error.offset === 0, String(error));
    ok(error.hint?.includes("zstd -d -"));
    return true;
  };
}

Deno.test("a window above 128 MiB is not given, and its file is not called damaged", async () => {
  const head = [0x28, 0xb5, 0x2f, 0xfd];
  for (
    const [bytes, mib] of [
      [[0x00, 0x89], 144], // 128 MiB and an eighth
      [[0x00, 0xa8], 2048],
      [[0xa0, 1, 0, 0, 8], 129], // all of the contents, and one byte more
      [[0xe0, 0, 0, 0, 0, 0, 0, 0, 1], 2 ** 36],
    ] as const
  ) {
    const source = new BytesSource(Uint8Array.from([...head, ...bytes, 1, 0, 0]));
    await rejects(
      inflated(source, new MemoryScratch()),
      isUnsupported(new RegExp(`a window of ${mib} MiB`)),
    );
  }
  const path = new URL("../fixtures/attacks/zstd-long-window/input.fsm.zst", import.meta.url);
  const long = new BytesSource(Deno.readFileSync(path));
  await rejects(inflated(long, new MemoryScratch()), isUnsupported(/a window of 2048 MiB/));
});

Deno.test("a window of 128 MiB is given", async () => {
  const bytes = sample(3000);
  const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 };
  const packed = new Uint8Array(zstdCompressSync(bytes, { params }));
  // The length is known to the compressor: so that the window shows, the header is written anew.
  const head = Uint8Array.of(...packed.subarray(0, 4), packed[4] & 0x04, 0x88);
  const isSingle = (packed[4] & 0x20) !== 0;
  const more = [isSingle ? 1 : 0, 2, 4, 8][packed[4] >> 6] + (isSingle ? 0 : 1);
  const wide = new Uint8Array([...head, ...packed.subarray(5 + more)]);
  const source = await inflated(new BytesSource(wide), new MemoryScratch());
  deepStrictEqual(await readAt(source, 0, source.size), bytes);
});

Deno.test("a frame that needs a dictionary is not called damaged", async () => {
  const bytes = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x50, 7, 1, 0, 0);
  await rejects(
    inflated(new BytesSource(bytes), new MemoryScratch()),
    isUnsupported(/packed with a dictionary/),
  );
});

Deno.test("frames may be cut into chunks anywhere", async () => {
  const packed = new Uint8Array([...zstd(sample(90)), ...zstd(sample(0)), ...zstd(sample(50))]);
  const plain = new Uint8Array([...sample(90), ...sample(50)]);
  for (let cut = 0; cut <= packed.length; cut += 3) {
    const source = await spool(streamInPieces(packed, [cut]), new MemoryScratch(), { name: "s" });
    deepStrictEqual(await readAt(source, 0, source.size), plain, `cut at ${cut}`);
  }
});

Deno.test("where the runtime cannot unpack zstd, the input is refused with what to do", async () => {
  const packed = zstd(sample(10));
  const { process } = globalThis as unknown as { process: { getBuiltinModule: unknown } };
  const saved = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    const browser = await importWithoutNative<typeof spooling>("src/sources/spool.ts");
    await rejects(browser.inflated(new BytesSource(packed), new MemoryScratch()), (error) => {
      ok(error instanceof UnsupportedError && error.code === "unsupported-format");
      ok(error.hint?.includes("unzstd"));
      return true;
    });
  } finally {
    process.getBuiltinModule = saved;
  }
});

Deno.test("damage is found wherever it is, and the program goes on", async () => {
  const random = new Random(3);
  const bytes = Uint8Array.from({ length: 400_000 }, () => random.below(20));
  const packed = zstd(bytes);
  for (let n = 0; n < 60; n++) {
    const changed = packed.slice();
    // Past the frame's header: the last ones are in its checksum.
    const at = n < 8 ? packed.length - 1 - n : random.between(9, packed.length - 1);
    changed[at] ^= 1 << random.below(8);
    await rejects(
      inflated(new BytesSource(changed, "changed"), new MemoryScratch()),
      (error) => error instanceof UnsoundError && error.code === "truncated",
      `byte ${at}`,
    );
  }
});

Deno.test("blocks of nothing are given together", async () => {
  const blocks = new Uint8Array(3 * 100_000);
  const packed = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x55, ...blocks, 1, 0, 0];
  const reader = new ChunkReader(chunksOf(new BytesSource(Uint8Array.from(packed))));
  let pieces = 0;
  let length = 0;
  for await (const piece of zstdFrame(reader, "s")) {
    pieces++;
    length += piece.length;
  }
  deepStrictEqual([pieces, length], [Math.ceil(blocks.length / (64 << 10)) + 1, packed.length]);
});

Deno.test("blocks that stand for more than the window, or are of no kind, are refused", async () => {
  for (const block of [[0x09, 0x20, 0], [0x07, 0, 0]]) {
    const packed = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, ...block, ...new Uint8Array(1025));
    await rejects(
      inflated(new BytesSource(packed), new MemoryScratch()),
      (error) => error instanceof UnsoundError && error.code === "truncated",
    );
  }
});
