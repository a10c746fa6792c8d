import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { buildRoute, routeRowKey } from "../../src/keyspace/dist_keys.ts";
import { agree, openInputs, scanned } from "../support/naive/agree.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import type { NaiveSnapshot } from "../support/naive/resolve.ts";
import { hex, nodeFile, rawStream, stream, type TestEntry } from "../support/stream.ts";
import {
  CLOCK,
  EMPTY_BUNDLE,
  EMPTY_STORE,
  NOTHING,
  REALISTIC,
  TWO_VERSIONS,
} from "../container/vectors.ts";

/** `key@ts = value` of each live row, the naive decoder agreeing. */
async function rows(file: Uint8Array | Uint8Array[], at?: bigint): Promise<string[]> {
  const files = file instanceof Uint8Array ? [file] : file;
  const naive = await agree(files.map((bytes, i) => ({ bytes, group: BigInt(i + 1) })), { at });
  ok(typeof naive !== "string", `refused: ${naive}`);
  deepStrictEqual(naive.problems, []);
  return (naive as NaiveSnapshot).live().map(({ key, value, ts }) => `${key}@${ts} = ${value}`);
}

Deno.test("a realistic file has one row that a reader sees: the newer value, and nothing of the deleted key", async () => {
  deepStrictEqual(await rows(REALISTIC), [`!redis|str|a@${0x019e704488010003n} = \xff\x01\0new`]);
  const { info } = await openInputs([{ bytes: REALISTIC }]);
  deepStrictEqual(
    info.totals.map(({ family, scope, ...counts }) => [family.id, latin1(scope!), counts]),
    [[
      "redis-string",
      "0",
      {
        versions: 4,
        keys: 2,
        live: 1,
        undecided: 0,
        superseded: 2,
        tombstones: 1,
        expired: 0,
        later: 0,
        late: 0,
        bytes: 4 * 20 + 15 + 15 + 9 + 16,
        liveBytes: 20 + 15,
        supersededBytes: 2 * 20 + 15 + 16,
        deletedBytes: 20 + 9,
        encrypted: 0,
      },
    ]],
  );
  deepStrictEqual(info.inputs[0].meta, {
    _meta_applied_index: 42n,
    _meta_last_commit_ts: 0x019e704488020000n,
    _meta_min_retained_ts: 0n,
  });
  deepStrictEqual([info.systemRows, info.lastCommitTs], [3, 0x019e704488020000n]);
});

Deno.test("earlier moments of a realistic file show what was there then", async () => {
  const old = `!redis|str|a@${0x019e704488000000n} = \xff\x01\0old`;
  const gone = `!redis|str|b@${0x019e704488000000n} = \xff\x01\0gone`;
  deepStrictEqual(await rows(REALISTIC, 0x019e704488000000n), [old, gone]);
  deepStrictEqual(await rows(REALISTIC, 0x019e704488010002n), [old, gone]);
  deepStrictEqual((await rows(REALISTIC, 0x019e704488010003n)).length, 2);
  deepStrictEqual((await rows(REALISTIC, 0x019e704488020000n)).length, 1);
  await rejects(rows(REALISTIC, 0x019e704487ffffffn), { code: "usage" });
});

Deno.test("a file with two versions of one key has the newer", async () => {
  deepStrictEqual(await rows(TWO_VERSIONS), [`!redis|str|k@${0x018bcfe568010000n} = \xff\x01\0v2`]);
  const { info } = await openInputs([{ bytes: TWO_VERSIONS }]);
  strictEqual(info.lastCommitTs, 111411200000065536n);
  strictEqual(info.totals[0].superseded, 1);
  strictEqual(info.inputs[0].file.crc32c, "b8f5d2d0");
});

Deno.test("files without entries have no rows", async () => {
  for (const file of [EMPTY_STORE, CLOCK, NOTHING]) deepStrictEqual(await rows(file), []);
  deepStrictEqual(await rows([EMPTY_STORE, CLOCK, NOTHING]), []);
  const bundle = await openInputs([{ bytes: EMPTY_BUNDLE }, { bytes: nodeFile(EMPTY_BUNDLE) }]);
  deepStrictEqual(await scanned(bundle), []);
});

/** Stored keys in hexadecimal; each one's value is its own number. */
function interleaved(keys: string[]): Uint8Array {
  return rawStream(keys.map((key, i) => [hex(key), hex("00 0000000000000000 3" + i)]));
}

const SPLIT = [
  "6bfffefffffffffffffe",
  "6bfffffffffffffc17",
  "6bfffffffffffffff0fffffffffffffff6",
  "6bfffffffffffffffa",
  "6bfffffffffffffffff8",
];

