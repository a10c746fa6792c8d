/** What questions cost, counted in reads and bytes: never in time. */

import { ok, rejects, strictEqual } from "node:assert/strict";
import { DecantError, UsageError } from "../../src/errors.ts";
import { buildRoute, routeRowKey } from "../../src/keyspace/dist_keys.ts";
import {
  buildCommit,
  buildIntent,
  buildLock,
  lockKey,
  outcomeKey,
} from "../../src/keyspace/txn_keys.ts";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { type RowHandle, rowHandle } from "../../src/mvcc/row_batch.ts";
import { type OpenOptions, openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { buildBundle, buildTable, someEntries } from "../container/sst_builder.ts";
import { CountingSource } from "../support/counting_source.ts";
import { bytesOf, nodeFile, nodeStream, stream, type TestEntry } from "../support/stream.ts";

const TODAY = 0x0199_0000_0000_0000n;
const BLOCK = 64 << 10;

/** A snapshot whose opening is not counted. */
async function open(
  bytes: Uint8Array,
  options?: OpenOptions,
): Promise<{ snapshot: Snapshot; source: CountingSource }> {
  const source = new CountingSource(bytes);
  const snapshot = await openSnapshotInputs([{ source }], options);
  source.reset();
  return { snapshot, source };
}

/** What was read since the last call of this. */
function taken(source: CountingSource): { reads: number; bytes: number } {
  const { reads, bytes } = source;
  source.reset();
  return { reads, bytes };
}

function numbered(prefix: string, count: number, more: Partial<TestEntry> = {}): TestEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: prefix + String(i).padStart(8, "0"),
    value: "v".repeat(60),
    ts: TODAY,
    ...more,
  }));
}

for (const count of [10_000, 20_000, 40_000]) {
  Deno.test(`one key beside ${count} longer ones is found in one place`, async () => {
    const key = { key: "user:", value: "wanted", ts: TODAY - 5n };
    const { snapshot, source } = await open(stream([key, ...numbered("user:", count)]));
    const row = await snapshot.get(bytesOf("user:"));
    strictEqual(new TextDecoder().decode(row?.value), "wanted");
    const { reads, bytes } = taken(source);
    ok(reads <= 2 && bytes <= 2 * BLOCK, `${reads} reads of ${bytes} bytes`);
    strictEqual(await snapshot.get(bytesOf("user")), undefined);
    strictEqual(await snapshot.get(bytesOf("use")), undefined);
    ok(taken(source).bytes <= 4 * BLOCK);
  });
}

Deno.test("keys that are asked for in their order are read once", async () => {
  const { snapshot, source } = await open(stream(numbered("k", 50_000)));
  for (let i = 20_000; i < 22_000; i++) {
    ok(await snapshot.get(bytesOf("k" + String(i).padStart(8, "0"))));
  }
  const { bytes } = taken(source);
  ok(bytes <= 2000 * 120 + 3 * BLOCK, `${bytes} bytes`);
});

for (const count of [10_000, 20_000, 40_000]) {
  Deno.test(`rows of ${count} that are read again by their place, from five at once, cost one reading`, async () => {
    const { snapshot, source } = await open(stream(numbered("k", count)));
    const handles: RowHandle[] = [];
    for await (const batch of snapshot.scan({ from: new Uint8Array(0) })) {
      for (let i = 0; i < batch.count; i++) handles.push(rowHandle(batch, i));
    }
    source.reset();
    const part = count / 5;
    for (let i = 0; i < part; i++) {
      for (let n = 0; n < 5; n++) {
        const { key } = await snapshot.read(handles[n * part + i]);
        strictEqual(new TextDecoder().decode(key), "k" + String(n * part + i).padStart(8, "0"));
      }
    }
    const { bytes } = taken(source);
    ok(bytes <= source.size + 5 * BLOCK, `${bytes} bytes of ${source.size}`);
  });
}

Deno.test("a range reads what it has, and little more", async () => {
  const entries = numbered("k", 100_000);
  const { snapshot, source } = await open(stream(entries));
  for (const digits of [3, 4, 5, 6]) {
    let rows = 0;
    const range = prefixRange(bytesOf("k00077777".slice(0, 1 + digits)));
    for await (const batch of snapshot.scan(range)) rows += batch.count;
    strictEqual(rows, Math.min(100_000, 10 ** (8 - digits)));
    const { bytes } = taken(source);
    ok(bytes <= rows * 102 + 2 * BLOCK, `${bytes} bytes for ${rows} rows`);
  }
});

