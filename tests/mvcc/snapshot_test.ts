import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DecantError, UnsoundError, UsageError } from "../../src/errors.ts";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { rowHandle } from "../../src/mvcc/row_batch.ts";
import { MAX_PROBLEMS } from "../../src/mvcc/problems.ts";
import { type OpenOptions, openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { agree, compareRows, openInputs, scanned, thrownBy } from "../support/naive/agree.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { NaiveSnapshot } from "../support/naive/resolve.ts";
import {
  nodeStream,
  rawStream,
  storedKey,
  storedValue,
  stream,
  type TestEntry,
} from "../support/stream.ts";

async function open(entries: TestEntry[], options?: OpenOptions, last = 1n): Promise<Snapshot> {
  const source = new BytesSource(stream(entries, last), "test.fsm");
  return await openSnapshotInputs([{ source }], options);
}

Deno.test("no files are no snapshot", async () => {
  await rejects(openSnapshotInputs([]), (e) => e instanceof UsageError && e.code === "usage");
});

Deno.test("the moments that can be read go from the first version, or from what compaction has kept", async () => {
  const entries = [4n, 6n, 9n].map((ts) => ({ key: "k", value: String(ts), ts }));
  const cases: [Record<string, bigint | number[]>, bigint][] = [
    [{}, 4n],
    [{ _meta_min_retained_ts: 1n }, 4n],
    [{ _meta_min_retained_ts: 5n }, 5n],
    [{ _meta_min_retained_ts: 5n, _meta_pending_min_retained_ts: 7n }, 7n],
    [{ _meta_min_retained_ts: 5n, _meta_pending_min_retained_ts: 3n }, 5n],
    // A value that is too short says nothing.
    [{ _meta_min_retained_ts: [5, 0, 0, 0, 0, 0, 0] }, 4n],
  ];
  for (const [meta, from] of cases) {
    const bytes = nodeStream(entries, meta, 9n);
    const { info } = await openInputs([{ bytes }]);
    deepStrictEqual(info.readable, { from, to: 9n });
    for (const at of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 0xffffn, 0x10000n]) {
      if (at >= from) {
        await agree([{ bytes }], { at });
        continue;
      }
      await rejects(openInputs([{ bytes }], { at }), (error) => {
        ok(error instanceof UsageError && error.code === "usage");
        const numbers = error.hint!.matchAll(/(?<!\S)\d+(?!\S)/g);
        deepStrictEqual([...numbers].map(([n]) => n), [String(from), "9"]);
        return true;
      });
    }
  }
});

Deno.test("with several files, the strictest retention and the latest commit count", async () => {
  const one = nodeStream([{ key: "a", value: "1", ts: 4n }], { _meta_min_retained_ts: 3n });
  const two = nodeStream([{ key: "b", value: "2", ts: 20n }], { _meta_min_retained_ts: 6n });
  const { info } = await openInputs([{ bytes: one }, { bytes: two }]);
  deepStrictEqual(info.readable, { from: 6n, to: 20n });
});

Deno.test("a row expires at the moment that it names, seen from the last commit or from the moment read at", async () => {
  const row = { key: "k", value: "v", ts: 2n, expireAt: 5n };
  const at = (ts: bigint): TestEntry => ({ key: "other", value: "", ts });
  const visible = async (
    entries: TestEntry[],
    options?: OpenOptions,
    last?: bigint,
  ): Promise<boolean> => {
    const snapshot = await open(entries, options, last);
    const row = await snapshot.get(bytesOf("k"));
    const rows = await scanned(snapshot);
    strictEqual(rows.some(({ key }) => key === "k"), row !== undefined);
    const totals = snapshot.info.totals.find(({ family }) => family.id === "bare")!;
    strictEqual(totals.live, rows.length);
    return row !== undefined;
  };
  strictEqual(await visible([row]), true);
  strictEqual(await visible([row, at(4n)]), true);
  strictEqual(await visible([row, at(5n)]), false);
  strictEqual(await visible([row], {}, 5n), false);
  strictEqual(await visible([row, at(9n)], { at: 4n }), true);
  strictEqual(await visible([row, at(9n)], { at: 5n }), false);
});

