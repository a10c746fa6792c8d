import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { UnsoundError } from "../../src/errors.ts";
import { BATCH_ENTRIES } from "../../src/container/entry_batch.ts";
import {
  BUFFER_LENGTH,
  FrameReader,
  MAX_KEY_LENGTH,
  MAX_VALUE_LENGTH,
} from "../../src/container/frames.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Source } from "../../src/sources/source.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { latin1 } from "../support/naive/parse.ts";
import { LateSource } from "../support/split_sources.ts";
import { rawStream } from "../support/stream.ts";

interface Entry {
  key: string;
  value: string;
  position: number;
}

interface Reading {
  entries: Entry[];
  /** What the reader saw of the range, as it came. */
  seen: string;
  left: number;
  error?: string;
}

/** Reads a range to its end. Keeps nothing of a batch, as a reader must. */
async function readAll(
  stream: Source,
  { start = 16, end = stream.size, buffer, footer = false }: {
    start?: number;
    end?: number;
    buffer?: number;
    footer?: boolean;
  } = {},
): Promise<Reading> {
  let seen = "";
  const reader = new FrameReader({
    stream,
    file: "f",
    start,
    end,
    input: 3,
    footer,
    buffer,
    onBytes: (bytes) => seen += latin1(bytes),
  });
  const entries: Entry[] = [];
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) {
      ok(batch.count > 0);
      for (let i = 0; i < batch.count; i++) {
        const [a, b, c, d] = batch.ranges.subarray(i * 4, i * 4 + 4);
        strictEqual(batch.inputs[i], 3);
        entries.push({
          key: latin1(batch.bytes.subarray(a, b)),
          value: latin1(batch.bytes.subarray(c, d)),
          position: batch.positions[i],
        });
      }
    }
  } catch (error) {
    ok(error instanceof UnsoundError);
    strictEqual(error.offset, reader.position);
    return { entries, seen, left: reader.left, error: error.code };
  }
  return { entries, seen, left: reader.left };
}

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

Deno.test("entries are the same with every buffer, however small, and however a source answers", async () => {
  const pairs: [Uint8Array, Uint8Array][] = [
    [bytes(0, 0), bytes(0, 0)],
    [bytes(1, 1), bytes(0, 0)],
    [bytes(2, 1), bytes(100, 7)],
    [bytes(30, 2), bytes(1, 7)],
    [bytes(300, 3), bytes(3, 7)],
    [bytes(3, 4), bytes(1000, 7)],
    [bytes(3, 5), bytes(2, 7)],
  ];
  const stream = rawStream(pairs);
  const expected = await readAll(new BytesSource(stream));
  deepStrictEqual(
    expected.entries.map(({ key, value }) => [key, value]),
    pairs.map(([key, value]) => [latin1(key), latin1(value)]),
  );
  strictEqual(expected.entries[2].position, 16 + 16 + 17);
  strictEqual(expected.seen, latin1(stream.subarray(16)));
  for (let buffer = 1; buffer <= 1600; buffer += buffer < 80 ? 1 : 97) {
    for (
      const source of [
        new BytesSource(stream),
        new LateSource(stream),
        new LateSource(stream, true),
      ]
    ) {
      deepStrictEqual(await readAll(source, { buffer }), expected, `buffer of ${buffer}`);
    }
  }
});

Deno.test("entries of generated snapshots are the same with small buffers", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const stream = generate(seed, { size: 10 }).bare();
    const expected = await readAll(new BytesSource(stream));
    strictEqual(expected.error, undefined);
    const buffer = 8 + new Random(seed).below(400);
    deepStrictEqual(await readAll(new BytesSource(stream), { buffer }), expected, `seed ${seed}`);
  }
});

Deno.test("every cut of a stream gives the entries before it and says where it is cut", async () => {
  const pairs: [Uint8Array, Uint8Array][] = [
    [bytes(9, 1), bytes(9, 7)],
    [bytes(10, 2), bytes(20, 7)],
    [bytes(11, 3), bytes(0, 7)],
  ];
  const stream = rawStream(pairs);
  const ends = [16, 16 + 16 + 18, 16 + 34 + 46, stream.length];
  for (let end = 16; end <= stream.length; end++) {
    for (const buffer of [8, 16, 33, undefined]) {
      const whole = ends.filter((e) => e <= end).length - 1;
      const left = end - ends[whole];
      for (const footer of [false, true]) {
        const reading = await readAll(new BytesSource(stream), { end, buffer, footer });
        strictEqual(reading.entries.length, whole);
        strictEqual(reading.left, left);
        const isSound = left === 0 || (footer && left === 4);
        strictEqual(reading.error, isSound ? undefined : "truncated", `${end} ${buffer} ${footer}`);
      }
    }
  }
});

