import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { equalBytes } from "../../src/bytes/compare.ts";
import {
  type EntryBatch,
  type EntryStream,
  firstAtOrAbove,
  storedKey,
} from "../../src/container/entry_batch.ts";
import { EntryMerge } from "../../src/container/entry_merge.ts";
import type { EntryTable } from "../../src/container/entry_table.ts";
import { FrameReader } from "../../src/container/frames.ts";
import { MergedTable } from "../../src/container/merged_table.ts";
import { readFile } from "../support/read_file.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { LateSource } from "../support/split_sources.ts";
import { rawStream } from "../support/stream.ts";

const SEED = 20260822;

type Merged = [key: string, value: string, input: number];

/** An entry's value says which stream it is from, so that the winner shows. */
function streamOf(keys: string[], input: number, padding = 0): Uint8Array {
  const value = new Uint8Array(1 + padding).fill(input);
  return rawStream(keys.map((key) => [bytesOf(key), value]));
}

function reader(bytes: Uint8Array, input: number, buffer: number, late: boolean): FrameReader {
  return new FrameReader({
    stream: late ? new LateSource(bytes, true) : new BytesSource(bytes),
    file: `f${input}`,
    start: 16,
    end: bytes.length,
    input,
    footer: false,
    buffer,
  });
}

async function readAll(stream: EntryStream): Promise<Merged[]> {
  const entries: Merged[] = [];
  for (let batch = await stream.next(); batch; batch = await stream.next()) {
    ok(batch.count > 0);
    for (let i = 0; i < batch.count; i++) {
      const [a, b, c, d] = batch.ranges.subarray(i * 4, i * 4 + 4);
      const value = batch.bytes.subarray(c, d);
      strictEqual(value[0], batch.inputs[i]);
      entries.push([latin1(batch.bytes.subarray(a, b)), latin1(value), batch.inputs[i]]);
    }
  }
  return entries;
}

/** A map of all keys; the first stream that has one wins. */
function expected(lists: string[][]): { entries: [string, number][]; copies: number } {
  const all = new Map<string, number>();
  let copies = 0;
  for (const [input, keys] of lists.entries()) {
    for (const key of keys) {
      if (all.has(key)) copies++;
      else all.set(key, input);
    }
  }
  return { entries: [...all].sort(([a], [b]) => a < b ? -1 : 1), copies };
}

const keyLists = fc.array(
  fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "\0", "\xff"), maxLength: 4 }), {
    maxLength: 25,
  }).map((keys) => keys.sort()),
  { minLength: 1, maxLength: 5 },
);

Deno.test("merged streams are the sorted union of their entries, the first stream winning", async () => {
  await fc.assert(
    fc.asyncProperty(
      keyLists,
      fc.integer({ min: 8, max: 200 }),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      fc.nat(40),
      async (lists, readBuffer, mergeBuffer, late, padding) => {
        const streams = lists.map((keys, i) =>
          reader(streamOf(keys, i, padding), i, readBuffer, late)
        );
        const merge = new EntryMerge(streams, mergeBuffer);
        const keyAt = ({ bytes, ranges }: EntryBatch, i: number): string =>
          String(bytes.subarray(ranges[i * 4], ranges[i * 4 + 1]));
        let seen = 0;
        merge.onCopy = (kept, k, copy, c) => {
          strictEqual(keyAt(kept, k), keyAt(copy, c));
          seen++;
        };
        const merged = await readAll(merge);
        const { entries, copies } = expected(lists);
        deepStrictEqual(merged.map(([key, , input]) => [key, input]), entries);
        strictEqual(seen, copies);
      },
    ),
    { seed: SEED, numRuns: 1000 },
  );
});

Deno.test("positions of merged entries are those in their own streams", async () => {
  const bytes = [streamOf(["a", "c"], 0), streamOf(["b", "d"], 1)];
  const merge = new EntryMerge(bytes.map((b, i) => reader(b, i, 64, false)));
  const batch = await merge.next();
  deepStrictEqual([...batch!.positions.subarray(0, 4)], [16, 16, 34, 34]);
  deepStrictEqual([...batch!.inputs.subarray(0, 4)], [0, 1, 0, 1]);
});

Deno.test("an entry larger than the buffer of a merge makes a batch of its own, and the buffer shrinks again", async () => {
  const streams = [streamOf(["a", "c"], 0, 5000), streamOf(["b", "d"], 1)];
  const merge = new EntryMerge(streams.map((b, i) => reader(b, i, 64, false)), 100);
  const sizes: [number, number][] = [];
  for (let batch = await merge.next(); batch; batch = await merge.next()) {
    sizes.push([batch.count, batch.bytes.length]);
  }
  deepStrictEqual(sizes, [[1, 5010], [1, 100], [1, 5010], [1, 100]]);
});

Deno.test("a stream that is the only one left hands on its own batches", async () => {
  const only = reader(streamOf(["a", "b"], 0), 0, 64, false);
  const merge = new EntryMerge([only, reader(streamOf([], 1), 1, 64, false)]);
  strictEqual(await merge.next(), only);
  strictEqual(await merge.next(), undefined);
});

/** From which input each of some ascending keys is, in a walk that is told where it may go on. */
async function leap(stream: EntryStream, keys: Uint8Array[]): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = [];
  let batch: EntryBatch | undefined;
  for (const key of keys) {
    let i = batch ? firstAtOrAbove(batch, key) : 0;
    while (!batch || i === batch.count) {
      stream.skip(key);
      batch = await stream.next();
      if (!batch) return found;
      i = firstAtOrAbove(batch, key);
    }
    found.push(equalBytes(storedKey(batch, i), key) ? batch.inputs[i] : undefined);
  }
  return found;
}

/** A table over a stream that was written by {@link streamOf}. */
async function tableOf(bytes: Uint8Array, name: string): Promise<EntryTable> {
  const { table } = await readFile(new BytesSource(bytes, name));
  return table;
}

Deno.test("merged tables give the entries of a range, also when it is leapt through, and name their origins", async () => {
  await fc.assert(
    fc.asyncProperty(
      keyLists,
      fc.nat(30),
      fc.nat(30),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      async (lists, first, last, buffer, nested) => {
        const stored = lists.map((keys) => keys.map((key) => key + "\xff".repeat(8)).sort());
        const tables = await Promise.all(
          stored.map((keys, i) => tableOf(streamOf(keys, i, 20), `f${i}`)),
        );
        const merged = nested && tables.length > 2
          ? new MergedTable([tables[0], new MergedTable(tables.slice(1))])
          : new MergedTable(tables);
        deepStrictEqual(merged.origins.map(({ name }) => name), lists.map((_, i) => `f${i}`));
        const { entries } = expected(stored);
        const end = (n: number): string | undefined => entries[n % (entries.length + 2)]?.[0];
        const [from = "", to] = [end(first), end(last)];
        const isWanted = ([key]: [string, ...unknown[]]): boolean =>
          key >= from && (to === undefined || key < to);
        const range = { from: bytesOf(from), to: to === undefined ? undefined : bytesOf(to) };

        const read = await readAll(merged.walk(range, { buffer }));
        // More than was asked for may come, and leaves nothing out.
        deepStrictEqual(
          read.filter(isWanted).map(([key, , input]) => [key, input]),
          entries.filter(isWanted),
        );
        const some = entries.filter(isWanted).filter((_, i) => i % 3 !== 1);
        deepStrictEqual(
          await leap(merged.walk(range, { buffer }), some.map(([key]) => bytesOf(key))),
          some.map(([, input]) => input),
        );
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});
