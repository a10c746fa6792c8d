import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  MemoryScratch,
  type Scratch,
  type ScratchFile,
  stoppable,
} from "../../src/sources/scratch.ts";
import { RECORD_HEADER } from "../../src/sources/merged_runs.ts";
import { SpillSorter } from "../../src/sources/spill_sorter.ts";
import { Random } from "../support/generator/random.ts";
import { latin1 } from "../support/naive/parse.ts";

const SEED = 20260822;

type Record = [key: Uint8Array, value: Uint8Array];

/** A scratch that answers later and counts what is left open. */
class LateScratch implements Scratch {
  readonly room = 0;
  open = 0;
  readonly #memory = new MemoryScratch(1 << 30);

  create(): ScratchFile {
    const file = this.#memory.create();
    this.open++;
    return {
      name: file.name,
      get size() {
        return file.size;
      },
      append: (bytes) => Promise.resolve(bytes.slice()).then((copy) => file.append(copy)),
      read: (offset, into) => Promise.resolve().then(() => file.read(offset, into)),
      close: () => {
        this.open--;
        file.close();
      },
    };
  }

  close(): void {}
}

async function sorted(records: Record[], memory: number, scratch: Scratch): Promise<string[]> {
  const sorter = new SpillSorter(scratch, memory);
  for (const [key, value] of records) {
    // What was handed over may be changed at once.
    const [k, v] = [key.slice(), value.slice()];
    await sorter.add(k, v);
    k.fill(0xee);
    v.fill(0xee);
  }
  strictEqual(sorter.count, records.length);
  const result: string[] = [];
  const all = await sorter.sorted();
  for (let record = await all.next(); record; record = await all.next()) {
    result.push(`${record.key}:${record.value}`);
  }
  strictEqual(await all.next(), undefined);
  sorter.close();
  return result;
}

/** A stable sort in memory. */
function expected(records: Record[]): string[] {
  return records.map(([key, value]) => ({ key: latin1(key), line: `${key}:${value}` }))
    .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
    .map(({ line }) => line);
}

const key = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 0x80, 0xff), { maxLength: 4 }),
  // Longer than the bytes by which keys are told apart first, and mostly the same in these.
  fc.tuple(fc.array(fc.constantFrom(0, 7), { maxLength: 3 }), fc.nat(9)).map(([tail, zeros]) => [
    ...Array(zeros).fill(0),
    ...tail,
  ]),
);

/** All keys of a list begin with the same bytes. */
const records = fc.tuple(
  fc.uint8Array({ maxLength: 9 }),
  fc.array(fc.tuple(key, fc.uint8Array({ maxLength: 12 })), { maxLength: 120 }),
).map(([beginning, list]) =>
  list.map(([key, value]): Record => [Uint8Array.of(...beginning, ...key), value])
);