Deno.test("a store in which nothing has a time reads at the end of time", async () => {
  const entries = [
    { key: "k", value: "v", ts: 0n, expireAt: 5n },
    { key: "l", value: "v", ts: 0n },
  ];
  const snapshot = await open(entries, {}, 0n);
  deepStrictEqual((await scanned(snapshot)).map(({ key }) => key), ["l"]);
  strictEqual((await snapshot.get(bytesOf("l")))?.commitTs, 0n);
  strictEqual(await snapshot.get(bytesOf("k")), undefined);
  strictEqual((await Array.fromAsync(snapshot.history(bytesOf("k")))).length, 1);
  const [{ live, expired }] = snapshot.info.totals;
  deepStrictEqual([live, expired, snapshot.info.lastCommitTs], [1, 1, 0n]);
});

Deno.test("chunks of objects do not move the last commit, and are read at any moment", async () => {
  const chunk = `!s3|chunkblob|${"a".repeat(64)}`;
  const entries = [{ key: chunk, value: "chunk", ts: 50n }, { key: "k", value: "v", ts: 5n }];
  for (const at of [undefined, 9n, 5n]) {
    const snapshot = await open(entries, { at });
    strictEqual(snapshot.info.lastCommitTs, 5n);
    strictEqual((await scanned(snapshot, prefixRange(bytesOf("!s3")))).length, 1);
    strictEqual(latin1((await snapshot.get(bytesOf(chunk)))!.value), "chunk");
  }
});

Deno.test("malformed rows are listed with their place, and the others are read", async () => {
  const bytes = rawStream([
    [bytesOf("abc"), new Uint8Array(9)],
    [storedKey("k", 1n), Uint8Array.of(0)],
    [storedKey("l", 1n), storedValue({ key: "l", value: "v" })],
    [storedKey("m", 1n), storedValue({ key: "m", value: "v" }).with(0, 0x80)],
  ]);
  const snapshot = await openInputs([{ bytes, name: "some.fsm" }]);
  deepStrictEqual(
    snapshot.info.problems.map(({ code, file, offset, key }) => [code, file, offset, latin1(key!)]),
    [
      ["short-key", "some.fsm", 16, ""],
      ["short-value", "some.fsm", 44, "k"],
      ["reserved-bits", "some.fsm", 105, "m"],
    ],
  );
  deepStrictEqual((await scanned(snapshot)).map(({ key }) => key), ["l"]);
});

Deno.test("a key whose newest version is malformed is not taken for one that is not there", async () => {
  const malformed = (ts: bigint): [Uint8Array, Uint8Array] => [
    storedKey("k", ts),
    storedValue({ key: "k", value: "v" }).with(0, 0x80),
  ];
  const row = (ts: bigint): [Uint8Array, Uint8Array] => [
    storedKey("k", ts),
    storedValue({ key: "k", value: `v${ts}` }),
  ];
  const bytes = rawStream([row(7n), malformed(5n), row(3n)], 7n);
  for (const [at, expected] of [[7n, "v7"], [6n, "reserved-bits"], [4n, "v3"]] as const) {
    const snapshot = await openInputs([{ bytes, name: "some.fsm" }], { at });
    if (expected.startsWith("v")) {
      strictEqual(latin1((await snapshot.get(bytesOf("k")))!.value), expected);
      continue;
    }
    await rejects(snapshot.get(bytesOf("k")), (error) => {
      ok(error instanceof UnsoundError);
      strictEqual(error.message, snapshot.info.problems[0].message);
      deepStrictEqual([error.code, error.file, error.offset, latin1(error.key!)], [
        expected,
        "some.fsm",
        16 + 16 + 9 + 9 + 2,
        "k",
      ]);
      return true;
    });
  }
  const snapshot = await openInputs([{ bytes }]);
  const versions: string[] = [];
  const unsound: string[] = [];
  const options = { onUnsound: ({ code }: UnsoundError) => void unsound.push(code) };
  for await (const { value } of snapshot.history(bytesOf("k"), options)) {
    versions.push(latin1(value!));
  }
  deepStrictEqual([versions, unsound], [["v7", "v3"], ["reserved-bits"]]);
  strictEqual(
    await thrownBy(() => Array.fromAsync(snapshot.history(bytesOf("k")))),
    "reserved-bits",
  );
  for (const at of [undefined, 6n, 4n]) ok(typeof await agree([{ bytes }], { at }) !== "string");
});

