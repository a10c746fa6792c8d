/** What becomes of rows that are in no file, and whether they are handed on. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { AdapterContext, type AdapterOptions } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { redis } from "../../../src/adapters/redis/mod.ts";
import { AbortedError } from "../../../src/errors.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import {
  rowCommitTs,
  rowExpireAt,
  rowHandle,
  rowKey,
  rowValue,
} from "../../../src/mvcc/row_batch.ts";
import { type OpenOptions, openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { stream, type TestEntry } from "../../support/stream.ts";
import { cat, double, dump, fromLatin1, itemKey, latin1, sized } from "./support.ts";

interface Left {
  key: string;
  value: string;
  commitTs: bigint;
  expireAt: bigint;
}

interface Run {
  left: Left[];
  problems: string[];
  fates: Record<string, number>;
}

/** Decodes to record lines and keeps what is left out. */
async function run(
  entries: TestEntry[],
  options: AdapterOptions = {},
  open: OpenOptions = {},
  signal?: AbortSignal,
): Promise<Run> {
  const source = new BytesSource(stream(entries, 100n), "a.fsm");
  const snapshot = await openSnapshotInputs([{ source }], open);
  const books = redis.books(options);
  const ledger = new Ledger(snapshot.info.totals.filter(({ family }) => books.has(family.id)));
  const left: Left[] = [];
  const problems: string[] = [];
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch: new MemoryScratch(),
    ledger,
    options,
    signal,
    handlers: {
      onProblem: ({ error, adapter }) => void problems.push(`${adapter} ${error.code}`),
      onWarning: () => {},
      async writeRaw(batch, i) {
        left.push({
          key: latin1(rowKey(batch, i)),
          value: latin1(rowValue(batch, i)),
          commitTs: rowCommitTs(batch, i),
          expireAt: rowExpireAt(batch, i),
        });
        const again = await snapshot.read(rowHandle(batch, i));
        strictEqual(latin1(again.key), latin1(rowKey(batch, i)));
      },
    },
  });
  await redis.writeRecords(context, {}, { write: () => {} });
  deepStrictEqual(ledger.unbalanced, []);
  const fates: Record<string, number> = {};
  for (const { adapter, fates: counts } of ledger.accounts) {
    for (const [fate, n] of Object.entries(counts)) fates[`${adapter} ${fate}`] = n;
  }
  return { left, problems, fates };
}

Deno.test("rows that no client can read are handed on whole, with their times", async () => {
  const { left, fates } = await run([
    { key: "!redis|ttl|nobody", value: cat(77n), ts: 5n, expireAt: 1000n },
    { key: sized("!stream|entry|", "o", 1n, 2n), value: "\x00RXE\x01", ts: 6n },
    { key: "!redis|stream|x", value: "\x00RX\x01", ts: 7n },
    { key: sized("!hs|fld|", "h", "f"), value: "v" },
    { key: "!redis|hash|h", value: "\x00RH\x01", ts: 8n },
    { key: "!redis|str|s", value: fromLatin1("\xff\x01\x00v") },
    { key: "s", value: "bare", ts: 9n },
  ], { redisBareStrings: true });
  deepStrictEqual(left.toSorted((a, b) => Number(a.commitTs - b.commitTs)), [
    { key: "!redis|ttl|nobody", value: latin1(cat(77n)), commitTs: 5n, expireAt: 1000n },
    {
      key: latin1(sized("!stream|entry|", "o", 1n, 2n)),
      value: "\x00RXE\x01",
      commitTs: 6n,
      expireAt: 0n,
    },
    { key: "!redis|stream|x", value: "\x00RX\x01", commitTs: 7n, expireAt: 0n },
    { key: "!redis|hash|h", value: "\x00RH\x01", commitTs: 8n, expireAt: 0n },
    { key: "s", value: "bare", commitTs: 9n, expireAt: 0n },
  ]);
  // Handed on is written.
  deepStrictEqual(fates, { "redis written": 6, "system written": 1 });
});

