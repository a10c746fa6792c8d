import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { DecantError } from "../../src/errors.ts";
import { buildRoute, routeRowKey } from "../../src/keyspace/dist_keys.ts";
import type { ReadMoment } from "../../src/mvcc/moments.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { compareRows, scanned } from "../support/naive/agree.ts";
import { latin1 } from "../support/naive/parse.ts";
import { NaiveSnapshot } from "../support/naive/resolve.ts";
import { nodeFile, nodeStream, storedKey, stream, type TestEntry } from "../support/stream.ts";

/** One file, as a caller gives it. */
interface Given {
  name: string;
  bytes: Uint8Array;
  group?: bigint;
}

interface How {
  newest?: boolean;
  at?: ReadMoment;
  keys?: ReadonlyMap<number, Uint8Array>;
}

async function open(files: readonly Given[], options: How = {}): Promise<Snapshot> {
  const inputs = files.map(({ name, bytes, group }) => ({
    source: new BytesSource(bytes, name),
    group,
  }));
  return await openSnapshotInputs(inputs, options);
}

/** Both orders are refused, with one code; returns the message and the hint. */
async function refused(
  code: DecantError["code"],
  files: readonly Given[],
  options?: How,
): Promise<string> {
  let text = "";
  for (const order of [files, files.toReversed()]) {
    await rejects(open(order, options), (error) => {
      ok(error instanceof DecantError, String(error));
      strictEqual(error.code, code, error.message);
      strictEqual(error.exitCode, 2);
      text = `${error.message}\n${error.hint}`;
      return true;
    });
  }
  return text;
}

/** A commit time so many milliseconds after 2026-05-28T20:26:40Z. */
function time(ms: number): bigint {
  return (1_780_000_000_000n + BigInt(ms)) << 16n;
}

/** Gives the keys from `a` on to group 1, those from `m` on to group 2. */
function routes(boundary = "m"): TestEntry[] {
  const at = Uint8Array.from(boundary, (c) => c.charCodeAt(0));
  const base = { state: 0, parent: 0n, splitTime: 0n };
  return [
    { id: 1n, group: 1n, start: new Uint8Array(0), end: at, ...base },
    { id: 2n, group: 2n, start: at, ...base },
  ].map((route) => ({ key: routeRowKey(route.id), value: buildRoute(route), ts: 1n }));
}

/** A node's file; its state has come to the given entry of the log. */
function node(
  name: string,
  entries: TestEntry[],
  { applied, floor = 0n, header }: { applied?: number; floor?: bigint; header?: bigint } = {},
): Given {
  const last = entries.filter(({ key }) => !String(key).startsWith("!s3|chunkblob|"))
    .reduce((ts, entry) => entry.ts! > ts ? entry.ts! : ts, 0n);
  const meta: Record<string, bigint> = {
    _meta_last_commit_ts: last,
    _meta_min_retained_ts: floor,
  };
  if (applied !== undefined) meta._meta_applied_index = BigInt(applied);
  return { name, bytes: nodeFile(nodeStream(entries, meta, header ?? last)) };
}

const OLD: TestEntry[] = [
  { key: "a", value: "1", ts: time(1) },
  { key: "b", value: "1", ts: time(2) },
];
const NEW: TestEntry[] = [
  ...OLD,
  { key: "b", ts: time(3) },
  { key: "c", value: "1", ts: time(4) },
];

async function rowsOf(snapshot: Snapshot): Promise<string[]> {
  return (await scanned(snapshot)).map(({ key, value }) => `${key}=${value}`)
    .filter((row) => !row.startsWith("!"));
}

Deno.test("two moments of one group are refused, naming both, and --newest takes the newer", async () => {
  const files = [
    node("old.fsm", [...routes("z"), ...OLD], { applied: 40 }),
    node("new.fsm", [...routes("z"), ...NEW], { applied: 60 }),
  ];
  strictEqual(
    await refused("another-moment", files),
    "two moments of group 1: new.fsm (last commit 2026-05-28T20:26:40.004Z = 116654080000262144, " +
      "log entry 60) goes on from old.fsm (last commit 2026-05-28T20:26:40.002Z = " +
      "116654080000131072, log entry 40)\nwhat was deleted in between could come back: leave out " +
      "the earlier file, or take the newest of each group",
  );
  for (const order of [files, files.toReversed()]) {
    const snapshot = await open(order, { newest: true });
    deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1"]);
    const { inputs, lastCommitTs } = snapshot.info;
    deepStrictEqual(
      inputs.map(({ name, group, newer }) => [name, group, newer]),
      order.map(({ name }) => [name, 1n, name === "old.fsm" ? "new.fsm" : undefined]),
    );
    strictEqual(lastCommitTs, time(4));
  }
});