Deno.test("no more than ten thousand problems are kept, and the last says that there are more", async () => {
  const rows = (n: number): Uint8Array =>
    rawStream(Array.from({ length: n }, (_, i) => [
      bytesOf(String(i).padStart(7, "0")),
      new Uint8Array(9),
    ]));
  const exactly = await openInputs([{ bytes: rows(MAX_PROBLEMS) }]);
  strictEqual(exactly.info.problems.length, MAX_PROBLEMS);
  const more = await openInputs([{ bytes: rows(MAX_PROBLEMS + 50) }]);
  strictEqual(more.info.problems.length, MAX_PROBLEMS + 1);
  ok(more.info.problems.at(-1)!.message.includes("more problems"));
});

Deno.test("the same stored key in several files is one version: the first file's", async () => {
  const files = ["a", "b", "c"].map((value) => ({ bytes: stream([{ key: "k", value, ts: 7n }]) }));
  const naive = await agree(files);
  ok(typeof naive !== "string");
  strictEqual(naive.live()[0].value, "a");
  strictEqual(naive.copies, 2);
});

Deno.test("rows of the catalog may differ from node to node, and all others may not", async () => {
  for (
    const [key, problems] of [
      ["!dist|meta|version", 0],
      ["!dist|job|x", 0],
      ["!dist|delta|x", 0],
      ["!redis|str|a", 1],
      ["!distant|x", 1],
    ] as const
  ) {
    const file = (value: string) => ({ bytes: stream([{ key, value, ts: 7n }]) });
    const naive = await agree([file("a"), file("b")], { gets: false });
    ok(typeof naive !== "string");
    strictEqual(naive.problems.length, problems, key);
  }
  const kept = { bytes: stream([{ key: "k", value: "v", ts: 7n }]) };
  const deleted = { bytes: stream([{ key: "k", value: undefined, ts: 7n }]) };
  for (const files of [[kept, deleted], [deleted, kept]]) {
    const { info } = await openInputs(files);
    deepStrictEqual(info.problems.map(({ code }) => code), ["conflict"]);
  }
});

Deno.test("a thousand ids of data keys are counted each for itself, and the others together", async () => {
  const rows = Array.from({ length: 1500 }, (_, i): [Uint8Array, Uint8Array] => {
    const value = new Uint8Array(9 + 34);
    value[0] = 2;
    value.set([1, 0, 0, 0, (i + 1) >> 8, (i + 1) & 255], 9);
    return [storedKey(bytesOf(`!redis|str|${String(i).padStart(6, "0")}`), 1n), value];
  });
  const { info } = await openInputs([{ bytes: rawStream(rows) }]);
  strictEqual(info.keyIds.size, 1001);
  strictEqual(info.keyIds.get(0), 500);
});

Deno.test("rows can be read again by their handles, in any order", async () => {
  for (let seed = 0; seed < 40; seed++) {
    const generated = generate(seed, {
      size: 6,
      groups: 1 + seed % 3,
      transactions: 3,
      encrypted: seed % 2 === 0,
    });
    const snapshot = await openInputs(generated.groupFiles(), { keys: generated.encryption?.keys });
    const handles = [];
    for await (const batch of snapshot.scan({ from: new Uint8Array(0) })) {
      for (let i = 0; i < batch.count; i++) handles.push(rowHandle(batch, i));
    }
    const rows = await scanned(snapshot);
    for (const i of rows.keys().toArray().reverse()) {
      const { key, value, commitTs, expireAt } = await snapshot.read(handles[i]);
      compareRows([{ key: latin1(key), value: latin1(value), ts: commitTs, expireAt }], [rows[i]]);
    }
  }
});

