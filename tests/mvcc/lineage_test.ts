import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { compareLineages, type Lineage } from "../../src/mvcc/lineage.ts";
import { type FileMoment, fileMomentOf } from "../../src/mvcc/file_moments.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { isBehind, type NaiveState, straysOf } from "../support/naive/lineage.ts";
import { latin1 } from "../support/naive/parse.ts";
import { readFile } from "../support/read_file.ts";
import { nodeFile, nodeStream, type TestEntry } from "../support/stream.ts";

/** Keys that begin with each other and with what timestamps begin with, so that versions mix. */
const KEYS = ["a", "a\xff", "a\xff\xff\xff\xff\xff\xff\xff\xff", "b", "bb", ""];

async function moment({ entries, floor }: NaiveState): Promise<FileMoment> {
  const meta: Record<string, bigint> = floor === undefined ? {} : { _meta_min_retained_ts: floor };
  const bytes = nodeFile(nodeStream(entries.map(asBytes), meta));
  const source = new BytesSource(bytes, "test.fsm");
  return await fileMomentOf(await readFile(source));
}

function asBytes(entry: TestEntry): TestEntry {
  return { ...entry, key: Uint8Array.from(entry.key as string, (c) => c.charCodeAt(0)) };
}

async function compareMoments(later: FileMoment, earlier: FileMoment): Promise<Lineage> {
  const [lineage] = await compareLineages(later, [earlier]);
  return lineage;
}

async function compare(later: NaiveState, earlier: NaiveState): Promise<Lineage> {
  return await compareMoments(await moment(later), await moment(earlier));
}

function randomHistory(random: Random, length: number): TestEntry[] {
  return Array.from({ length }, (_, i) => ({
    key: random.pick(KEYS),
    value: random.chance(0.3) ? undefined : String(i),
    ts: BigInt(10 + i),
  }));
}

/** What compaction leaves; one that is under way has not come to all keys yet. */
function compacted(entries: TestEntry[], floor: bigint, random: Random): TestEntry[] {
  const isUnderWay = random.chance(0.3);
  return KEYS.flatMap((key) => {
    const versions = entries.filter((entry) => entry.key === key);
    if (isUnderWay && random.chance(0.5)) return versions;
    const decides = versions.findLast(({ ts }) => ts! <= floor);
    const keepsIt = decides?.value !== undefined || random.chance(0.5);
    return versions.filter((version) => version.ts! > floor || (version === decides && keepsIt));
  });
}

function check(lineage: Lineage, later: NaiveState, earlier: NaiveState): void {
  const strays = straysOf(later, earlier);
  strictEqual(lineage.stray !== undefined, strays.length > 0, `strays ${strays}`);
  if (lineage.stray) ok(strays.includes(latin1(lineage.stray)));
  strictEqual(lineage.isBehind, isBehind(later, earlier));
  strictEqual(lineage.isEmpty, earlier.entries.length === 0);
}

Deno.test("a later state goes on from an earlier one, however the two were compacted", async () => {
  let behind = 0;
  await forSeeds(1, 600, async (seed) => {
    const random = new Random(seed);
    const history = randomHistory(random, 1 + random.below(30));
    const cut = 1 + random.below(history.length);
    const state = (entries: TestEntry[]): NaiveState => {
      const floor = BigInt(random.below(12 + entries.length));
      return { entries: compacted(entries, floor, random), floor };
    };
    const later = state(history);
    const earlier = state(history.slice(0, cut));
    const lineage = await compare(later, earlier);
    check(lineage, later, earlier);
    strictEqual(lineage.stray, undefined);
    if (cut === history.length) strictEqual(lineage.isBehind, false);
    if (lineage.isBehind) behind++;
  });
  ok(behind > 200, `${behind} behind`);
});

Deno.test("states of two histories that part ways are told apart wherever compaction cannot explain it", async () => {
  let told = 0;
  await forSeeds(10_000, 600, async (seed) => {
    const random = new Random(seed);
    const common = randomHistory(random, random.below(10));
    const part = (): TestEntry[] => {
      const more = randomHistory(random, 1 + random.below(10));
      // Odd and even times: no two histories have one version, but for what they have in common.
      const parity = BigInt(random.below(2));
      return [...common, ...more.map((entry) => ({ ...entry, ts: entry.ts! * 2n + 20n + parity }))];
    };
    const [a, b] = [part(), part()];
    const floor = BigInt(random.below(60));
    const later = { entries: compacted(a, floor, random), floor };
    const earlier = { entries: b, floor: 0n };
    const lineage = await compare(later, earlier);
    check(lineage, later, earlier);
    if (lineage.stray) told++;
  });
  ok(told > 300, `${told} told apart`);
});