Deno.test("a tombstone that was removed for good brings no row back", async () => {
  const compacted = NEW.filter(({ key }) => key !== "b");
  const files = [
    node("old.fsm", [...routes("z"), ...OLD]),
    node("new.fsm", [...routes("z"), ...compacted], { floor: time(3) }),
  ];
  // Merged as they are, the two give the deleted row.
  const naive = new NaiveSnapshot(files);
  ok(naive.live().some(({ key }) => key === "b"));
  await refused("another-moment", files);
  const snapshot = await open(files, { newest: true });
  deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1"]);
  deepStrictEqual(snapshot.info.readable, { from: time(3), to: time(4) });
});

Deno.test("replicas of one state are read as one, however each was compacted", async () => {
  const files = [
    node("n1.fsm", [...routes("z"), ...NEW], { applied: 60 }),
    node("n2.fsm", [...routes("z"), ...NEW.filter(({ key }) => key !== "b")], {
      applied: 67, // entries that change nothing have come since
      floor: time(3),
    }),
  ];
  for (const order of [files, files.toReversed()]) {
    for (const newest of [false, true]) {
      const snapshot = await open(order, { newest });
      deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1"]);
      deepStrictEqual(snapshot.info.inputs.map(({ newer }) => newer), [undefined, undefined]);
    }
  }
});

Deno.test("a state of the same last commit can be an earlier one", async () => {
  // A transaction that began in another group is applied late.
  const late: TestEntry[] = [...NEW, { key: "late", value: "1", ts: time(2) }];
  const at = (index: number | undefined, other: number | undefined): Given[] => [
    node("old.fsm", [...routes("z"), ...NEW], { applied: index }),
    node("new.fsm", [...routes("z"), ...late], { applied: other }),
  ];
  match(await refused("another-moment", at(60, 61)), /new\.fsm .* goes on from old\.fsm/);
  const snapshot = await open(at(60, 61), { newest: true });
  deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1", "late=1"]);
  // It may have come below a newer version, so that clients see the same.
  const hidden = [...NEW, { key: "c", value: "0", ts: time(2) }];
  const files = [
    node("old.fsm", [...routes("z"), ...NEW], { applied: 60 }),
    node("new.fsm", [...routes("z"), ...hidden], { applied: 61 }),
  ];
  match(await refused("another-moment", files), /new\.fsm .* goes on from old\.fsm/);
  // At one entry of one log, there is one state.
  await refused("another-history", at(60, 60), { newest: true });
  await refused("another-history", at(61, 60), { newest: true });
});

Deno.test("a row that was deleted late, and its tombstone removed, does not come back from a state of the same last commit", async () => {
  // The transaction that deleted "a" has the time 2 and was applied behind the commit of time 4.
  const before = node("old.fsm", [...routes("z"), ...NEW], { applied: 60 });
  const kept = NEW.filter(({ key }) => key === "c");
  const after = node("new.fsm", [...routes("z"), ...kept], { applied: 61, floor: time(4) });
  for (const files of [[before, after], [after, before]]) {
    match(await refused("another-moment", files), /new\.fsm .* goes on from old\.fsm/);
    deepStrictEqual(await rowsOf(await open(files, { newest: true })), ["c=1"]);
  }
});

Deno.test("a version that is lacking without an explanation shows another history", async () => {
  const strays: [string, TestEntry[], bigint][] = [
    ["b", NEW.slice(0, 1).concat(NEW.slice(3)), time(1)],
    ["b", NEW.slice(0, 1).concat(NEW.slice(2)), 0n],
    ["b", [{ key: "b", value: "0", ts: time(0) }, ...NEW.slice(0, 1), ...NEW.slice(3)], time(3)],
  ];
  for (const [key, entries, floor] of strays) {
    const files = [
      node("old.fsm", [...routes("z"), ...OLD]),
      node("new.fsm", [...routes("z"), ...entries], { floor }),
    ];
    for (const newest of [false, true]) {
      const text = await refused("another-history", files, { newest });
      match(
        text,
        /^new\.fsm \(.*\) does not go on from old\.fsm \(.*\), though both are of group 1\n/,
      );
      match(text, /restored from a backup in between/);
    }
    await rejects(
      open(files),
      (error) => error instanceof DecantError && latin1(error.key!) === key,
    );
  }
});