Deno.test("records come out as a stable sort in memory gives them, whether they are spilled or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom(1, 40, 300, 1 << 20),
      fc.boolean(),
      async (list, memory, late) => {
        const scratch = late ? new LateScratch() : new MemoryScratch();
        deepStrictEqual(await sorted(list, memory, scratch), expected(list));
        if (scratch instanceof LateScratch) strictEqual(scratch.open, 0);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

/** Records with their number as value, so that a change of order among equal keys shows. */
function numbered(count: number, keys: number): Record[] {
  const random = new Random(count);
  return Array.from({ length: count }, (_, i) => [
    Uint8Array.of(random.below(keys) >> 8, random.below(keys) & 0xff),
    Uint8Array.of(i >> 16, i >> 8, i),
  ]);
}

for (const count of [0, 1, 63, 64, 65, 127, 128, 129, 5000]) {
  Deno.test(`${count} runs of one record each are merged, equal keys in the order of adding`, async () => {
    const list = numbered(count, 40);
    deepStrictEqual(await sorted(list, 1, new MemoryScratch()), expected(list));
  });
}

Deno.test("runs of many records are merged on more than one level", async () => {
  const list = numbered(30_000, 3000);
  // About 20 records a run: 1,500 runs.
  deepStrictEqual(await sorted(list, 600, new MemoryScratch()), expected(list));
});

Deno.test("records larger than every buffer are sorted with small ones", async () => {
  const random = new Random(1);
  const list: Record[] = Array.from({ length: 60 }, (_, i) => [
    random.bytes(1),
    new Uint8Array(random.pick([0, 3, 100_000, 140_000, 400_000])).fill(i),
  ]);
  const big = new Uint8Array(300_000).fill(7);
  list.push([big, big.subarray(0, 5)], [big.subarray(0, 299_999), big.subarray(0, 1)]);
  const short = (lines: string[]): string[] =>
    lines.map((line) => `${line.length} ${line.slice(0, 40)}`);
  for (const memory of [1, 500_000, 1 << 30]) {
    deepStrictEqual(
      short(await sorted(list, memory, new MemoryScratch(1 << 30))),
      short(expected(list)),
    );
  }
});

Deno.test("without enough memory for a run, the scratch is used; with enough, it is not", async () => {
  let made = 0;
  const scratch = new MemoryScratch();
  const counting: Scratch = {
    room: 0,
    create: () => {
      made++;
      return scratch.create();
    },
    close: () => {},
  };
  await sorted(numbered(100, 10), 1 << 20, counting);
  strictEqual(made, 0);
  await sorted(numbered(100, 10), 100, counting);
  strictEqual(made, 1);
});

Deno.test("a record is valid until the next one is asked for", async () => {
  const sorter = new SpillSorter(new MemoryScratch(), 1);
  for (let i = 0; i < 300; i++) {
    await sorter.add(Uint8Array.of(i >> 8, i), new Uint8Array(3000).fill(i));
  }
  const all = await sorter.sorted();
  for (let i = 0; i < 300; i++) {
    const record = (await all.next())!;
    ok(record.key[1] === (i & 0xff) && record.value.every((b) => b === (i & 0xff)), `record ${i}`);
  }
});

/** A scratch that counts what is read of it, and tells somebody before. */
class CountingScratch implements Scratch {
  readonly room = 0;
  reads = 0;
  bytes = 0;
  /** Most bytes that were read at once. */
  longest = 0;
  appends = 0;
  onUse = (): void => {};
  readonly #memory = new MemoryScratch(1 << 30);

  create(): ScratchFile {
    const file = this.#memory.create();
    return {
      name: file.name,
      get size() {
        return file.size;
      },
      append: (bytes) => {
        this.appends++;
        this.onUse();
        return file.append(bytes);
      },
      read: (offset, into) => {
        this.reads++;
        this.bytes += into.length;
        this.longest = Math.max(this.longest, into.length);
        this.onUse();
        return file.read(offset, into);
      },
      close: () => file.close(),
    };
  }

  close(): void {}
}

const WINDOW = 32 << 10;

for (const runs of [20, 40, 80]) {
  Deno.test(`of ${runs} runs of long records, one value is in memory at a time`, async () => {
    const scratch = new CountingScratch();
    const sorter = new SpillSorter(scratch, 1000);
    const length = 300_000;
    for (let i = 0; i < runs; i++) {
      await sorter.add(Uint8Array.of(255 - i), new Uint8Array(length).fill(i));
    }
    const all = await sorter.sorted();
    for (let i = runs - 1; i >= 0; i--) {
      const { key, value } = (await all.next())!;
      deepStrictEqual([key[0], value.length], [255 - i, length]);
      ok(value.every((byte) => byte === i));
      // The beginning of each run, and the values of the records that were asked for.
      ok(scratch.bytes <= runs * WINDOW + (runs - i) * length, `${scratch.bytes} bytes read`);
    }
    strictEqual(await all.next(), undefined);
    ok(scratch.bytes <= runs * (WINDOW + length), "each run was read once");
  });
}

Deno.test("runs of which each goes on from the one before are read as one", async () => {
  const scratch = new CountingScratch();
  const sorter = new SpillSorter(scratch, 600);
  const list: Record[] = Array.from({ length: 30_000 }, (_, i) => [
    Uint8Array.of(i >> 9, i >> 1), // each key twice
    Uint8Array.of(i >> 16, i >> 8, i),
  ]);
  for (const [key, value] of list) await sorter.add(key, value);
  const all = await sorter.sorted();
  for (const [key, value] of list) {
    deepStrictEqual(await all.next(), { key, value });
  }
  strictEqual(await all.next(), undefined);
  const size = list.length * (RECORD_HEADER + 5);
  ok(scratch.bytes <= size, `${scratch.bytes} of ${size} bytes read`);
});

Deno.test("of runs of long keys, so many are merged at once as fit", async () => {
  const scratch = new CountingScratch();
  const list: Record[] = Array.from({ length: 40 }, (_, i) => {
    const key = new Uint8Array(1_000_000);
    key[key.length - 1] = (i * 7) % 40;
    return [key, Uint8Array.of(i)];
  });
  const sorter = new SpillSorter(scratch, 1000);
  for (const [key, value] of list) await sorter.add(key, value);
  const all = await sorter.sorted();
  scratch.bytes = 0;
  for (let last = 0; last < 40; last++) {
    const { key, value } = (await all.next())!;
    deepStrictEqual([key.length, key[key.length - 1], value[0] * 7 % 40], [1_000_000, last, last]);
    // Whoever merges all of them at once reads 40 MB before the first.
    if (last === 0) ok(scratch.bytes <= 4 << 20, `${scratch.bytes} bytes read`);
  }
  strictEqual(await all.next(), undefined);
});

Deno.test("a scratch file that is cut off meanwhile is an error, and no zeros", async () => {
  for (const value of [10, 100_000]) {
    const memory = new MemoryScratch();
    let cut = Infinity;
    const scratch: Scratch = {
      room: 0,
      create: () => {
        const file = memory.create();
        return {
          name: "cut",
          get size() {
            return file.size;
          },
          append: (bytes) => file.append(bytes),
          read: (offset, into) => file.read(offset, into.subarray(0, Math.max(0, cut - offset))),
          close: () => file.close(),
        };
      },
      close: () => {},
    };
    const sorter = new SpillSorter(scratch, 1);
    for (let i = 0; i < 3; i++) await sorter.add(Uint8Array.of(i), new Uint8Array(value).fill(9));
    const all = await sorter.sorted();
    cut = 2 * value;
    await rejects(async () => {
      while (await all.next());
    }, { code: "input-failed" });
  }
});

Deno.test("sorting can be stopped wherever runs are written, merged and read", async () => {
  const list = numbered(2000, 50);
  const sort = async (scratch: Scratch): Promise<number> => {
    const sorter = new SpillSorter(scratch, 100);
    try {
      for (const [key, value] of list) {
        const added = sorter.add(key, value);
        if (added) await added;
      }
      const all = await sorter.sorted();
      let count = 0;
      while (await all.next()) count++;
      return count;
    } finally {
      sorter.close();
    }
  };
  const counting = new CountingScratch();
  strictEqual(await sort(counting), 2000);
  const uses = counting.reads + counting.appends;
  ok(counting.reads > 300 && counting.appends > 300, `${counting.reads}, ${counting.appends}`);
  for (let n = 1; n < uses; n += 7) {
    const stop = new AbortController();
    const scratch = new CountingScratch();
    let used = 0;
    scratch.onUse = () => {
      if (++used === n) stop.abort();
    };
    await rejects(sort(stoppable(scratch, stop.signal)), { code: "aborted" });
    strictEqual(used, n, "nothing is read or written behind the signal");
  }
});