Deno.test("versions of a key that lie between those of a key that extends it are still its versions", async () => {
  deepStrictEqual(await rows(interleaved(SPLIT)), [
    `k\xff@${(1n << 56n) + 1n} = 0`,
    "k@1000 = 1",
    "k\xff\xff\xff\xff\xff\xff\xff\xf0@9 = 2",
  ]);
});

Deno.test("at an earlier moment, versions that lie apart are found as well", async () => {
  deepStrictEqual(await rows(interleaved(SPLIT), 100n), [
    "k\xff\xff\xff\xff\xff\xff\xff\xf0@9 = 2",
    "k@5 = 3",
    "k\xff@7 = 4",
  ]);
});

Deno.test("two keys whose versions split each other's have one row each", async () => {
  const mutual = [
    "6bffffffffffffffd0ffffffffffffff",
    "6bffffffffffffffdf",
    "6bffffffffffffffe0ffffffffffffff",
    "6bffffffffffffffef",
  ];
  const y = "k" + "\xff".repeat(7);
  deepStrictEqual(await rows(interleaved(mutual)), [`${y}@${0x2f00000000000000n} = 0`, "k@32 = 1"]);
  deepStrictEqual(await rows(interleaved(mutual), 0x2000000000000000n), [
    "k@32 = 1",
    `${y}@${0x1f00000000000000n} = 2`,
  ]);
  deepStrictEqual(await rows(interleaved(mutual), 0x1fn), ["k@16 = 3"]);
});

Deno.test("rows of the registry of encrypting nodes are the store's own", async () => {
  const registry = rawStream([[
    hex("21656e6372797074696f6e7c777269746572737c000000077cd4c0"),
    hex("08b37b07b558d4c000000003"),
  ]]);
  deepStrictEqual(await rows(registry), []);
  const { info } = await openInputs([{ bytes: registry }]);
  deepStrictEqual([info.systemRows, info.totals, info.problems], [1, [], []]);
});

const START = 0x019e704488000000n;
const COMMIT = 0x019e704488010000n;
const OLD: TestEntry = { key: "!redis|str|k", value: "old", ts: START - 5n };
const LOCK: TestEntry = {
  key: "!txn|lock|!redis|str|k",
  value: hex(
    "01 019e704488000000 019e7044fd300000 00 000000000000000c 2172656469737c7374727c70",
  ),
  ts: START,
};
const INTENT: TestEntry = {
  key: "!txn|int|!redis|str|k",
  value: hex("01 019e704488000000 00 0000000000000004 ff010076"),
  ts: START,
};
const COMMITTED: TestEntry = {
  key: hex("2174786e7c636d747c2172656469737c7374727c70019e704488000000"),
  value: hex("01 019e704488010000"),
  ts: COMMIT,
};
/** One route, to group 1, of all keys. */
const ROUTE: TestEntry = {
  key: hex("21646973747c726f7574657c0000000000000001"),
  value: hex(
    "02 0000000000000001 0000000000000001 00 0000000000000000 0000000000000000 00 0000000000000000",
  ),
};

/** The string's row, and what the program counts. */
async function stringOf(
  files: TestEntry[][],
  at?: bigint,
): Promise<[string, Record<string, number>]> {
  const bytes = files.map((entries) => stream(entries, START));
  const [row] = (await rows(bytes, at)).filter((row) => row.startsWith("!redis|str|k"));
  const { info } = await openInputs(bytes.map((b) => ({ bytes: b })), { at });
  const counts = Object.entries(info.transactions).filter(([, count]) => count > 0);
  return [row, Object.fromEntries(counts)];
}

const NEW = `!redis|str|k@${COMMIT} = \xff\x01\0v`;
const KEPT = `!redis|str|k@${OLD.ts} = old`;

Deno.test("a write whose transaction is committed is seen although its row does not say so yet", async () => {
  deepStrictEqual(await stringOf([[OLD, LOCK, INTENT, COMMITTED]]), [NEW, { applied: 1 }]);
  deepStrictEqual(await stringOf([[OLD, LOCK, INTENT], [COMMITTED]]), [NEW, { applied: 1 }]);
  deepStrictEqual(await stringOf([[COMMITTED], [OLD, LOCK, INTENT]]), [NEW, { applied: 1 }]);
});

Deno.test("before its commit, the same write is not seen", async () => {
  const at = COMMIT - 1n;
  const files = [[OLD, LOCK, INTENT], [COMMITTED]];
  deepStrictEqual(await stringOf(files, at), [KEPT, { undecidedLocks: 1, undecidedIntents: 1 }]);
  deepStrictEqual(await stringOf(files, COMMIT), [NEW, { applied: 1 }]);
});