Deno.test("an index row is written where it decides, and repeats or is older than what does", async () => {
  const index = (name: string, ts = 5n) => ({ key: `!redis|ttl|${name}`, value: cat(9n), ts });
  const delta = (name: string, ts: bigint) => ({
    key: sized("!st|meta|d|", name, ts, 0),
    value: cat(0n),
  });
  const { fates, tree, noted } = await dump([
    // It decides.
    { key: "!redis|str|legacy", value: "v" },
    index("legacy"),
    { key: sized("!st|mem|", "set", "m"), value: "" },
    index("set"),
    // Something newer says it.
    { key: "!redis|str|string", value: fromLatin1("\xff\x01\x00v") },
    index("string"),
    { key: sized("!st|meta|", "meta"), value: cat(0n, 0n) },
    index("meta"),
    // It is of what the key was before the set was made.
    { key: sized("!st|mem|", "stale", "m"), value: "" },
    { key: sized("!st|mem|", "stale", "n"), value: "" },
    { key: sized("!st|meta|d|", "stale", 6n, 0), value: cat(2n) },
    index("stale"),
    // It is as old as the first change of the set.
    { key: sized("!st|mem|", "fresh", "m"), value: "" },
    { key: sized("!st|meta|d|", "fresh", 5n, 0), value: cat(1n) },
    index("fresh"),
    // The set has been emptied.
    delta("emptied", 5n),
    index("emptied"),
    // There is nothing else.
    index("nobody"),
  ]);
  deepStrictEqual(
    Object.entries(tree).flatMap(([path, text]) =>
      path.startsWith("sets/") ? [[path, JSON.parse(text).expire_at_ms]] : []
    ),
    [
      ["sets/set.json", 9],
      ["sets/meta.json", null],
      ["sets/fresh.json", 9],
      ["sets/stale.json", null],
    ],
  );
  strictEqual(tree["strings_ttl.jsonl"], '{"key":"legacy","expire_at_ms":9}\n');
  deepStrictEqual(noted, [["redis_stale_ttl_index", 5], ["redis_orphan_ttl", 1]]);
  deepStrictEqual(fates, {
    "redis written": 10,
    "redis derivable": 2,
    "redis hidden": 1,
    // Three deltas, and the index row of the emptied set.
    "redis operational": 4,
    "redis unreachable": 1,
  });
});

Deno.test("bare rows are another adapter's business unless they are asked for", async () => {
  const rows: TestEntry[] = [
    { key: "", value: "nothing" },
    { key: "\x01", value: "one" },
    { key: "zz", value: fromLatin1("\xff\x01\x00 is no preamble") },
    { key: "!unknown", value: "" },
    { key: "!redis|ttl|zz", value: cat(5n) },
  ];
  strictEqual(redis.books({}).has("bare"), false);
  const without = await dump(rows);
  deepStrictEqual(without.tree, {});
  deepStrictEqual(without.fates, { "redis unreachable": 1 });
  deepStrictEqual(without.noted, [["redis_orphan_ttl", 1]]);
  const wanted = await dump(rows, { redisBareStrings: true });
  strictEqual(redis.books({ redisBareStrings: true }).has("bare"), true);
  deepStrictEqual(Object.keys(wanted.tree), [
    "strings/.bin",
    "strings/%01.bin",
    "strings/zz.bin",
    "strings_ttl.jsonl",
  ]);
  strictEqual(wanted.tree["strings/zz.bin"].startsWith("ff0100"), true);
  deepStrictEqual(wanted.fates, { "redis written": 1, "system written": 3 });
});

Deno.test("values that may not be clear are refused, bare ones too", async () => {
  const { problems, fates } = await run(
    [
      { key: "!redis|str|a", value: fromLatin1("\xff\x01\x00v") },
      { key: "bare", value: "v" },
      { key: itemKey("l", 0n), value: "i" },
      { key: sized("!zs|meta|d|", "z", 1n, 0), value: cat(1n) },
    ],
    { redisBareStrings: true },
    { requireEncrypted: true },
  );
  deepStrictEqual(problems.sort(), [
    "redis cleartext",
    "redis cleartext",
    "system cleartext",
  ]);
  // Deltas hold nothing of a user's.
  deepStrictEqual(fates, { "redis unsound": 2, "redis operational": 1, "system unsound": 1 });
});

Deno.test("deltas that cannot be read are counted once a type, and nothing depends on them", async () => {
  const { noted, fates, wrong } = await dump([
    { key: "!zs|meta|d|", value: cat(1n) },
    { key: sized("!zs|meta|d|", "z", 1n, 0), value: "short" },
    { key: sized("!zs|mem|", "z", "m"), value: double(1) },
    // No delta has 17 bytes, and no meta.
    { key: "!lst|meta|d|x", value: "seventeen bytes.." },
  ]);
  deepStrictEqual(noted, [["redis_malformed_delta", "list", 1], [
    "redis_malformed_delta",
    "zset",
    2,
  ]]);
  deepStrictEqual(fates, { "redis written": 1, "redis operational": 3 });
  deepStrictEqual(wrong, []);
});

Deno.test("an interrupted walk stops", async () => {
  const entries = [{ key: sized("!st|mem|", "s", "m"), value: "" }];
  await rejects(run(entries, {}, {}, AbortSignal.abort()), AbortedError);
});