for (const count of [10_000, 20_000, 40_000]) {
  Deno.test(`${count} keys that begin with the same 300 bytes are found as well as others`, async () => {
    const prefix = "p".repeat(300);
    const { snapshot, source } = await open(stream(numbered(prefix, count)));
    for (const i of [0, 1, count >> 1, count - 1]) {
      ok(await snapshot.get(bytesOf(prefix + String(i).padStart(8, "0"))));
      // A binary search in the index, at worst in another block each time.
      const { reads, bytes } = taken(source);
      ok(reads <= 12 && bytes <= 12 * BLOCK, `${reads} reads of ${bytes} bytes`);
    }
    let rows = 0;
    const from = bytesOf(prefix + String(count >> 1).padStart(8, "0"));
    const to = bytesOf(prefix + String((count >> 1) + 100).padStart(8, "0"));
    for await (const batch of snapshot.scan({ from, to })) rows += batch.count;
    strictEqual(rows, 100);
    const { bytes } = taken(source);
    ok(bytes <= 12 * BLOCK, `${bytes} bytes for a range`);
  });
}

Deno.test("of a key with many versions, no more are read than are asked for", async () => {
  const versions: TestEntry[] = Array.from({ length: 50_000 }, (_, i) => ({
    key: "k",
    value: "v".repeat(60),
    ts: TODAY + BigInt(i),
  }));
  const { snapshot, source } = await open(stream(versions));
  let count = 0;
  for await (const { commitTs } of snapshot.history(bytesOf("k"))) {
    strictEqual(commitTs, TODAY + 49_999n - BigInt(count));
    if (++count === 100) break;
  }
  ok(taken(source).bytes <= 2 * BLOCK);
  for await (const _ of snapshot.history(bytesOf("k"))) count++;
  strictEqual(count, 50_100);
  ok(taken(source).bytes <= source.size + BLOCK);
});

Deno.test("of a key with many versions, those after an earlier moment are not read", async () => {
  const versions: TestEntry[] = Array.from({ length: 50_000 }, (_, i) => ({
    key: "k",
    value: "v".repeat(60),
    ts: TODAY + BigInt(i),
  }));
  const { snapshot, source } = await open(stream(versions), { at: TODAY + 100n });
  strictEqual((await snapshot.get(bytesOf("k")))?.commitTs, TODAY + 100n);
  ok(taken(source).bytes <= 2 * BLOCK);
});

/** Locks on a, aa, aaa …, whose transactions are committed. */
function locks(count: number): TestEntry[] {
  return Array.from({ length: count }, (_, i): TestEntry[] => {
    const key = bytesOf("a".repeat(i + 1));
    const [startTime, primaryKey] = [TODAY, bytesOf("p")];
    const lock = { startTime, primaryKey, primary: false, expiry: TODAY };
    return [
      { key: lockKey("txn-lock", key), value: buildLock(lock), ts: TODAY },
      {
        key: lockKey("txn-intent", key),
        value: buildIntent({ startTime, value: undefined }),
        ts: TODAY,
      },
    ];
  }).flat();
}

Deno.test("locks on keys that begin with each other are looked at once each", async () => {
  const commit: TestEntry = {
    key: outcomeKey("txn-commit", { primaryKey: bytesOf("p"), startTime: TODAY }),
    value: buildCommit(TODAY),
    ts: TODAY,
  };
  const costs: number[] = [];
  for (const count of [200, 400, 800]) {
    const source = new CountingSource(stream([...locks(count), commit]));
    const { info } = await openSnapshotInputs([{ source }]);
    strictEqual(info.transactions.applied, count);
    costs.push(source.bytes / source.size);
  }
  // The file is read a few times, whatever the number of locks.
  ok(costs.every((cost) => cost < 4), costs.join());
});