Deno.test("where nothing proves that one file goes on from the other, it says why", async () => {
  const old = node("old.fsm", [...routes("z"), ...OLD, { key: "z", value: "1", ts: time(1) }]);
  const whys: [RegExp, Given][] = [
    [
      /: they have no version in common\n/,
      node("new.fsm", [...routes("z"), NEW[3]], { floor: time(3) }),
    ],
    [
      /: the later one does not say which versions it has kept\n/,
      { name: "new.fsm", bytes: stream([...routes("z"), ...NEW], time(4)) },
    ],
    [/: the later one is cut off\n/, {
      name: "new.fsm",
      bytes: nodeStream([...routes("z"), ...NEW], { _meta_min_retained_ts: 1n }, time(4)),
    }],
  ];
  for (const [why, later] of whys) {
    const text = await refused("another-history", [old, later], { newest: true });
    match(text, /^nothing proves that new\.fsm \(.*\) goes on from old\.fsm \(/);
    match(text, why);
  }
});

Deno.test("a file without rows is of any moment", async () => {
  const empty = node("empty.fsm", []);
  for (const others of [[empty], [node("new.fsm", NEW)], [node("new.fsm", NEW), empty]]) {
    const files = [{ ...empty, group: 1n }, ...others.map((file) => ({ ...file, group: 1n }))];
    const snapshot = await open(files);
    strictEqual((await rowsOf(snapshot)).length, others[0] === empty ? 0 : 2);
  }
});

Deno.test("two catalogs in two groups are two clusters", async () => {
  const one = node("one.fsm", [...routes("z"), ...OLD]);
  const other = node("other.fsm", [...routes("!"), ...OLD]);
  match(
    await refused("another-history", [one, other]),
    /^two catalogs of routes, which one cluster has in one group: \w+\.fsm \(.*\) is of group \d, /,
  );
});

Deno.test("a key that the routes give to another group is of another cluster, unless they were changed", async () => {
  const catalog = (...changes: TestEntry[]): Given =>
    node("catalog.fsm", [...routes(), { key: "z", value: "1", ts: time(1) }, ...changes]);
  const stranger = node("stranger.fsm", [
    { key: "a", value: "1", ts: time(1) },
    { key: "b", value: "1", ts: time(1) },
    { key: "m", value: "1", ts: time(1) },
  ]);
  match(
    await refused("another-history", [catalog(), stranger]),
    /^stranger\.fsm \(.*\) is of group 1, and has a key that the routes in catalog\.fsm \(.*\) give to group 2\n/,
  );
  // A folder's name says which group it should be of.
  const misplaced = { ...node("misplaced.fsm", OLD), group: 2n };
  match(
    await refused("another-history", [catalog(), misplaced]),
    /^misplaced\.fsm .* of group 2, /,
  );
  const changed = routes().map((route) => ({ ...route, ts: time(1) }));
  const snapshot = await open([catalog(...changed), stranger]);
  deepStrictEqual(snapshot.info.inputs.map(({ group }) => group), [2n, 1n]);
});

Deno.test("keys all over a file say which group it is of", async () => {
  // The first 64 KiB are of one group, and what comes behind is of another.
  const value = "x".repeat(1000);
  const entries = Array.from({ length: 200 }, (_, i): TestEntry => ({
    key: (i < 80 ? "a" : "n") + String(i).padStart(4, "0"),
    value,
    ts: time(1),
  }));
  const catalog = node("catalog.fsm", [...routes(), { key: "z", value: "1", ts: time(1) }]);
  await refused("another-history", [catalog, node("both.fsm", entries)]);
});

Deno.test("first routes that differ in one group are two clusters", async () => {
  const one = node("one.fsm", [...routes("y"), ...OLD], { applied: 1 });
  const other = node("other.fsm", [...routes("z"), ...OLD], { applied: 1 });
  match(await refused("another-history", [one, other]), /does not go on from/);
});

Deno.test("chunks of objects are read from earlier moments, too: each node has only some", async () => {
  const chunk = (letter: string, ts: bigint): TestEntry => ({
    key: `!s3|chunkblob|${letter.repeat(64)}`,
    value: letter,
    ts,
  });
  const around: TestEntry[] = [
    { key: "!s3|bucket|meta|x", value: "1", ts: time(1) },
    { key: "!s3|chunkref|x", value: "1", ts: time(1) },
  ];
  const files = [
    // The header of a bundle counts chunks, too; the moment is that of the log.
    node("old.fsm", [...routes("z"), ...around, ...OLD, chunk("a", time(9)), chunk("b", time(2))], {
      header: time(9),
    }),
    node("new.fsm", [...routes("z"), ...around, ...NEW, chunk("c", time(3))]),
  ];
  const snapshot = await open(files, { newest: true });
  const rows = await scanned(snapshot);
  deepStrictEqual(
    rows.filter(({ key }) => key.startsWith("!s3|chunkblob|")).map(({ value }) => value),
    ["a", "b", "c"],
  );
  strictEqual(rows.length, 3 + 2 + 2 + 2);
});

Deno.test("files that nobody places are of one group if they have a version in common", async () => {
  const files = [node("old.fsm", OLD), node("new.fsm", NEW)];
  match(await refused("another-moment", files), /^two moments of one group: new\.fsm/);
  deepStrictEqual(await rowsOf(await open(files, { newest: true })), ["a=1", "c=1"]);
  const known = { ...files[1], group: 7n };
  const { inputs } = (await open([files[0], known], { newest: true })).info;
  deepStrictEqual(inputs.map(({ group }) => group), [7n, 7n]);
});

Deno.test("files that have a key and no version in common are of no one history", async () => {
  const one = { name: "one.fsm", bytes: stream(OLD, time(2)) };
  const other = {
    name: "other.fsm",
    bytes: stream([{ key: "z", value: "1", ts: time(9) }, { key: "b", value: "2", ts: time(9) }]),
  };
  const third = { name: "third.fsm", bytes: stream([{ key: "c", value: "2", ts: time(9) }]) };
  match(
    await refused("another-history", [one, third, other], { newest: true }),
    /^\w+\.fsm \(.*\) and \w+\.fsm \(.*\) both have this key, and nothing in common\n/,
  );
  // Files that have no key in common may be anything: parts of one dump, groups of one cluster.
  deepStrictEqual(await rowsOf(await open([one, third])), ["a=1", "b=1", "c=2"]);
  // Keys of the catalog are the same in all clusters; what they are to each other, routes say.
  const catalogs = [OLD, [NEW[3]]].map((entries, i) => ({
    name: `${i}.fsm`,
    bytes: stream([...entries, { key: "!dist|meta|version", value: "1", ts: time(i) }]),
  }));
  deepStrictEqual(await rowsOf(await open(catalogs)), ["a=1", "b=1", "c=1"]);
  const strangers = [one, other].map(({ name }, i) => ({
    name,
    bytes: stream([
      { key: "!dist|meta|version", value: "1", ts: time(i) },
      { key: "b", value: "1", ts: time(i) },
    ]),
  }));
  await refused("another-history", strangers, { newest: true });
});

Deno.test("rows that stayed behind when routes changed do not make two groups one", async () => {
  const files = [
    { ...node("g1.fsm", [...OLD, { key: "x", value: "1", ts: time(2) }]), group: 1n },
    { ...node("g2.fsm", [{ key: "x", value: "1", ts: time(2) }]), group: 2n },
    node("g3.fsm", [{ key: "y", value: "1", ts: time(2) }]),
  ];
  deepStrictEqual(await rowsOf(await open(files)), ["a=1", "b=1", "x=1", "y=1"]);
});

Deno.test("an earlier moment never brings rows back, and the newest is what the store had", async () => {
  let refusals = 0;
  let resurrections = 0;
  await forSeeds(80_000, 120, async (seed) => {
    const generated = generate(seed, { size: 8, transactions: 2, encrypted: seed % 4 === 0 });
    const random = new Random(seed);
    const { moments } = generated;
    const until = random.pick(moments);
    const keys = generated.encryption?.keys;
    if (until === undefined) return;
    const older = moments.filter((ts) => ts <= until);
    const file = { header: 1, footer: true } as const;
    const earlier = { ...file, until, compactedTo: random.pick([0n, random.pick(older)]) };
    const later = {
      ...file,
      compactedTo: random.pick([0n, random.pick(moments), generated.last, generated.last]),
      dropsTombstones: random.chance(0.8),
    };
    const files = [
      { name: "earlier.fsm", bytes: generated.file(earlier) },
      { name: "later.fsm", bytes: generated.file(later) },
    ];
    const naive = new NaiveSnapshot(files, { keys });
    const expected = generated.live().map((row) => ({
      ...row,
      key: latin1(row.key),
      value: latin1(row.value),
    }));
    if (naive.live().length > expected.length) resurrections++;
    let snapshot: Snapshot;
    try {
      snapshot = await open(files, { newest: true, keys });
    } catch (error) {
      // Compaction may have left nothing that the two have in common.
      match(String(error), /they have no version in common/);
      refusals++;
      return;
    }
    compareRows(await scanned(snapshot), expected);
    // They can be one state: what came in between may have left no trace but time.
    const isEarlier = snapshot.info.inputs[0].newer !== undefined;
    if (isEarlier) await refused("another-moment", files, { keys });
  });
  ok(resurrections > 12, `${resurrections} would have had deleted rows`);
  ok(refusals < 20, `${refusals} refusals`);
});

Deno.test("any number of moments and replicas in any order give what the newest has", async () => {
  let earlier = 0;
  let replicas = 0;
  await forSeeds(90_000, 120, async (seed) => {
    const random = new Random(seed);
    const generated = generate(seed, { size: 8, transactions: 2, encrypted: seed % 4 === 0 });
    const { moments } = generated;
    const keys = generated.encryption?.keys;
    if (moments.length < 2) return;
    const expected = generated.live().map((row) => ({
      ...row,
      key: latin1(row.key),
      value: latin1(row.value),
    }));
    const group = random.chance(0.5) ? 1n : undefined;
    const files = Array.from({ length: 3 + random.below(4) }, (_, i): Given => {
      const until = i === 0 || random.chance(0.4) ? undefined : random.pick(moments);
      const before = moments.filter((ts) => until === undefined || ts <= until);
      const bytes = generated.file({
        header: 1,
        footer: true,
        until,
        // The first file keeps all, so that there is something in common.
        compactedTo: i === 0 ? 0n : random.pick([0n, random.pick(before)]),
        dropsTombstones: random.chance(0.5),
      });
      return { name: until === undefined ? `newest-${i}` : `until-${until}`, bytes, group };
    });
    const [first, ...others] = files;
    const at = random.below(files.length);
    const given = [...others.slice(0, at), first, ...others.slice(at)];
    const snapshot = await open(given, { newest: true, keys });
    deepStrictEqual(snapshot.info.problems, []);
    compareRows(await scanned(snapshot), expected);
    for (const { name, newer, lastCommitTs } of snapshot.info.inputs) {
      if (newer === undefined) {
        if (name.startsWith("newest-")) replicas++;
        continue;
      }
      // Now and then a node says less of its last commit than its rows do.
      ok(name.startsWith("until-") || lastCommitTs < generated.last, `${name} is not earlier`);
      earlier++;
    }
  });
  ok(earlier > 150 && replicas > 200, `${earlier} earlier, ${replicas} replicas`);
});

Deno.test("two replicas that have removed a deleted row for good are one state beside an earlier one", async () => {
  const compacted = NEW.filter(({ key }) => key !== "b");
  const files = [
    node("old.fsm", OLD, { applied: 40 }),
    node("n1.fsm", compacted, { applied: 60, floor: time(3) }),
    node("n2.fsm", compacted, { applied: 67, floor: time(3) }),
  ];
  for (const group of [1n, undefined]) {
    for (const order of [files, files.toReversed(), [files[1], files[0], files[2]]]) {
      const given = order.map((file) => ({ ...file, group }));
      await refused("another-moment", given);
      const snapshot = await open(given, { newest: true });
      deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1"]);
      const newer = snapshot.info.inputs.filter(({ newer }) => newer !== undefined);
      deepStrictEqual(newer.map(({ name }) => name), ["old.fsm"]);
    }
  }
});

Deno.test("what a damaged replica has besides is no other history, however many are sound", async () => {
  const sound = node("n.fsm", NEW);
  // One bit of a key: "c" becomes "g", of the same time.
  const bytes = sound.bytes.slice();
  const at = latin1(bytes).indexOf("c" + latin1(storedKey("", time(4))));
  bytes[at] ^= 4;
  const damaged = { name: "damaged.fsm", bytes };
  for (const group of [1n, undefined]) {
    for (const files of [[damaged, sound], [sound, damaged, sound], [sound, sound, damaged]]) {
      const snapshot = await open(files.map((file) => ({ ...file, group })));
      deepStrictEqual(snapshot.info.problems.map(({ code }) => code), ["checksum-mismatch"]);
      deepStrictEqual(await rowsOf(snapshot), ["a=1", "c=1"]);
    }
    // It is no reason to take an earlier state for the same one.
    const old = node("old.fsm", OLD);
    for (const files of [[old, damaged, sound], [sound, damaged, old]]) {
      const given = files.map((file) => ({ ...file, group }));
      await refused("another-moment", given);
      const { inputs } = (await open(given, { newest: true })).info;
      deepStrictEqual(
        inputs.filter(({ newer }) => newer !== undefined).map(({ name }) => name),
        ["old.fsm"],
      );
    }
  }
});

Deno.test("a damaged file is not taken for the newest where a sound one of the same commit is there", async () => {
  const sound = node("n.fsm", NEW);
  const bytes = sound.bytes.slice();
  const at = latin1(bytes).indexOf("a" + latin1(storedKey("", time(1)))) + 1 + 8 + 8 + 9;
  strictEqual(bytes[at], 0x31);
  bytes[at] ^= 1;
  const damaged = { name: "damaged.fsm", bytes };
  const old = node("old.fsm", OLD);
  for (const files of [[damaged, old, sound], [damaged, sound, old], [old, sound, damaged]]) {
    const { problems, inputs } = (await open(files, { newest: true })).info;
    deepStrictEqual(problems.map(({ code }) => code), ["checksum-mismatch"]);
    deepStrictEqual(
      inputs.map(({ name, newer }) => [name, newer]),
      files.map(({ name }) => [name, name === "old.fsm" ? "n.fsm" : undefined]),
    );
  }
});

/** The file with some bits of the byte `offset` bytes behind a version's key changed. */
function damage({ bytes }: Given, key: string, ts: bigint, offset: number, bits = 1): Given {
  const stored = key + latin1(storedKey("", ts));
  const at = latin1(bytes).indexOf(stored);
  ok(at >= 0);
  const damaged = bytes.slice();
  damaged[at + stored.length + offset] ^= bits;
  return { name: "damaged.fsm", bytes: damaged };
}

/** Offsets behind a key: of its value's flags, and of the body. */
const FLAGS = 8;
const BODY = FLAGS + 9;

/** Opens the files in all orders; each time the damaged one is what is wrong, and nothing else. */
async function rowsBesideDamage(files: readonly Given[]): Promise<string[]> {
  const all: string[][] = [];
  for (const group of [1n, undefined]) {
    for (const order of [files, files.toReversed()]) {
      const snapshot = await open(order.map((file) => ({ group, ...file })));
      deepStrictEqual(
        snapshot.info.problems.map(({ code, file }) => [code, file]),
        [["checksum-mismatch", "damaged.fsm"]],
      );
      const rows = await rowsOf(snapshot);
      strictEqual(snapshot.info.totals.reduce((sum, { live }) => sum + live, 0), rows.length);
      all.push(rows);
    }
  }
  for (const rows of all) deepStrictEqual(rows, all[0]);
  return all[0];
}

Deno.test("what a sound replica says counts, whichever is given first", async () => {
  const sound = node("n.fsm", NEW);
  for (const [offset, bits] of [[BODY, 1], [FLAGS, 1], [FLAGS, 4], [FLAGS + 1, 1]]) {
    const damaged = damage(sound, "a", time(1), offset, bits);
    for (const files of [[damaged, sound], [sound, damaged, sound]]) {
      deepStrictEqual(await rowsBesideDamage(files), ["a=1", "c=1"]);
    }
  }
});

Deno.test("a deleted row does not come back from a damaged replica whose tombstone lost its flag", async () => {
  const whole = node("n.fsm", NEW, { applied: 50 });
  const damaged = damage(whole, "b", time(3), FLAGS);
  // Compaction has removed the row for good.
  const compacted = node("compacted.fsm", NEW.filter(({ key }) => key !== "b"), {
    applied: 50,
    floor: time(3),
  });
  deepStrictEqual(await rowsBesideDamage([compacted, damaged]), ["a=1", "c=1"]);
});

Deno.test("chunks of objects are read from a damaged replica, where no sound one has them", async () => {
  const chunk = (letter: string, value = letter): TestEntry => ({
    key: `!s3|chunkblob|${letter.repeat(64)}`,
    value,
    ts: time(2),
  });
  const sound = node("n.fsm", [...NEW, chunk("d")]);
  const whole = node("damaged.fsm", [...NEW, chunk("d"), chunk("e")]);
  const damaged = damage(whole, "d", time(2), BODY);
  for (const order of [[sound, damaged], [damaged, sound]]) {
    const snapshot = await open(order.map((file) => ({ ...file, group: 1n })));
    deepStrictEqual(
      (await scanned(snapshot)).filter(({ key }) => key.startsWith("!")).map(({ value }) => value),
      ["d", "e"],
    );
    const wrong = snapshot.info.problems.map(({ code }) => code);
    deepStrictEqual(wrong, ["checksum-mismatch", "conflict"]);
  }
});

Deno.test("of a file that may be cut off, a damaged replica's rows are the rest", async () => {
  const cut = { name: "cut.fsm", bytes: stream(NEW.slice(0, 3), time(4)), group: 1n };
  const damaged = { ...damage(node("n.fsm", NEW), "a", time(1), BODY), group: 1n };
  for (const order of [[cut, damaged], [damaged, cut]]) {
    deepStrictEqual(await rowsOf(await open(order)), ["a=1", "c=1"]);
  }
});

Deno.test("a time in a damaged replica does not move the moment that expiry is compared with", async () => {
  const sound = node("n.fsm", [{ key: "a", value: "1", ts: time(1), expireAt: time(5) }, NEW[3]]);
  // Times are stored inverted: without one of its bits, it is later.
  const inverted = storedKey("", time(4));
  const bit = inverted[4] & -inverted[4];
  const damaged = damage(sound, "c", time(4), -4, bit);
  deepStrictEqual(await rowsBesideDamage([damaged, sound]), ["a=1", "c=1"]);
  for (const at of [undefined, { beforeLastMs: 0n }]) {
    const { info } = await open([damaged, sound].map((file) => ({ ...file, group: 1n })), { at });
    strictEqual(info.lastCommitTs, time(4));
    deepStrictEqual(info.readable, { from: time(1), to: time(4) });
  }
});

Deno.test("of a damaged file that is not needed, the problem says that it can be left out", async () => {
  const sound = node("n.fsm", NEW);
  const damaged = damage(sound, "c", time(4), BODY);
  const old = node("old.fsm", OLD);
  const hintOf = async (files: readonly Given[]): Promise<string | undefined> => {
    const given = files.map((file) => ({ ...file, group: 1n }));
    return (await open(given, { newest: true })).info.problems[0].hint;
  };
  const hint = "leave out damaged.fsm: n.fsm is sound and holds the same moment";
  strictEqual(await hintOf([damaged, sound]), hint);
  strictEqual(await hintOf([old, sound, damaged]), hint);
  for (const files of [[damaged], [damaged, old]]) {
    match(await hintOf(files) ?? "", /^any value may be wrong: copy the file again/);
  }
});

Deno.test("what a sound file has in common with an earlier one, it may have by way of a damaged replica", async () => {
  const gone: TestEntry[] = [{ key: "a", value: "1", ts: time(1) }, { key: "a", ts: time(3) }];
  const last: TestEntry = { key: "c", value: "1", ts: time(4) };
  const whole = node("damaged.fsm", [...gone, last]);
  const bytes = whole.bytes.slice();
  bytes[bytes.length - 1] ^= 1;
  const files = [
    node("old.fsm", gone.slice(0, 1)),
    { ...whole, bytes },
    node("sound.fsm", [last], { floor: time(3) }),
  ];
  for (const order of [files, files.toReversed()]) {
    const snapshot = await open(order, { newest: true });
    deepStrictEqual(snapshot.info.problems.map(({ code }) => code), ["checksum-mismatch"]);
    deepStrictEqual(await rowsOf(snapshot), ["c=1"]);
  }
});

Deno.test("two files that differ from a third say nothing of each other by that", async () => {
  const other = NEW.map((entry) => entry.ts === time(1) ? { ...entry, value: "0" } : entry);
  const files = [
    node("other.fsm", other, { applied: 60 }),
    node("old.fsm", OLD),
    node("new.fsm", NEW, { applied: 61 }),
  ];
  for (const order of [files, files.toReversed()]) {
    const { problems, inputs } = (await open(order, { newest: true })).info;
    deepStrictEqual(problems.map(({ code }) => code), ["conflict"]);
    deepStrictEqual(
      inputs.filter(({ newer }) => newer).map(({ name, newer }) => [name, newer]),
      [["old.fsm", "new.fsm"]],
    );
  }
});

Deno.test("files that only routes place are compared although they have no key in common", async () => {
  const deleted = (key: string): Given => node(`${key}.fsm`, [{ key, ts: time(5) }]);
  const catalog = node("catalog.fsm", routes());
  match(
    await refused("another-history", [catalog, deleted("x"), deleted("y")], { newest: true }),
    /^\w\.fsm \(.*\) does not go on from \w\.fsm \(.*\), though both are of group 2\n/,
  );
});

Deno.test("a file of another history is named among many", async () => {
  const files = [
    node("n1.fsm", NEW),
    node("n2.fsm", NEW),
    node("old.fsm", OLD),
    node("other.fsm", [...OLD, { key: "q", value: "1", ts: time(2) }]),
  ];
  for (const group of [1n, undefined]) {
    const given = files.map((file) => ({ ...file, group }));
    const text = await refused("another-history", given, { newest: true });
    match(text, /^n\d\.fsm \(.*\) does not go on from other\.fsm \(/);
    await rejects(open(given), (error) => latin1((error as DecantError).key!) === "q");
    strictEqual((await open(given.slice(0, 3), { newest: true })).info.problems.length, 0);
  }
});

Deno.test("what two files have in common, they may have by way of a third", async () => {
  const [a, b, c] = ["a", "b", "c"].map((key, i): TestEntry => ({
    key,
    value: "1",
    ts: time(i),
  }));
  const files = [
    node("old.fsm", [a]),
    node("later.fsm", [a, b]),
    // Nothing is left of what the first one had.
    node("newest.fsm", [b, c], { floor: time(3) }),
  ];
  for (const group of [1n, undefined]) {
    const given = files.map((file) => ({ ...file, group }));
    deepStrictEqual(await rowsOf(await open(given, { newest: true })), ["b=1", "c=1"]);
    const without = [given[0], given[2]].map((file) => ({ ...file, group: 1n }));
    match(
      await refused("another-history", without, { newest: true }),
      /no version in common/,
    );
  }
});

Deno.test("rows of one group that stayed in another say nothing of its replicas", async () => {
  const changed = routes().map((route) => ({ ...route, ts: time(1) }));
  const stayed: TestEntry[] = [
    { key: "x", value: "0", ts: time(0) },
    { key: "x", value: "1", ts: time(1) },
  ];
  // Group 2 has deleted it since; group 1 has only the older version.
  const one = [...changed, ...OLD, stayed[0]];
  const other = [...stayed, { key: "x", ts: time(3) }, { key: "y", value: "1", ts: time(2) }];
  const files = [
    node("one-a.fsm", one),
    node("other-a.fsm", other),
    node("one-b.fsm", one),
    node("other-b.fsm", other),
  ];
  for (const order of [files, files.toReversed()]) {
    for (const named of [true, false]) {
      const snapshot = await open(order.map((file) => ({
        ...file,
        group: named ? (file.name.startsWith("one") ? 1n : 2n) : undefined,
      })));
      deepStrictEqual(snapshot.info.problems, []);
      deepStrictEqual(
        new Set(snapshot.info.inputs.map(({ name, group }) => `${name[1]}${group}`)),
        new Set(["n1", "t2"]),
      );
      deepStrictEqual(await rowsOf(snapshot), ["a=1", "b=1", "y=1"]);
    }
  }
});

/** Small cases are in the repository; all of them lie beside it on some machines. */
const FOLDERS = [
  new URL("../fixtures/real/", import.meta.url).pathname,
  new URL("../../../shared/corpus/real/", import.meta.url).pathname,
];

function real(name: string): Given | undefined {
  for (const folder of FOLDERS) {
    try {
      return { name, bytes: Deno.readFileSync(folder + name) };
    } catch {
      // Perhaps it is there packed.
    }
    try {
      const packed = Deno.readFileSync(`${folder}${name}.gz`);
      return { name, bytes: new Uint8Array(gunzipSync(packed)) };
    } catch {
      // It is looked for elsewhere.
    }
  }
  return undefined;
}

function realTest(title: string, names: string[], run: (files: Given[]) => Promise<void>): void {
  const files = names.map(real);
  Deno.test({
    name: title,
    ignore: files.includes(undefined),
    fn: () => run(files as Given[]),
  });
}

realTest(
  "two clusters of one group each are refused",
  ["redis-all/snapshot.fsm", "ddb-history/snapshot.fsm", "interleaved/snapshot.fsm"],
  async (files) => {
    for (const pair of [files.slice(0, 2), files.slice(1), [files[0], files[2]]]) {
      for (const newest of [false, true]) {
        match(await refused("another-history", pair, { newest }), /though both are of group 1/);
      }
    }
  },
);

realTest(
  "all pairs of clusters are refused that were captured with one group",
  ["ddb-basic", "encrypted", "encrypted-raft-envelope", "mixed", "sqs-all", "three-node"]
    .map((name) => `${name}/snapshot.fsm`),
  async (files) => {
    for (const [i, file] of files.entries()) {
      await refused("another-history", [file, files[(i + 1) % files.length]], { newest: true });
    }
  },
);

realTest(
  "the files of one group of two clusters with the same routes are refused",
  ["multi-group", "multi-group-crash"].flatMap((name) =>
    [1, 2].map((group) => `${name}/group-${group}.fsm`)
  ),
  async ([one1, one2, crash1, crash2]) => {
    match(await refused("another-history", [one2, crash2]), /though both are of group 2/);
    match(await refused("another-history", [one1, crash1]), /both have this key/);
    match(await refused("another-history", [one1, one2, crash1]), /though both are of group 1/);
  },
);

realTest("two files of one state are replicas, whatever form they have", [
  "sst-ingest/snapshot.fsm",
  "sst-ingest/same-data.fsm",
], async (files) => {
  const { info } = await open(files);
  deepStrictEqual(info.problems, []);
  deepStrictEqual(info.inputs.map(({ newer }) => newer), [undefined, undefined]);
  deepStrictEqual(info.inputs.map(({ meta }) => meta._meta_applied_index), [903n, 910n]);
});

realTest("the replicas of three nodes are read as one", [
  "three-node/snapshot.fsm",
  "three-node/snapshot-n1.fsm",
  "three-node/snapshot-n3.fsm",
], async (files) => {
  const { info } = await open(files);
  deepStrictEqual(info.groups, { known: [1n], missing: [], unknown: false });
  ok(info.copies > 1000);
});

realTest("the groups of one cluster are one snapshot, with a moment each", [
  "multi-group/group-0.fsm",
  "multi-group/group-1.fsm",
  "multi-group/group-2.fsm",
  "multi-group/group-3.fsm",
], async (files) => {
  const { groups, inputs } = (await open(files)).info;
  deepStrictEqual(groups, { known: [1n, 2n, 3n], missing: [], unknown: false });
  deepStrictEqual(inputs.map(({ group, lastCommitTs }) => [group, lastCommitTs]), [
    [undefined, 0n],
    [1n, 117660149954445406n],
    [2n, 117660149954445404n],
    [3n, 117660149954445405n],
  ]);
});

realTest("a later state with late transactions goes on from the earlier one", [
  "two-moments/earlier.fsm",
  "two-moments/later.fsm",
], async (files) => {
  match(
    await refused("another-moment", files),
    /^two moments of one group: two-moments\/later\.fsm /,
  );
  const [both, alone] = await Promise.all([open(files, { newest: true }), open([files[1]])]);
  compareRows(await scanned(both), await scanned(alone));
});
