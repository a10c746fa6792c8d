import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { OutputError, UnsoundError, UsageError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch, type Scratch, type ScratchFile } from "../../src/sources/scratch.ts";
import { readAt, type Source } from "../../src/sources/source.ts";
import { FREE_LENGTH, inflated, spool } from "../../src/sources/spool.ts";
import { gzipLength } from "../../src/sources/gzip_members.ts";
import { zstdLength } from "../../src/sources/zstd_frames.ts";
import { Random } from "../support/generator/random.ts";
import { LateSource, streamInPieces } from "../support/split_sources.ts";
import { hex } from "../support/stream.ts";

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
    const source = await spool(streamInPieces(bytes, cuts), new MemoryScratch(), { name: "stdin" });
    deepStrictEqual([source.name, source.size], ["stdin", 3000]);
    deepStrictEqual(await readAt(source, 0, 3000), bytes);
    deepStrictEqual(await readAt(source, 2900, 500), bytes.subarray(2900));
  }
});

Deno.test("a stream longer than its limit is refused, as is one that scratch has no room for", async () => {
  const stream = (): ReadableStream<Uint8Array> => streamInPieces(sample(100), [50]);
  strictEqual((await spool(stream(), new MemoryScratch(), { name: "s", limit: 100 })).size, 100);
  await rejects(spool(stream(), new MemoryScratch(), { name: "s", limit: 99 }), (error) => {
    ok(
      error instanceof UnsoundError && error.code === "too-large" && error.file === "s" &&
        error.hint,
    );
    return true;
  });
  await rejects(
    spool(stream(), new MemoryScratch(99), { name: "s" }),
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
        const { code } = error as { code: string };
        // A window or a dictionary may have been asked for.
        const isPossible = code === "truncated" ||
          (name === "zstd" && code === "unsupported-format");
        ok(isPossible, `bit ${bit}: ${error}`);
      }
    }
  });
}

Deno.test("a compressed input that does not fit is refused with what to do", async () => {
  const packed = await gzip(new Uint8Array(1 << 20));
  ok(packed.length < 2000);
  await rejects(inflated(new BytesSource(packed), new MemoryScratch(1000)), (error) => {
    return error instanceof OutputError && error.code === "spool-needed" && !!error.hint;
  });
});

Deno.test("a file that says it does not fit is refused before it is unpacked, and says how long it is", async () => {
  const part = sample(1 << 16);
  const packed = gzipSync(Buffer.concat(Array.from({ length: 64 }, () => part)));
  for (const bytes of [packed, new Uint8Array([...packed, ...packed])]) {
    const scratch = new MemoryScratch(1 << 20);
    await rejects(inflated(new BytesSource(bytes, "x.gz"), scratch), {
      code: "spool-needed",
      message: "at least 4 MiB of scratch space are needed, and memory gives 1 MiB",
      file: "x.gz",
    });
  }
  // Four bytes of a file that was cut off say nothing.
  strictEqual(await gzipLength(new BytesSource(new Uint8Array(1000).fill(0xff))), 0);
});

Deno.test("a zstd frame says how long it is in one to eight bytes", async () => {
  const length = (head: string): Promise<number> =>
    zstdLength(new BytesSource(new Uint8Array([...hex(head), ...new Uint8Array(1 << 20)])));
  strictEqual(await length("28b52ffd 20 05"), 5);
  strictEqual(await length("28b52ffd 60 0100"), 257);
  strictEqual(await length("28b52ffd a0 00000040"), 1 << 30);
  strictEqual(await length("28b52ffd e0 0000004000000000"), 1 << 30);
  strictEqual(await length("28b52ffd 81 58 07 00000020"), 1 << 29);
  strictEqual(await length("28b52ffd 00 58"), 0);
  strictEqual(await length("28b52ffd e0 ffffffffffffff7f"), 0, "it cannot be that long");
});

Deno.test("what is not wanted is refused before anything is written, packed or not", async () => {
  const refusal = new Error("not wanted");
  const seen: number[] = [];
  const start = {
    length: 100,
    check: (bytes: Uint8Array): void => {
      seen.push(bytes.length);
      if (bytes[0] === 1) throw refusal;
    },
  };
  const noScratch: Scratch = {
    room: 0,
    create: () => {
      throw new Error("something is written");
    },
    close: () => {},
  };
  let made = 0;
  /** No end of it comes. */
  const endless = (first: Uint8Array): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(made++ === 0 ? first : new Uint8Array(100_000)),
    });
  const refused = sample(100_000).fill(1, 0, 1);
  const packings = [refused, await gzip(refused), await COMPRESSIONS.zstd(refused)];
  for (const packed of packings) {
    made = 0;
    await rejects(spool(endless(packed), noScratch, { name: "s", start }), refusal);
    ok(made <= 2, `${made} chunks were taken`);
    if (packed === refused) continue;
    await rejects(inflated(new BytesSource(packed), noScratch, { start }), refusal);
  }
  deepStrictEqual(seen, [100, 100, 100, 100, 100]);

  // A short input is looked at whole.
  await spool(streamInPieces(sample(30).fill(2), [10, 20]), new MemoryScratch(), {
    name: "s",
    start,
  });
  deepStrictEqual(seen.at(-1), 30);
});

const LARGE = FREE_LENGTH + (8 << 20);

for (const [name, compress] of Object.entries(COMPRESSIONS)) {
  Deno.test(`${name} data that grows to more than 1,000 times its length is agreed to first`, async () => {
    const bomb = (length: number): Promise<Uint8Array> => compress(new Uint8Array(length));
    const scratch = (): CountedScratch => new CountedScratch();
    const small = await bomb(FREE_LENGTH);
    const large = await bomb(LARGE);
    ok(large.length * 1000 < LARGE, `${large.length}`);
    const open = (packed: Uint8Array, allowRatio: boolean, to: Scratch): Promise<Source> =>
      inflated(new BytesSource(packed, "bomb"), to, { allowRatio });
    strictEqual((await open(small, false, scratch())).size, FREE_LENGTH);
    strictEqual((await open(large, true, scratch())).size, LARGE);
    const refused = (error: unknown): true => {
      ok(error instanceof UsageError && error.code === "too-compressed", String(error));
      ok(error.file === "bomb" && error.option === "allowRatio");
      return true;
    };
    const none = scratch();
    await rejects(open(large, false, none), refused);
    ok(none.written < LARGE);
    if (name === "gzip") strictEqual(none.written, 0, "its end says how long it is");
    const to = scratch();
    await rejects(spool(streamInPieces(large, []), to, { name: "bomb" }), refused);
    ok(to.written < LARGE && to.closed === 1, "it is taken away again");
  });
}

Deno.test("unpacking and waiting end when the signal fires", async () => {
  const packed = await gzip(new Uint8Array(200 << 20));
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 60);
  const to = new CountedScratch();
  const options = { signal: stop.signal, allowRatio: true };
  await rejects(inflated(new BytesSource(packed), to, options), { code: "aborted" });
  ok(to.written < 200 << 20);

  const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const late = new AbortController();
  setTimeout(() => late.abort(), 20);
  await rejects(spool(silent, to, { name: "s", signal: late.signal }), { code: "aborted" });
});

/** Keeps nothing. */
class CountedScratch implements Scratch {
  readonly room = Infinity;
  written = 0;
  closed = 0;

  create(): ScratchFile {
    const file = {
      name: "counted",
      size: 0,
      append: (bytes: Uint8Array): void => {
        this.written += bytes.length;
        file.size += bytes.length;
      },
      read: () => 0,
      close: () => void this.closed++,
    };
    return file;
  }

  close(): void {}
}