Deno.test("in a larger snapshot, keys are found through the index", async () => {
  for (const [seed, groups] of [[1, 1], [2, 3]]) {
    const generated = generate(seed, {
      size: 1500,
      groups,
      clock: "hybrid",
      families: ["redis", "system", "interleaved", "sqs"],
    });
    const files = generated.groupFiles();
    ok(files.some(({ bytes }) => bytes.length > 200_000));
    const snapshot = await openInputs(files);
    const naive = new NaiveSnapshot(files);
    compareRows(await scanned(snapshot), naive.live());
    const random = new Random(seed);
    for (let i = 0; i < 400; i++) {
      const key = random.pick(naive.keys);
      const [row, expected] = [await snapshot.get(bytesOf(key)), naive.get(key)];
      strictEqual(row && latin1(row.value), expected?.value);
      const history = await Array.fromAsync(snapshot.history(bytesOf(key)));
      deepStrictEqual(
        history.map(({ commitTs }) => commitTs),
        naive.versions.get(key)!.map(({ ts }) => ts),
      );
      const prefix = key.slice(0, random.below(key.length + 1));
      if (prefix.length < 8) continue;
      const rows = await scanned(snapshot, prefixRange(bytesOf(prefix)));
      deepStrictEqual(
        rows.map((r) => r.key).sort(),
        naive.keys.filter((k) => k.startsWith(prefix) && naive.get(k)).sort(),
      );
    }
  }
});

Deno.test("several walks of one snapshot do not disturb each other", async () => {
  const generated = generate(3, { size: 40, groups: 2 });
  const snapshot = await openInputs(generated.groupFiles());
  const expected = await scanned(snapshot);
  const [a, b] = await Promise.all([scanned(snapshot), scanned(snapshot)]);
  compareRows(a, expected);
  compareRows(b, expected);
});

Deno.test("opening tells how much of all files it has read, and stops when it is told to", async () => {
  const value = new Uint8Array(3 << 20);
  const files = ["a", "b"].map((key) => stream([{ key, value }, { key: key + "b", value }]));
  const inputs = files.map((bytes) => ({ source: new BytesSource(bytes) }));
  const total = files[0].length + files[1].length;
  const told: [number, number][] = [];
  await openSnapshotInputs(inputs, { progress: (...n) => told.push(n) });
  ok(told.length >= 4);
  deepStrictEqual(told.map(([, all]) => all), told.map(() => total));
  deepStrictEqual(told.at(-1), [total, total]);

  const stop = new AbortController();
  await rejects(
    openSnapshotInputs(inputs, {
      signal: stop.signal,
      progress: (read) => read > files[0].length && stop.abort(),
    }),
    (error) => error instanceof DecantError && error.code === "aborted",
  );
  const snapshot = await openSnapshotInputs(inputs);
  await rejects(
    scanned(snapshot, undefined, { signal: AbortSignal.abort() }),
    (error) => error instanceof DecantError && error.code === "aborted",
  );
});

Deno.test("a row of the store's own is no version of the key that it begins with", async () => {
  const key = "_meta_last_c"; // what is left of the row's name without its last eight bytes
  const bytes = nodeStream([{ key, value: "mine", ts: 5n }], { _meta_last_commit_ts: 9n }, 9n);
  const snapshot = await openInputs([{ bytes }]);
  deepStrictEqual((await snapshot.get(bytesOf(key)))?.value, bytesOf("mine"));
  const history = await Array.fromAsync(snapshot.history(bytesOf(key)));
  deepStrictEqual(history.map(({ commitTs }) => commitTs), [5n]);
});