Deno.test("a large value before the wanted one is not read", async () => {
  const value = new Uint8Array(8 << 20);
  const { snapshot, source } = await open(stream([
    { key: "a", value: "small", ts: TODAY },
    { key: "b", value, ts: TODAY },
    { key: "c", value: "wanted", ts: TODAY },
    { key: "d", value, ts: TODAY },
  ]));
  for (const key of ["a", "c", "bb", "e"]) {
    const row = await snapshot.get(bytesOf(key));
    strictEqual(row !== undefined, key === "a" || key === "c");
    ok(taken(source).bytes <= 4 * BLOCK, key);
  }
});

/** How often the bytes of each file are read while some are opened as one snapshot. */
async function timesEachIsRead(
  files: readonly Uint8Array[],
  options: OpenOptions = {},
  groupOf: (i: number) => bigint | undefined = (i) => BigInt(i),
): Promise<number[]> {
  const sources = files.map((bytes) => new CountingSource(bytes));
  await openSnapshotInputs(sources.map((source, i) => ({ source, group: groupOf(i) })), options);
  return sources.map(({ bytes, size }) => bytes / size);
}

/** How often all bytes of some files of one size are read. */
async function timesRead(...opening: Parameters<typeof timesEachIsRead>): Promise<number> {
  const times = await timesEachIsRead(...opening);
  return times.reduce((a, b) => a + b) / times.length;
}

/** A node's file with so many rows and a floor; its last commit is the given one. */
function nodeFileOf(
  entries: TestEntry[],
  last: bigint,
  { floor = 1n, header = last }: { floor?: bigint; header?: bigint } = {},
): Uint8Array {
  const meta = { _meta_last_commit_ts: last, _meta_min_retained_ts: floor };
  return nodeFile(nodeStream(entries, meta, header));
}

const nobody = (_: number): undefined => undefined;
const oneGroup = (_: number): bigint => 1n;

Deno.test("replicas are read once to open them and to prove what they are, however many there are", async () => {
  for (const count of [2, 4, 8]) {
    const replicas: Uint8Array[] = new Array(count).fill(nodeFileOf(numbered("k", 20_000), TODAY));
    for (const groupOf of [oneGroup, nobody]) {
      const times = await timesRead(replicas, {}, groupOf);
      ok(times >= 1 && times < 1.1, `${count} files: ${times} times`);
    }
  }
});

Deno.test("files that have nothing in common are read once, whether their groups are known or not", async () => {
  const groups = ["a", "b", "c"].map((key) => nodeFileOf(numbered(key, 20_000), TODAY));
  for (const groupOf of [undefined, nobody]) {
    const times = await timesRead(groups, {}, groupOf);
    ok(times >= 1 && times < 1.1, `${times} times`);
  }
});

Deno.test("of two moments, only the newest is read once more, to count what it has alone", async () => {
  const rows = numbered("k", 20_000);
  const files = [
    nodeFileOf(rows, TODAY),
    nodeFileOf([...rows, ...numbered("l", 10_000, { ts: TODAY + 1n })], TODAY + 1n),
    nodeFileOf([...rows, ...numbered("m", 10_000, { ts: TODAY + 1n })], TODAY + 2n),
  ];
  for (const groupOf of [oneGroup, nobody]) {
    const [old, newest] = await timesEachIsRead(files.slice(0, 2), { newest: true }, groupOf);
    ok(old >= 1 && old < 1.1, `the older: ${old}`);
    ok(newest >= 2 && newest < 2.1, `the newest: ${newest}`);
    for (
      const [given, code] of [[files.slice(0, 2), "moment"], [files.slice(1), "history"]] as const
    ) {
      const sources = given.map((bytes) => new CountingSource(bytes));
      const opened = openSnapshotInputs(
        sources.map((source, i) => ({ source, group: groupOf(i) })),
      );
      await rejects(
        opened,
        (error) => error instanceof DecantError && error.code === `another-${code}`,
      );
      for (const { bytes, size } of sources) ok(bytes / size < 1.1, `${bytes / size} times`);
    }
  }
});

Deno.test("the state of a moment before the last commit is read once, if headers name that commit", async () => {
  const rows = numbered("k", 20_000);
  const later = { key: "l", value: "1", ts: TODAY + (1n << 16n) };
  for (const groupOf of [oneGroup, nobody]) {
    for (const beforeLastMs of [0n, 1n]) {
      const options = { at: { beforeLastMs } };
      const file = nodeFileOf([...rows, later], later.ts);
      const known = await timesRead([file, file], options, groupOf);
      ok(known >= 1 && known < 1.1, `${known} times`);
      const overstated = nodeFileOf([...rows, later], later.ts, { header: TODAY });
      const unknown = await timesRead([overstated, overstated], options, groupOf);
      ok(unknown >= 2 && unknown < 2.2, `${unknown} times`);
      const older = nodeFileOf(rows, TODAY);
      const [old, newest] = await timesEachIsRead(
        [older, file],
        { ...options, newest: true },
        groupOf,
      );
      ok(old < 1.1 && newest < 2.1, `${old} and ${newest} times`);
    }
  }
});