Deno.test("a source that ends before its range is truncated", async () => {
  const stream = rawStream([[bytes(9, 1), bytes(9, 7)]]);
  const short = new BytesSource(stream.subarray(0, stream.length - 1));
  strictEqual((await readAll(short, { end: stream.length })).error, "truncated");
});

/** A stream of one entry whose lengths are only claimed. */
function claimed(keyLength: bigint, valueLength: bigint | undefined, behind = 64): Uint8Array {
  const key = keyLength <= 2_000_000n ? Number(keyLength) : 0;
  const stream = new Uint8Array(16 + 8 + key + 8 + behind);
  const view = new DataView(stream.buffer);
  view.setBigUint64(16, keyLength, true);
  if (valueLength !== undefined) view.setBigUint64(24 + key, valueLength, true);
  return stream;
}

Deno.test("a key may have 1 MiB and 8 bytes, and not one more", async () => {
  strictEqual(MAX_KEY_LENGTH, 1_048_584);
  const stream = claimed(1_048_584n, 64n);
  for (const buffer of [16, undefined]) {
    const { entries, error } = await readAll(new BytesSource(stream), { buffer });
    strictEqual(error, undefined);
    strictEqual(entries[0].key.length, MAX_KEY_LENGTH);
  }
  for (const length of [1_048_585n, 1n << 31n, 1n << 32n, (1n << 32n) + 5n, (1n << 64n) - 1n]) {
    for (const buffer of [16, undefined]) {
      const { entries, error } = await readAll(new BytesSource(claimed(length, 0n)), { buffer });
      deepStrictEqual([entries.length, error], [0, "too-large"], `${length}`);
    }
  }
});

Deno.test("a value may have 256 MiB and 43 bytes, and not one more; nothing is allocated for a claim", async () => {
  strictEqual(MAX_VALUE_LENGTH, 268_435_499);
  for (const buffer of [16, undefined]) {
    const at = await readAll(new BytesSource(claimed(9n, 268_435_499n)), { buffer });
    strictEqual(at.error, "truncated");
    for (const length of [268_435_500n, 1n << 32n, (1n << 64n) - 1n]) {
      const above = await readAll(new BytesSource(claimed(9n, length)), { buffer });
      strictEqual(above.error, "too-large", `${length}`);
    }
  }
});

Deno.test("a value of the greatest length is read, and the buffer shrinks again behind it", async () => {
  // Zeros without the memory for them.
  const length = 16 + 8 + 9 + 8 + MAX_VALUE_LENGTH + 8 + 10 + 8;
  const edges = new Map([[16, 9], [41 + MAX_VALUE_LENGTH, 10]]);
  const stream: Source = {
    name: "zeros",
    size: length,
    read(offset, into) {
      const n = Math.min(into.length, length - offset);
      into.fill(0, 0, n);
      const set = (at: number, value: number): void => {
        if (at >= offset && at < offset + n) into[at - offset] = value;
      };
      for (const [at, value] of edges) set(at, value);
      for (let i = 0; i < 4; i++) set(33 + i, (MAX_VALUE_LENGTH >>> (8 * i)) & 0xff);
      return n;
    },
    close() {},
  };
  const reader = new FrameReader({
    stream,
    file: "f",
    start: 16,
    end: length,
    input: 0,
    footer: false,
  });
  const first = await reader.next();
  strictEqual(first?.ranges[3]! - first?.ranges[2]!, MAX_VALUE_LENGTH);
  const second = await reader.next();
  strictEqual(second?.ranges[1]! - second?.ranges[0]!, 10);
  strictEqual(second?.bytes.length, BUFFER_LENGTH);
  strictEqual(await reader.next(), undefined);
});

Deno.test("a batch has at most 65,536 entries", async () => {
  const count = BATCH_ENTRIES + 10;
  const stream = new Uint8Array(16 + count * 16);
  const reader = new FrameReader({
    stream: new BytesSource(stream),
    file: "f",
    start: 16,
    end: stream.length,
    input: 0,
    footer: false,
  });
  strictEqual((await reader.next())?.count, BATCH_ENTRIES);
  strictEqual((await reader.next())?.count, 10);
  strictEqual(await reader.next(), undefined);
});
