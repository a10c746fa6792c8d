import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { ChunkReader, chunksOf, chunksOfStream } from "../../src/sources/chunk_reader.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { Random } from "../support/generator/random.ts";
import { LateSource, streamInPieces } from "../support/split_sources.ts";

const BYTES = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) >> 3);

/** Gives the bytes in one buffer that it writes over for each chunk. */
async function* reusedBuffer(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(5000);
  let at = 0;
  for (const size of sizes) {
    buffer.fill(0xee);
    buffer.set(BYTES.subarray(at, at + size));
    yield buffer.subarray(0, Math.min(size, BYTES.length - at));
    at += size;
    await undefined;
  }
}

Deno.test("bytes are taken in any pieces, whatever chunks they come in, also when these share a buffer", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const sizes: number[] = [];
    for (let sum = 0; sum < BYTES.length; sum += sizes.at(-1)!) {
      sizes.push(random.pick([0, 1, 2, 100, 1000, 5000]));
    }
    const reader = new ChunkReader(reusedBuffer(sizes));
    let at = 0;
    for (let i = 0; i < 40; i++) {
      const length = random.pick([0, 1, 3, 50, 700]);
      const expected = BYTES.subarray(at, at + length);
      strictEqual(reader.position, at);
      deepStrictEqual((await reader.peek(length)).slice(), expected, `seed ${seed}`);
      if (random.below(2) === 0) continue;
      deepStrictEqual((await reader.take(length)).slice(), expected, `seed ${seed}`);
      at += expected.length;
    }
    for await (const chunk of reader.rest()) {
      deepStrictEqual(chunk.slice(), BYTES.subarray(at, at + chunk.length));
      at += chunk.length;
      strictEqual(reader.position, at);
    }
    strictEqual(at, BYTES.length);
    strictEqual((await reader.take(1)).length, 0);
  }
});

Deno.test("a source and a stream come as the chunks that they are made of", async () => {
  for (
    const chunks of [
      chunksOf(new BytesSource(BYTES)),
      chunksOf(new LateSource(BYTES)),
      chunksOfStream(streamInPieces(BYTES, [1, 2, 2, 3000])),
    ]
  ) {
    deepStrictEqual((await new ChunkReader(chunks).take(6000)).slice(), BYTES);
  }
});

Deno.test("a reader that is closed lets go of its stream", async () => {
  let canceled = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => void canceled++,
  });
  const reader = new ChunkReader(chunksOfStream(stream));
  await reader.take(3);
  await reader.close();
  strictEqual(canceled, 1);
});

Deno.test("waiting for a stream that gives nothing ends with the signal", async () => {
  const stop = new AbortController();
  const stream = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const reader = new ChunkReader(chunksOfStream(stream, stop.signal));
  setTimeout(() => stop.abort(), 20);
  await rejects(reader.take(1), { code: "aborted" });
});
