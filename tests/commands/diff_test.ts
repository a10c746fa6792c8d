import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import { diff, type Difference, type DiffOptions } from "../../src/commands/diff.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { keyOf, type Row, valueOf } from "../adapters/redis/test_rows.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { nodeFile, stream, type TestEntry } from "../support/stream.ts";

const FIXTURES = new URL("../fixtures/real/", import.meta.url);

function open(bytes: Uint8Array, at?: bigint): Promise<Snapshot> {
  return openSnapshotInputs([{ source: new BytesSource(bytes, "test.fsm") }], { at });
}

function fixture(path: string): Uint8Array {
  const bytes = Deno.readFileSync(new URL(path, FIXTURES));
  return path.endsWith(".gz") ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

const entries = (rows: TestEntry[]): Uint8Array =>
  nodeFile(stream(rows.map((row) => ({ ts: 9n, ...row })), 9n));

const redis = (rows: Row[]): TestEntry[] =>
  rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));

/** The lines of all records, by adapter, scope, type and key. */
async function linesOf(snapshot: Snapshot): Promise<Map<string, string>> {
  let text = "";
  const decoder = new TextDecoder();
  const sink = {
    write: (lines: Uint8Array) => void (text += decoder.decode(lines, { stream: true })),
  };
  await decodeRecords(snapshot, sink, { keepGoing: true });
  const lines = new Map<string, string>();
  for (const line of text.trimEnd().split("\n").slice(0, -1)) {
    const { adapter, scope, type, key } = JSON.parse(line);
    const id = JSON.stringify([adapter, scope, type, key]);
    lines.set(id, (lines.get(id) ?? "") + line);
  }
  return lines;
}

function idOf({ adapter, scope, type, key }: Difference): string {
  return JSON.stringify([adapter, scope, type, key === undefined ? undefined : JSON.parse(key)]);
}

async function found(
  older: Snapshot,
  newer: Snapshot,
  options: DiffOptions = {},
): Promise<{ same: number; differences: Difference[] }> {
  using found = await diff(older, newer, { onProblem: () => {}, ...options });
  const differences = await Array.fromAsync(found.differences());
  for (const { adapter, scope, ...counts } of found.scopes) {
    for (const [change, count] of Object.entries(counts)) {
      const all = differences.filter((one) =>
        one.adapter === adapter && one.scope === scope && one.change === change
      );
      strictEqual(all.length, count, `${adapter}/${scope} ${change}`);
    }
  }
  return { same: found.same, differences };
}

/** Compares with the difference of all lines. */
async function agree(older: Snapshot, newer: Snapshot): Promise<number> {
  const [a, b] = [await linesOf(older), await linesOf(newer)];
  const expected: string[] = [];
  for (const [id, line] of a) {
    if (!b.has(id)) expected.push(`removed ${id}`);
    else if (b.get(id) !== line) expected.push(`changed ${id}`);
  }
  for (const id of b.keys()) if (!a.has(id)) expected.push(`added ${id}`);
  const { same, differences } = await found(older, newer, { full: true });
  const shown = differences.map((one) => {
    for (const [lines, value] of [[a, one.old], [b, one.new]] as const) {
      const line = lines.get(idOf(one));
      const { adapter: _a, scope: _s, type: _t, key: _k, ...rest } = JSON.parse(line ?? "{}");
      deepStrictEqual(JSON.parse(value ?? "{}"), rest);
    }
    return `${one.change} ${idOf(one)}`;
  });
  deepStrictEqual(shown.sort(), expected.sort());
  strictEqual(same, [...a].filter(([id, line]) => b.get(id) === line).length);
  return expected.length;
}

Deno.test("two captured moments differ by the difference of what they decode to", async () => {
  const older = await open(fixture("two-moments/earlier.fsm.gz"));
  const newer = await open(fixture("two-moments/later.fsm.gz"));
  strictEqual(await agree(older, newer) > 0, true);
  strictEqual(await agree(older, older), 0);
});

for (
  const path of [
    "ddb-history/snapshot.fsm",
    "redis-all/snapshot.fsm.gz",
    "sqs-all/snapshot.fsm.gz",
    "s3-hostile-keys/snapshot.fsm",
  ]
) {
  Deno.test(`${path}: two moments of it differ by the difference of what they decode to`, async () => {
    const bytes = fixture(path);
    const newest = await open(bytes);
    const { from, to } = newest.info.readable;
    for (const part of [1n, 2n]) {
      const older = await open(bytes, from + (to - from) * part / 3n);
      await agree(older, newest);
      await agree(newest, older);
    }
  });
}