Deno.test("without a commit record a write is not seen: undecided, or rolled back where all can be known", async () => {
  const open = { undecidedLocks: 1, undecidedIntents: 1 };
  deepStrictEqual(await stringOf([[OLD, LOCK, INTENT]]), [KEPT, open]);
  deepStrictEqual(await stringOf([[OLD, LOCK, INTENT, ROUTE]]), [KEPT, { rolledBack: 1 }]);
  // The primary key is in another group, of which there is no file and then one.
  const route = { state: 0, parent: 0n, splitTime: 0n };
  const [l, nothing] = [bytesOf("l"), bytesOf("")];
  const routes: TestEntry[] = [
    {
      key: routeRowKey(1n),
      value: buildRoute({ ...route, id: 1n, group: 1n, start: nothing, end: l }),
    },
    { key: routeRowKey(2n), value: buildRoute({ ...route, id: 2n, group: 2n, start: l }) },
  ];
  const group1 = [OLD, LOCK, INTENT, ...routes];
  deepStrictEqual(await stringOf([group1]), [KEPT, open]);
  deepStrictEqual(await stringOf([group1, [{ key: "!redis|str|z", value: "" }]]), [KEPT, {
    rolledBack: 1,
  }]);
});

Deno.test("an input without rows that say whose it is stands in for no group", async () => {
  const routes = (...starts: string[]): TestEntry[] =>
    starts.map((start, i) => ({
      key: routeRowKey(BigInt(i + 1)),
      value: buildRoute({
        state: 0,
        parent: 0n,
        splitTime: 0n,
        id: BigInt(i + 1),
        group: BigInt(i + 1),
        start: bytesOf(start),
        end: bytesOf(starts[i + 1] ?? "~"),
      }),
    }));
  const empty = rawStream([[bytesOf("_meta_applied_index"), new Uint8Array(8)]]);
  const look = async (starts: string[], ...others: Uint8Array[]): Promise<unknown[]> => {
    const group1 = stream([OLD, LOCK, INTENT, ...routes(...starts)], START);
    const { info } = await openInputs([{ bytes: group1 }, ...others.map((bytes) => ({ bytes }))]);
    return [info.groups.missing, info.transactions.rolledBack, info.transactions.undecidedLocks];
  };
  deepStrictEqual(await look(["", "l"], empty), [[2n], 0, 1]);
  deepStrictEqual(await look(["", "l"], EMPTY_STORE), [[2n], 0, 1]);
  deepStrictEqual(await look(["", "l", "x"], empty, empty), [[2n, 3n], 0, 1]);
});

Deno.test("a route row says which group owns what", async () => {
  const { info } = await openInputs([{ bytes: stream([ROUTE, { key: "bare", value: "v" }]) }]);
  deepStrictEqual(info.groups, { known: [1n], missing: [], unknown: false });
  strictEqual(info.inputs[0].group, 1n);
});

Deno.test("of items and tables with several versions, the newest of each is a row", async () => {
  const file = hex(`
    454b565042424c311e00000000000000
    1a00000000000000216464627c6974656d7c64417c317c610001ffffffffffffffeb2400000000000000000000000000000000004449010a090a02696412030a01610a0a0a017612050a036e6577
    1a00000000000000216464627c6974656d7c64417c317c610001fffffffffffffff52400000000000000000000000000000000004449010a090a02696412030a01610a0a0a017612050a036f6c64
    1a00000000000000216464627c6974656d7c64417c317c640001ffffffffffffffea0900000000000000010000000000000000
    1a00000000000000216464627c6974656d7c64417c317c640001fffffffffffffff42800000000000000000000000000000000004449010a090a02696412030a01640a0e0a017612090a0764656c65746564
    1a00000000000000216464627c6d6574617c7461626c657c5a77ffffffffffffffe10900000000000000010000000000000000
    1a00000000000000216464627c6d6574617c7461626c657c5a77fffffffffffffff71800000000000000000000000000000000004453010a01671a040a0269643801
    1a00000000000000216464627c6d6574617c7461626c657c6441fffffffffffffff62300000000000000000000000000000000004453010a017412070a0269641201531a040a02696428023801`);
  deepStrictEqual((await rows(file)).map((row) => row.split(" = ")[0]), [
    "!ddb|item|dA|1|a\0\x01@20",
    "!ddb|meta|table|dA@9",
  ]);
  const [item] = await rows(file);
  ok(item.endsWith("\n\x03new"), item);
});