Deno.test("replicas are compared and counted once more beside a damaged one", async () => {
  const file = nodeFileOf(numbered("k", 20_000), TODAY);
  const damaged = file.slice();
  damaged[damaged.length >> 1] ^= 1;
  const times = await timesEachIsRead([file, damaged, file], {}, oneGroup);
  ok(times[0] < 3.1 && times[1] < 1.1 && times[2] < 3.1, times.join());
  const [sound, other] = await timesEachIsRead([file, damaged], {}, oneGroup);
  ok(sound < 2.1 && other < 1.1, `${sound} and ${other} times`);
});

Deno.test("replicas of nameless groups are compared once more if rows of one group stayed in another", async () => {
  const range = (id: bigint, group: bigint, start: string, end?: string): TestEntry => ({
    key: routeRowKey(id),
    value: buildRoute({
      id,
      group,
      start: bytesOf(start),
      end: end === undefined ? undefined : bytesOf(end),
      state: 0,
      parent: 0n,
      splitTime: 0n,
    }),
    ts: TODAY,
  });
  const routes = [range(1n, 1n, "", "m"), range(2n, 2n, "m")];
  const stayed: TestEntry = { key: "z", value: "1", ts: TODAY };
  const one = nodeFileOf([...routes, ...numbered("a", 20_000), stayed], TODAY);
  const other = nodeFileOf([...numbered("n", 20_000), stayed], TODAY);
  ok(await timesRead([one, other], {}, nobody) < 1.1);
  const times = await timesRead([one, other, one, other], {}, nobody);
  ok(times >= 2 && times < 2.1, `${times} times`);
  ok(await timesRead([one, other, one, other], {}, (i) => BigInt(1 + i % 2)) < 1.1);
});

Deno.test("files whose groups are known are read once to open them, however many there are", async () => {
  for (const count of [1, 2, 8]) {
    const files = Array.from(
      { length: count },
      (_, i) => nodeFile(stream(numbered(`k${i}`, 20_000))),
    );
    const times = await timesRead(files);
    ok(times >= 1 && times < 1.1, `${count} files: ${times} times`);
  }
});

Deno.test("a bundle is read twice to open it: once for its digests, once for its entries", async () => {
  const entries = someEntries(20_000);
  const bundle = nodeFile(buildBundle([{ entries, table: buildTable(entries) }]));
  const times = await timesRead([bundle]);
  ok(times >= 2 && times < 2.3, `${times} times`);
});

Deno.test("rows that expire are read once more only when versions are later than the header says", async () => {
  const rows = numbered("k", 30_000, { expireAt: TODAY + 10n });
  const times = (last: bigint): Promise<number> => timesRead([nodeFile(stream(rows, last))]);
  ok(await times(TODAY) < 1.1);
  ok(await times(TODAY + 20n) < 1.1);
  ok(await times(TODAY - 1n) >= 2);
});

Deno.test("of what is in flight, only the keys that are written are looked at again", async () => {
  const commit: TestEntry = {
    key: outcomeKey("txn-commit", { primaryKey: bytesOf("p"), startTime: TODAY }),
    value: buildCommit(TODAY),
    ts: TODAY,
  };
  const rows = [...numbered("k", 100_000), ...locks(50), commit];
  const times = await timesRead([nodeFile(stream(rows, TODAY))]);
  ok(times >= 1 && times < 1.1, `${times} times`);
});

Deno.test("more files than inputs have numbers are refused", async () => {
  const source = new CountingSource(stream([{ key: "k", value: "v" }]));
  const inputs = new Array(65_536).fill({ source });
  await rejects(
    openSnapshotInputs(inputs),
    (error) => error instanceof UsageError && /65536 .* 65535/.test(error.message),
  );
  strictEqual(source.reads, 0);
});
