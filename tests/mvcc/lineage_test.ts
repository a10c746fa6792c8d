import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { EntryMerge } from "../../src/container/entry_merge.ts";
import { openSnapshotFile } from "../../src/container/snapshot_file.ts";
import { visitEntries } from "../../src/mvcc/entry_visitor.ts";
import { type FileMoment, fileMomentOf } from "../../src/mvcc/file_moments.ts";
import { Lineage } from "../../src/mvcc/lineage.ts";
import type { NotedVersion } from "../../src/mvcc/noted_version.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import {
  isBehind,
  liveRows,
  type NaiveState,
  relatedTo,
  straysOf,
} from "../support/naive/lineage.ts";
import { latin1 } from "../support/naive/parse.ts";
import { nodeFile, nodeStream, type TestEntry } from "../support/stream.ts";

/** Keys that begin with each other and with what timestamps begin with, so that versions mix. */
const KEYS = ["a", "a\xff", "a\xff\xff\xff\xff\xff\xff\xff\xff", "b", "bb", ""];

const NEVER = 0xffff_ffff_ffff_ffffn;

/** Some files, compared in the reading that opens them. */
class Compared {
  constructor(readonly lineage: Lineage, readonly moments: FileMoment[]) {}

  floor(file: number): bigint {
    return this.moments[file].retainedFrom ?? NEVER;
  }

  mayBeCut = (file: number): boolean => this.moments[file].file.footer !== "verified";

  lack(file: number): NotedVersion | undefined {
    return this.lineage.lack(file, this.floor(file), this.mayBeCut(file));
  }

  isSameState(a: number, b: number): boolean {
    return this.lineage.isSameState(a, b, this.mayBeCut);
  }

  async keyOf(version: NotedVersion | undefined): Promise<string | undefined> {
    if (!version) return undefined;
    const { table } = this.moments[version.place.input].file;
    return latin1((await table.readFrame({ ...version.place, input: 0 })).subarray(8, -8));
  }
}

/** Opens files of one group, unless other groups are given. */
async function compareFiles(
  files: readonly Uint8Array[],
  groups: (bigint | undefined)[] = files.map(() => 1n),
): Promise<Compared> {
  const lineage = new Lineage(groups);
  const opening = await Promise.all(
    files.map((bytes, input) => openSnapshotFile(new BytesSource(bytes, `${input}`), { input })),
  );
  // Small buffers, so that copies come in batches of their own.
  const merge = new EntryMerge(opening.map(({ entries }) => entries), 64);
  await visitEntries(merge, [lineage], undefined);
  const moments: FileMoment[] = [];
  for (const file of opening) moments.push(await fileMomentOf(await file.finish()));
  return new Compared(lineage, moments);
}

function fileOf({ entries, floor }: NaiveState): Uint8Array {
  const meta: Record<string, bigint> = floor === undefined ? {} : { _meta_min_retained_ts: floor };
  return nodeFile(nodeStream(entries.map(asBytes), meta));
}

/** What comparing two files of one group shows. */
interface Shown {
  isEmpty: boolean;
  isShared: boolean;
  isBehind: boolean;
  stray?: string;
  conflict?: string;
}

async function compare(later: NaiveState, earlier: NaiveState): Promise<Shown> {
  const compared = await compareFiles([fileOf(later), fileOf(earlier)]);
  const { lineage } = compared;
  return {
    isEmpty: lineage.isEmpty(1),
    isShared: lineage.isShared(0, 1),
    isBehind: compared.lack(1) !== undefined || !compared.isSameState(0, 1),
    stray: await compared.keyOf(compared.lack(0) ?? lineage.difference(0, 1, "route")),
    conflict: await compared.keyOf(lineage.difference(0, 1, "value")),
  };
}

function asBytes(entry: TestEntry): TestEntry {
  return { ...entry, key: Uint8Array.from(entry.key as string, (c) => c.charCodeAt(0)) };
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

function check(lineage: Shown, later: NaiveState, earlier: NaiveState): void {
  const strays = straysOf(later, earlier);
  strictEqual(lineage.stray !== undefined, strays.length > 0, `strays ${strays}`);
  if (lineage.stray !== undefined) ok(strays.includes(lineage.stray));
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
    if (lineage.stray !== undefined) told++;
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
    stray: undefined,
    conflict: undefined,
  });
  strictEqual((await compare(older, two)).stray, "a");
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
  strictEqual((await compare(without, split)).stray, "!dist|meta|version");
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
  strictEqual((await compare(state(route(2, 1)), state(route(2, 2)))).stray, key);
});

function u64(v: number): number[] {
  return [0, 0, 0, 0, 0, 0, 0, v];
}

