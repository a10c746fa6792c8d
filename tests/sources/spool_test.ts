import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { constants, zstdCompressSync } from "node:zlib";
import { OutputError, UnsoundError, UnsupportedError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { readAt } from "../../src/sources/source.ts";
import { zstdFrames } from "../../src/sources/zstd_frames.ts";
import * as spooling from "../../src/sources/spool.ts";
import { Random } from "../support/generator/random.ts";
import { LateSource, streamInPieces } from "../support/split_sources.ts";
import { importWithoutNative } from "../support/without_native.ts";

const { inflated, spool } = spooling;

/** Half of it random, so that it does not shrink to nothing. */
function sample(length: number): Uint8Array {
  const random = new Random(length);
  return Uint8Array.from({ length }, (_, i) => i % 512 < 256 ? random.below(256) : 7);
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const COMPRESSIONS: Record<string, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  gzip,
  zstd: (bytes) => {
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };
    return Promise.resolve(new Uint8Array(zstdCompressSync(bytes, { params })));
  },
};

Deno.test("a stream is written to scratch and can be read at any offset", async () => {
  const bytes = sample(3000);
  for (const cuts of [[], [1], [1, 2, 3, 1500], Array.from({ length: 2999 }, (_, i) => i + 1)]) {
    const source = await spool(streamInPieces(bytes, cuts), new MemoryScratch(), "stdin");
    deepStrictEqual([source.name, source.size], ["stdin", 3000]);
    deepStrictEqual(await readAt(source, 0, 3000), bytes);
    deepStrictEqual(await readAt(source, 2900, 500), bytes.subarray(2900));
  }
});

Deno.test("a stream longer than its limit is refused, as is one that scratch has no room for", async () => {
  const stream = (): ReadableStream<Uint8Array> => streamInPieces(sample(100), [50]);
  strictEqual((await spool(stream(), new MemoryScratch(), "s", 100)).size, 100);
  await rejects(spool(stream(), new MemoryScratch(), "s", 99), (error) => {
    ok(
      error instanceof UnsoundError && error.code === "too-large" && error.file === "s" &&
        error.hint,
    );
    return true;
  });
  await rejects(
    spool(stream(), new MemoryScratch(99), "s"),
    (error) => error instanceof OutputError && error.code === "spool-needed",
  );
});

Deno.test("what is not compressed is given back as it is", async () => {
  for (
    const bytes of [
      sample(0),
      sample(3),
      Uint8Array.of(0x1f),
      Uint8Array.of(0x28, 0xb5, 0x2f),
      sample(50),
    ]
  ) {
    const source = new BytesSource(bytes, "plain");
    strictEqual(await inflated(source, new MemoryScratch()), source);
  }
});

for (const [name, compress] of Object.entries(COMPRESSIONS)) {
  Deno.test(`what ${name} has compressed is unpacked, whatever its name is and however it is read`, async () => {
    for (const length of [0, 1, 1000, 3_000_000]) {
      const bytes = sample(length);
      const packed = await compress(bytes);
      for (const source of [new BytesSource(packed, "some.fsm"), new LateSource(packed)]) {
        const plain = await inflated(source, new MemoryScratch());
        deepStrictEqual([plain.size, plain.name], [length, source.name]);
        deepStrictEqual(await readAt(plain, 0, length), bytes);
      }
    }
  });

  Deno.test(`${name} data that is cut is refused`, async () => {
    const packed = await compress(sample(2000));
    for (let length = 4; length < packed.length; length += length < 40 ? 1 : 97) {
      await rejects(
        inflated(new BytesSource(packed.subarray(0, length), "cut"), new MemoryScratch()),
        (error) => {
          ok(error instanceof UnsoundError && error.code === "truncated", `${length}: ${error}`);
          ok(error.file === "cut" && error.hint);
          return true;
        },
      );
    }
  });

  Deno.test(`${name} data that was changed is refused, or unpacks to the same`, async () => {
    const bytes = sample(600);
    const packed = await compress(bytes);
    for (let bit = 32; bit < packed.length * 8; bit += 13) {
      const changed = packed.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      try {
        const plain = await inflated(new BytesSource(changed), new MemoryScratch());
        deepStrictEqual(await readAt(plain, 0, 600), bytes, `bit ${bit}`);
      } catch (error) {
        ok(error instanceof UnsoundError && error.code === "truncated", `bit ${bit}: ${error}`);
      }
    }
  });
}

Deno.test("a zstd file of several frames is all of them, without those that mean nothing", async () => {
  const [a, b] = [sample(500), sample(300_000)];
  const skipped = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
  const [x, y] = [await COMPRESSIONS.zstd(a), await COMPRESSIONS.zstd(b)];
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

Deno.test("frames of Zstandard are found whatever their header has", async () => {
  // Descriptor, the rest of the header, and how long the last raw block and the checksum are.
  const frames: [number, number][] = [
    [0x00, 1],
    [0x20, 1],
    [0x40, 3],
    [0x60, 2],
    [0x80, 5],
    [0xa0, 4],
    [0xc0, 9],
    [0xe0, 8],
    [0x03, 5],
    [0x22, 3],
    [0x01, 2],
  ];
  for (const [descriptor, more] of frames) {
    for (const checksum of [0, 4]) {
      const bytes = [
        ...[0x28, 0xb5, 0x2f, 0xfd, descriptor | checksum],
        ...new Uint8Array(more).fill(0x55),
        ...[0x28, 0, 0, 1, 2, 3, 4, 5], // five raw bytes, not the last block
        ...[0x82, 0, 0, 7], // one byte, sixteen times
        ...[0x11, 0, 0, 1, 2], // two raw bytes, the last block
        ...new Uint8Array(checksum),
      ];
      const found = [];
      for await (
        const frame of zstdFrames(new BytesSource(Uint8Array.from([...bytes, ...bytes])))
      ) {
        found.push(frame);
      }
      deepStrictEqual(found, [
        { start: 0, end: bytes.length },
        { start: bytes.length, end: 2 * bytes.length },
      ]);
    }
  }
});

Deno.test("bytes behind the end of gzip data are not passed over in silence", async () => {
  const bytes = sample(500);
  const packed = await gzip(bytes);
  const trailing = new Uint8Array([...packed, 1, 2, 3]);
  await rejects(inflated(new BytesSource(trailing), new MemoryScratch()), UnsoundError);
});

Deno.test("a gzip file of several members is all of them, or is refused", async () => {
  const [a, b] = [sample(500), sample(700)];
  const members = new Uint8Array([...await gzip(a), ...await gzip(b)]);
  const plain = await inflated(new BytesSource(members), new MemoryScratch()).catch((e) => {
    ok(e instanceof UnsoundError);
  });
  if (plain) deepStrictEqual(await readAt(plain, 0, 1200), new Uint8Array([...a, ...b]));
});

Deno.test("a compressed input that does not fit is refused with what to do", async () => {
  const packed = await gzip(new Uint8Array(1 << 20));
  ok(packed.length < 2000);
  await rejects(inflated(new BytesSource(packed), new MemoryScratch(1000)), (error) => {
    return error instanceof OutputError && error.code === "spool-needed" && !!error.hint;
  });
});

Deno.test("where the runtime cannot unpack zstd, the input is refused with what to do", async () => {
  const packed = await COMPRESSIONS.zstd(sample(10));
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