Deno.test("a file that does not say what it has kept explains everything but what it contradicts", async () => {
  const two = { entries: [{ key: "a", value: "2", ts: 2n }, { key: "b", value: "1", ts: 1n }] };
  const gone = { entries: [{ key: "b", value: "1", ts: 1n }] };
  const older = { entries: [{ key: "a", value: "1", ts: 1n }] };
  // The row was deleted in between: compaction never removes the last value of a key.
  deepStrictEqual(await compare(gone, two), {
    isEmpty: false,
    isShared: true,
    isBehind: true,
    isCut: false,
    stray: undefined,
  });
  strictEqual(latin1((await compare(older, two)).stray!), "a");
});

/** A state with these versions, each of which says its time. */
function withVersions(versions: [key: string, ts: bigint, value?: string][]): NaiveState {
  return {
    entries: versions.map(([key, ts, value = String(ts)]) => ({ key, ts, value })),
    floor: 0n,
  };
}

Deno.test("rows that each node has for itself say nothing about lineage", async () => {
  const nodes = withVersions([
    [`!s3|chunkblob|${"a".repeat(64)}`, 9n],
    ["!dist|meta|version", 1n],
    ["!dist|route|\0\0\0\0\0\0\0\x01", 1n],
  ]);
  const common = withVersions([["k", 5n]]);
  const with_ = { ...common, entries: [...common.entries, ...nodes.entries] };
  for (const [later, earlier] of [[with_, common], [common, with_]]) {
    const { isBehind, stray, conflict } = await compare(later, earlier);
    deepStrictEqual([isBehind, stray, conflict], [false, undefined, undefined]);
  }
  strictEqual((await compare(common, nodes)).isEmpty, true);
});

Deno.test("what users changed in the catalog of routes counts like any other row", async () => {
  const split = withVersions([["!dist|meta|version", 5n], ["k", 6n]]);
  const without = withVersions([["k", 6n]]);
  strictEqual(latin1((await compare(without, split)).stray!), "!dist|meta|version");
  strictEqual((await compare(split, without)).isBehind, true);
});

Deno.test("first routes that give a range to another group are a stray, and other spellings are not", async () => {
  const key = "!dist|route|\0\0\0\0\0\0\0\x01";
  const route = (version: number, group: number): string => {
    const head = [version, ...u64(1), ...u64(group), 0, ...u64(0), ...u64(0), 0];
    return String.fromCharCode(...head, ...(version === 2 ? u64(0) : []));
  };
  const state = (value: string): NaiveState => withVersions([[key, 1n, value], ["k", 6n]]);
  const same = await compare(state(route(2, 1)), state(route(1, 1)));
  deepStrictEqual([same.stray, same.conflict], [undefined, undefined]);
  strictEqual(latin1((await compare(state(route(2, 1)), state(route(2, 2)))).stray!), key);
});

function u64(v: number): number[] {
  return [0, 0, 0, 0, 0, 0, 0, v];
}

Deno.test("two values of one version conflict; of a lock, they are two states", async () => {
  const state = (key: string, value: string): NaiveState => withVersions([[key, 5n, value]]);
  const row = await compare(state("k", "a"), state("k", "b"));
  deepStrictEqual([latin1(row.conflict!), row.isBehind, row.stray], ["k", false, undefined]);
  const lock = await compare(state("!txn|lock|k", "a"), state("!txn|lock|k", "b"));
  deepStrictEqual([lock.conflict, lock.isBehind, lock.stray], [undefined, true, undefined]);
});

Deno.test("several files are compared at once as each would be alone", async () => {
  await forSeeds(30_000, 100, async (seed) => {
    const random = new Random(seed);
    const states = Array.from({ length: 2 + random.below(5) }, (): NaiveState => {
      const history = randomHistory(random, random.below(20));
      const floor = BigInt(random.below(30));
      return { entries: compacted(history, floor, random), floor };
    });
    const [latest, ...others] = await Promise.all(states.map(moment));
    const alone = await Promise.all(others.map((other) => compareMoments(latest, other)));
    deepStrictEqual(await compareLineages(latest, others), alone);
  });
});

Deno.test("behind the end of a file that may be cut off, nothing is lacking", async () => {
  const whole = withVersions([["a", 5n], ["b", 5n], ["c", 5n]]);
  const bytes = nodeStream(whole.entries.map(asBytes), {});
  for (let length = 16; length < bytes.length; length++) {
    const source = new BytesSource(bytes.subarray(0, length), "cut.fsm");
    const cut = {
      ...await fileMomentOf(await readFile(source)),
      retainedFrom: 0n,
    };
    const other = await moment(whole);
    const behind = await compareMoments(other, cut);
    deepStrictEqual([behind.isBehind, behind.stray], [false, undefined], `${length} bytes`);
    const lacking = await compareMoments(cut, other);
    deepStrictEqual([lacking.isCut, lacking.stray], [true, undefined], `${length} bytes`);
  }
});