Deno.test("moments of generated snapshots differ by the difference of what they decode to", async () => {
  const seed = randomSeed();
  for (let i = 0; i < 12; i++) {
    const snapshot = generate(seed + i, { size: 8, transactions: i % 3 });
    const random = new Random(seed + i);
    const [from, to] = [random.pick(snapshot.moments), random.pick(snapshot.moments)];
    const bytes = snapshot.file();
    await agree(await open(bytes, from), await open(bytes, to));
  }
});

Deno.test("another layout of the same records is no change", async () => {
  const name = "k";
  const fields: [string, string][] = [["a", "1"], ["b", "2"]];
  const last: [bigint, bigint] = [0n, 0n];
  const meta = { is: "meta" as const, name, head: 0n, last };
  const wide = redis([
    { ...meta, type: "hash", length: 2n },
    ...fields.map(([field, value]) => ({ is: "field", name, field, value }) as const),
  ]);
  const blob = redis([{ is: "hash-blob", name, fields }]);
  const item = { id: { S: "a" }, n: { N: "1" } };
  const moved = { generation: 2, from: 1 };
  const list = (length: bigint): Row => ({ ...meta, name: "l", type: "list", length });
  const items = [0n, 1n].map((place) =>
    ({ is: "item", name: "l", place, value: `v${place}` }) as const
  );
  const cases: [string, TestEntry[], TestEntry[]][] = [
    ["a legacy hash and a wide one", blob, wide],
    [
      "a list with a delta, and without",
      redis([list(2n), ...items]),
      redis([
        list(1n),
        { is: "delta", type: "list", name: "l", length: 1n, head: 0n, ts: 5n },
        ...items,
      ]),
    ],
    [
      "a string with a preamble, and without",
      redis([{ is: "string", name, form: "legacy", body: "v" }]),
      redis([{ is: "string", name, form: "plain", body: "v" }]),
    ],
    [
      "a table whose items are moved",
      [tableRow("t"), itemRow("t", item)],
      [tableRow("t", { generation: 2 }), itemRow("t", item, { generation: 2 })],
    ],
    [
      "a table whose items are being moved",
      [tableRow("t"), itemRow("t", item)],
      [tableRow("t", moved), itemRow("t", item)],
    ],
    [
      "a table of legacy keys and one of ordered keys",
      [tableRow("t", { version: 1 }), itemRow("t", item, { version: 1 })],
      [tableRow("t"), itemRow("t", item)],
    ],
  ];
  for (const [what, older, newer] of cases) {
    const sides = [await open(entries(older)), await open(entries(newer))] as const;
    const { same, differences } = await found(...sides);
    deepStrictEqual(differences, [], what);
    strictEqual(same >= 2, true, what);
  }
});

Deno.test("values that are too long to be shown are compared all the same", async () => {
  const long = "x".repeat(1 << 20);
  const string = (body: string): Uint8Array =>
    entries(redis([{ is: "string", name: "k", form: "plain", body }]));
  const [a, b, c, other] = [
    await open(string(long)),
    await open(string(long)),
    await open(string(`${long}y`)),
    await open(string(`${long.slice(1)}y`)),
  ];
  deepStrictEqual((await found(a, b)).differences, []);
  const [sameLength] = (await found(a, other)).differences;
  strictEqual(sameLength.change, "changed");
  const [difference] = (await found(a, c, { full: true })).differences;
  strictEqual(difference.change, "changed");
  strictEqual(JSON.parse(difference.new!).length, JSON.parse(difference.old!).length + 1);
});

Deno.test("only what is selected is compared", async () => {
  const older = await open(fixture("two-moments/earlier.fsm.gz"));
  const newer = await open(fixture("two-moments/later.fsm.gz"));
  const { differences } = await found(older, newer);
  const [{ adapter, scope }] = differences;
  const some = await found(older, newer, { scopes: { [adapter]: [scope] } });
  deepStrictEqual(
    some.differences,
    differences.filter((one) => one.adapter === adapter && one.scope === scope),
  );
  await rejects(found(older, newer, { keyPrefix: "no such key" }), { code: "nothing-selected" });
});

Deno.test("it is stopped by a signal, on both sides", async () => {
  const snapshot = await open(fixture("redis-all/snapshot.fsm.gz"));
  const signal = AbortSignal.abort();
  await rejects(diff(snapshot, snapshot, { signal }), { code: "aborted" });
});
