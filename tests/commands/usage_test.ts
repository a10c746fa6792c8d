import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { usage, type UsageReport } from "../../src/commands/usage.ts";
import { numberOfOrdered, orderedNumber } from "../../src/keyspace/ordered_number.ts";
import { itemKey, orderedPayload } from "../../src/keyspace/dynamodb_keys.ts";
import { objectKey } from "../../src/keyspace/s3_keys.ts";
import { sqsKey } from "../../src/keyspace/sqs_keys.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { nameText } from "../../src/text/name_text.ts";
import { generate } from "../support/generator/mod.ts";
import { bytesOf, nodeFile, stream, type TestEntry } from "../support/stream.ts";

function open(bytes: Uint8Array): Promise<Snapshot> {
  return openSnapshotInputs([{ source: new BytesSource(bytes, "test.fsm") }]);
}

async function measure(
  entries: TestEntry[],
  options: Parameters<typeof usage>[1] = {},
): Promise<UsageReport> {
  return await usage(await open(nodeFile(stream(entries, 9n))), options);
}

const text = bytesOf;

Deno.test("rows are added up by scope, by the beginning of a name and by key, dead versions as well", async () => {
  const object = (name: string): Uint8Array =>
    objectKey({ bucket: text("b"), generation: 1n, object: text(name) });
  const report = await measure([
    { key: object("x/1"), value: "12345", ts: 3n },
    { key: object("x/1"), value: "1", ts: 2n },
    { key: object("x/2"), ts: 2n },
    { key: object("y"), value: "", ts: 2n },
    { key: "!redis|str|u:1:a", value: "v", ts: 2n },
    { key: "!hs|meta|\0\0\0\x05u:1:a", value: "v", ts: 2n },
  ]);
  const size = (key: Uint8Array | string, ...values: number[]): number =>
    values.reduce((sum, value) => sum + key.length + 8 + 9 + value, 0);
  const x1 = { bytes: size(object("x/1"), 5, 1), versions: 2 };
  const x2 = { bytes: size(object("x/2"), 0), versions: 1 };
  const y = { bytes: size(object("y"), 0), versions: 1 };
  const redis = {
    bytes: size("!redis|str|u:1:a", 1) + size("!hs|meta|0000u:1:a", 1),
    versions: 2,
    garbageBytes: 0,
    garbageVersions: 0,
  };
  const dead = { garbageBytes: size(object("x/1"), 1) + x2.bytes, garbageVersions: 2 };
  const s3 = { adapter: "s3", scope: "b" };
  const database = { adapter: "redis", scope: "0" };
  const { scopes, prefixes, keys } = report;
  deepStrictEqual(scopes, [
    { ...s3, bytes: x1.bytes + x2.bytes + y.bytes, versions: 4, ...dead },
    { ...database, ...redis },
  ]);
  deepStrictEqual(prefixes, [
    { ...s3, name: "x/", bytes: x1.bytes + x2.bytes, versions: 3, ...dead, missed: 0 },
    { ...database, name: "u:", ...redis, missed: 0 },
  ]);
  deepStrictEqual(
    keys.map(({ name, bytes }) => [name, bytes]),
    [
      ["u:1:a", redis.bytes],
      ["x/1", x1.bytes],
      ["x/2", x2.bytes],
      ["y", y.bytes],
    ].sort((a, b) => Number(b[1]) - Number(a[1])),
  );
});

Deno.test("lists are as long as asked, by what was asked, with so many separators", async () => {
  const entries = ["a:b:c", "a:b:d", "a:e", "f"].flatMap((name, i) =>
    Array.from({ length: i + 1 }, (_, n) => ({
      key: `!redis|str|${name}`,
      value: "x".repeat(10 - i),
      ts: BigInt(n + 1),
    }))
  );
  const names = ({ prefixes, keys }: UsageReport): string[][] =>
    [prefixes, keys].map((list) => list.map(({ name }) => name));
  deepStrictEqual(names(await measure(entries, { by: "versions", top: 2 })), [
    ["a:"],
    ["f", "a:e"],
  ]);
  deepStrictEqual(names(await measure(entries, { by: "garbage", depth: 2 })), [
    ["a:", "a:b:"],
    ["f", "a:e", "a:b:d"],
  ]);
  deepStrictEqual(names(await measure(entries, { depth: 0, top: 1 })), [[], ["f"]]);
  deepStrictEqual(names(await measure(entries, { top: 0 })), [[], []]);
});