Deno.test("two values of one version conflict; of a lock, they are two states", async () => {
  const state = (key: string, value: string): NaiveState => withVersions([[key, 5n, value]]);
  const row = await compare(state("k", "a"), state("k", "b"));
  deepStrictEqual([row.conflict, row.isBehind, row.stray], ["k", false, undefined]);
  const lock = await compare(state("!txn|lock|k", "a"), state("!txn|lock|k", "b"));
  deepStrictEqual([lock.conflict, lock.isBehind, lock.stray], [undefined, true, undefined]);
});

/** Whether compaction explains what a state lacks of those beside it. */
function isLacking(state: NaiveState, others: readonly NaiveState[]): boolean {
  return others.some((other) => straysOf(state, other).length > 0);
}

/** States of two histories. */
function randomStates(random: Random): NaiveState[] {
  const histories = [0n, 100n].map((later) =>
    randomHistory(random, random.below(20)).map((entry) => ({ ...entry, ts: entry.ts! + later }))
  );
  const states = Array.from({ length: 2 + random.below(5) }, (): NaiveState => {
    const history = random.pick([histories[0], histories[0], histories[1]]);
    const part = history.slice(random.below(2), random.below(history.length + 1));
    const keys = KEYS.filter(() => random.chance(0.8));
    const floor = BigInt(random.below(30));
    const entries = compacted(part, floor, random);
    return { entries: entries.filter(({ key }) => keys.includes(key as string)), floor };
  });
  return random.chance(0.5) ? [...states, random.pick(states)] : states;
}

Deno.test("of several files, each is compared with all that the others of its group have", async () => {
  const counts = { lacking: 0, same: 0 };
  await forSeeds(30_000, 400, async (seed) => {
    const states = randomStates(new Random(seed));
    const compared = await compareFiles(states.map(fileOf));
    for (const [i, state] of states.entries()) {
      const lack = compared.lack(i);
      strictEqual(lack !== undefined, isLacking(state, states), `file ${i} of ${states.length}`);
      if (lack) {
        counts.lacking++;
        const strays = straysOf(state, states[lack.file]);
        ok(strays.includes((await compared.keyOf(lack))!), `file ${i} lacks what ${lack.file} has`);
      }
      for (const [j, other] of states.entries()) {
        const isSame = liveRows(state) === liveRows(other);
        strictEqual(compared.isSameState(i, j), isSame, `files ${i} and ${j}`);
        if (isSame) counts.same++;
      }
    }
  });
  ok(counts.lacking > 500 && counts.same > 500, JSON.stringify(counts));
});

Deno.test("files whose group nobody knows are compared with those that they have a key in common with", async () => {
  let apart = 0;
  await forSeeds(50_000, 400, async (seed) => {
    const states = randomStates(new Random(seed));
    const { length } = states;
    const compared = await compareFiles(states.map(fileOf), states.map(() => undefined));
    for (const [i, state] of states.entries()) {
      const related = relatedTo(state, states);
      if (related.length < length) apart++;
      strictEqual(compared.lack(i) !== undefined, isLacking(state, related), `file ${i}`);
    }
    // They may turn out to be of one group all the same.
    const all = states.map((_, i) => i);
    compared.lineage.unite(all);
    ok(compared.lineage.covers(all));
    for (const [i, state] of states.entries()) {
      strictEqual(compared.lack(i) !== undefined, isLacking(state, states), `file ${i}, united`);
    }
  });
  ok(apart > 100, `${apart} apart`);
});

Deno.test("behind the end of a file that may be cut off, nothing is lacking", async () => {
  const whole = { ...withVersions([["a", 5n], ["b", 5n], ["c", 5n]]) };
  const bytes = nodeStream(whole.entries.map(asBytes), {});
  for (let length = 16; length < bytes.length; length++) {
    const cut = await compareFiles([bytes.subarray(0, length), fileOf(whole)]);
    deepStrictEqual(
      [cut.lineage.lack(0, 0n, true), cut.isSameState(0, 1), cut.lack(1)],
      [undefined, true, undefined],
      `${length} bytes`,
    );
    ok(cut.lineage.lackAtEnd(0, 0n), `${length} bytes`);
    ok(cut.lineage.lack(0, 0n, false), `${length} bytes`);
    ok(!cut.lineage.isSameState(0, 1, () => false), `${length} bytes`);
  }
});

Deno.test("keys that begin with each other are noted for each file, up to 64 MiB", async () => {
  const files = 0xffff;
  const most = Math.floor((64 << 20) / (11 * files));
  const compare = async (keys: number): Promise<void> => {
    const entries = Array.from(
      { length: keys },
      (_, i) => ({ key: new Uint8Array(i + 1).fill(0xff), ts: 2n }),
    );
    const { entries: stream } = await openSnapshotFile(
      new BytesSource(nodeStream(entries, {}, 1n)),
    );
    await visitEntries(stream, [new Lineage(Array.from({ length: files }))], undefined);
  };
  await compare(most);
  await rejects(compare(most + 1), { code: "usage", hint: "give fewer files at once" });
});