Deno.test("names of items and messages are those that clients know", async () => {
  const table = text("t");
  const key = (...parts: Uint8Array[]): Uint8Array => itemKey(table, 1n, orderedPayload(parts));
  const { keys, prefixes } = await measure([
    { key: key(text("h/1"), text("r")), value: "long value", ts: 1n },
    { key: sqsKey("sqs-message", { queue: text("q"), generation: 1n, id: text("id-1") }), ts: 1n },
  ]);
  deepStrictEqual(keys.map(({ adapter, scope, name }) => `${adapter}/${scope}/${name}`), [
    "dynamodb/t/h%2F1/r",
    "sqs/q/id-1",
  ]);
  deepStrictEqual(prefixes.map(({ name }) => name), ["h%2F1"]);
});

Deno.test("numbers in keys are read back", () => {
  for (
    const [given, shown = given] of [
      ["0"],
      ["1"],
      ["-1"],
      ["0.5"],
      ["-12.5"],
      ["100"],
      ["1e3", "1000"],
      ["0.001"],
      ["123456789012345678901234567890"],
      ["1e100", "0.1e101"],
      ["-2.5e-70", "-0.25e-69"],
      ["12e-400", "0.12e-398"],
    ] as [string, string?][]
  ) strictEqual(numberOfOrdered(orderedNumber(given)!), shown);
  for (const bytes of [[], [3], [2], [2, 1], [2, 2, 1], [2, 1, 0, 0x41], [1, 1]]) {
    strictEqual(numberOfOrdered(Uint8Array.from(bytes)), undefined, String(bytes));
  }
});

Deno.test("generated snapshots: the counts of scopes are those that opening has found", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const snapshot = await open(generate(seed, { size: 5, transactions: seed % 3 }).file());
    const { scopes, total } = await usage(snapshot);
    const { totals, systemRows } = snapshot.info;
    const sum = (of: "versions" | "bytes" | "superseded" | "tombstones"): number =>
      totals.reduce((n, one) => n + one[of], 0);
    strictEqual(total.versions, sum("versions") + systemRows, `seed ${seed}`);
    strictEqual(total.garbageVersions, sum("superseded") + sum("tombstones"), `seed ${seed}`);
    strictEqual(scopes.reduce((n, { bytes }) => n + bytes, 0), total.bytes, `seed ${seed}`);
    const named = scopes.filter(({ scope }) => scope !== undefined);
    const found = new Set(
      totals.filter(({ scope }) => scope).map(({ family, scope }) => `${family.adapter}/${scope}`),
    );
    strictEqual(named.length, found.size, `seed ${seed}`);
    snapshot.close();
  }
});

Deno.test("what is selected is measured as it is among all, dead rows as well", async () => {
  const snapshot = await open(generate(3, { size: 8 }).file());
  const all = await usage(snapshot);
  const scopes = snapshot.info.totals.filter(({ live, scope }) => live > 0 && scope)
    .map(({ family, scope }) => `${family.adapter}/${nameText(scope!)}`);
  for (const { adapter, scope, family: _, ...amount } of all.scopes) {
    if (!scope || !scopes.includes(`${adapter}/${scope}`)) continue;
    const one = await usage(snapshot, { scopes: { [adapter]: [scope] } });
    deepStrictEqual(one.scopes, [{ adapter, scope, ...amount }]);
    deepStrictEqual(one.total, amount);
  }
  const redis = await usage(snapshot, { adapters: ["redis"] });
  deepStrictEqual(redis.scopes, all.scopes.filter(({ adapter }) => adapter === "redis"));
  await rejects(usage(snapshot, { keyPrefix: "a" }), { code: "usage" });
  await rejects(usage(snapshot, { scopes: { s3: ["none"] } }), { code: "nothing-selected" });
});

Deno.test("it is stopped by a signal", async () => {
  const snapshot = await open(nodeFile(stream([{ key: "!redis|str|a", value: "v" }], 9n)));
  await rejects(usage(snapshot, { signal: AbortSignal.abort() }), { code: "aborted" });
});
